"""Who asks is who the database shows rows to (checks A09, A10), whatever the connection did before."""

import random
from contextlib import suppress
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import ProgrammingError
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from bawaslu_cases.accounts.sight import see_as, sight_of
from bawaslu_cases.shared.row_policies import row_sights
from bawaslu_cases.shared.row_scopes import (
    NATION,
    NOTHING,
    RowScopeMiddleware,
    Scope,
    Sight,
    beyond,
    stretch_of_work,
    take,
    take_record,
    wanted,
)
from bawaslu_cases.shared.snapshots import one_snapshot
from complaints.models import Complaint, Statement
from tests.factories import AT, case, finding, office, person, tip
from tests.support.case_world import case_world


def role_and_setting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text, current_setting('app.wilayah', true)")
        return cursor.fetchone()


def references():
    return sorted(Complaint.objects.values_list("reference", flat=True))


@pytest.fixture
def two(db):
    """A finding of Jawa Tengah's and one of Bali's."""
    return finding(AT, "sari"), finding(AT, "budi")


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys")
def test_without_a_scope_no_row_of_a_scoped_table_is_seen():
    """Check A09, in a world that has rows in most tables."""
    case_world(AT)
    counted: dict[str, list[int]] = {}
    for stretch in (None, stretch_of_work):
        with stretch() if stretch else transaction.atomic(), connection.cursor() as cursor:
            for table in row_sights():
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                counted.setdefault(table, []).append(cursor.fetchone()[0])

    assert {after for _before, after in counted.values()} == {0}
    assert sum(before > 0 for before, _after in counted.values()) > 20


@pytest.mark.django_db
def test_without_a_scope_nothing_is_written():
    made = finding(AT, "sari")
    with stretch_of_work():
        assert Complaint.objects.filter(pk=made.pk).update(title="x") == 0
        assert Statement.objects.filter(complaint=made.pk).delete() == (0, {})
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Statement.objects.create(complaint_id=made.pk, sealed=b"x")


def test_an_office_sees_its_own_rows_and_its_childrens(two):
    ours, theirs = two
    below = finding(AT, "rudi")
    with stretch_of_work():
        see_as(person("sari"))
        assert references() == sorted([ours.reference, below.reference])
        see_as(person("rudi"))
        assert references() == [below.reference]
        see_as(person("budi"))
        assert references() == [theirs.reference]
        assert not Statement.objects.filter(complaint=ours.pk).exists()
        see_as(person("ratna"))
        assert references() == sorted([ours.reference, theirs.reference, below.reference])
        take(NOTHING)
        assert references() == []
    assert len(references()) == 3


def test_nothing_is_written_into_another_region(two):
    """Check A09: INSERT and UPDATE into another region fail, of a record and of its words."""
    ours, theirs = two
    copied = row_of(theirs) | {"id": ours.pk + 1, "public_id": uuid4(), "reference": "X"}
    bali, other = office("51"), theirs.statement
    with stretch_of_work():
        see_as(person("sari"))
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Complaint.objects.filter(pk=ours.pk).update(office=bali)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Complaint.objects.bulk_create([Complaint(**copied)])
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Statement.objects.filter(complaint=ours.pk).update(complaint=other.pk)
        assert Complaint.objects.filter(pk=theirs.pk).update(title="x") == 0
        assert Complaint.objects.filter(pk=ours.pk).update(title="x") == 1


def row_of(complaint):
    return {
        field.attname: getattr(complaint, field.attname)
        for field in Complaint._meta.concrete_fields
        if not field.generated
    }


@pytest.mark.django_db
def test_a_reporter_sees_the_one_record():
    mine, other = tip(AT), tip(AT)
    with stretch_of_work():
        take_record(mine.pk)
        assert references() == [mine.reference]
        assert list(Statement.objects.values_list("complaint", flat=True)) == [mine.pk]
        assert not Statement.objects.filter(complaint=other.pk).exists()
        # Whoever has a sight of their own keeps it.
        see_as(person("sari"))
        take_record(mine.pk)
        assert wanted() == sight_of(person("sari"))


def test_sights_of_people(db):
    found = {key: sight_of(person(key)).sight.value for key in (
        "sari", "rudi", "ratna", "anwar", "putu", "kurnia", "agus"
    )}  # fmt: skip

    assert found == {
        "sari": "office", "rudi": "office", "ratna": "nation", "anwar": "recipient",
        "putu": "agency", "kurnia": "nation", "agus": "nation",
    }  # fmt: skip


def test_beyond_ends_with_its_block(two):
    with stretch_of_work():
        see_as(person("budi"))
        with beyond("a test"):
            assert len(references()) == 2
            with pytest.raises(KeyError), beyond("another"):
                raise KeyError
            assert len(references()) == 2
        assert len(references()) == 1
        with beyond("a token names somebody"):
            take(Scope(Sight.REPORTER, str(two[0].pk)))
        assert references() == [two[0].reference]
        with pytest.raises(ValueError, match="reason"), beyond(""):
            pass


def test_a_roll_back_takes_no_scope_away(two):
    ours, theirs = two
    with stretch_of_work():
        see_as(person("sari"))
        with pytest.raises(DatabaseError), transaction.atomic():
            Complaint.objects.filter(pk=ours.pk).update(lane="x")
        assert references() == [ours.reference]
        with transaction.atomic():
            see_as(person("budi"))
            assert len(references()) == 1
            transaction.set_rollback(True)
        assert references() == [theirs.reference]
        assert role_and_setting()[0] == "bc_web_office"


def test_an_answer_in_pieces_is_made_in_its_own_stretch(two):
    def view(request):
        see_as(person("budi"))
        return StreamingHttpResponse(each.encode() for each in references())

    response: Any = RowScopeMiddleware(view)(RequestFactory().get("/"))

    assert wanted() is None
    assert b"".join(response.streaming_content) == two[1].reference.encode()
    assert len(references()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_the_first_statement_of_its_transaction():
    made = finding(AT, "sari")
    with stretch_of_work():
        see_as(person("sari"))
        with one_snapshot():
            assert references() == [made.reference]
        with pytest.raises(DatabaseError), transaction.atomic():
            Complaint.objects.filter(pk=made.pk).update(lane="x")
        assert references() == [made.reference]
    assert role_and_setting()[0] != "bc_web_office"


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_is_a_roll_back_is_noticed():
    """PostgreSQL rolls a failed transaction back at COMMIT; the role that was taken in it is gone."""
    made = finding(AT, "sari")
    connection.set_autocommit(False)
    try:
        with stretch_of_work():
            take(NATION)
            assert references() == [made.reference]
            see_as(person("budi"))
            assert references() == []
            with suppress(psycopg2.errors.UndefinedTable), connection.connection.cursor() as raw:
                raw.execute("SELECT * FROM nowhere")
            connection.commit()
            assert references() == []
    finally:
        connection.rollback()
        connection.set_autocommit(True)


def shown(request):
    """Show what the database shows, after what a request may do to its connection."""
    if request.user.is_authenticated:
        see_as(request.user)
    if request.path == "/fails/":
        with transaction.atomic():
            Complaint.objects.update(lane="x")
    if request.path == "/undone/":
        # As a door whose token names who asks: what was taken inside is gone with the roll-back.
        with beyond("a test"), transaction.atomic():
            references()
            take(sight_of(request.user) if request.user.is_authenticated else NOTHING)
            references()
            transaction.set_rollback(True)
    return HttpResponse(",".join(references()))


def ask(number, people, seen, wrong):
    """Ask 125 times on one kept connection, which is the web's; note what was told wrongly."""
    page, factory, chance = RowScopeMiddleware(shown), RequestFactory(), random.Random(number)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION bc_web")
    for turn in range(125):
        who = ("sari", "budi")[turn % 2] if chance.random() < 0.8 else ""
        request = factory.get(chance.choice(["/", "/", "/undone/", "/fails/"]))
        request.user = people[who] if who else AnonymousUser()
        told = ""
        with suppress(DatabaseError):
            told = page(request).content.decode()
        is_refused = request.path == "/fails/" and who
        if told != ("" if is_refused else seen.get(who, "")):
            wrong.append((number, turn, who, told))
        if chance.random() < 0.2 and references():
            wrong.append((number, turn, "between", ""))
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_thousand_requests_on_kept_connections_lend_nobody_another_sight():
    """Check A10: 8 threads whose connections are the web's; two people, strangers and roll-backs between."""
    case(AT, "sari")
    finding(AT, "budi")
    people = {key: person(key) for key in ("sari", "budi")}
    seen = {
        key: ",".join(
            sorted(Complaint.objects.visible_to(each).values_list("reference", flat=True))
        )
        for key, each in people.items()
    }
    assert seen["sari"] != seen["budi"]
    wrong: list[tuple[int, int, str, str]] = []

    threads = [Thread(target=ask, args=[number, people, seen, wrong]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
