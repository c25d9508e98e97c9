"""The PPK's answer, its proof, and what closes referral and case."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from PIL import Image

from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import DomainError, NotPermittedError, ReasonNeededError
from complaints.states import CaseStatus, Milestone
from referrals.models import FollowUpAnswer
from referrals.services.follow_up import (
    PROOF_PURPOSE,
    Answer,
    answer_follow_up,
    proof_type,
    return_answer,
    verify_answer,
)
from referrals.states import AnswerKind
from tests.factories import decided_case, facts, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def _picture(kind, size=(40, 30)):
    buffer = BytesIO()
    Image.new("RGB", size, "white").save(buffer, kind)
    return buffer.getvalue()


def _locked_pdf():
    document = pikepdf.new()
    document.add_blank_page()
    buffer = BytesIO()
    document.save(buffer, encryption=pikepdf.Encryption(user="rahasia", owner="rahasia"))
    return buffer.getvalue()


def _empty_pdf():
    buffer = BytesIO()
    pikepdf.new().save(buffer)
    return buffer.getvalue()


def _huge_png():
    buffer = BytesIO()
    Image.new("1", (10_000, 5_000)).save(buffer, "PNG")
    return buffer.getvalue()


def _bomb_png():
    buffer = BytesIO()
    Image.new("1", (10_000, 10_000)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (stages.pdf(), "application/pdf"),
        (_picture("JPEG"), "image/jpeg"),
        (_picture("PNG"), "image/png"),
    ],
)
def test_good_proofs_are_known_by_opening_them(content, media_type):
    assert proof_type(content) == media_type


NOT_WHOLE = "Berkas harus PDF, JPG, atau PNG yang utuh"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Berkas kosong"),
        (b"MZ" + b"\x00" * 500, NOT_WHOLE),
        (b"%PDF-1.7 and nothing more", NOT_WHOLE),
        (stages.pdf()[:-60], NOT_WHOLE),
        (_locked_pdf(), "Berkas terkunci kata sandi"),
        (_empty_pdf(), NOT_WHOLE),
        (_picture("JPEG")[:300], NOT_WHOLE),
        (_picture("PNG")[:60], NOT_WHOLE),
        (_picture("GIF"), NOT_WHOLE),
        (_huge_png(), NOT_WHOLE),
        (_bomb_png(), NOT_WHOLE),
        (b"%PDF-" + b"0" * (5 * 1024 * 1024), "Berkas lebih dari 5 MB"),
    ],
    ids=[
        "empty",
        "program renamed",
        "pdf in name only",
        "truncated pdf",
        "encrypted pdf",
        "pdf without page",
        "truncated jpeg",
        "truncated png",
        "gif",
        "50 megapixels",
        "100 megapixels",
        "too large",
    ],
)
def test_bad_proofs_are_refused_in_words(content, words):
    follow_up = stages.recommended()

    with pytest.raises(DomainError) as refused:
        answer_follow_up(
            follow_up=follow_up,
            answer=stages.sanction(proof=content),
            staff=person("putu"),
            at=stages.LATER,
        )

    assert (str(refused.value.message), refused.value.field) == (words, "proof")
    follow_up.refresh_from_db()
    assert follow_up.status == "awaiting"
    assert FollowUpAnswer.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sanction_type": None}, "sanction_type"),
        ({"decree_number": "  "}, "decree_number"),
        ({"decree_on": None}, "decree_on"),
        ({"decree_on": date(2024, 10, 15)}, "decree_on"),
        ({"decree_on": date(2024, 10, 6)}, "decree_on"),
        ({"kind": AnswerKind.NOT_PROVEN}, "explanation"),
    ],
)
def test_answer_names_what_is_missing(changes, field):
    follow_up = stages.recommended()

    with pytest.raises(DomainError) as refused:
        answer_follow_up(
            follow_up=follow_up,
            answer=stages.sanction(**changes),
            staff=person("putu"),
            at=stages.LATER,
        )

    assert refused.value.field == field


def test_answer_is_kept_sealed_and_ends_the_clock():
    follow_up = stages.answered()

    answer = follow_up.answers.get()
    assert sealed_files.load(answer.proof_name, purpose=PROOF_PURPOSE) == stages.pdf()
    assert stages.pdf() not in (Path(settings.MEDIA_ROOT) / answer.proof_name).read_bytes()
    assert (follow_up.status, follow_up.due_at) == ("answered", None)
    assert follow_up.deadlines.get().status == "met"
    complaint = follow_up.referral.case.complaints.get()
    assert complaint.milestones.filter(kind=Milestone.SANCTION).count() == 1


@pytest.mark.parametrize("who", ["made", "sari", "anwar"])
def test_only_the_agencys_own_staff_answers(who):
    follow_up = stages.recommended()

    with pytest.raises(NotPermittedError):
        answer_follow_up(
            follow_up=follow_up, answer=stages.sanction(), staff=person(who), at=stages.LATER
        )


def test_answer_twice_keeps_the_first_and_leaves_no_second_file():
    follow_up = stages.recommended()
    stale = type(follow_up).objects.get(pk=follow_up.pk)
    answer_follow_up(
        follow_up=follow_up, answer=stages.sanction(), staff=person("putu"), at=stages.LATER
    )
    before = {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}

    with pytest.raises(DomainError):
        answer_follow_up(
            follow_up=stale, answer=stages.sanction(), staff=person("putu"), at=stages.LATER
        )

    assert {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()} == before
    assert FollowUpAnswer.objects.count() == 1


def test_returned_answer_restarts_the_clock_and_stays_as_history():
    follow_up = stages.answered()

    with pytest.raises(ReasonNeededError):
        return_answer(follow_up=follow_up, officer=person("sari"), at=stages.LATER, reason="")
    return_answer(
        follow_up=follow_up, officer=person("sari"), at=stages.LATER, reason="SK tak terbaca."
    )
    answer_follow_up(
        follow_up=follow_up,
        answer=Answer(
            kind=AnswerKind.LEFT_SERVICE, proof=stages.pdf(), explanation="Sudah pensiun."
        ),
        staff=person("putu"),
        at=stages.LATER,
    )

    assert [each.kind for each in follow_up.answers.order_by("pk")] == [
        "sanction",
        "left_service",
    ]
    assert [d.status for d in follow_up.deadlines.order_by("pk")] == ["met", "met"]


@pytest.mark.parametrize("who", ["dewi", "putu", "tono", "agus"])
def test_verification_needs_an_officer_or_reviewer(who):
    follow_up = stages.answered()

    with pytest.raises(NotPermittedError):
        verify_answer(follow_up=follow_up, officer=person(who), at=stages.LATER)


@pytest.mark.parametrize("who", ["sari", "anwar"])
def test_last_verification_closes_referral_and_case(who):
    follow_up = stages.answered()

    verify_answer(follow_up=follow_up, officer=person(who), at=stages.LATER)

    referral = stages.fresh(follow_up.referral)
    assert (follow_up.status, referral.status) == ("verified", "closed")
    assert referral.case.status == CaseStatus.CLOSED


def test_first_of_two_verifications_closes_nothing():
    first = facts().people[0]
    second = replace(first, name="Contoh Lestari", agency=Agency.objects.get(code="R-51.71"))
    referral = stages.accepted(decided_case(people=[first, second]))
    mine, other = stages.both_sign(referral)
    for follow_up, staff in ((mine, "putu"), (other, "made")):
        answer_follow_up(
            follow_up=follow_up,
            answer=stages.sanction(),
            staff=person(staff),
            at=stages.LATER,
        )

    verify_answer(follow_up=mine, officer=person("sari"), at=stages.LATER)
    assert stages.fresh(referral).status == "recommended"

    verify_answer(follow_up=other, officer=person("sari"), at=stages.LATER)
    assert stages.fresh(referral).status == "closed"
