"""Which papers there are: forms B.1 to B.21 of Perbawaslu 7/2022, Lampiran. One table, pure.

Each row says what the paper is about, when it may be made, what it may say (an allow-list of names in
``selectors/document_data.py``), who signs it, and where its number comes from. Pilkada uses the same
papers with its own laws and words; that its codes are "A.*" is background knowledge only, so no such
code is printed.
"""

from dataclasses import dataclass, field
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.states import (
    REPORT_LANES,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    CorrectionStatus,
    HearingStatus,
    Lane,
)


class Subject(Enum):
    """What a paper is about. The last four belong to a record or case and name a part of it."""

    COMPLAINT = "complaint"
    CASE = "case"
    CHANGE = "change"
    HEARING = "hearing"
    INVITATION = "invitation"
    CORRECTION = "correction"


class Signer(Enum):
    """Whose signature the paper carries."""

    OFFICER = _("Petugas")
    CHAIR = _("Ketua")
    REPORTER = _("Pelapor")
    HEARD = _("Yang didengar")
    REQUESTER = _("Pemohon")


class Numbering(Enum):
    """Where the number comes from.

    ``SUBMISSION`` is drawn with the first paper of a report, ``CORRECTION`` with the first of a request,
    the three recommendations when the paper becomes final. ``REGISTER`` is the case's own. For ``LETTER``
    the regulation has no format: the secretariat's number is typed in when the paper is signed off.
    """

    NONE = ""
    SUBMISSION = "submission"
    REGISTER = "register"
    LETTER = "letter"
    CORRECTION = "correction"
    ETHICS = "Rekom-KE"
    ADMINISTRATIVE = "Rekom-Adm"
    CRIME = "Terus-TPP"


RECOMMENDATIONS = frozenset({Numbering.ETHICS, Numbering.ADMINISTRATIVE, Numbering.CRIME})


@dataclass(frozen=True)
class DocumentForm:
    """One form. ``fields`` is everything its paper may say, in the order of the form's sections.

    ``optional`` may be empty; any other empty field is told to whoever makes the paper. ``lanes``,
    ``after`` (a step in the record's history), ``decision`` (of the case's plenary), ``direction`` (of a
    change of office) and ``capacities`` (of who is heard) narrow the states.
    """

    code: str
    title: str | Promise
    subject: Subject
    states: frozenset[Enum]
    fields: tuple[str, ...]
    signer: Signer
    numbering: Numbering = Numbering.NONE
    optional: frozenset[str] = frozenset()
    lanes: frozenset[Lane] = frozenset(Lane)
    after: frozenset[ComplaintAction] = frozenset()
    decision: CaseAction | None = None
    direction: str = ""
    capacities: frozenset[str] = frozenset()
    addressees: tuple[str, ...] = field(default=())
    edition: int = 1
    is_public: bool = False

    @property
    def template(self) -> str:
        """Form and edition, the name of the template: ``b03-1-1`` is B.3.1, edition 1."""
        whole, _dot, part = self.code.removeprefix("B.").partition(".")
        return "-".join(filter(None, (f"b{int(whole):02d}", part, str(self.edition))))


_ANY_RECORD = frozenset(ComplaintStatus)
_ANY_CASE = frozenset(CaseStatus)
_DECIDED = frozenset({CaseStatus.DECIDED, CaseStatus.REFERRED, CaseStatus.CLOSED})
_OVER = _DECIDED | {CaseStatus.STOPPED}
_SUMMONED = frozenset({HearingStatus.INVITED, HearingStatus.INVITED_AGAIN, HearingStatus.HEARD})
_REVIEWED = frozenset(
    {
        ComplaintStatus.AWAITING,
        ComplaintStatus.PROPOSED,
        ComplaintStatus.REGISTERED,
        ComplaintStatus.REFUSED,
        ComplaintStatus.FORWARDED,
        ComplaintStatus.TAKEOVER,
    }
)
_EXAMINED = frozenset({CorrectionStatus.LATE, CorrectionStatus.GRANTED, CorrectionStatus.REJECTED})
_EVENT = ("reported", "event", "witnesses", "evidence", "narrative")
_LETTER = ("bases", "register_number")

_TABLE = (
    DocumentForm(
        "B.1",
        _("Formulir Laporan"),
        Subject.COMPLAINT,
        _ANY_RECORD,
        ("reporters", *_EVENT, "received"),
        Signer.OFFICER,
        Numbering.SUBMISSION,
        optional=frozenset({"evidence"}),
        lanes=REPORT_LANES,
    ),
    DocumentForm(
        "B.2",
        _("Formulir Temuan"),
        Subject.COMPLAINT,
        frozenset({ComplaintStatus.REGISTERED}),
        ("finder", "supervision", *_EVENT, "register_number"),
        Signer.OFFICER,
        Numbering.REGISTER,
        optional=frozenset({"evidence"}),
        lanes=frozenset({Lane.FINDING}),
    ),
    DocumentForm(
        "B.3",
        _("Tanda Bukti Penyampaian Laporan"),
        Subject.COMPLAINT,
        _ANY_RECORD,
        ("reporters", "received", "documents", "election"),
        Signer.OFFICER,
        Numbering.SUBMISSION,
        optional=frozenset({"documents"}),
        lanes=REPORT_LANES,
    ),
    DocumentForm(
        "B.3.1",
        _("Tanda Bukti Perbaikan Laporan"),
        Subject.COMPLAINT,
        _ANY_RECORD,
        ("reporters", "repaired", "documents", "election"),
        Signer.OFFICER,
        Numbering.SUBMISSION,
        optional=frozenset({"documents"}),
        lanes=REPORT_LANES,
        after=frozenset({ComplaintAction.REPAIR}),
    ),
    DocumentForm(
        "B.4",
        _("Pencabutan Laporan"),
        Subject.COMPLAINT,
        _ANY_RECORD,
        ("received", "withdrawn", "record_code", "reporters"),
        Signer.REPORTER,
        after=frozenset({ComplaintAction.WITHDRAW, ComplaintAction.NOTE_WITHDRAWAL}),
    ),
    DocumentForm(
        "B.5",
        _("Pelimpahan Laporan"),
        Subject.CHANGE,
        _ANY_RECORD,
        ("bases", "reporters", "received", "submission_number", "change"),
        Signer.CHAIR,
        Numbering.LETTER,
        after=frozenset({ComplaintAction.APPROVE_DELEGATION}),
        direction="down",
    ),
    DocumentForm(
        "B.6",
        _("Permintaan Pengambilalihan"),
        Subject.CHANGE,
        _ANY_RECORD,
        ("bases", "reporters", "received", "submission_number", "change"),
        Signer.CHAIR,
        Numbering.LETTER,
        after=frozenset({ComplaintAction.ASK_TAKEOVER}),
        direction="up",
    ),
    DocumentForm(
        "B.7",
        _("Kajian Awal Dugaan Pelanggaran"),
        Subject.COMPLAINT,
        _REVIEWED,
        ("reporters", "narrative", "requirements", "review"),
        Signer.CHAIR,
        Numbering.SUBMISSION,
        lanes=REPORT_LANES,
    ),
    DocumentForm(
        "B.8",
        _("Informasi Awal"),
        Subject.COMPLAINT,
        _ANY_RECORD,
        ("bases", "received", "evidence", "narrative"),
        Signer.OFFICER,
        optional=frozenset({"evidence"}),
        lanes=frozenset({Lane.TIP}),
    ),
    DocumentForm(
        "B.9",
        _("Undangan Klarifikasi"),
        Subject.INVITATION,
        _SUMMONED,
        (*_LETTER, "heard", "session"),
        Signer.CHAIR,
        Numbering.LETTER,
    ),
    DocumentForm(
        "B.10",
        _("Berita Acara Sumpah/Janji"),
        Subject.HEARING,
        _SUMMONED,
        ("held", "heard", "register_number"),
        Signer.HEARD,
        optional=frozenset({"held"}),
        capacities=frozenset({"reported", "witness", "party"}),
    ),
    DocumentForm(
        "B.11",
        _("Berita Acara Sumpah/Janji Ahli"),
        Subject.HEARING,
        _SUMMONED,
        ("held", "heard", "register_number"),
        Signer.HEARD,
        optional=frozenset({"held"}),
        capacities=frozenset({"expert"}),
    ),
    DocumentForm(
        "B.12",
        _("Berita Acara Klarifikasi"),
        Subject.HEARING,
        frozenset({HearingStatus.HEARD}),
        ("held", "heard", "register_number", "record", "signature"),
        Signer.OFFICER,
    ),
    DocumentForm(
        "B.13",
        _("Kajian Dugaan Pelanggaran"),
        Subject.CASE,
        _ANY_CASE,
        (
            "register_number",
            "position",
            "sources",
            "reported",
            "received",
            "event",
            "evidence",
            "bases",
            "hearings",
            "assessment",
            "outcome",
        ),
        Signer.CHAIR,
        Numbering.REGISTER,
        optional=frozenset({"evidence", "hearings", "outcome"}),
    ),
    DocumentForm(
        "B.14",
        _("Rekomendasi Pelanggaran Kode Etik Penyelenggara"),
        Subject.CASE,
        _DECIDED,
        _LETTER,
        Signer.CHAIR,
        Numbering.ETHICS,
        decision=CaseAction.DECIDE_ETHICS,
        addressees=("Ketua Dewan Kehormatan Penyelenggara Pemilu", "Ketua KPU Kabupaten/Kota"),
    ),
    DocumentForm(
        "B.15",
        _("Rekomendasi Pelanggaran Administratif"),
        Subject.CASE,
        _DECIDED,
        _LETTER,
        Signer.CHAIR,
        Numbering.ADMINISTRATIVE,
        decision=CaseAction.DECIDE_ADMINISTRATIVE,
        addressees=("Ketua KPU Kabupaten/Kota", "Ketua KPU Provinsi", "Ketua KPU"),
    ),
    DocumentForm(
        "B.16",
        _("Penerusan Tindak Pidana"),
        Subject.CASE,
        _DECIDED,
        _LETTER,
        Signer.CHAIR,
        Numbering.CRIME,
        decision=CaseAction.DECIDE_CRIME,
        addressees=("Kapolri", "Kapolda", "Kapolrestabes", "Kapolresta", "Kapolres"),
    ),
    DocumentForm(
        "B.18",
        _("Pemberitahuan Status Temuan/Laporan"),
        Subject.CASE,
        _OVER,
        ("notice",),
        Signer.CHAIR,
        is_public=True,
    ),
    DocumentForm(
        "B.18",
        _("Pemberitahuan Status Temuan/Laporan"),
        Subject.COMPLAINT,
        frozenset({ComplaintStatus.REFUSED}),
        ("notice",),
        Signer.CHAIR,
        lanes=REPORT_LANES,
        is_public=True,
    ),
    DocumentForm(
        "B.19",
        _("Permintaan Koreksi"),
        Subject.CORRECTION,
        frozenset(CorrectionStatus),
        ("requester", "register_number", "attacked", "points", "filed", "asked"),
        Signer.REQUESTER,
    ),
    DocumentForm(
        "B.20",
        _("Berita Acara Hasil Koreksi"),
        Subject.CORRECTION,
        _EXAMINED,
        ("requester", "register_number", "points", "filed", "result", "members"),
        Signer.CHAIR,
        Numbering.CORRECTION,
    ),
    DocumentForm(
        "B.21",
        _("Pemberitahuan Status Koreksi"),
        Subject.CORRECTION,
        _EXAMINED,
        ("requester", "register_number", "result"),
        Signer.CHAIR,
        Numbering.CORRECTION,
    ),
)
"""B.17 is not here: it is the referral's letter (``referrals/letters/b17-1.typ``)."""

_COMPLAINT_SIDE = frozenset({Subject.COMPLAINT, Subject.CHANGE})


def forms_of_complaints() -> tuple[DocumentForm, ...]:
    """Return the forms that belong to a record, in the order of the regulation."""
    return tuple(row for row in _TABLE if row.subject in _COMPLAINT_SIDE)


def forms_of_cases() -> tuple[DocumentForm, ...]:
    """Return the forms that belong to a case, in the order of the regulation."""
    return tuple(row for row in _TABLE if row.subject not in _COMPLAINT_SIDE)


def form_named(code: str, *, of_case: bool) -> DocumentForm | None:
    """Return the form with this code among those of a case or of a record, None when there is none."""
    rows = forms_of_cases() if of_case else forms_of_complaints()
    return next((row for row in rows if row.code == code), None)


def all_forms() -> tuple[DocumentForm, ...]:
    """Return every row of the table."""
    return _TABLE
