"""Who has a record, until when it sleeps, what it is labelled: one event each, nothing half done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connections

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import (
    CaseComplaint,
    Complaint,
    ComplaintTag,
    Recusal,
    Tag,
    WorkAction,
    WorkEvent,
)
from complaints.services.assignment import assign
from complaints.services.snooze import snooze
from complaints.services.tags import MAX_TAGS, add_tag, make_tag, remove_tag
from tests.factories import AT, case, decided_case, office, person, proposed_tip, report, tip


def events(row):
    return list(
        WorkEvent.objects.filter(complaint=row).values_list("action", "actor__name", "detail")
    )


@pytest.mark.django_db
def test_a_record_goes_from_hand_to_hand_with_one_event_a_step():
    row, sari, joko = tip(), person("sari"), person("joko")

    assign(subject=row, to=sari, officer=sari, at=AT, seen=None)
    assign(subject=row, to=joko, officer=person("dewi"), at=AT, seen=sari.pk)
    assign(subject=row, to=None, officer=joko, at=AT, seen=joko.pk)

    row.refresh_from_db()
    assert row.assignee is None
    assert events(row) == [
        ("assign", "Sari", {"from": None, "to": sari.pk}),
        ("hand_over", "Dewi", {"from": sari.pk, "to": joko.pk}),
        ("release", "Joko", {"from": joko.pk, "to": None}),
    ]


@pytest.mark.django_db
def test_a_case_has_somebody_too():
    found = case()

    event = assign(subject=found, to=person("joko"), officer=person("sari"), at=AT, seen=None)

    found.refresh_from_db()
    assert (found.assignee, event.case, event.complaint) == (person("joko"), found, None)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["rudi", "budi", "dewi", "nur", "vera"])
def test_only_who_can_work_on_it_and_sees_it_may_have_it(who):
    row = tip()

    with pytest.raises(DomainError) as refused:
        assign(subject=row, to=person(who), officer=person("sari"), at=AT, seen=None)

    row.refresh_from_db()
    assert str(refused.value.message) == "Petugas ini tidak dapat menanganinya."
    assert row.assignee is None
    assert events(row) == []


@pytest.mark.django_db
def test_a_recused_or_suspended_colleague_reads_like_any_other_refusal(vault_keys):
    row, joko = tip(), person("joko")
    Recusal.objects.create(user=joko, complaint=row, reason="relative", since=AT)
    kept_away = report(keep_from=(office("33").pk,))

    for subject, to in ((row, joko), (kept_away, person("sari"))):
        with pytest.raises(DomainError, match="tidak dapat menanganinya"):
            assign(subject=subject, to=to, officer=person("ratna"), at=AT, seen=None)
    sari = person("sari")
    sari.is_active = False
    sari.save()
    with pytest.raises(DomainError, match="tidak dapat menanganinya"):
        assign(subject=row, to=sari, officer=person("ratna"), at=AT, seen=None)


@pytest.mark.django_db
def test_nobody_outside_the_offices_gives_work():
    row = tip()
    for who in ("anwar", "putu", "nur", "agus", "vera", "kurnia", "tono"):
        with pytest.raises(NotPermittedError):
            assign(subject=row, to=person("sari"), officer=person(who), at=AT, seen=None)


@pytest.mark.django_db
def test_stale_double_and_closed_are_told_apart():
    row, sari, joko = tip(), person("sari"), person("joko")
    assign(subject=row, to=sari, officer=sari, at=AT, seen=None)

    with pytest.raises(ConflictError):
        assign(subject=row, to=joko, officer=joko, at=AT, seen=None)
    with pytest.raises(DomainError) as twice:
        assign(subject=row, to=sari, officer=sari, at=AT, seen=sari.pk)
    Complaint.objects.filter(pk=row.pk).update(status="archived")
    with pytest.raises(DomainError) as closed:
        assign(subject=row, to=joko, officer=sari, at=AT, seen=sari.pk)

    assert (twice.value.code, closed.value.code) == ("assigned_already", "closed")
    assert len(events(row)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_four_who_take_one_record_at_once_one_has_it():
    row = tip()
    people = [person("sari"), person("joko")] * 2
    start = Barrier(len(people))

    def take(officer):
        try:
            mine = Complaint.objects.select_related("office").get(pk=row.pk)
            start.wait(timeout=120)
            assign(subject=mine, to=officer, officer=officer, at=AT, seen=None)
        except ConflictError:
            return "late"
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as threads:
        outcomes = sorted(threads.map(take, people))

    assert outcomes == ["done", "late", "late", "late"]
    event = WorkEvent.objects.get(complaint=row)
    row.refresh_from_db()
    assert event.detail == {"from": None, "to": row.assignee_id}


@pytest.mark.django_db
def test_putting_off_stops_no_clock_and_is_taken_back():
    row, sari = tip(), person("sari")
    due = row.due_at
    until = date(2024, 10, 8)

    snooze(complaint=row, until=until, officer=sari, at=AT, seen=None)
    with pytest.raises(ConflictError):
        snooze(complaint=row, until=until, officer=person("joko"), at=AT, seen=None)
    snooze(complaint=row, until=None, officer=sari, at=AT, seen=until)

    row.refresh_from_db()
    assert (row.snoozed_until, row.due_at) == (None, due)
    assert [(action, detail) for action, _who, detail in events(row)] == [
        (WorkAction.SNOOZE, {"until": "2024-10-08"}),
        (WorkAction.WAKE, {"from": "2024-10-08"}),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Pilih hari sesudah hari ini"), (31, "Paling lama 30 hari"), (20, "sebelum tenggatnya")],
)
def test_nothing_sleeps_through_its_clock(days, words):
    row = tip()

    with pytest.raises(DomainError, match=words):
        snooze(
            complaint=row,
            until=AT.date() + timedelta(days=days),
            officer=person("sari"),
            at=AT,
            seen=None,
        )

    assert events(row) == []


@pytest.mark.django_db
def test_only_open_records_sleep_and_only_officers_put_off():
    row = proposed_tip()
    with pytest.raises(NotPermittedError):
        snooze(complaint=row, until=None, officer=person("dewi"), at=AT, seen=None)
    with pytest.raises(DomainError, match="tidak sedang ditunda"):
        snooze(complaint=row, until=None, officer=person("sari"), at=AT, seen=None)
    closed = CaseComplaint.objects.get(case=decided_case()).complaint
    with pytest.raises(ConflictError):
        snooze(complaint=closed, until=date(2024, 10, 8), officer=person("sari"), at=AT, seen=None)


@pytest.mark.django_db
def test_labels_are_the_offices_own_and_told():
    row, sari = tip(), person("sari")
    tag = make_tag(name="  Viral   di TikTok ", officer=sari)
    again = make_tag(name="viral di tiktok", officer=person("joko"))

    add_tag(complaint=row, tag=tag, officer=sari, at=AT)
    with pytest.raises(DomainError, match="sudah ada"):
        add_tag(complaint=row, tag=tag, officer=sari, at=AT)
    with pytest.raises(DomainError, match="kantor lain"):
        add_tag(complaint=row, tag=tag, officer=person("rudi"), at=AT)
    with pytest.raises(NotPermittedError):
        remove_tag(complaint=row, tag=tag, officer=person("nur"), at=AT)
    remove_tag(complaint=row, tag=tag, officer=sari, at=AT)
    with pytest.raises(DomainError, match="tidak ada"):
        remove_tag(complaint=row, tag=tag, officer=sari, at=AT)

    assert (tag, tag.name) == (again, "Viral di TikTok")
    assert not ComplaintTag.objects.exists()
    told = {"tag": tag.public_id.hex}
    assert events(row) == [("tag", "Sari", told), ("untag", "Sari", told)]


@pytest.mark.django_db
def test_a_label_needs_a_name_and_there_are_sixty_at_most():
    sari = person("sari")
    for name, words in (("  ", "Tulis nama label"), ("x" * 41, "40 huruf")):
        with pytest.raises(DomainError, match=words):
            make_tag(name=name, officer=sari)
    Tag.objects.bulk_create(Tag(office=sari.office, name=f"L{n}") for n in range(MAX_TAGS))
    with pytest.raises(DomainError, match="60 label"):
        make_tag(name="Satu lagi", officer=sari)
    assert make_tag(name="l7", officer=sari).name == "L7"
