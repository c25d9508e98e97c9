"""Closing by hand what no follow-up closes: with an answer or a reason, once, and only when it is over."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from bawaslu_cases.registry.models import RecipientKind
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, Complaint, Deadline
from complaints.selectors.mailbox import mailbox_of
from complaints.services.corrections import file_correction
from complaints.services.deadlines import lapse_windows
from complaints.states import CaseAction, CaseStatus
from referrals.models import Referral
from referrals.services.closing import close_by_hand, standing, why_not
from referrals.services.recommend import approve_referral, propose_referral
from referrals.services.review import find_not_proven
from tests.factories import AT, assessed_case, decided_case, person, traced_tip
from tests.referrals import stages
from tests.support.at_once import at_once
from tests.support.case_world import sent_case
from tests.support.documents import decided

LATER = AT + timedelta(days=7)
"""The days in which a correction may be asked for are over (PB7 ps 53)."""

KINDS = (CaseAction.DECIDE_ADMINISTRATIVE, CaseAction.DECIDE_ETHICS, CaseAction.DECIDE_CRIME)


def closed(found: Case, **changes):
    told: dict[str, Any] = {"reason": "KPU menegur panitia.", "at": LATER}
    return close_by_hand(case=found, **{"officer": person("sari")} | told | changes)


@pytest.mark.django_db
@pytest.mark.parametrize("action", KINDS)
@pytest.mark.parametrize("who", ["sari", "joko"])
def test_answer_of_the_body_closes_the_case_once_and_for_good(action, who):
    found = sent_case(action)
    record = found.complaints.get()

    closed(found, officer=person(who), reply_number=" 12/PY/KPU/2024 ", reply_on=date(2024, 10, 11))

    found.refresh_from_db()
    assert (found.status, found.due_at) == (CaseStatus.CLOSED, None)
    last = found.events.latest("pk")
    assert (last.action, last.source, last.target) == ("close_by_hand", "referred", "closed")
    assert last.actor == person(who)
    assert last.reason == "Balasan nomor 12/PY/KPU/2024, 11 Oktober 2024. KPU menegur panitia."
    # The window ended on its own day, not on the day of the closing.
    assert list(found.deadlines.values_list("kind", "status", "ended_on")) == [
        ("handling", "met", date(2024, 10, 7)),
        ("correction_request", "lapsed", date(2024, 10, 10)),
    ]
    assert list(record.milestones.values_list("kind", "on"))[-1] == ("closed", date(2024, 10, 14))


@pytest.mark.django_db
def test_reason_alone_closes_and_the_number_may_stand_alone():
    closed(sent_case(), reason=" Tidak dibalas. ")
    answered = sent_case()
    closed(answered, reason="", reply_number="7/X", reply_on=LATER.date())

    reasons = [found.events.latest("pk").reason for found in Case.objects.order_by("pk")]
    assert reasons == ["Tidak dibalas.", "Balasan nomor 7/X, 14 Oktober 2024."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reply_number": "7/X"}, "reply_on"),
        ({"reply_on": LATER.date()}, "reply_number"),
        ({"reply_number": "7/X", "reply_on": date(2024, 10, 15)}, "reply_on"),
        ({"reply_number": "7/X", "reply_on": date(2024, 10, 6)}, "reply_on"),
    ],
)
def test_half_an_answer_closes_nothing(changes, field):
    found = sent_case()

    with pytest.raises(DomainError) as refusal:
        closed(found, **changes)

    assert refusal.value.field == field
    assert Case.objects.get(pk=found.pk).status == CaseStatus.REFERRED


@pytest.mark.django_db
def test_reporter_is_not_told_that_it_was_not_proven():
    tip = traced_tip()
    found = sent_case()
    Complaint.objects.filter(cases=found).update(traced_from=tip)

    before = mailbox_of(public_id=found.complaints.get().public_id, now=AT)
    closed(found, reply_number="7/X", reply_on=LATER.date(), reason="Rahasia desk.")
    after = mailbox_of(public_id=found.complaints.get().public_id, now=LATER)
    of_tip = mailbox_of(public_id=tip.public_id, now=LATER)

    assert before is not None
    assert before.heading == "Laporan Anda diteruskan ke lembaga yang berwenang"
    assert [entry.title for entry in before.entries][-2:] == [
        "Diteruskan ke lembaga yang berwenang",
        "Selesai",
    ]
    assert after is not None
    assert (after.heading, after.due_on) == ("Selesai: ditangani lembaga lain", None)
    assert of_tip is not None
    assert of_tip.heading == "Selesai: ditangani lembaga lain"
    for told in (after, of_tip):
        assert "Rahasia" not in repr(told)
        assert "7/X" not in repr(told)


@pytest.mark.django_db
@pytest.mark.parametrize("also", [[], [CaseAction.DECIDE_ETHICS]])
def test_reporter_of_a_recommendation_reads_of_the_body_that_has_it(also):
    found = assessed_case()
    referral = stages.delivered(decided(found, also=also))

    told = mailbox_of(public_id=found.complaints.get().public_id, now=AT)

    assert told is not None
    assert told.heading == "Laporan Anda diteruskan ke BKN"
    assert referral.case.status == CaseStatus.REFERRED


@pytest.mark.django_db
def test_days_of_a_correction_are_waited_for():
    found = sent_case()

    with pytest.raises(DomainError, match="Koreksi masih dapat diminta sampai 10 Oktober 2024"):
        closed(found, at=AT + timedelta(days=3))

    assert lapse_windows(at=LATER) == 1
    closed(found)
    assert Deadline.objects.get(case=found, kind="correction_request").ended_on == date(
        2024, 10, 10
    )


@pytest.mark.django_db
def test_correction_that_is_examined_is_waited_for():
    found = sent_case()
    file_correction(
        case=found,
        requester="reporter",
        points="Tempat kejadian.",
        asked="Periksa lagi.",
        filed_on=AT.date(),
        officer=person("sari"),
        at=AT,
    )

    with pytest.raises(DomainError, match="masih diperiksa"):
        closed(found)


@pytest.mark.django_db
def test_recommendation_that_runs_closes_the_case_itself():
    referral = stages.accepted()

    assert "ditutup oleh tindak lanjutnya" in why_not(referral.case, at=LATER)
    with pytest.raises(DomainError) as refusal:
        closed(Case.objects.get(pk=referral.case_id))
    assert refusal.value.code == "not_over"

    find_not_proven(referral=referral, reviewer=person("anwar"), at=LATER, reason="Tidak terbukti.")
    ended = Case.objects.get(pk=referral.case_id)
    assert ended.events.latest("pk").action == "close"
    with pytest.raises(ConflictError):
        closed(ended)


@pytest.mark.django_db
def test_recommendation_that_was_decided_is_sent_first():
    found = decided_case()
    check = propose_referral(
        case=found, officer=person("sari"), at=AT, kind=RecipientKind.CRIME_CHECK
    )
    approve_referral(referral=check, approver=person("joko"), at=AT)
    found.refresh_from_db()
    assert found.status == CaseStatus.REFERRED

    with pytest.raises(DomainError, match="rujukannya belum dikirim"):
        closed(found)


@pytest.mark.django_db
@pytest.mark.parametrize("action", KINDS)
def test_no_recommendation_of_what_the_plenary_decided_otherwise(action):
    waiting = decided(assessed_case(), action)

    for found in (waiting, sent_case(action)):
        with pytest.raises(DomainError) as refusal:
            propose_referral(case=found, officer=person("sari"), at=AT)
        assert refusal.value.code == "decided_otherwise"

    beside = decided(assessed_case(), action, also=[CaseAction.DECIDE_REFER])
    assert propose_referral(case=beside, officer=person("sari"), at=AT).case == beside


@pytest.mark.django_db
def test_nothing_is_proposed_of_a_case_that_a_colleague_closed_meanwhile():
    found = sent_case(CaseAction.DECIDE_CRIME)
    stale = Case.objects.select_related("office", "contest").get(pk=found.pk)
    closed(found)

    with pytest.raises(DomainError) as refusal:
        propose_referral(
            case=stale, officer=person("sari"), at=LATER, kind=RecipientKind.CRIME_CHECK
        )

    assert refusal.value.code == "not_decided"
    assert not Referral.objects.filter(case=found).exists()


@pytest.mark.django_db
def test_case_that_came_back_after_its_referral_ended_is_closed_by_hand():
    referral = stages.accepted()
    find_not_proven(referral=referral, reviewer=person("anwar"), at=AT, reason="Tidak terbukti.")
    # As a case stands that was reopened before its referral ended and was sent on again since.
    Case.objects.filter(pk=referral.case_id).update(status=CaseStatus.REFERRED)

    closed(Case.objects.get(pk=referral.case_id))

    assert Case.objects.get(pk=referral.case_id).status == CaseStatus.CLOSED


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["dewi", "vera", "anwar"])
def test_nobody_else_closes(who):
    found = sent_case()

    with pytest.raises(NotPermittedError):
        closed(found, officer=person(who))

    assert Case.objects.get(pk=found.pk).status == CaseStatus.REFERRED


@pytest.mark.django_db
def test_page_of_another_stand_is_refused():
    found = sent_case()
    seen = standing(found)
    Case.objects.filter(pk=found.pk).update(status_at=AT + timedelta(hours=1))

    with pytest.raises(ConflictError):
        closed(found, seen=seen)

    assert Case.objects.get(pk=found.pk).status == CaseStatus.REFERRED


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_write_one_event():
    found = sent_case()
    people = [person("sari"), person("joko")]

    def close(who) -> str:
        try:
            closed(Case.objects.get(pk=found.pk), officer=who)
        except ConflictError:
            return "conflict"
        return "closed"

    outcomes = at_once([partial(close, who) for who in people])

    # Who read after the other one's commit closes a closed case: the same refusal.
    assert sorted(outcomes) == ["closed", "conflict"]
    assert found.events.filter(action="close_by_hand").count() == 1
    assert found.complaints.get().milestones.filter(kind="closed").count() == 1
