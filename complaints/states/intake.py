"""What may happen to an intake record, by the lane it came in (Perbawaslu 7/2022, PB7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import OFFICERS, PLENARY


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
    FORWARDED = "forwarded", "Diteruskan tanpa register"
    TAKEOVER = "takeover", "Diminta diambil alih"
    ARCHIVED = "archived", "Tidak ditelusuri"


UNDER_REVIEW = frozenset({ComplaintStatus.RECEIVED, ComplaintStatus.AWAITING})
"""While the formal requirements of a report are being looked at."""


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
    NOTE_WITHDRAWAL = "note_withdrawal", "Dicabut pelapor sesudah registrasi"
    PROPOSE_FORWARD = "propose_forward", "Usulkan diteruskan"
    APPROVE_FORWARD = "approve_forward", "Teruskan tanpa register"
    PROPOSE_DELEGATION = "propose_delegation", "Usulkan dilimpahkan"
    APPROVE_DELEGATION = "approve_delegation", "Limpahkan"
    PROPOSE_TAKEOVER = "propose_takeover", "Usulkan diambil alih"
    ASK_TAKEOVER = "ask_takeover", "Minta diambil alih"
    ACCEPT_TAKEOVER = "accept_takeover", "Ambil alih"
    DECLINE_TAKEOVER = "decline_takeover", "Tolak mengambil alih"
    TAKE_OVER = "take_over", "Ambil alih langsung"
    UNDO_PROPOSAL = "undo_proposal", "Batalkan usulan"


class RefusalGround(models.TextChoices):
    """Why a report is not registered (PB7 ps 23, 24); each is a box of form B.7 part V."""

    INCOMPLETE = "incomplete", _("Syarat tidak dilengkapi")
    LATE = "late", _("Lewat waktu")
    SETTLED = "settled", _("Sudah diselesaikan")
    WITHDRAWN = "withdrawn", _("Dicabut pelapor")
    NO_VIOLATION = "no_violation", _("Bukan dugaan pelanggaran pemilihan")


class TakeoverGround(models.TextChoices):
    """Why a higher level takes a matter over (PB7 ps 40(3))."""

    CROSSES_REGIONS = "crosses_regions", _("Melintasi wilayah")
    MEMBERS_SUSPENDED = "members_suspended", _("Anggota diberhentikan sementara atau tetap")
    CANNOT_FUNCTION = "cannot_function", _("Pengawas tidak dapat menjalankan tugas")
    NO_FACILITIES = "no_facilities", _("Sarana dan prasarana tidak memadai")
    MEMBERS_REPORTED = "members_reported", _("Anggota pengawas menjadi terlapor")


PROPOSED_BY = "propose_tracing propose_archive"
"""The plenary's decision is entered by somebody else than the officer who laid it before them."""

REPORT_PROPOSED_BY = (
    "propose_register propose_refusal propose_forward propose_delegation propose_takeover"
)

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
        # The proposer's own second thought, for some minutes and while nobody acted on it (services/undo).
        ComplaintAction.UNDO_PROPOSAL: Transition(frozenset({_C.PROPOSED}), _C.RECEIVED, OFFICERS),
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
            frozenset({_C.RECEIVED, _C.AWAITING, _C.PROPOSED, _C.TAKEOVER}),
            _C.RECEIVED,
            article="PB7 ps 14(1) dan (4)",
        ),
        # A registered report goes on without its reporter: only that they withdrew is kept.
        ComplaintAction.NOTE_WITHDRAWAL: Transition(
            frozenset({_C.REGISTERED}), _C.REGISTERED, article="PB7 ps 17(3)"
        ),
        # Another law's violation needs no register: the plenary sends it straight on.
        ComplaintAction.PROPOSE_FORWARD: Transition(
            frozenset({_C.RECEIVED}), _C.PROPOSED, OFFICERS, article="PB7 ps 16(1) huruf b, ps 22"
        ),
        ComplaintAction.APPROVE_FORWARD: Transition(
            frozenset({_C.PROPOSED}),
            _C.FORWARDED,
            PLENARY,
            second_person=REPORT_PROPOSED_BY,
            article="PB7 ps 22",
        ),
        ComplaintAction.PROPOSE_DELEGATION: Transition(
            frozenset({_C.RECEIVED}), _C.PROPOSED, OFFICERS, needs_reason=True, article="PB7 ps 39"
        ),
        # The record keeps its status and changes its office: the lower level reviews it anew.
        ComplaintAction.APPROVE_DELEGATION: Transition(
            frozenset({_C.PROPOSED}),
            _C.RECEIVED,
            PLENARY,
            second_person=REPORT_PROPOSED_BY,
            article="PB7 ps 39(2)",
        ),
        ComplaintAction.PROPOSE_TAKEOVER: Transition(
            frozenset({_C.RECEIVED}), _C.PROPOSED, OFFICERS, needs_reason=True, article="PB7 ps 40"
        ),
        ComplaintAction.ASK_TAKEOVER: Transition(
            frozenset({_C.PROPOSED}),
            _C.TAKEOVER,
            PLENARY,
            second_person=REPORT_PROPOSED_BY,
            article="PB7 ps 40, ps 41(1)",
        ),
        ComplaintAction.ACCEPT_TAKEOVER: Transition(
            frozenset({_C.TAKEOVER}), _C.RECEIVED, PLENARY, article="PB7 ps 41"
        ),
        ComplaintAction.DECLINE_TAKEOVER: Transition(
            frozenset({_C.TAKEOVER}), _C.RECEIVED, PLENARY, needs_reason=True, article="PB7 ps 41"
        ),
        # From above, without being asked: only the level right above, on the same grounds.
        ComplaintAction.TAKE_OVER: Transition(
            frozenset({_C.RECEIVED, _C.AWAITING, _C.PROPOSED}),
            _C.RECEIVED,
            PLENARY,
            needs_reason=True,
            article="PB7 ps 40(3)",
        ),
        # The proposer's own second thought, for some minutes and while nobody acted on it (services/undo).
        ComplaintAction.UNDO_PROPOSAL: Transition(frozenset({_C.PROPOSED}), _C.RECEIVED, OFFICERS),
    },
)
"""Laporan: formal and material requirements, one repair, the plenary registers it or not.

KEEP_AS_TIP and WITHDRAW also change the lane to TIP, so the record goes on as informasi awal.
APPROVE_DELEGATION, ACCEPT_TAKEOVER and TAKE_OVER also change the office.
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
    {_C.RECEIVED, _C.AWAITING, _C.PROPOSED, _C.TAKEOVER, _C.TRACING, _C.RECORDED}
)
"""What stands in a queue."""


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
    HANDED_OVER = "handed_over", "Ditangani kantor lain"
    CASE = "case", "Dikaji"
    STOPPED = "stopped", "Dihentikan"
    FORWARDED = "forwarded", "Diteruskan"
    AT_AGENCY = "at_agency", "Menunggu instansi"
    SANCTION = "sanction", "Instansi melaporkan sanksi"
    CLOSED = "closed", "Selesai"
