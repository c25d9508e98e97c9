"""Two people press at the same moment: one event row, and whoever was later is told so (409).

Threads on a real PostgreSQL, through the pages themselves. Both had opened the page before, so each form
carries what was seen then.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.registry.models import CalendarVersion, ChangeTable, Holiday
from bawaslu_cases.registry.services.changes import propose_change
from bawaslu_cases.shared.models import OutboxMessage
from complaints.models import Case, Complaint, PlenaryDecision, PlenaryVote
from complaints.services.documents import About, sign_off, write_document
from complaints.services.reports import propose_report
from complaints.services.triage import propose
from complaints.services.undo import last_step
from complaints.states import CaseAction, ComplaintAction, ComplaintStatus
from tests.factories import (
    AT,
    assessed_case,
    case,
    checked,
    office,
    person,
    plenary_of,
    proposed_tip,
    report,
    somebody_of_plenary,
    tip,
)
from tests.referrals.stages import approval
from tests.referrals.stages import proposed as proposed_referral
from tests.support.at_once import Rivals, at_once, pressed_at_once
from tests.support.documents import LATER, assessed, decided, drafted, looked_at

pytestmark = pytest.mark.django_db(transaction=True)

DKPP = "Ketua Dewan Kehormatan Penyelenggara Pemilu"
LATE = (
    "Baru diubah oleh",
    "karena status sudah berubah",
    "Tidak dapat dibatalkan lagi",
    "Konsep ini sudah berganti",
)
"""What whoever came later reads, by how much later that was."""


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def minutes(outcome: str, seen: str, **more: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "seen": seen,
        "minutes_number": "12/BA/X/2024",
        "decided_on": "2024-10-07",
        "present": [str(member.public_id) for member in plenary_of(office("33"))],
        "reason": "Menurut pleno.",
        **more,
    }


def members() -> tuple[User, User]:
    """Return two who sit in the plenary of Jawa Tengah and proposed nothing."""
    seats = [each for each in plenary_of(office("33")) if each != person("sari")]
    return seats[0], seats[1]


def one_was_faster(answers: list[tuple[int, str]]) -> None:
    """Hold that one step was taken and the other page says why it was not."""
    assert sorted(status for status, _page in answers) == [302, 409]
    (page,) = [page for status, page in answers if status == 409]
    assert any(words in page for words in LATE)


def steps_since_proposal(row: Complaint) -> list[str]:
    actions = list(row.events.order_by("pk").values_list("action", flat=True))
    return actions[2:]


def test_two_members_decide_one_proposal_differently() -> None:
    """Check F13."""
    row = proposed_tip()
    address = reverse("desk:decide_complaint", args=[row.public_id])
    first, second = members()

    one_was_faster(
        pressed_at_once(
            [
                (first, address, minutes("approve_tracing", "proposed")),
                (second, address, minutes("decline", "proposed")),
            ]
        )
    )

    decision = PlenaryDecision.objects.get(complaint=row)
    assert steps_since_proposal(row) == [decision.outcome]


RACES = 50


def logged(row: Complaint, action: str) -> list[tuple[str, str, int]]:
    """Return who pressed what of a record, and the answer's status, as the audit log has it."""
    entries = AuditEvent.objects.filter(
        subject=f"complaint:{row.public_id.hex}", action=f"page.desk:{action}"
    )
    told = [(each.actor, json.loads(each.detail)) for each in entries]
    return sorted((actor, detail["method"], detail["status"]) for actor, detail in told)


@pytest.mark.long
def test_f13_fifty_races_of_two_officers_for_one_step_have_one_winner_each() -> None:
    """The other reads how it stands now, and the audit log has both."""
    officers = [person("sari"), person("joko")]
    rows = [checked(tip(place=f"Balai desa {number}"), officers[0]) for number in range(RACES)]
    form = {"seen": "received", "reason": "Tidak cukup untuk ditelusuri."}
    now = f"<dt>Sekarang</dt><dd>{ComplaintStatus.PROPOSED.label}</dd>"

    with Rivals(officers) as rivals:
        for row in rows:
            answers = rivals.press(
                row,
                [
                    (reverse("desk:act", args=[row.public_id, action]), form)
                    for action in ("propose_tracing", "propose_archive")
                ],
            )

            assert sorted(status for status, _page in answers) == [302, 409]
            winner, loser = (0, 1) if answers[0][0] == 302 else (1, 0)
            assert now in answers[loser][1]
            (taken,) = row.events.exclude(action="create")
            assert taken.action == ("propose_tracing", "propose_archive")[winner]
            assert taken.actor == officers[winner]
            assert logged(row, "act") == sorted(
                (officers[who].public_id.hex, "POST", status)
                for who, status in ((winner, 302), (loser, 409))
            )


def test_f13_who_decides_a_proposal_too_late_reads_what_the_other_decided() -> None:
    row = proposed_tip()
    address = reverse("desk:decide_complaint", args=[row.public_id])
    posts = [(address, minutes(outcome, "proposed")) for outcome in ("approve_tracing", "decline")]

    with Rivals(members()) as rivals:
        answers = rivals.press(row, posts)

    one_was_faster(answers)
    winner, loser = (0, 1) if answers[0][0] == 302 else (1, 0)
    (taken,) = row.events.filter(source="proposed")
    assert taken.actor == members()[winner]
    # Not the words of their own form: those of the history beside it.
    assert '<p class="timeline__quote">Menurut pleno.' in answers[loser][1]
    assert logged(row, "decide_complaint") == sorted(
        (members()[who].public_id.hex, "POST", status)
        for who, status in ((winner, 302), (loser, 409))
    )


@pytest.mark.usefixtures("vault_keys")
def test_two_approvers_of_one_proposal_to_forward() -> None:
    """One case and one decision, though both said the same."""
    row = looked_at(report())
    propose_report(
        complaint=row, action=ComplaintAction.PROPOSE_FORWARD, officer=person("sari"), at=AT
    )
    address = reverse("desk:decide_complaint", args=[row.public_id])

    one_was_faster(
        pressed_at_once(
            [(who, address, minutes("approve_forward", "proposed")) for who in members()]
        )
    )

    assert PlenaryDecision.objects.get(complaint=row).outcome == "approve_forward"
    assert steps_since_proposal(row)[-1:] == ["approve_forward"]
    assert [event.action for event in Case.objects.get().events.all()] == ["create", "forward"]


def test_two_hold_one_plenary_on_a_case() -> None:
    """Its votes stand once, too: each member has one vote in the one decision."""
    found = assessed_case()
    address = reverse("desk:decide_case", args=[found.public_id])
    first, second = members()

    one_was_faster(
        pressed_at_once(
            [
                (first, address, minutes("decide_refer", "assessed")),
                (second, address, minutes("decide_stop", "assessed")),
            ]
        )
    )

    decision = PlenaryDecision.objects.get(case=found)
    # Nobody adds a vote to it afterwards: votes come with their decision or not at all.
    assert PlenaryVote.objects.count() == decision.votes.count() == len(plenary_of(office("33")))
    decided_by = found.events.filter(action__startswith="decide").values_list("action", flat=True)
    assert list(decided_by) == [decision.outcome]


def test_taking_back_meets_the_plenary() -> None:
    """Either the proposal was taken back or it was decided, never both."""
    sari = person("sari")
    row = checked(tip(), sari)
    propose(
        complaint=row,
        action=ComplaintAction.PROPOSE_TRACING,
        officer=sari,
        at=AT + timedelta(seconds=1),
    )
    step = last_step(complaint=row, officer=sari, at=AT)
    assert step is not None

    answers = pressed_at_once(
        [
            (sari, reverse("desk:undo", args=[row.public_id]), {"seen": str(step.event.pk)}),
            (
                members()[0],
                reverse("desk:decide_complaint", args=[row.public_id]),
                minutes("approve_tracing", "proposed"),
            ),
        ]
    )

    one_was_faster(answers)
    (taken,) = steps_since_proposal(row)
    undone = answers[0][0] == 302
    assert taken == ("undo_proposal" if undone else "approve_tracing")
    assert PlenaryDecision.objects.count() == (0 if undone else 1)


def test_two_papers_of_one_series_are_numbered_at_once() -> None:
    """Two numbers that follow each other, whoever came first; no gap and none twice."""
    papers = []
    for _number in range(2):
        found = decided(assessed(case()), also=[CaseAction.DECIDE_ETHICS])
        paper = drafted(About(case=found), "B.14", addressee=DKPP)
        sign_off(
            document=paper,
            officer=somebody_of_plenary(found.office, other_than=person("sari")),
            at=LATER,
            seen=paper.sha256,
        )
        paper.refresh_from_db()
        papers.append(paper)

    at_once(
        [
            partial(
                write_document,
                subject_id=f"{paper.public_id.hex}:{paper.revision}",
                at=LATER + timedelta(minutes=1),
            )
            for paper in papers
        ]
    )

    for paper in papers:
        paper.refresh_from_db()
    assert sorted(paper.number for paper in papers) == [
        f"00{number}/Rekom-KE/TM/PB/Prov/14.00/X/2024" for number in (1, 2)
    ]
    assert [paper.status for paper in papers] == ["final", "final"]


def test_two_sign_one_paper_off() -> None:
    paper = drafted(About(case=assessed_case()), "B.13")
    address = reverse("desk:document", args=[paper.public_id])
    form = {"seen": paper.sha256, "number": ""}

    answers = pressed_at_once([(who, address, form) for who in members()])

    one_was_faster(answers)
    assert paper.events.filter(action="sign_off").count() == 1


def test_a_change_of_the_registry_is_approved_by_two() -> None:
    """It is applied once: one day off, one version of the calendar."""
    proposer, rest = (
        person("agus"),
        [
            enrol_staff(
                email=f"{name}@contoh.test", name=name, password=None, roles=[Role.ADMINISTRATOR]
            )
            for name in ("kedua", "ketiga")
        ],
    )
    versions = CalendarVersion.objects.count()
    change = propose_change(
        table=ChangeTable.HOLIDAY_ADDED,
        row=None,
        fields={"date": "2031-03-19", "category": "NATIONAL", "name": "Libur contoh", "region": ""},
        reason="Uji balapan",
        source="SKB 3 Menteri",
        proposer=proposer,
        at=AT,
    )
    address = reverse("desk:registry_change", args=[change.public_id])
    try:
        one_was_faster(pressed_at_once([(who, address, {"do": "approve"}) for who in rest]))

        assert Holiday.objects.filter(name="Libur contoh").count() == 1
        assert CalendarVersion.objects.count() == versions + 1
        assert [event.action for event in change.events.all()] == ["create", "approve"]
    finally:  # reference data outlives a test, and its history refuses to be deleted
        Holiday.objects.filter(name="Libur contoh").delete()
        CalendarVersion.objects.filter(number__gt=versions).filter(reason="Uji balapan").delete()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE registry_registrychangeevent DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM registry_registrychangeevent")
            cursor.execute("ALTER TABLE registry_registrychangeevent ENABLE TRIGGER USER")
            cursor.execute("DELETE FROM registry_registrychange")


def test_two_approve_one_referral() -> None:
    """One letter is promised; the other reads that the state changed."""
    referral = proposed_referral()
    address = reverse("referrals:detail", args=[referral.public_id])

    answers = pressed_at_once(
        [(person(key), address, approval(referral)) for key in ("joko", "dewi")]
    )

    assert sorted(status for status, _page in answers) == [200, 302]
    (page,) = [page for status, page in answers if status == 200]
    assert any(words in page for words in LATE)
    assert [event.action for event in referral.events.all()] == ["create", "approve"]
    assert OutboxMessage.objects.filter(topic="referral.issue").count() == 1
