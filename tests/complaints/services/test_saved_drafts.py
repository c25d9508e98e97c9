"""A draft put aside: one copy, opened by its digits alone, gone in time."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache

from complaints.errors import DraftGoneError, ProofNeededError, WrongCodeError
from complaints.models import SavedDraft
from complaints.receipts import CodeTypoError, ReceiptCode, format_code
from complaints.services import guessing
from complaints.services.receipts import open_mailbox
from complaints.services.reporter_session import (
    change_session,
    end_session,
    read_session,
    start_session,
)
from complaints.services.saved_drafts import (
    discard_draft,
    forget_saved,
    purge_saved_drafts,
    resume_draft,
    save_draft,
)
from complaints.tasks import purge_saved_drafts_task
from tests.factories import AT

pytestmark = pytest.mark.django_db

DRAFT = {"at": "story", "typed": {"story": {"story": ["KENARI di balai desa"]}}}


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


@pytest.fixture
def token():
    return start_session(held={"draft": DRAFT}, at=AT)


def answer(token, story, *, at=AT):
    draft = DRAFT | {"typed": {"story": {"story": [story]}}}
    change_session(token=token, at=at, change=lambda held: held | {"draft": draft})


def story_of(token, *, at=AT):
    held = read_session(token=token, at=at)
    assert held is not None
    return held["draft"]["typed"]["story"]["story"][0]


def test_the_digits_open_the_draft_on_another_device(token):
    saved = save_draft(token=token, at=AT)
    assert [len(group) for group in saved.code] == [4] * 5
    assert saved.until == date(2024, 10, 10)
    end_session(token=token)

    later = AT + timedelta(hours=72)
    other = resume_draft(typed=" ".join(saved.code), at=later)
    assert other != token
    held = read_session(token=other, at=later)
    assert held is not None
    assert held["draft"] == DRAFT


def test_the_row_tells_nothing(token):
    saved = save_draft(token=token, at=AT)
    row = SavedDraft.objects.get()
    kept = bytes(row.sealed) + bytes(row.verifier) + bytes(row.salt)
    for secret in (b"KENARI", "".join(saved.code)[5:19].encode(), token.encode()):
        assert secret not in kept
    assert "".join(saved.code) not in repr(saved)
    assert {field.name for field in SavedDraft._meta.get_fields()} == {
        *("id", "handle", "salt", "verifier", "sealed", "expires_on"),
    }


def test_saving_again_replaces_the_copy_under_the_same_digits(token):
    first = save_draft(token=token, at=AT)
    answer(token, "lebih lengkap")
    later = AT + timedelta(minutes=30)
    second = save_draft(token=token, at=later)
    assert second.code == first.code
    assert SavedDraft.objects.count() == 1
    assert story_of(resume_draft(typed="".join(first.code), at=later), at=later) == "lebih lengkap"


def test_a_resumed_draft_is_saved_under_its_old_digits_and_lives_longer(token):
    first = save_draft(token=token, at=AT)
    later = AT + timedelta(days=2)
    other = resume_draft(typed="".join(first.code), at=later)
    answer(other, "hari kedua", at=later)
    second = save_draft(token=other, at=later)
    assert (second.code, second.until) == (first.code, date(2024, 10, 12))
    assert SavedDraft.objects.get().expires_on == date(2024, 10, 12)


def test_a_copy_that_was_purged_meanwhile_is_made_anew(token):
    first = save_draft(token=token, at=AT)
    SavedDraft.objects.all().delete()
    second = save_draft(token=token, at=AT)
    assert second.code != first.code
    assert story_of(resume_draft(typed="".join(second.code), at=AT)) == "KENARI di balai desa"
    with pytest.raises(WrongCodeError):
        resume_draft(typed="".join(first.code), at=AT)


def test_it_opens_until_the_end_of_its_last_day_and_is_purged_after_it(token):
    saved = save_draft(token=token, at=AT)
    last_minute = AT.replace(day=10, hour=16, minute=59)  # 23.59 WIB
    assert purge_saved_drafts(at=last_minute) == 0
    assert resume_draft(typed="".join(saved.code), at=last_minute)
    after = last_minute + timedelta(minutes=1)
    with pytest.raises(WrongCodeError):
        resume_draft(typed="".join(saved.code), at=after)
    assert purge_saved_drafts(at=after) == 1
    assert SavedDraft.objects.count() == 0


def test_the_task_purges(token):
    save_draft(token=token, at=AT)  # in 2024
    purge_saved_drafts_task()
    assert SavedDraft.objects.count() == 0


def test_what_holds_no_draft_saves_nothing():
    for token in (start_session(held={"mailbox": "x"}, at=AT), "unknown", ""):
        with pytest.raises(DraftGoneError):
            save_draft(token=token, at=AT)
    assert SavedDraft.objects.count() == 0


def test_discarding_erases_the_copy_and_leaving_does_not(token):
    save_draft(token=token, at=AT)
    end_session(token=token)  # the quick exit
    assert SavedDraft.objects.count() == 1
    other = start_session(held={"draft": DRAFT}, at=AT)
    kept = save_draft(token=other, at=AT)
    discard_draft(token=other, at=AT)
    discard_draft(token=other, at=AT)
    assert SavedDraft.objects.count() == 1
    assert read_session(token=other, at=AT) is None
    with pytest.raises(WrongCodeError):
        resume_draft(typed="".join(kept.code), at=AT)


def test_forgetting_without_a_copy_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        forget_saved({"draft": DRAFT})


def test_a_draft_and_a_mailbox_are_not_each_others(token):
    saved = save_draft(token=token, at=AT)
    with pytest.raises(WrongCodeError):
        open_mailbox(typed="".join(saved.code), at=AT)


def test_guessing_is_slowed_as_at_the_mailbox(token):
    saved = "".join(save_draft(token=token, at=AT).code)
    guess = "".join(format_code(ReceiptCode(saved[:5], "0" * 14)))
    for _try in range(guessing.FREE_TRIES):
        with pytest.raises(WrongCodeError):
            resume_draft(typed=guess, at=AT)
    with pytest.raises(ProofNeededError):
        resume_draft(typed=saved, at=AT)
    with pytest.raises(CodeTypoError):
        resume_draft(typed=saved[:-1], at=AT)


def test_two_drafts_may_share_a_handle(token):
    first = save_draft(token=token, at=AT)
    second = save_draft(token=start_session(held={"draft": DRAFT | {"at": "who"}}, at=AT), at=AT)
    SavedDraft.objects.update(handle="".join(first.code)[:5])
    assert story_of(resume_draft(typed="".join(first.code), at=AT)) == "KENARI di balai desa"
    assert SavedDraft.objects.count() == 2
    assert second.code != first.code
