"""A return is a list; the next version answers all of it, and the answers pass the leak lint."""

from typing import Any

import pytest

from bawaslu_cases.shared.errors import DomainError, ReasonNeededError
from referrals.errors import LeakError, NotAcknowledgedError
from referrals.models import MissingItem, MissingItemAnswer
from referrals.rules.completeness import CaseFacts, PersonFacts, case_lines, person_lines
from referrals.selectors.review_talk import checklist, unanswered_items
from referrals.services.missing_items import MAX_ITEMS, Missing
from referrals.services.packets import review_draft
from referrals.services.recommend import approve_referral, resubmit_referral
from referrals.services.review import return_referral
from referrals.states import MissingKind
from tests.factories import AT, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

ROWS = (
    Missing(MissingKind.GRADE),
    Missing(MissingKind.EVIDENCE, "Bukti 2 tidak terbaca."),
)


def returned(*rows: Missing, **words: str):
    referral = stages.accepted()
    return_referral(
        referral=referral, reviewer=person("anwar"), at=AT, missing=rows or ROWS, **words
    )
    return referral


def resubmit(referral, answers, reason="Dilengkapi."):
    resubmit_referral(
        referral=referral,
        officer=person("sari"),
        at=AT,
        reason=reason,
        summary=referral.summary,
        answers=answers,
    )


def test_a_return_keeps_its_rows_and_tells_them_in_the_history():
    referral = returned(reason="Mohon segera.")

    assert [(each.version, each.number, each.kind) for each in referral.missing_items.all()] == [
        (1, 1, "grade"),
        (1, 2, "evidence"),
    ]
    event = referral.events.filter(action="return").get()
    assert event.reason == ("pangkat/golongan; daftar bukti: Bukti 2 tidak terbaca.. Mohon segera.")


@pytest.mark.parametrize(
    "rows",
    [
        (Missing(MissingKind.OTHER, " "),),
        tuple(Missing(MissingKind.GRADE) for _each in range(MAX_ITEMS + 1)),
    ],
)
def test_rows_that_do_not_hold_change_nothing(rows):
    referral = stages.accepted()

    with pytest.raises(DomainError):
        return_referral(referral=referral, reviewer=person("anwar"), at=AT, missing=rows)

    assert (stages.fresh(referral).status, MissingItem.objects.count()) == ("accepted", 0)


def test_a_return_without_anything_is_refused():
    with pytest.raises(ReasonNeededError):
        return_referral(referral=stages.accepted(), reviewer=person("anwar"), at=AT)


def test_every_row_is_answered_before_anything_moves():
    referral = returned()
    grade, evidence = referral.missing_items.all()

    for answers in ({}, {grade.pk: "III/d"}, {grade.pk: "III/d", evidence.pk: "  "}):
        with pytest.raises(DomainError) as refused:
            resubmit(referral, answers)
        assert refused.value.code == "unanswered"
    assert (stages.fresh(referral).version, MissingItemAnswer.objects.count()) == (1, 0)

    resubmit(referral, {grade.pk: "III/d", evidence.pk: "Diganti.", 999_999: "Bukan milik ini."})
    assert [(each.version, each.words) for each in MissingItemAnswer.objects.all()] == [
        (2, "III/d"),
        (2, "Diganti."),
    ]
    assert unanswered_items(referral) == []


def test_one_sentence_is_answered_with_one():
    referral = stages.accepted()
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")

    resubmit(referral, {}, reason="NIP ada di lembar data.")

    (row,) = checklist(referral, delivered=False)
    assert (row.item.words, row.answer and row.answer.words) == (
        "NIP kurang.",
        "NIP ada di lembar data.",
    )


def test_a_later_version_answers_later_rows_only():
    referral = stages.resubmitted(returned(ROWS[0]))
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, missing=[ROWS[1]])

    assert [each.version for each in unanswered_items(referral)] == [2]
    resubmit(referral, {unanswered_items(referral)[0].pk: "Diganti."})
    told = [
        (row.item.version, row.answer and row.answer.version)
        for row in checklist(referral, delivered=False)
    ]
    assert told == [(1, 2), (2, 3)]


@pytest.mark.parametrize("words", ["Telepon 0812-3456-7890.", "NIK 3308114505820003 sudah ada."])
def test_an_answer_that_leaks_stops_the_version(words):
    referral = returned(ROWS[0])
    (item,) = referral.missing_items.all()

    with pytest.raises(LeakError) as refused:
        resubmit(referral, {item.pk: words})

    assert refused.value.field == f"missing_{item.pk}"
    assert (stages.fresh(referral).version, MissingItemAnswer.objects.count()) == (1, 0)


def test_who_approves_reads_the_answers_too():
    referral = returned(ROWS[0])
    (item,) = referral.missing_items.all()
    resubmit(referral, {item.pk: "Menurut staf di kantor itu III/d."})

    (warning,) = review_draft(referral=stages.fresh(referral), at=AT).warnings
    assert (warning.code, str(warning.place)) == ("source", "jawaban 1")
    with pytest.raises(NotAcknowledgedError):
        approve_referral(referral=referral, approver=person("joko"), at=AT)


def test_the_recipient_reads_an_answer_with_its_version_and_not_before():
    referral = returned()
    assert [row.answer for row in checklist(referral, delivered=True)] == [None, None]

    referral = stages.resubmitted(referral)
    assert [bool(row.answer) for row in checklist(referral, delivered=True)] == [True, True]


def test_kinds_are_the_lines_of_the_gate_and_something_else():
    unknown: dict[str, Any] = dict.fromkeys(PersonFacts.__slots__, "")
    counted: dict[str, Any] = dict.fromkeys(("copies", "waiting", "withheld", "links"), 0)
    written: dict[str, Any] = dict.fromkeys(("summary", "assessment", "paper", "minutes"), "")

    lines = (*person_lines(PersonFacts(**unknown)), *case_lines(CaseFacts(**counted, **written)))

    assert set(MissingKind.values) == {line.key for line in lines} | {"other"}
