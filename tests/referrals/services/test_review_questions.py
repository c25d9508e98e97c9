"""A reviewer asks, the sending office answers: about the file, never about who told it."""

import json

import pytest

from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Statement
from complaints.services.triage import confirm_tip
from referrals.errors import LeakError
from referrals.models import ReviewQuestion, ReviewReply
from referrals.services import review_questions
from referrals.services.review import return_referral
from referrals.services.review_questions import answer_question, ask_sender
from tests.factories import AT, facts, person, traced_tip, with_grades
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def asked(referral, who="anwar", words="Apakah camat berseragam dinas?"):
    return ask_sender(referral=referral, reviewer=person(who), at=AT, words=words)


def replied(question, words="Ya, berseragam dinas.", *, who="sari", is_compared=False):
    return answer_question(
        question=question, officer=person(who), at=AT, words=words, is_compared=is_compared
    )


@pytest.mark.parametrize("stage", [stages.delivered, stages.accepted])
def test_a_question_and_its_one_answer(stage):
    referral = stage()
    before = referral.status
    question = asked(referral)
    reply = replied(question)

    assert (question.version, reply.question, reply.is_compared) == (1, question, False)
    assert stages.fresh(referral).status == before
    with pytest.raises(ConflictError):
        replied(question, "Tidak.")
    assert ReviewReply.objects.get().words == "Ya, berseragam dinas."


def test_who_may_not():
    referral = stages.delivered()
    for who in ("kasman", "sari", "putu"):
        with pytest.raises(NotPermittedError):
            asked(referral, who)
    question = asked(referral)
    for who in ("anwar", "dewi", "nur"):
        with pytest.raises(NotPermittedError):
            replied(question, who=who)
    for call in (lambda: asked(referral, words=" "), lambda: replied(question, " ")):
        with pytest.raises(DomainError) as refused:
            call()
        assert refused.value.field == "words"


def test_nothing_is_asked_of_what_the_body_no_longer_holds():
    referral = stages.accepted()
    question = asked(referral)
    stale = stages.fresh(referral)
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")

    with pytest.raises(ConflictError):
        asked(stale)
    replied(question)  # while it lies returned, what was asked may still be answered


def test_no_reply_while_a_next_version_is_made():
    referral = stages.accepted()
    question = asked(referral)
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")
    stages.resubmitted(referral, deliver=False)

    with pytest.raises(ConflictError):
        replied(question)


def test_so_many_open_questions_and_no_more(monkeypatch):
    monkeypatch.setattr(review_questions, "MAX_OPEN", 2)
    referral = stages.delivered()
    first = asked(referral)
    asked(referral)
    with pytest.raises(DomainError):
        asked(referral)
    replied(first)
    asked(referral)
    assert ReviewQuestion.objects.count() == 3


STORY = "Saya melihat sendiri camat itu membagikan kaus bergambar di halaman belakang kantor"


@pytest.fixture
def traced():
    tip = traced_tip()
    statement = Statement.objects.get(complaint=tip)
    context = ("statement", str(tip.public_id))
    held = json.loads(envelope.unseal(bytes(statement.sealed), context=context))
    sealed = envelope.seal(json.dumps(held | {"story": STORY}).encode(), context=context)
    Statement.objects.filter(pk=statement.pk).update(sealed=sealed)
    finding = with_grades(confirm_tip(complaint=tip, facts=facts(), officer=person("sari"), at=AT))
    return stages.delivered(stages.decided(finding)), tip


@pytest.mark.parametrize(
    "leak",
    [
        "Hubungi 0812-3456-7890.",
        "Ada yang melihat sendiri camat itu membagikan kaus bergambar di sana.",
        "Pelapor berkata demikian.",
        "Menurut staf di kantor itu benar.",
        "Lihat berkas {reference}.",
    ],
)
def test_what_points_at_a_source_is_not_answered(traced, leak):
    referral, tip = traced
    question = asked(referral)

    with pytest.raises(LeakError) as refused:
        replied(question, leak.format(reference=tip.reference))

    assert (refused.value.field, ReviewReply.objects.count()) == ("words", 0)
    replied(question, "Camat mengenakan seragam dinas.")


def test_what_only_a_verifier_can_compare_is_compared_first(traced):
    referral, tip = traced
    Statement.objects.filter(complaint=tip).update(
        scheme=Statement.Scheme.DESK, group="desk-33", epoch=1
    )
    question = asked(referral)

    with pytest.raises(DomainError) as refused:
        replied(question)
    assert refused.value.code == "not_compared"

    assert replied(question, is_compared=True).is_compared
