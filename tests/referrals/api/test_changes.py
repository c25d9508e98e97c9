"""The change feed (ADR 0042): every last state, none twice, tombstones, no gap after a first sync."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from bawaslu_cases.accounts.models import ApiClient
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.shared.snapshots import horizon
from complaints.models import (
    Allegation,
    Case,
    CaseComplaint,
    ChangeFeed,
    Complaint,
    ComplaintOfficial,
    Deadline,
    Official,
    RecordChange,
    Recusal,
)
from complaints.services.change_feed import begin_feed, prune_changes
from complaints.states import Lane
from complaints.tasks import prune_changes_task
from referrals.models import FollowUp, Referral
from tests.factories import case, finding, office, report, tip
from tests.referrals.stages import recommended
from tests.support.api_clients import ApiPeer, api_client

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class Copy:
    """What a client keeps: the cursor, the records, and every item in the order it was told."""

    def __init__(self, peer: ApiPeer, **query: str) -> None:
        self.peer, self.query, self.cursor = peer, query, ""
        self.told: list[tuple[str, str, Any]] = []
        self.records: dict[tuple[str, str], Any] = {}

    def page(self) -> bool:
        """Take one page; say whether there is more."""
        query = self.query | ({"since": self.cursor} if self.cursor else {})
        response = self.peer.get("/changes", query)
        assert response.status_code == 200, response.content
        body = response.json()
        self.cursor = body["cursor"]
        for item in body["items"]:
            key = item["kind"], item["id"]
            self.told.append((*key, item["record"]))
            if item["change"] == "removed":
                assert item["record"] is None
                self.records.pop(key, None)
            else:
                assert item["record"]["id"] == item["id"]
                self.records[key] = item["record"]
        return bool(body["has_more"])

    def sync(self, *, held: bool = False) -> list[tuple[str, str, Any]]:
        """Take everything there is; return what was told.

        The feed waits for every transaction that may still write: also for the server's own analysis of
        a table, and for one that ends in the moment it is looked for. So this waits for those and asks
        once more, unless a test holds one open (``held``).
        """
        before = len(self.told)
        if not held:
            _all_that_run_end()
        while self.page() or self.page():
            pass
        return self.told[before:]

    def of(self, kind: str) -> dict[str, Any]:
        return {id_: record for (known, id_), record in self.records.items() if known == kind}


def _all_that_run_end() -> None:
    now, end = _next_transaction(), time.monotonic() + 60
    while horizon() < now:
        assert time.monotonic() < end
        time.sleep(0.01)


def _next_transaction() -> int:
    """Return the number that no transaction has yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def _unlimited(settings):
    settings.API_CALLS_A_MINUTE = 100_000


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"))


@contextmanager
def another_transaction() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Give something that runs steps in one transaction of another connection; it commits at the end."""
    steps: list[Callable[[], Any]] = []
    ready, done, over = threading.Event(), threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with transaction.atomic():
                while True:
                    ready.wait(120)
                    ready.clear()
                    if over.is_set():
                        return
                    steps.pop()()
                    done.set()
        except BaseException as error:  # noqa: BLE001 -- told to whoever waits
            failed.append(error)
            done.set()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()

    def do(step: Callable[[], Any]) -> None:
        steps.append(step)
        done.clear()
        ready.set()
        assert done.wait(120)
        assert failed == []

    try:
        yield do
    finally:
        over.set()
        ready.set()
        thread.join(120)


def retitle(complaint: Complaint, title: str) -> None:
    Complaint.objects.filter(pk=complaint.pk).update(title=title)


def test_what_commits_late_is_told_and_nothing_before_it(peer):
    """The case in which a clock or a serial number skips: begun first, committed last."""
    late, early = finding(), finding()
    copy = Copy(peer, kind="complaint")
    copy.sync()
    with another_transaction() as do:
        do(lambda: retitle(late, "dimulai lebih dulu"))
        retitle(early, "selesai lebih dulu")
        # committed, and yet not told: what was begun before it may still come
        assert copy.sync(held=True) == []

    assert [(id_, record["title"]) for _kind, id_, record in copy.sync()] == [
        (str(late.public_id), "dimulai lebih dulu"),
        (str(early.public_id), "selesai lebih dulu"),
    ]
    assert copy.sync() == []


def test_a_state_that_went_out_early_does_not_come_again(peer):
    """A record is told at its last row, so a page may hold back what a later row tells."""
    known, other = finding(), finding()
    copy = Copy(peer, kind="complaint")
    copy.sync()
    retitle(known, "satu")
    with another_transaction() as do:
        do(lambda: retitle(other, "sedang ditulis"))
        retitle(known, "dua")
        # "satu" is complete, but the record already reads "dua": its row comes later
        first = copy.sync(held=True)
    second = copy.sync()

    assert first == []
    assert [record["title"] for _kind, _id, record in second] == ["sedang ditulis", "dua"]


def test_who_is_behind_reads_no_empty_page(peer):
    """Fifty writes to one record are one item, not fifty rows that a page of one steps over."""
    busy, other = finding(), finding()
    copy = Copy(peer, kind="complaint", limit="1")
    copy.sync()
    before = len(copy.told)
    for number in range(50):
        retitle(busy, f"judul {number}")
    retitle(other, "sekali")

    assert copy.page()
    assert not copy.page()
    assert [(id_, record["title"]) for _kind, id_, record in copy.told[before:]] == [
        (str(busy.public_id), "judul 49"),
        (str(other.public_id), "sekali"),
    ]


@pytest.mark.long
def test_eight_writers_and_a_reader(peer):
    """Every final state, none twice, whatever the order of commits and wherever pages end.

    The writers go on until the reader was told as much again as there was: how fast the machine is
    decides how long that takes, not whether it was tried.
    """
    rows = [finding() for _ in range(12)]
    copy = Copy(peer, kind="complaint", limit="3")
    copy.sync()
    known = len(copy.told)
    enough = threading.Event()
    written = threading.Event()
    chance = random.Random(7)

    def write(writer: int, moments: random.Random) -> None:
        try:
            number = 0
            while number < 25 or not enough.is_set():
                picked = sorted(moments.sample(range(len(rows)), 2))
                with transaction.atomic():
                    for place in picked:
                        retitle(rows[place], f"{writer}-{number}-{place}")
                        time.sleep(moments.random() / 200)
                # What is written without a pause is told when it rests.
                time.sleep(moments.random() / 20)
                number += 1
        finally:
            connections.close_all()

    def read() -> None:
        try:
            while not written.is_set():
                copy.page()
                if len(copy.told) >= known + len(rows):
                    enough.set()
        finally:
            # Also when it failed: the writers wait for nobody then.
            enough.set()
            connections.close_all()

    writers = [
        threading.Thread(target=write, args=(each, random.Random(chance.random())))
        for each in range(8)
    ]
    reader = threading.Thread(target=read)
    reader.start()
    for thread in writers:
        thread.start()
    assert enough.wait(120)
    for thread in writers:
        thread.join(120)
    written.set()
    reader.join(60)
    assert len(copy.told) >= known + len(rows)  # it read while they wrote
    copy.sync()

    titles = {str(row.public_id): row.title for row in Complaint.objects.all()}
    assert {id_: record["title"] for id_, record in copy.of("complaint").items()} == titles
    states = [(id_, record["title"]) for _kind, id_, record in copy.told]
    assert len(states) == len(set(states))


def test_a_first_sync_beside_writers_has_no_gap_and_no_double(peer):
    for _ in range(9):
        finding()
    copy = Copy(peer, kind="complaint", limit="2")
    copy.page()
    gone, *_others, changed = Complaint.objects.order_by("pk")
    fresh = finding()
    retitle(changed, "diubah selama sinkronisasi")
    Complaint.objects.filter(pk=gone.pk).update(office=office("51"))
    copy.sync()

    assert set(copy.of("complaint")) == {
        str(row.public_id) for row in Complaint.objects.filter(office=office("33"))
    }
    assert str(fresh.public_id) in copy.of("complaint")
    states = [(id_, record and record["title"]) for _kind, id_, record in copy.told]
    assert len(states) == len(set(states))
    assert (str(changed.public_id), "diubah selama sinkronisasi") in states
    assert states.count((str(gone.public_id), None)) == 1


def test_p08_what_leaves_sight_leaves_a_tombstone_and_no_more(peer, vault_keys):
    """Moved, kept from the unit, turned into a tip, recused, erased; and then silence about it."""
    upper = peer
    place = upper.client.office
    moved, kept, tipped, recused = (report(lane=Lane.OPEN) for _ in range(4))
    erased = finding()
    Complaint.objects.filter(pk__in=[row.pk for row in (moved, kept, tipped, recused)]).update(
        office=place
    )
    copy = Copy(upper)
    copy.sync()
    everything = {str(row.public_id) for row in (moved, kept, tipped, recused, erased)}
    assert everything == set(copy.of("complaint"))
    deadlines = len(copy.of("deadline"))
    assert deadlines == 5

    Complaint.objects.filter(pk=moved.pk).update(office=office("51"))
    Complaint.objects.filter(pk=kept.pk).update(excluded_offices=[place.pk])
    Complaint.objects.filter(pk=tipped.pk).update(lane=Lane.TIP)
    Recusal.objects.create(
        user=upper.user, complaint=recused, reason="declared", since=timezone.now()
    )
    ComplaintOfficial.objects.filter(complaint=erased).delete()
    Deadline.objects.filter(complaint=erased).delete()
    erased_id = str(erased.public_id)
    with connection.cursor() as cursor:
        # what else refers to it is another matter: of this table alone the feed hears
        cursor.execute("ALTER TABLE complaints_complaint DISABLE TRIGGER ALL")
        cursor.execute("ALTER TABLE complaints_complaint ENABLE TRIGGER USER")
        cursor.execute("DELETE FROM complaints_complaint WHERE id = %s", [erased.pk])
        cursor.execute("ALTER TABLE complaints_complaint ENABLE TRIGGER ALL")
    told = copy.sync()

    assert {
        id_ for kind, id_, record in told if kind == "complaint" and record is None
    } == everything
    assert erased_id in everything
    assert copy.of("complaint") == {}
    assert copy.of("deadline") == {}
    for row in (moved, kept, tipped, recused):
        retitle(row, "tidak untuk klien ini")
    assert copy.sync() == []
    # the way back
    Recusal.objects.all().delete()
    Complaint.objects.filter(pk=tipped.pk).update(lane=Lane.OPEN)
    copy.sync()
    assert set(copy.of("complaint")) == {str(recused.public_id), str(tipped.public_id)}
    assert len(copy.of("deadline")) == 2


def test_p08_tips_and_sealed_reports_leave_no_row(peer, vault_keys):
    tip()
    report()
    Complaint.objects.all().update(title="tetap tidak terlihat")

    assert RecordChange.objects.count() == 0
    assert Copy(peer).sync() == []
    control = finding()
    assert set(RecordChange.objects.values_list("public_id", flat=True)) >= {control.public_id}


def test_a_client_is_told_of_its_own_office_and_those_below(vault_keys):
    regency, province, bali, nation = (
        Copy(api_client(office(code))) for code in ("33.08", "33", "51", None)
    )
    copies = (regency, province, bali, nation)
    for copy in copies:
        copy.sync()
    own = report(lane=Lane.OPEN)
    assert own.office == office("33.08")
    above = finding()
    for copy in copies:
        copy.sync()

    both = {str(own.public_id), str(above.public_id)}
    assert set(regency.of("complaint")) == {str(own.public_id)}
    assert set(province.of("complaint")) == both
    assert set(nation.of("complaint")) == both
    assert bali.told == []


def test_a_case_that_moves_takes_all_of_its_own_with_it(peer):
    followed = recommended()
    the_case = followed.referral.case
    copy, other = Copy(peer), Copy(api_client(office("51")))
    copy.sync()
    other.sync()
    kinds = {kind for kind, _id in copy.records}
    assert kinds == {"complaint", "case", "deadline", "referral", "follow_up"}

    Case.objects.filter(pk=the_case.pk).update(office=office("51"))
    gone = copy.sync()
    other.sync()

    assert {kind for kind, _id, record in gone if record is None} == kinds - {"complaint"}
    assert set(other.of("referral")) == {str(followed.referral.public_id)}
    assert set(other.of("follow_up")) == {str(followed.public_id)}
    assert set(other.of("case")) == {str(the_case.public_id)}
    Recusal.objects.create(
        user=other.peer.user, case=the_case, reason="declared", since=timezone.now()
    )
    other.sync()
    assert other.records == {}


@pytest.fixture
def followed(peer) -> FollowUp:
    return recommended()


CHANGES: dict[str, tuple[str, Callable[[FollowUp], Any]]] = {
    "a person's name": ("complaint", lambda _f: Official.objects.update(name="Nama Baru")),
    "a person's name in the case": ("case", lambda _f: Official.objects.update(name="Nama Baru")),
    "a person's name in what follows": (
        "follow_up",
        lambda _f: Official.objects.update(name="Nama Baru"),
    ),
    "somebody less": ("complaint", lambda _f: ComplaintOfficial.objects.all().delete()),
    "an allegation": ("case", lambda _f: Allegation.objects.update(place="Tempat lain")),
    "a report less": ("case", lambda _f: CaseComplaint.objects.all().delete()),
    "its case": ("complaint", lambda _f: CaseComplaint.objects.all().delete()),
    "a summary": ("case", lambda _f: Case.objects.update(summary="Ringkasan lain")),
    "a day": ("deadline", lambda _f: Deadline.objects.update(due_on="2025-01-02")),
    "a referral's day": (
        "referral",
        lambda _f: Referral.objects.update(due_at=timezone.now()),
    ),
    "a gap": ("follow_up", lambda _f: FollowUp.objects.update(gap="lighter")),
    "a report's lane": (
        "case",
        lambda _f: Complaint.objects.update(lane=Lane.TIP),
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", CHANGES)
def test_whatever_a_record_shows_changes_it(name, followed, peer):
    """Also what stands in other tables; and the record in the feed is the one at its own address."""
    kind, change = CHANGES[name]
    copy = Copy(peer)
    copy.sync()
    before = copy.of(kind)
    change(followed)
    copy.sync()

    assert copy.of(kind) != before
    addresses = {"complaint": "complaints", "case": "cases", "referral": "referrals"}
    for (known, id_), record in copy.records.items():
        if known in addresses:
            assert peer.get(f"/{addresses[known]}/{id_}").json() == record


def columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER'",
            [table],
        )
        return {row[0] for row in cursor.fetchall()}


INERT = {
    "complaints_complaint": {
        *("id", "known_on", "reporter_kind", "witness_known", "summary", "traced_from_id"),
        *("search_text", "assignee_id", "snoozed_until"),
    },
    "complaints_case": {"id", "reference", "assessment", "assignee_id"},
    "complaints_deadline": {"id", "calendar_version", "pauses", "explanation", "history"},
    "complaints_allegation": {"id", "description"},
    "complaints_official": {"id", "grade", "agency_text", "account", "nip", "person_id"},
    # Their office is the case's: the case that moves is watched.
    "referrals_referral": {"id", "office_id"},
    "referrals_followup": {"id", "office_id", "recommendation"},
}
"""Columns that no record of the API shows: their change is nobody's news."""


@pytest.mark.parametrize("table", INERT)
def test_every_other_column_is_watched(table):
    """A new column is watched or listed here as one that does not leave."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass"
            " AND tgname LIKE '%%_api_%%'",
            [table],
        )
        # position is quoted: it is a word of SQL too
        told = [row[0].replace('"', "") for row in cursor.fetchall()]
    updates = [each for each in told if "AFTER UPDATE" in each]

    assert updates
    watched = {name for name in columns_of(table) if any(f"new.{name}" in each for each in updates)}
    assert watched == columns_of(table) - INERT[table]


def test_writing_twice_in_one_transaction_is_one_row(peer):
    known = finding()
    RecordChange.objects.all().delete()
    with transaction.atomic():
        retitle(known, "satu")
        retitle(known, "dua")
        Complaint.objects.filter(pk=known.pk).update(snoozed_until="2024-12-01")

    assert RecordChange.objects.filter(kind="complaint").count() == 1


def test_p09_a_cursor_is_good_for_its_own_client_and_question_alone(peer):
    stranger = api_client(office("33"))
    cursor = peer.get("/changes", {"kind": "case"}).json()["cursor"]

    def code(holder: ApiPeer, **query: str) -> tuple[int, str]:
        response = holder.get("/changes", query)
        return response.status_code, response.json().get("code", "")

    assert code(peer, since=cursor, kind="case") == (200, "")
    invalid = 400, "cursor_invalid"
    assert code(stranger, since=cursor, kind="case") == invalid
    assert code(peer, since=cursor) == invalid
    assert code(peer, since=cursor, kind="complaint") == invalid
    assert code(peer, since=cursor[:-3] + "abc", kind="case") == invalid
    assert code(peer, since="tidak-ada", kind="case") == invalid
    assert code(peer, since="é" * 20, kind="case") == invalid
    assert code(peer, since="A" * 1500, kind="case") == invalid
    assert code(peer, since="A" * 9000, kind="case") == (400, "invalid")


def test_scopes_decide_the_kinds(peer):
    case()
    reader = api_client(office("33"), [Scope.CASES_READ])
    other = api_client(office("33"), [Scope.REGISTRY_READ])
    copy = Copy(reader)
    copy.sync()

    assert {kind for kind, _id in copy.records} == {"case", "deadline"}
    refused = other.get("/changes")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    asked = reader.get("/changes", {"kind": "complaint"})
    assert (asked.status_code, asked.json()["code"]) == (403, "scope_missing")
    # another set of kinds is another sight: it begins anew
    ApiClient.objects.filter(pk=reader.client.pk).update(scopes=[Scope.COMPLAINTS_READ])
    reader.client.tokens.update(scope=Scope.COMPLAINTS_READ)
    gone = reader.get("/changes", {"since": copy.cursor})
    assert (gone.status_code, gone.json()["code"]) == (410, "cursor_expired")


def test_pruning_keeps_the_last_row_of_each_and_ends_old_cursors(peer):
    known, other = finding(), finding()
    copy, lagging = Copy(peer), Copy(peer)
    copy.sync()
    lagging.sync()
    retitle(known, "satu")
    retitle(known, "dua")
    retitle(other, "lain")
    today = timezone.localdate()
    before = RecordChange.objects.filter(record_id=known.pk, kind="complaint").count()
    assert before >= 3

    assert prune_changes(today=today + timedelta(days=3)) >= 2
    assert RecordChange.objects.filter(record_id=known.pk, kind="complaint").count() == 1
    # nothing is lost to those who come later, and nothing expired
    assert [record["title"] for _kind, _id, record in copy.sync()] == ["dua", "lain"]

    left = RecordChange.objects.count()
    assert prune_changes(today=today + timedelta(days=31)) == left
    answer = peer.get("/changes", {"since": lagging.cursor})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
    assert copy.sync() == []
    assert prune_changes(today=today + timedelta(days=31)) == 0
    prune_changes_task()
    assert copy.sync() == []


def test_a_database_that_was_set_back_ends_every_cursor(peer):
    finding()
    copy = Copy(peer)
    copy.sync()
    call_command("restart_changes", stdout=StringIO())

    answer = peer.get("/changes", {"since": copy.cursor})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
    assert RecordChange.objects.count() == 0
    fresh = Copy(peer)
    fresh.sync()
    assert len(fresh.of("complaint")) == 1
    # a dump of before, loaded elsewhere: numbers that are still to come
    ChangeFeed.objects.all().delete()
    answer = peer.get("/changes", {"since": fresh.cursor})
    assert answer.status_code == 410


def test_a_page_asks_little(peer, django_assert_max_num_queries):
    for _ in range(4):
        case()
    begin_feed()
    copy = Copy(peer, limit="100")
    copy.page()
    # token, snapshot (three), feed, offices, one a kind and two for deadlines, the note of the call
    with django_assert_max_num_queries(15):
        fresh = Copy(peer, limit="100")
        fresh.page()
    Complaint.objects.update(title=f"baru {uuid4()}")
    with django_assert_max_num_queries(12):
        assert not copy.page()
