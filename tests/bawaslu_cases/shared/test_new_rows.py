"""New rows by statements written once: what stands in the table is what ``save`` would have written."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from bawaslu_cases.keyring.models import ReportWraps
from bawaslu_cases.registry.models import RecipientBody
from bawaslu_cases.shared.new_rows import move_and_tell, write_new, written_together
from complaints.models import (
    Complaint,
    ComplaintMilestone,
    ComplaintOfficial,
    Deadline,
    Official,
    ReporterSession,
)
from referrals.models import ReferralEvent
from tests.factories import tip
from tests.referrals import stages

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)


def stored(row):
    """Return the row as it lies in the table, column by column."""
    return type(row).objects.filter(pk=row.pk).values().get()


def test_a_record_is_what_save_writes_column_by_column(django_assert_num_queries):
    saved = tip()
    twin = {
        field.attname: getattr(saved, field.attname)
        for field in Complaint._meta.local_concrete_fields
        if not field.generated
    }
    own = {"id": saved.pk + 1, "public_id": uuid4(), "reference": "IA-2611-ZZZZZZZ"}
    row = Complaint(**twin | own)

    with django_assert_num_queries(1):
        write_new(row)

    assert stored(row) == stored(saved) | own
    assert not row._state.adding
    with django_assert_num_queries(1):  # not read back with the insert
        assert "camat" in row.search or row.search == stored(saved)["search"]


def test_keys_and_what_the_table_draws_are_told_each_row_its_own(django_assert_num_queries):
    complaint = tip()
    people = [Official(name=f"Contoh {letter}") for letter in "ABC"]
    with django_assert_num_queries(2):
        write_new(*people)
        write_new(*(ComplaintOfficial(complaint=complaint, official=each) for each in people))
    assert [Official.objects.get(pk=each.pk).name for each in people] == [
        "Contoh A",
        "Contoh B",
        "Contoh C",
    ]
    named = complaint.official_links.filter(official__in=people).order_by("pk")
    assert [link.official_id for link in named] == [each.pk for each in people]

    clock = Deadline.objects.filter(complaint=complaint).values().first()
    assert clock is not None
    copy = Deadline(
        **{k: v for k, v in clock.items() if k not in {"id", "public_id"}} | {"kind": "x"}
    )
    write_new(copy)
    assert isinstance(copy.public_id, UUID)
    assert stored(copy) == clock | {"id": copy.pk, "public_id": copy.public_id, "kind": "x"}


def test_a_key_that_is_there_is_refused_left_or_replaced(django_assert_num_queries):
    session = ReporterSession(token_digest=b"\0\1", sealed=b"one", expires_at=AT)
    write_new(session)
    other = ReporterSession(token_digest=b"\0\1", sealed=b"two", expires_at=AT + timedelta(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        write_new(other)
    write_new(other, known="left")
    assert bytes(ReporterSession.objects.get().sealed) == b"one"
    with django_assert_num_queries(1):
        write_new(other, known="replaced")
    held = ReporterSession.objects.get()
    assert (bytes(held.sealed), held.expires_at) == (b"two", AT + timedelta(1))


@pytest.mark.django_db(databases=["default", "keyring"])
def test_wraps_go_to_their_own_database(django_assert_num_queries):
    report = uuid4()
    for epoch in (1, 2):
        wraps = {"wrap_a": b"a", "wrap_b": b"b", "wrap_r": b"r", "group_a": "A", "group_b": "B"}
        row = ReportWraps(report=report, epoch_a=epoch, epoch_b=7, recovery="R", **wraps)
        with django_assert_num_queries(0):  # of the first database
            write_new(row, known="replaced")
        assert row._state.db == "keyring"
    assert ReportWraps.objects.get(pk=report).epoch_a == 2


def test_rows_that_one_statement_cannot_take_are_refused():
    complaint = tip()
    milestone = ComplaintMilestone(
        id=7, complaint=complaint, kind="received", on=date(2026, 11, 16)
    )
    with pytest.raises(TypeError):
        write_new(Official(name="Contoh"), milestone)
    with pytest.raises(TypeError):
        write_new(Official(name="Contoh"), Official(pk=1, name="Contoh"))
    with pytest.raises(TypeError):
        write_new(Deadline(complaint=complaint, public_id=uuid4()))
    with pytest.raises(TypeError):  # their keys could not be told
        write_new(Deadline(complaint=complaint), known="left")


def test_rows_written_together_go_in_one_journey_in_their_order(django_assert_num_queries):
    complaint = tip()
    before = ComplaintMilestone.objects.count()
    with django_assert_num_queries(2), written_together(told=[Official]):
        first, second = Official(name="Contoh A"), Official(name="Contoh B")
        write_new(ReporterSession(token_digest=b"\1", sealed=b"one", expires_at=AT))
        write_new(first, second)
        assert first.pk
        write_new(
            *(ComplaintOfficial(complaint=complaint, official=each) for each in (first, second))
        )
        write_new(
            ReporterSession(token_digest=b"\1", sealed=b"two", expires_at=AT), known="replaced"
        )
        write_new(
            ComplaintMilestone(id=7, complaint=complaint, kind="checked", on=date(2026, 11, 16)),
            known="left",
        )
    assert bytes(ReporterSession.objects.get().sealed) == b"two"
    assert complaint.official_links.filter(official__in=[first, second]).count() == 2
    assert ComplaintMilestone.objects.count() == before + 1


def test_what_fails_of_rows_written_together_leaves_none_of_them():
    def fail():
        with transaction.atomic(), written_together():
            write_new(Official(name="Contoh"))
            write_new(ReporterSession(token_digest=b"\1", sealed=b"one", expires_at=AT))
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    def write_twice():
        with transaction.atomic(), written_together():
            write_new(Official(name="Contoh"))
            for sealed in (b"one", b"two"):
                write_new(ReporterSession(token_digest=b"\1", sealed=sealed, expires_at=AT))

    with pytest.raises(IntegrityError):
        write_twice()
    assert not Official.objects.filter(name="Contoh").exists()
    assert not ReporterSession.objects.exists()
    write_new(Official(name="Contoh"))  # the block is over
    assert Official.objects.filter(name="Contoh").exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written_together():
    with pytest.raises(transaction.TransactionManagementError), written_together():
        pass


def test_no_rows_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        write_new()


def test_of_two_threads_values_nothing_stays_in_the_statement():
    first = tip()
    rows = [
        ReporterSession(token_digest=bytes([number]), sealed=b"x" * number, expires_at=AT)
        for number in (1, 2, 3)
    ]
    for row in rows:
        write_new(row)
    sizes = ReporterSession.objects.order_by("token_digest").values_list(F("sealed"), flat=True)
    assert [len(each) for each in sizes] == [1, 2, 3]
    assert Complaint.objects.get() == first


def moving(row, status="issued", **to):
    """Return a step of a referral as ``advance`` takes it, and its event."""
    event = ReferralEvent(
        referral=row,
        action="issue",
        source=row.status,
        target=status,
        actor_kind="system",
        reason="",
        at=AT,
    )
    return {"status": status, "status_at": AT, **to}, event


def test_a_step_and_what_tells_of_it_are_one_statement(django_assert_num_queries):
    row = stages.approved()
    other = RecipientBody.objects.exclude(pk=row.recipient_id).order_by("pk")[0]
    before = stored(row)
    to, event = moving(row, number="009/Contoh", recipient=other, due_at=None)

    with django_assert_num_queries(1):
        assert move_and_tell(row, held={"status": "approved"}, to=to, event=event)

    assert stored(row) == before | {
        "status": "issued",
        "status_at": AT,
        "number": "009/Contoh",
        "recipient_id": other.pk,
    }
    assert {field: getattr(row, field) for field in before} == stored(row)
    assert row.recipient == other
    assert stored(event) == {
        "id": event.pk,
        "action": "issue",
        "source": "approved",
        "target": "issued",
        "actor_id": None,
        "actor_kind": "system",
        "reason": "",
        "at": AT,
        "referral_id": row.pk,
    }


def test_a_step_that_comes_too_late_writes_and_changes_nothing():
    row = stages.approved()
    before = stored(row)
    to, event = moving(row, number="009/Contoh")

    assert not move_and_tell(row, held={"status": "proposed"}, to=to, event=event)

    assert stored(row) == before
    assert (row.status, row.number, event.pk) == ("approved", None, None)
    assert list(row.events.values_list("action", flat=True)) == ["create", "approve"]


def test_a_step_whose_event_is_refused_does_not_stand_either():
    row = stages.approved()
    before = stored(row)
    to, event = moving(row, number="009/Contoh")
    event.reason = None

    with pytest.raises(IntegrityError), transaction.atomic():
        move_and_tell(row, held={"status": "approved"}, to=to, event=event)

    assert stored(row) == before
