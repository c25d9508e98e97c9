"""The clocks of a report and its case, step by step, under Pemilu's and under Pilkada's law.

Pemilu: from Thursday 8 February 2024, in working days; Friday is joint leave, on Wednesday people vote.
Pilkada: from Thursday 10 October 2024, in calendar days.
"""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest

from complaints.models import Case, Complaint, Deadline
from complaints.services.cases import extend_handling
from complaints.services.corrections import file_correction, open_correction_window
from complaints.services.hearings import first_session_day
from complaints.services.reports import ask_repair
from complaints.states import Requirement
from tests.factories import case, decided_case, finding, person, report, traced_tip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]


class Regime(NamedTuple):
    """One law: when the steps are taken, and the last day of each clock that starts then."""

    at: datetime
    due: dict[str, date]

    @property
    def day(self) -> date:
        """Return the day of the steps; the act was known three days before."""
        return self.at.date()

    @property
    def told(self) -> dict[str, Any]:
        known = date(self.day.year, self.day.month, self.day.day - 3)
        return {"event_on": known, "known_on": known}


PEMILU = Regime(
    datetime(2024, 2, 8, 3, 0, tzinfo=UTC),
    {
        "initial_review": date(2024, 2, 13),
        "repair": date(2024, 2, 13),
        "finding": date(2024, 2, 21),
        "finding_register": date(2024, 2, 13),
        "handling": date(2024, 2, 21),
        "handling_extended": date(2024, 3, 1),
        "correction_request": date(2024, 2, 15),
        "correction_exam": date(2024, 2, 21),
        "session": date(2024, 2, 12),
    },
)
PILKADA = Regime(
    datetime(2024, 10, 10, 3, 0, tzinfo=UTC),
    {
        "initial_review": date(2024, 10, 12),
        "repair": date(2024, 10, 12),
        "finding": date(2024, 10, 17),
        "finding_register": date(2024, 10, 12),
        "handling": date(2024, 10, 13),
        "handling_extended": date(2024, 10, 15),
        "correction_request": date(2024, 10, 13),
        "correction_exam": date(2024, 10, 17),
        "session": date(2024, 10, 11),
    },
)


@pytest.fixture(params=[PEMILU, PILKADA], ids=["pemilu", "pilkada"])
def law(request: pytest.FixtureRequest) -> Regime:
    regime: Regime = request.param
    return regime


def open_clocks(subject: Complaint | Case) -> dict[str, date]:
    rows = subject.deadlines.filter(status=Deadline.Status.OPEN)
    return dict(rows.values_list("kind", "due_on"))


def expected(law: Regime, *kinds: str) -> dict[str, date]:
    return {kind: law.due[kind] for kind in kinds}


def test_a_report_is_reviewed_and_completed(law: Regime) -> None:
    found = report(law.at, **law.told)
    assert open_clocks(found) == expected(law, "initial_review")

    ask_repair(
        complaint=found, requirements=[Requirement.EVIDENCE], officer=person("sari"), at=law.at
    )

    assert open_clocks(found) == expected(law, "repair")


def test_a_tip_is_traced_to_a_finding(law: Regime) -> None:
    assert open_clocks(traced_tip(law.at, **law.told)) == expected(law, "finding")


def test_a_finding_is_registered_and_handled_once_longer(law: Regime) -> None:
    assert open_clocks(finding(law.at, **law.told)) == expected(law, "finding_register")
    registered = case(law.at, **law.told)
    assert open_clocks(registered) == expected(law, "handling")

    extend_handling(
        case=registered, officer=person("sari"), at=law.at, reason="Keterangan ahli belum ada."
    )

    assert open_clocks(registered) == expected(law, "handling_extended")


def test_the_first_session_leaves_its_notice(law: Regime) -> None:
    registered = case(law.at, **law.told)
    assert first_session_day(case=registered, sent_on=law.day) == law.due["session"]


def test_a_decision_is_asked_to_be_corrected(law: Regime) -> None:
    decided = decided_case(law.at, **law.told)
    open_correction_window(case=decided, on=law.day)
    assert open_clocks(decided) == expected(law, "correction_request")

    file_correction(
        case=decided,
        requester="official",
        official=decided.allegations.get().official,
        points="Tanggal kejadian tidak benar.",
        asked="Batalkan rekomendasi.",
        filed_on=law.day,
        officer=person("sari"),
        at=law.at,
    )

    assert open_clocks(decided) == expected(law, "correction_request", "correction_exam")
