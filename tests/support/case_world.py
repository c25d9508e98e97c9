"""One case with everything around it, for tests that look at its pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

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
from complaints.services.cases import decide_on_case, extend_handling, send_on
from complaints.services.corrections import file_correction
from complaints.services.hearings import invite
from complaints.services.notes import write_note
from complaints.services.people import record_person
from complaints.states import CaseAction, Lane
from tests.factories import (
    AT,
    assessed_case,
    case,
    decided_case,
    person,
    report,
    somebody_of_plenary,
    votes_of,
)


@dataclass(frozen=True)
class CaseWorld:
    """``main`` is assessed with more time; ``decided`` is asked to be corrected; ``below`` to be taken.

    ``sent`` left two weeks ago with an administrative matter.
    """

    main: Case
    decided: Case
    sent: Case
    hearing: Hearing
    correction: CorrectionRequest
    known: ReportedPerson
    below: Complaint
    free: Complaint


def sent_case(
    action: CaseAction = CaseAction.DECIDE_ADMINISTRATIVE,
    at: datetime = AT,
    also: Collection[CaseAction] = (),
    **changes: Any,
) -> Case:
    """Return a case that the plenary decided so and whose letter left at once."""
    found = assessed_case(at, **changes)
    decide_on_case(
        case=found,
        action=action,
        member=somebody_of_plenary(found.office, other_than=person("sari")),
        at=at,
        minutes_number="14/BA/X/2024",
        decided_on=at.date(),
        votes=votes_of(found),
        also=also,
    )
    send_on(case=found, officer=person("sari"), at=at)
    return found


def case_world(at: datetime) -> CaseWorld:
    """Return it as of a moment; the reports of the regency need the fixture ``vault_keys``."""
    sari = person("sari")
    main, other, decided = case(at), case(at), decided_case(at)
    sent_at = at - timedelta(days=14)
    told = sent_at.date() - timedelta(days=1)
    sent = sent_case(at=sent_at, event_on=told, known_on=told)
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
    return CaseWorld(main, decided, sent, hearing, correction, known, below, free)
