"""Papers for tests: one invented matter for every form, and a worker's step done at once."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Region
from bawaslu_cases.shared import sealed_files
from complaints.models import Case, CaseDocument, Complaint, RequirementCheck
from complaints.services import hearings
from complaints.services.cases import decide_on_case, submit_assessment, write_assessment
from complaints.services.checklist import tick_requirement
from complaints.services.corrections import examine, examining_office, file_correction
from complaints.services.documents import (
    PURPOSE,
    About,
    make_document,
    sign_off,
    write_document,
)
from complaints.services.lanes import withdraw_report
from complaints.services.reports import answer_repair, ask_repair, decide_on_report, propose_report
from complaints.states import (
    CaseAction,
    ComplaintAction,
    CorrectionAction,
    Lane,
    Requirement,
    requirements_of,
)
from tests.factories import (
    AT,
    IDENTITY,
    STORY,
    case,
    office,
    person,
    report,
    somebody_of_plenary,
    tip,
    votes_of,
)

LATER = AT + timedelta(hours=2)
SESSION = AT + timedelta(days=2)
PLANTED: dict[str, Any] = {
    "story": f"Nama saya {IDENTITY['name']}, {IDENTITY['phone']}. {STORY}",
    "witness": f"{IDENTITY['name']}, {IDENTITY['address']}",
    "other_act": f"Kata {IDENTITY['name']}",
}
"""A reporter who names themselves wherever somebody can write something."""
SUMMARY = "Camat mengajak warga memilih salah satu pasangan calon."


def carry(document: CaseDocument) -> CaseDocument:
    """Do what the worker does for the latest revision of a paper."""
    document.refresh_from_db()
    write_document(subject_id=f"{document.public_id.hex}:{document.revision}", at=LATER)
    document.refresh_from_db()
    return document


def drafted(about: About, code: str, *, addressee: str = "", who: str = "sari") -> CaseDocument:
    """Return a paper that an officer drafted and the worker typeset."""
    return carry(
        make_document(about=about, code=code, officer=person(who), at=LATER, addressee=addressee)
    )


def signed(document: CaseDocument, who: User, number: str = "") -> CaseDocument:
    """Return the paper as it is after its second person and the worker."""
    sign_off(document=document, officer=who, at=LATER, seen=document.sha256, number=number)
    return carry(document)


def finalised(about: About, code: str, *, number: str = "", addressee: str = "") -> CaseDocument:
    """Return a final paper: drafted by Sari, signed off by somebody of the plenary."""
    document = drafted(about, code, addressee=addressee)
    place = examining_office(about.case) if about.correction and about.case else None
    subject = about.case or about.complaint
    assert subject is not None
    where = about.change.source if about.change else place or subject.office
    return signed(document, somebody_of_plenary(where), number)


def words(document: CaseDocument) -> str:
    """Return the text of a paper, one space between words, one line a page."""
    content = sealed_files.load(document.storage_name, purpose=PURPOSE)
    pages = PdfReader(BytesIO(content)).pages
    return "\n".join(" ".join(page.extract_text().split()) for page in pages)


def looked_at(complaint: Complaint) -> Complaint:
    """Have every requirement of a report looked at and met."""
    for item in requirements_of(complaint.lane):
        if item is Requirement.REPORTER:
            RequirementCheck.objects.create(
                complaint=complaint,
                requirement=item,
                is_met=True,
                checked_at=AT,
                checked_by=person("vera"),
            )
        else:
            tick_requirement(
                complaint=complaint, requirement=item, is_met=True, officer=person("sari"), at=AT
            )
    return complaint


def decided_report(
    complaint: Complaint, propose: ComplaintAction, decide: ComplaintAction, **more: Any
) -> Case | None:
    """Have the plenary decide on a report."""
    propose_report(complaint=complaint, action=propose, officer=person("sari"), at=AT, **more)
    place = complaint.office
    _decision, found = decide_on_report(
        complaint=complaint,
        action=decide,
        member=somebody_of_plenary(place),
        at=AT,
        minutes_number="7/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(complaint),
    )
    complaint.refresh_from_db()
    return found


def registered_report(**changes: Any) -> Case:
    """Return the case of a sealed report, completed once and registered."""
    complaint = report(**changes)
    ask_repair(
        complaint=complaint, requirements=[Requirement.EVIDENCE], officer=person("sari"), at=AT
    )
    answer_repair(complaint=complaint, at=AT)
    found = decided_report(
        looked_at(complaint), ComplaintAction.PROPOSE_REGISTER, ComplaintAction.APPROVE_REGISTER
    )
    assert found is not None
    return found


def assessed(found: Case) -> Case:
    """Have the assessment written and laid before the plenary."""
    write_assessment(
        case=found,
        summary=SUMMARY,
        assessment="Unsur keberpihakan terpenuhi.",
        officer=person("sari"),
    )
    submit_assessment(case=found, officer=person("sari"), at=AT)
    return found


def decided(found: Case, action: CaseAction = CaseAction.DECIDE_REFER, **more: Any) -> Case:
    """Have the plenary decide on an assessment."""
    decide_on_case(
        case=found,
        action=action,
        member=somebody_of_plenary(found.office, other_than=person("sari")),
        at=AT,
        minutes_number="14/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        **more,
    )
    return found


def every_paper() -> Iterator[tuple[str, CaseDocument]]:
    """Yield a final paper of each form, made of invented matters by the services. Needs ``vault_keys``."""
    found = registered_report(**PLANTED)
    record = found.complaints.get()
    for code in ("B.1", "B.3", "B.3.1", "B.7"):
        yield code, finalised(About(complaint=record), code)
    yield from _of_hearings(found)
    decided(
        assessed(found),
        also=[
            CaseAction.DECIDE_ETHICS,
            CaseAction.DECIDE_ADMINISTRATIVE,
            CaseAction.DECIDE_CRIME,
        ],
    )
    yield "B.13", finalised(About(case=found), "B.13")
    for code, to in (
        ("B.14", "Ketua Dewan Kehormatan Penyelenggara Pemilu"),
        ("B.15", "Ketua KPU Provinsi"),
        ("B.16", "Kapolda"),
    ):
        yield code, finalised(About(case=found), code, addressee=to)
    yield "B.18", finalised(About(case=found), "B.18")
    yield from _of_corrections(found)
    yield from _of_other_records()


def _of_hearings(found: Case) -> Iterator[tuple[str, CaseDocument]]:
    official = found.allegations.first()
    assert official is not None
    place: dict[str, Any] = {"place_kind": "office", "place": "Ruang rapat", "session_at": SESSION}
    hearing = hearings.invite(
        case=found,
        capacity="reported",
        official=official.official,
        officer=person("sari"),
        at=AT,
        **place,
    )
    expert = hearings.invite(
        case=found, capacity="expert", person="Ahli Contoh", officer=person("sari"), at=AT, **place
    )
    letter = hearing.invitations.get()
    yield "B.9", finalised(About(case=found, invitation=letter), "B.9", number="12/PP.00/X/2024")
    hearings.hear(
        hearing=hearing,
        held_at=SESSION,
        record="4. Saya hadir di balai desa.\n5. Saya tidak mengajak siapa pun.",
        signed=False,
        refusal="keberatan atas isi",
        under_oath=True,
        officer=person("sari"),
        at=SESSION + timedelta(hours=2),
    )
    yield "B.10", finalised(About(case=found, hearing=hearing), "B.10")
    yield "B.11", finalised(About(case=found, hearing=expert), "B.11")
    yield "B.12", finalised(About(case=found, hearing=hearing), "B.12")


def _of_corrections(found: Case) -> Iterator[tuple[str, CaseDocument]]:
    correction = file_correction(
        case=found,
        requester="reporter",
        points="Pelanggaran disiplin tidak dimuat.",
        asked="Tambahkan pelanggaran disiplin.",
        filed_on=AT.date(),
        officer=person("sari"),
        at=LATER,
    )
    yield "B.19", finalised(About(case=found, correction=correction), "B.19")
    examine(
        correction=correction,
        action=CorrectionAction.REJECT,
        member=somebody_of_plenary(examining_office(found)),
        at=LATER,
        minutes_number="20/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        reason="Rekomendasi sudah memuat semua perbuatan.",
    )
    for code in ("B.20", "B.21"):
        yield code, finalised(About(case=found, correction=correction), code)


def _of_other_records() -> Iterator[tuple[str, CaseDocument]]:
    finding = case().complaints.get()
    yield "B.2", finalised(About(complaint=finding), "B.2")
    yield "B.8", finalised(About(complaint=tip(**PLANTED)), "B.8")
    gone = report(**PLANTED)
    withdraw_report(complaint=gone, at=AT)
    gone.refresh_from_db()
    yield "B.4", finalised(About(complaint=gone), "B.4")
    down = report(lane=Lane.OPEN, region=Region.objects.get(code="33"), **PLANTED)
    decided_report(
        looked_at(down),
        ComplaintAction.PROPOSE_DELEGATION,
        ComplaintAction.APPROVE_DELEGATION,
        target=office("33.08"),
        reason="Perbuatan terjadi di kabupaten.",
    )
    about = About(complaint=down, change=down.office_changes.get())
    yield "B.5", finalised(about, "B.5", number="13/PP.00/X/2024")
    up = report(**PLANTED)
    decided_report(
        looked_at(up),
        ComplaintAction.PROPOSE_TAKEOVER,
        ComplaintAction.ASK_TAKEOVER,
        ground="no_facilities",
        reason="Tidak ada ruang klarifikasi.",
    )
    about = About(complaint=up, change=up.office_changes.get())
    yield "B.6", finalised(about, "B.6", number="14/PP.00/X/2024")
