"""One case with everything around it, for tests that look at its pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.models import (
    Case,
    CaseLink,
    Complaint,
    CorrectionRequest,
    Hearing,
    OfficeChange,
    ReportedPerson,
)
from complaints.services.case_links import link_cases
from complaints.services.cases import extend_handling
from complaints.services.corrections import file_correction
from complaints.services.hearings import invite
from complaints.services.notes import write_note
from complaints.services.people import record_person
from complaints.states import Lane
from tests.factories import case, decided_case, person, report


@dataclass(frozen=True)
class CaseWorld:
    """``main`` is assessed with more time; ``decided`` is asked to be corrected; ``below`` to be taken."""

    main: Case
    decided: Case
    hearing: Hearing
    correction: CorrectionRequest
    known: ReportedPerson
    below: Complaint
    free: Complaint


def case_world(at: datetime) -> CaseWorld:
    """Return it as of a moment; the reports of the regency need the fixture ``vault_keys``."""
    sari = person("sari")
    main, other, decided = case(at), case(at), decided_case(at)
    hearing = invite(
        case=main,
        capacity="witness",
        person="Saksi Contoh",
        place_kind="office",
        place="Ruang rapat",
        session_at=at + timedelta(days=10),
        officer=sari,
        at=at,
    )
    link_cases(
        case=main, reference=other.reference, kind=CaseLink.Kind.RELATED, officer=sari, at=at
    )
    known = record_person(
        case=other, official=other.allegations.get().official, officer=sari, at=at
    )
    write_note(subject=main, text="Hubungi saksi sesudah apel.", author=sari, at=at)
    extend_handling(case=main, officer=sari, at=at, reason="Keterangan ahli belum ada.")
    correction = file_correction(
        case=decided,
        requester="reporter",
        points="Kesimpulan tentang tempat.",
        asked="Periksa lagi tempatnya.",
        filed_on=at.date(),
        officer=sari,
        at=at,
    )
    below, free = report(at, lane=Lane.OPEN), report(at, lane=Lane.OPEN)
    parent = below.office.parent
    assert parent is not None
    OfficeChange.objects.create(
        complaint=below,
        direction=OfficeChange.Direction.UP,
        source=below.office,
        target=parent,
        ground="no_facilities",
        reason="Sarana belum ada.",
        proposed_by=sari,
        proposed_on=at.date(),
    )
    return CaseWorld(main, decided, hearing, correction, known, below, free)
