"""The declared tables of this app: what may happen to a complaint and to a case.

Perbawaslu 7/2022 (PB7). A *complaint* here is any intake record: a tip (informasi awal, B.8), a
report (laporan, B.1) whose reporter's identity lies in the vault, or an officer's finding (temuan,
B.2).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import BAWASLU_ROLES, PLENARY_ROLES, Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class Lane(models.TextChoices):
    """How the record came in, which decides what exists of the reporter."""

    TIP = "tip", "Informasi awal"
    SEALED = "sealed", "Laporan tersegel"
    OPEN = "open", "Laporan terbuka"
    FINDING = "finding", "Temuan"


REPORT_LANES = frozenset({Lane.SEALED, Lane.OPEN})
"""Lanes with a reporter, whose identity lies in the vault (laporan, PB7 ps 8)."""

LANE_ORDER = (Lane.TIP, Lane.SEALED, Lane.OPEN)
"""From nothing known of the reporter to most: a reporter may go on to the right, never to the left."""


class ComplaintStatus(models.TextChoices):
    """Where an intake record stands."""

    RECEIVED = "received", "Diterima"
    AWAITING = "awaiting", "Menunggu dilengkapi"
    PROPOSED = "proposed", "Menunggu pleno"
    TRACING = "tracing", "Ditelusuri"
    FOUND = "found", "Menjadi temuan"
    RECORDED = "recorded", "Temuan dicatat"
    REGISTERED = "registered", "Diregistrasi"
    REFUSED = "refused", "Tidak diregistrasi"
    ARCHIVED = "archived", "Tidak ditelusuri"


class ComplaintAction(models.TextChoices):
    """What people can do with an intake record."""

    PROPOSE_TRACING = "propose_tracing", "Usulkan penelusuran"
    PROPOSE_ARCHIVE = "propose_archive", "Usulkan tidak ditelusuri"
    RETURN_PROPOSAL = "return_proposal", "Kembalikan ke petugas"
    APPROVE_TRACING = "approve_tracing", "Setujui penelusuran"
    DECLINE = "decline", "Putuskan tidak ditelusuri"
    CONFIRM = "confirm", "Catat sebagai temuan"
    END_TRACING = "end_tracing", "Akhiri penelusuran"
    REGISTER = "register", "Registrasi temuan"
    CANCEL = "cancel", "Batalkan temuan"
    ASK_REPAIR = "ask_repair", "Minta dilengkapi"
    REPAIR = "repair", "Dilengkapi pelapor"
    REPAIR_LAPSED = "repair_lapsed", "Waktu melengkapi habis"
    PROPOSE_REGISTER = "propose_register", "Usulkan diregistrasi"
    PROPOSE_REFUSAL = "propose_refusal", "Usulkan tidak diregistrasi"
    APPROVE_REGISTER = "approve_register", "Registrasi laporan"
    REFUSE = "refuse", "Putuskan tidak diregistrasi"
    KEEP_AS_TIP = "keep_as_tip", "Jadikan informasi awal"
    RAISE = "raise", "Pelapor memberi identitas"
    WITHDRAW = "withdraw", "Ditarik pelapor"


OFFICERS = frozenset({Role.INTAKE_OFFICER, Role.CASE_OFFICER})
PLENARY = PLENARY_ROLES
STAFF = BAWASLU_ROLES

PROPOSED_BY = "propose_tracing propose_archive"
"""The plenary's decision is entered by somebody else than the officer who laid it before them."""

REPORT_PROPOSED_BY = "propose_register propose_refusal"

_C = ComplaintStatus

TIP_LIFECYCLE: StateMachine[ComplaintStatus, ComplaintAction] = StateMachine(
    _C.RECEIVED,
    {
        ComplaintAction.PROPOSE_TRACING: Transition(
            frozenset({_C.RECEIVED}), _C.PROPOSED, OFFICERS, article="PB7 ps 3 dan ps 24(8)"
        ),
        ComplaintAction.PROPOSE_ARCHIVE: Transition(
            frozenset({_C.RECEIVED}),
            _C.PROPOSED,
            OFFICERS,
            needs_reason=True,
            article="PB7 ps 3",
        ),
        ComplaintAction.RETURN_PROPOSAL: Transition(
            frozenset({_C.PROPOSED}), _C.RECEIVED, PLENARY, needs_reason=True
        ),
        ComplaintAction.APPROVE_TRACING: Transition(
            frozenset({_C.PROPOSED}),
            _C.TRACING,
            PLENARY,
            second_person=PROPOSED_BY,
            article="PB7 ps 3",
        ),
        ComplaintAction.DECLINE: Transition(
            frozenset({_C.PROPOSED}),
            _C.ARCHIVED,
            PLENARY,
            needs_reason=True,
            second_person=PROPOSED_BY,
            article="PB7 ps 3",
        ),
        ComplaintAction.CONFIRM: Transition(
            frozenset({_C.TRACING}), _C.FOUND, OFFICERS, article="PB7 ps 5(1)"
        ),
        ComplaintAction.END_TRACING: Transition(
            frozenset({_C.TRACING}), _C.ARCHIVED, OFFICERS, needs_reason=True
        ),
        # The reporter gives a name: from here on the record walks the road of reports.
        ComplaintAction.RAISE: Transition(
            frozenset({_C.RECEIVED, _C.PROPOSED}), _C.RECEIVED, article="PB7 ps 8"
        ),
    },
)
"""Informasi awal: no reporter exists; the plenary decides on tracing; a finding may come of it."""

REPORT_LIFECYCLE: StateMachine[ComplaintStatus, ComplaintAction] = StateMachine(
    _C.RECEIVED,
    {
        ComplaintAction.ASK_REPAIR: Transition(
            frozenset({_C.RECEIVED}), _C.AWAITING, OFFICERS, article="PB7 ps 24(1)"
        ),
        ComplaintAction.REPAIR: Transition(
            frozenset({_C.AWAITING}), _C.RECEIVED, article="PB7 ps 24(4)"
        ),
        ComplaintAction.REPAIR_LAPSED: Transition(
            frozenset({_C.AWAITING}), _C.RECEIVED, article="PB7 ps 24(7)"
        ),
        ComplaintAction.PROPOSE_REGISTER: Transition(
            frozenset({_C.RECEIVED}), _C.PROPOSED, OFFICERS, article="PB7 ps 16"
        ),
        ComplaintAction.PROPOSE_REFUSAL: Transition(
            frozenset({_C.RECEIVED}),
            _C.PROPOSED,
            OFFICERS,
            needs_reason=True,
            article="PB7 ps 16, ps 24(3) dan (7)",
        ),
        ComplaintAction.RETURN_PROPOSAL: Transition(
            frozenset({_C.PROPOSED}), _C.RECEIVED, PLENARY, needs_reason=True
        ),
        ComplaintAction.APPROVE_REGISTER: Transition(
            frozenset({_C.PROPOSED}),
            _C.REGISTERED,
            PLENARY,
            second_person=REPORT_PROPOSED_BY,
            article="PB7 ps 16 dan ps 25",
        ),
        ComplaintAction.REFUSE: Transition(
            frozenset({_C.PROPOSED}),
            _C.REFUSED,
            PLENARY,
            needs_reason=True,
            second_person=REPORT_PROPOSED_BY,
            article="PB7 ps 24(7)",
        ),
        # Formal requirements fail, material ones hold: the identity is erased, the content stays.
        ComplaintAction.KEEP_AS_TIP: Transition(
            frozenset({_C.PROPOSED}),
            _C.RECEIVED,
            PLENARY,
            second_person=REPORT_PROPOSED_BY,
            article="PB7 ps 24(8)",
        ),
        ComplaintAction.RAISE: Transition(
            frozenset({_C.RECEIVED}), _C.RECEIVED, article="PB7 ps 8"
        ),
        ComplaintAction.WITHDRAW: Transition(
            frozenset({_C.RECEIVED, _C.AWAITING, _C.PROPOSED}),
            _C.RECEIVED,
            article="PB7 ps 14(1) dan (4)",
        ),
    },
)
"""Laporan: formal and material requirements, one repair, the plenary registers it or not.

KEEP_AS_TIP and WITHDRAW also change the lane to TIP, so the record goes on as informasi awal.
"""

FINDING_LIFECYCLE: StateMachine[ComplaintStatus, ComplaintAction] = StateMachine(
    _C.RECORDED,
    {
        ComplaintAction.REGISTER: Transition(
            frozenset({_C.RECORDED}), _C.REGISTERED, OFFICERS, article="PB7 ps 5(3)"
        ),
        ComplaintAction.CANCEL: Transition(
            frozenset({_C.RECORDED}), _C.ARCHIVED, OFFICERS, needs_reason=True
        ),
    },
)
"""Temuan: recorded by an officer, registered within two working days, then it is a case."""

LIFECYCLES: dict[Lane, StateMachine[ComplaintStatus, ComplaintAction]] = {
    Lane.TIP: TIP_LIFECYCLE,
    Lane.SEALED: REPORT_LIFECYCLE,
    Lane.OPEN: REPORT_LIFECYCLE,
    Lane.FINDING: FINDING_LIFECYCLE,
}

OPEN_COMPLAINT_STATUSES = frozenset(
    {_C.RECEIVED, _C.AWAITING, _C.PROPOSED, _C.TRACING, _C.RECORDED}
)
"""What stands in a queue."""


class LikenessStatus(models.TextChoices):
    """What officers say of two records that are like each other."""

    OPEN = "open", _("Belum diputus")
    JOINED = "joined", _("Digabung")
    RELATED = "related", _("Terkait")
    DISMISSED = "dismissed", _("Bukan yang sama")


class LikenessAction(models.TextChoices):
    """What officers do with two records that are like each other."""

    JOIN = "join", _("Gabungkan")
    RELATE = "relate", _("Terkait")
    DISMISS = "dismiss", _("Bukan yang sama")
    UNDO = "undo", _("Batalkan")


_L = LikenessStatus

LIKENESS_LIFECYCLE: StateMachine[LikenessStatus, LikenessAction] = StateMachine(
    _L.OPEN,
    {
        LikenessAction.JOIN: Transition(frozenset({_L.OPEN, _L.RELATED}), _L.JOINED, OFFICERS),
        LikenessAction.RELATE: Transition(frozenset({_L.OPEN}), _L.RELATED, OFFICERS),
        LikenessAction.DISMISS: Transition(frozenset({_L.OPEN}), _L.DISMISSED, OFFICERS),
        LikenessAction.UNDO: Transition(
            frozenset({_L.JOINED, _L.RELATED, _L.DISMISSED}), _L.OPEN, OFFICERS
        ),
    },
)
"""Two records and one event: joined, related or not. Moves neither record's own status."""


class CaseStatus(models.TextChoices):
    """Where a registered case stands."""

    REGISTERED = "registered", "Dikaji"
    ASSESSED = "assessed", "Menunggu pleno"
    DECIDED = "decided", "Diputus: diteruskan"
    REFERRED = "referred", "Diteruskan"
    STOPPED = "stopped", "Dihentikan"
    CLOSED = "closed", "Selesai"


class CaseAction(models.TextChoices):
    """What people can do with a case."""

    SUBMIT_ASSESSMENT = "submit_assessment", "Ajukan kajian ke pleno"
    RETURN_ASSESSMENT = "return_assessment", "Kembalikan kajian"
    DECIDE_REFER = "decide_refer", "Putuskan diteruskan"
    DECIDE_STOP = "decide_stop", "Putuskan dihentikan"
    REFER = "refer", "Teruskan"
    CLOSE = "close", "Tutup perkara"


_K = CaseStatus

CASE_LIFECYCLE: StateMachine[CaseStatus, CaseAction] = StateMachine(
    _K.REGISTERED,
    {
        CaseAction.SUBMIT_ASSESSMENT: Transition(
            frozenset({_K.REGISTERED}),
            _K.ASSESSED,
            frozenset({Role.CASE_OFFICER}),
            article="PB7 ps 36",
        ),
        CaseAction.RETURN_ASSESSMENT: Transition(
            frozenset({_K.ASSESSED}), _K.REGISTERED, PLENARY, needs_reason=True
        ),
        CaseAction.DECIDE_REFER: Transition(
            frozenset({_K.ASSESSED}),
            _K.DECIDED,
            PLENARY,
            second_person="submit_assessment",
            article="PB7 ps 37(3) huruf b, ps 49",
        ),
        CaseAction.DECIDE_STOP: Transition(
            frozenset({_K.ASSESSED}),
            _K.STOPPED,
            PLENARY,
            needs_reason=True,
            second_person="submit_assessment",
            article="PB7 ps 37(3)",
        ),
        CaseAction.REFER: Transition(frozenset({_K.DECIDED}), _K.REFERRED, article="PB7 ps 49"),
        CaseAction.CLOSE: Transition(frozenset({_K.REFERRED}), _K.CLOSED, article="PB7 ps 60"),
    },
)
"""A case from register to the plenary's decision; REFER and CLOSE are taken by the referral side."""

OPEN_CASE_STATUSES = frozenset({_K.REGISTERED, _K.ASSESSED, _K.DECIDED, _K.REFERRED})


class Requirement(models.TextChoices):
    """What the officer looks at before proposing (PB7 ps 15; a tip has no reporter identity)."""

    REPORTER = "reporter", _("Nama dan alamat pelapor")
    REPORTED_PARTY = "reported_party", _("Terlapor jelas")
    IN_TIME = "in_time", _("Dalam tujuh hari sejak diketahui")
    TIME_PLACE = "time_place", _("Waktu dan tempat kejadian")
    DESCRIPTION = "description", _("Uraian kejadian")
    EVIDENCE = "evidence", _("Bukti atau petunjuk")


FORMAL_REQUIREMENTS = (
    Requirement.REPORTER,
    Requirement.REPORTED_PARTY,
    Requirement.IN_TIME,
)
MATERIAL_REQUIREMENTS = (Requirement.TIME_PLACE, Requirement.DESCRIPTION, Requirement.EVIDENCE)


def requirements_of(lane: str) -> tuple[Requirement, ...]:
    """Return what is checked in this lane: only a report has a reporter to look for."""
    asked = FORMAL_REQUIREMENTS + MATERIAL_REQUIREMENTS
    if lane in REPORT_LANES:
        return asked
    return tuple(item for item in asked if item is not Requirement.REPORTER)


class UnsealPurpose(models.TextChoices):
    """What an identity may be opened for (protection.md B.4)."""

    FORMAL_REQUIREMENTS = "formal_requirements", _("Memeriksa syarat formal")
    LEAK_CHECK = "leak_check", _("Memeriksa kebocoran sebelum rujukan dikirim")
    LPSK_HANDOVER = "lpsk_handover", _("Menyerahkan ke LPSK atas permintaan pelapor")
    COURT_ORDER = "court_order", _("Perintah pengadilan")
    CORRECTION = "correction", _("Memperbaiki data atas permintaan pelapor")


class UnsealStatus(models.TextChoices):
    """Where a request to open an identity stands."""

    PENDING = "pending", "Menunggu kustodian"
    RELEASED = "released", "Dilepas"
    OPENED = "opened", "Dibuka"
    ATTESTED = "attested", "Dibuka dan dinyatakan"
    DENIED = "denied", "Ditolak"
    WITHDRAWN = "withdrawn", "Dibatalkan"
    EXPIRED = "expired", "Lewat waktu"


class DenialReason(models.TextChoices):
    """Why a custodian does not let go of a share: chosen, never written (check V01)."""

    NOT_NEEDED = "not_needed", "Identitas tidak diperlukan untuk tujuan ini"
    UNCLEAR = "unclear", "Alasan tidak jelas"
    NO_BASIS = "no_basis", "Dasar hukum tidak cukup"
    CONFLICT = "conflict", "Ada benturan kepentingan"
    DUPLICATE = "duplicate", "Sudah dibuka untuk tujuan yang sama"


class UnsealAction(models.TextChoices):
    """What people do with a request to open an identity."""

    RELEASE = "release", "Lepas bagian kunci"
    DENY = "deny", "Tolak"
    WITHDRAW = "withdraw", "Batalkan"
    OPEN = "open", "Buka"
    ATTEST = "attest", "Nyatakan hasil"
    EXPIRE = "expire", "Lewat waktu"


_U = UnsealStatus

UNSEAL_LIFECYCLE: StateMachine[UnsealStatus, UnsealAction] = StateMachine(
    _U.PENDING,
    {
        UnsealAction.RELEASE: Transition(
            frozenset({_U.PENDING}),
            _U.RELEASED,
            frozenset({Role.CUSTODIAN}),
            second_person="create",
        ),
        UnsealAction.DENY: Transition(
            frozenset({_U.PENDING}), _U.DENIED, frozenset({Role.CUSTODIAN}), needs_reason=True
        ),
        UnsealAction.WITHDRAW: Transition(
            frozenset({_U.PENDING, _U.RELEASED}), _U.WITHDRAWN, frozenset({Role.VERIFIER})
        ),
        # The share is served once, with this step; what the browser does then is out of our sight.
        UnsealAction.OPEN: Transition(
            frozenset({_U.RELEASED}), _U.OPENED, frozenset({Role.VERIFIER})
        ),
        UnsealAction.ATTEST: Transition(
            frozenset({_U.OPENED}), _U.ATTESTED, frozenset({Role.VERIFIER})
        ),
        UnsealAction.EXPIRE: Transition(frozenset({_U.PENDING, _U.RELEASED}), _U.EXPIRED),
    },
)
"""Opening an identity: one unit asks, another releases. The table is the lesser half of the rule:
without the released share the keys do not fit (complaints/vault/crypto)."""


class EvidenceStatus(models.TextChoices):
    """Where a piece of evidence stands between the sealed original and a copy that is safe to look at."""

    QUEUED = "queued", _("Salinan aman sedang dibuat")
    READY = "ready", _("Siap dilihat")
    MANUAL = "manual", _("Perlu pemeriksaan manual")
    REFUSED = "refused", _("Jenis berkas tidak diterima")
    BLOCKED = "blocked", _("Ditahan: terdeteksi berbahaya")
    ERASED = "erased", _("Sudah dihapus")


class EvidenceAction(models.TextChoices):
    """What happens to a piece of evidence."""

    CLEAN = "clean", "Salinan aman dibuat"
    PARK = "park", "Perlu pemeriksaan manual"
    REFUSE = "refuse", "Jenis berkas tidak diterima"
    BLOCK = "block", "Terdeteksi berbahaya"
    REDACT = "redact", "Tutup bagian gambar"
    ERASE = "erase", "Hapus"


_E = EvidenceStatus

EVIDENCE_LIFECYCLE: StateMachine[EvidenceStatus, EvidenceAction] = StateMachine(
    _E.QUEUED,
    {
        EvidenceAction.CLEAN: Transition(frozenset({_E.QUEUED}), _E.READY),
        EvidenceAction.PARK: Transition(frozenset({_E.QUEUED}), _E.MANUAL),
        EvidenceAction.REFUSE: Transition(frozenset({_E.QUEUED}), _E.REFUSED),
        EvidenceAction.BLOCK: Transition(frozenset({_E.QUEUED}), _E.BLOCKED),
        EvidenceAction.REDACT: Transition(frozenset({_E.READY}), _E.READY, OFFICERS),
        EvidenceAction.ERASE: Transition(
            frozenset({_E.QUEUED, _E.READY, _E.MANUAL, _E.REFUSED, _E.BLOCKED}), _E.ERASED
        ),
    },
)
"""Evidence: the original stays sealed whatever happens; officers see what the cleaner made of it."""


class Milestone(models.TextChoices):
    """What a reporter is told, in the order it can happen; dates only."""

    RECEIVED = "received", "Diterima"
    REPAIR = "repair", "Diminta dilengkapi"
    CHECKED = "checked", "Diperiksa kelengkapannya"
    NOT_REGISTERED = "not_registered", "Tidak diregistrasi"
    WITHDRAWN = "withdrawn", "Ditarik pelapor"
    TRACING = "tracing", "Ditelusuri"
    NOT_TRACED = "not_traced", "Tidak ditelusuri"
    FINDING = "finding", "Menjadi temuan"
    CASE = "case", "Dikaji"
    STOPPED = "stopped", "Dihentikan"
    FORWARDED = "forwarded", "Diteruskan"
    AT_AGENCY = "at_agency", "Menunggu instansi"
    SANCTION = "sanction", "Instansi melaporkan sanksi"
    CLOSED = "closed", "Selesai"
