"""Two reviewers of one body: who writes may not sign, and what is signed is what was read."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    SamePersonError,
)
from referrals.models import FollowUp, RecommendationDraft, RecommendationSignature, Referral
from referrals.services.review import find_not_proven, return_referral
from referrals.services.signing import (
    draft_by_line,
    draft_recommendation,
    sign_recommendation,
    withdraw_draft,
)
from tests.factories import AT, decided_case, person
from tests.referrals import stages


def drafted(referral: Referral, who: str = "anwar", text: str = "Jatuhkan sanksi.") -> Any:
    return draft_recommendation(referral=referral, reviewer=person(who), at=AT, text=text)


def signed(referral: Referral, who: str, seen: str) -> list[FollowUp]:
    return sign_recommendation(referral=referral, reviewer=person(who), at=AT, seen=seen)


@pytest.mark.django_db
def test_another_reviewer_signs_what_was_written():
    referral = stages.accepted()
    draft = drafted(referral, text=" Jatuhkan sanksi. ")
    assert (referral.status, FollowUp.objects.count()) == ("drafted", 0)

    (follow_up,) = signed(referral, "bima", draft.sha256)

    assert (referral.status, follow_up.recommendation) == ("recommended", "Jatuhkan sanksi.")
    signature = RecommendationSignature.objects.get()
    assert (signature.draft, signature.signed_by) == (draft, person("bima"))
    assert (referral.due_at, referral.deadlines.get(kind="recipient_review").status) == (
        None,
        "met",
    )


@pytest.mark.django_db
def test_the_writer_never_signs_not_even_after_somebody_elses_turn():
    referral = stages.accepted()
    first = drafted(referral)
    with pytest.raises(SamePersonError):
        signed(referral, "anwar", first.sha256)

    second = drafted(referral, "bima", "Sanksi berat.")
    with pytest.raises(SamePersonError):
        signed(referral, "bima", second.sha256)
    assert FollowUp.objects.count() == 0

    signed(referral, "anwar", second.sha256)
    assert referral.status == "recommended"


@pytest.mark.django_db
def test_a_draft_that_changed_since_it_was_read_is_not_signed():
    referral = stages.accepted()
    read = drafted(referral)
    stale = stages.fresh(referral)
    drafted(referral, text="Jatuhkan sanksi ringan.")

    for seen in (read.sha256, "", "0" * 64):
        with pytest.raises(ConflictError):
            signed(stale, "bima", seen)

    assert (stages.fresh(referral).status, RecommendationSignature.objects.count()) == (
        "drafted",
        0,
    )


@pytest.mark.django_db
def test_the_same_words_again_are_another_draft():
    referral = stages.accepted()
    first = drafted(referral)
    again = drafted(referral)

    assert first.sha256 != again.sha256
    assert [each.number for each in referral.drafts.all()] == [1, 2]


@pytest.mark.django_db
def test_a_draft_taken_back_is_not_signed():
    referral = stages.accepted()
    draft = drafted(referral)
    withdraw_draft(referral=referral, reviewer=person("bima"), at=AT)

    with pytest.raises(ConflictError):
        signed(referral, "bima", draft.sha256)
    assert referral.status == "accepted"


@pytest.mark.django_db
def test_only_the_addressed_body_writes_signs_and_takes_back():
    referral = stages.accepted()
    for who in ("kasman", "sari"):
        with pytest.raises(NotPermittedError):
            drafted(referral, who)
    draft = drafted(referral)
    for who in ("kasman", "sari"):
        with pytest.raises(NotPermittedError):
            signed(referral, who, draft.sha256)
        with pytest.raises(NotPermittedError):
            withdraw_draft(referral=referral, reviewer=person(who), at=AT)


@pytest.mark.django_db
def test_a_draft_of_a_version_that_came_back_is_no_draft_of_the_next():
    referral = stages.accepted()
    draft = drafted(referral)
    return_referral(referral=referral, reviewer=person("bima"), at=AT, reason="NIP kurang.")
    assert referral.status == "returned"
    referral = stages.resubmitted(referral)

    with pytest.raises(ConflictError):
        signed(referral, "bima", draft.sha256)


@pytest.mark.django_db
def test_not_proven_ends_a_draft():
    referral = stages.accepted()
    drafted(referral)

    find_not_proven(referral=referral, reviewer=person("bima"), at=AT, reason="Bukan ASN.")

    assert (referral.status, FollowUp.objects.count()) == ("closed", 0)


@pytest.mark.django_db
def test_what_a_line_recommends_two_people_make_theirs():
    referral = stages.delivered()
    line = draft_by_line(referral=referral, at=AT, text="Sanksi berat menurut sistem kami.")
    assert (referral.status, line.written_by) == ("drafted", None)

    for who in ("anwar", "bima"):
        with pytest.raises(DomainError) as refused:
            signed(referral, who, line.sha256)
        assert refused.value.code == "nobody_wrote_it"

    own = drafted(referral, "anwar", line.words)
    with pytest.raises(SamePersonError):
        signed(referral, "anwar", own.sha256)
    assert len(signed(referral, "bima", own.sha256)) == 1


@pytest.mark.django_db
def test_drafts_and_signatures_are_never_changed():
    referral = stages.accepted()
    stages.both_sign(referral)

    for table in ("recommendationdraft", "recommendationsignature"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(f"DELETE FROM referrals_{table}")


def at_once(*steps: Any) -> list[str]:
    """Take the steps on threads that begin together; return what each came to, sorted."""
    together = Barrier(len(steps))
    outcomes: list[str] = []

    def take(step: Any) -> None:
        try:
            together.wait(120)
            step()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=take, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_two_signatures_at_once_are_one():
    referral = stages.accepted()
    draft = drafted(referral)
    pages = [stages.fresh(referral), stages.fresh(referral)]
    bima = person("bima")

    found = at_once(
        *(
            lambda page=page: sign_recommendation(
                referral=page, reviewer=bima, at=AT, seen=draft.sha256
            )
            for page in pages
        )
    )

    assert found == ["ConflictError", "done"]
    assert (FollowUp.objects.count(), RecommendationSignature.objects.count()) == (1, 1)
    assert referral.events.filter(action="recommend").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_a_return_at_once_are_one_of_the_two():
    referral = stages.accepted()
    draft = drafted(referral)
    mine, other = stages.fresh(referral), stages.fresh(referral)
    anwar, bima = person("anwar"), person("bima")

    found = at_once(
        lambda: sign_recommendation(referral=mine, reviewer=bima, at=AT, seen=draft.sha256),
        lambda: return_referral(referral=other, reviewer=anwar, at=AT, reason="NIP kurang."),
    )

    assert found == ["ConflictError", "done"]
    status = Referral.objects.get().status
    assert (status, FollowUp.objects.count(), referral.missing_items.count()) in {
        ("recommended", 1, 0),
        ("returned", 0, 1),
    }


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_a_change_of_the_draft_at_once():
    referral = stages.accepted(decided_case())
    draft = drafted(referral)
    mine, other = stages.fresh(referral), stages.fresh(referral)
    anwar, bima = person("anwar"), person("bima")

    found = at_once(
        lambda: sign_recommendation(referral=mine, reviewer=bima, at=AT, seen=draft.sha256),
        lambda: draft_recommendation(referral=other, reviewer=anwar, at=AT, text="Sanksi lain."),
    )

    assert found == ["ConflictError", "done"]
    words = {each.recommendation for each in FollowUp.objects.all()}
    assert (Referral.objects.get().status, words, RecommendationDraft.objects.count()) in (
        ("recommended", {"Jatuhkan sanksi."}, 1),
        ("drafted", set(), 2),
    )
