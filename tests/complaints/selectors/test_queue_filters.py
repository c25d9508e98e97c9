"""Every row of the filter table cuts what it says; nothing a URL can say breaks the queue."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bawaslu_cases.registry.models import Contest, Region
from complaints.models import (
    CaseComplaint,
    ClusterMember,
    Complaint,
    Message,
    OfficeChange,
    RepairRequest,
    RequirementCheck,
)
from complaints.selectors.filter_table import BY_NAME, FILTERS
from complaints.selectors.filters import Asker
from complaints.selectors.queue import queue_rows, read_query, tidy_query
from complaints.services.assignment import assign
from complaints.services.intake import ReportedPerson
from complaints.services.messages import send_to_desk
from complaints.services.read_marks import mark_read
from complaints.services.snooze import snooze
from complaints.services.tags import add_tag, make_tag
from complaints.states import Lane
from tests.factories import AT, case, finding, office, person, proposed_tip, report, tip
from tests.support.evidence import cleaned_evidence, photo

pytestmark = pytest.mark.django_db
POST = "https://www.facebook.com/desa.mekarsari/posts/900000000000001"
EVERYBODY = {"plain", "media", "proposed", "finding", "late", "report"}


@pytest.fixture
def world(vault_keys: Any) -> dict[str, Complaint]:
    """Return six records that differ in everything a filter asks for."""
    sari = person("sari")
    rows = {
        "plain": tip(),
        "media": tip(
            acts=["POST_SUPPORT"],
            platform="facebook",
            links=[POST],
            people=[
                ReportedPerson(
                    position="Lurah",
                    unit="Kelurahan Tirta Jaya",
                    agency_text="Pemkot Contoh Raya",
                    unit_kind="GENERAL",
                    employment="PPPK",
                )
            ],
            region=Region.objects.get(code="33.74"),
            place="Pasar Johar",
            event_on=date(2024, 9, 2),
            event_precision="month",
            known_on=date(2024, 10, 3),
            reporter_kind="citizen",
            witness="Ada yang melihat",
            contest=Contest.objects.get(code="pilkada-2024-pw"),
        ),
        "proposed": proposed_tip(event_on=date(2024, 10, 4), known_on=date(2024, 10, 6)),
        "finding": finding(),
        "late": tip(
            AT - timedelta(days=20), event_on=date(2024, 9, 15), known_on=date(2024, 9, 16)
        ),
        "report": report(lane=Lane.OPEN, event_on=date(2024, 2, 13), known_on=date(2024, 10, 2)),
    }
    assign(subject=rows["plain"], to=sari, officer=sari, at=AT, seen=None)
    assign(subject=rows["finding"], to=person("joko"), officer=sari, at=AT, seen=None)
    add_tag(
        complaint=rows["media"],
        tag=make_tag(name="Viral", officer=sari),
        officer=sari,
        at=AT,
    )
    mark_read(complaint=rows["plain"], user=sari)
    snooze(complaint=rows["media"], until=date(2024, 10, 8), officer=sari, at=AT, seen=None)
    cleaned_evidence(rows["late"], photo(), at=AT)
    urgent = send_to_desk(complaint=rows["report"], text="Saya takut.", at=AT)
    Message.objects.filter(pk=urgent.pk).update(is_urgent=True)
    send_to_desk(complaint=rows["plain"], text="Ada kabar?", at=AT)
    RepairRequest.objects.create(
        complaint=rows["report"],
        requirements=["evidence"],
        asked_on=AT.date(),
        due_on=AT.date(),
    )
    RequirementCheck.objects.create(
        complaint=rows["report"],
        requirement="reporter",
        is_met=True,
        checked_at=AT,
    )
    ClusterMember.objects.create(complaint=rows["late"], lead=rows["plain"])
    OfficeChange.objects.create(
        complaint=rows["report"],
        direction=OfficeChange.Direction.UP,
        source=rows["report"].office,
        target=office("33"),
        ground="crosses_regions",
        reason="Dua kabupaten.",
        proposed_by=sari,
        proposed_on=AT.date(),
    )
    return rows


def found(world: dict[str, Complaint], query: str, who: str = "sari") -> set[str]:
    """Return the names of the rows a query string finds for a person."""
    asker = Asker(person(who), AT)
    read = read_query(QueryDict(f"v=all&{query}"), asker)
    assert read.problems == ()
    names = {row.pk: name for name, row in world.items()}
    return {names[pk] for pk in queue_rows(read, asker).values_list("pk", flat=True)}


def cases() -> list[tuple[str, set[str]]]:
    """Return a query for each row of the table and what it finds."""
    rest = EVERYBODY
    return [
        ("status=proposed", {"proposed"}),
        ("status=proposed&status=recorded", {"proposed", "finding"}),
        ("lane=open", {"report"}),
        ("late=late", {"late"}),
        ("late=very", {"late"}),
        ("due=none", set()),
        ("due=week", rest - {"late"}),
        ("stalled=yes", {"late"}),
        ("stalled=no", rest - {"late"}),
        ("assignee=me", {"plain"}),
        ("assignee=nobody", rest - {"plain", "finding"}),
        ("assignee=somebody", {"plain", "finding"}),
        ("assignee=me&assignee=nobody", rest - {"finding"}),
        ("unread=yes", {"media", "proposed", "late", "report", "plain"}),
        ("unread=no", {"finding"}),
        ("snoozed=yes", {"media"}),
        ("snoozed=no", rest - {"media"}),
        ("handover=up", {"report"}),
        ("handover=down", set()),
        ("cluster=lead", {"plain"}),
        ("cluster=member", {"late"}),
        ("cluster=none", rest - {"plain", "late"}),
        ("requirement=evidence", rest - {"proposed"}),
        ("requirement=reporter", set()),
        ("identity=attested", {"report"}),
        ("identity=open", set()),
        ("identity=doubted", set()),
        ("letters=any", {"plain", "report"}),
        ("letters=urgent", {"report"}),
        ("repair=yes", {"report"}),
        ("repair=no", rest - {"report"}),
        ("act_group=SOCIAL_MEDIA", {"media"}),
        ("act=PRESSURE_OTHERS", rest - {"media"}),
        ("platform=facebook", {"media"}),
        ("regime=PILKADA", rest - {"report"}),
        ("regime=PEMILU", {"report"}),
        ("contest=pilkada-2024-pw", {"media"}),
        ("phase=CAMPAIGN", {"plain", "proposed", "finding"}),
        ("phase=QUIET_PERIOD", {"report"}),
        ("phase=PREPARATION", {"media", "late"}),
        ("region=33.74", {"media"}),
        ("region=33", rest),
        ("place=pasar+johar", {"media"}),
        ("agency=magelang", rest - {"media"}),
        ("agency=contoh+raya", {"media"}),
        ("agency=r-33.08", rest - {"media"}),
        ("post=lurah", {"media"}),
        ("unit_kind=GENERAL", {"media"}),
        ("employment=PPPK", {"media"}),
        ("nip=yes", rest - {"media"}),
        ("nip=no", {"media"}),
        ("reporter=citizen", {"media"}),
        ("reporter=undisclosed", rest - {"media"}),
        ("evidence=yes", {"late"}),
        ("evidence=no", rest - {"late"}),
        ("evidence_kind=image", {"late"}),
        ("evidence_kind=video", set()),
        ("link=yes", {"media"}),
        ("link=no", rest - {"media"}),
        ("witness=yes", {"media"}),
        ("event_from=2024-10-05", {"plain", "finding"}),
        ("event_to=2024-09-02", {"media", "report"}),
        ("known_from=2024-10-06", {"proposed"}),
        ("known_to=2024-09-30", {"late"}),
        ("received_from=2024-10-01", rest - {"late"}),
        ("received_to=2024-09-30", {"late"}),
        ("precision=month", {"media"}),
        ("q=lurah&lane=tip", {"media"}),
        ("act=POST_SUPPORT&lane=finding", set()),
    ]


def test_every_filter_cuts_what_it_says(world):
    viral = make_tag(name="viral", officer=person("sari")).public_id
    asked = [
        *cases(),
        (f"tag={viral}", {"media"}),
        (f"assignee={person('joko').public_id}", {"finding"}),
    ]

    got = {query: found(world, query) for query, _names in asked}

    assert got == dict(asked)


def test_office_filter_takes_in_the_offices_below(world):
    own = finding(officer="rudi")
    world = world | {"theirs": own}

    code = office("33.08").code
    assert found(world, f"office={code}") == {"theirs", "report"}
    assert found(world, f"office={office('33').code}") == EVERYBODY | {"theirs"}


def test_records_that_share_a_clue_are_found_until_somebody_compares_them(world):
    names = found(world, "likeness=yes")

    assert "media" not in names
    assert {"plain", "proposed", "finding"} <= names
    assert found(world, "likeness=no") == EVERYBODY - names


def test_a_clue_shared_with_a_record_out_of_reach_tells_nothing(world):
    elsewhere = finding(officer="budi", region=Region.objects.get(code="51.71"))
    alone = finding(officer="rudi")
    asker = Asker(person("budi"), AT)
    read = read_query(QueryDict("v=all&likeness=yes"), asker)

    assert elsewhere.official_links.get().official.nip == alone.official_links.get().official.nip
    assert not queue_rows(read, asker).exists()


def test_each_filter_is_tried_above_or_has_a_test_of_its_own():
    tried = {name for query, _names in cases() for name in QueryDict(query) if name != "q"}

    assert {row.name for row in FILTERS} - tried == {"tag", "likeness", "office"}
    assert len(FILTERS) > 25
    assert len(BY_NAME) == len(FILTERS)


def test_labels_and_colleagues_of_other_offices_are_not_known(world):
    theirs = make_tag(name="Lain", officer=person("rudi"))
    asker = Asker(person("sari"), AT)

    for query in (f"tag={theirs.public_id}", f"assignee={person('budi').public_id}"):
        read = read_query(QueryDict(query), asker)
        assert read.values == {}
        assert len(read.problems) == 1


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("lane=salah", "Saringan Jalur tidak mengenal “salah”, jadi tidak dipakai."),
        (
            "event_from=kemarin",
            "Saringan Kejadian sejak tidak mengenal “kemarin”, jadi tidak dipakai.",
        ),
        ("event_from=2024-13-01", "tidak mengenal “2024-13-01”"),
        ("tag=1", "Saringan Label"),
        ("v=nonsense", "Tampilan itu tidak ada atau bukan milik kantor Anda."),
    ],
)
def test_what_does_not_hold_is_left_out_and_told(query, problem):
    read = read_query(QueryDict(query), Asker(person("sari"), AT))

    assert read.values == {}
    assert problem in read.problems[0]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from([*BY_NAME, "v", "q"]),
    values=st.lists(st.text(max_size=40), max_size=3),
)
def test_no_text_in_a_url_breaks_the_queue(name, values):
    given_ = QueryDict(mutable=True)
    given_.setlist(name, values)
    asker = Asker(person("sari"), AT)

    read = read_query(given_, asker)

    assert list(queue_rows(read, asker)[:1]) == []
    again = read_query(QueryDict(read.encode()), asker)
    assert (again.values, again.q, again.view) == (read.values, read.q, read.view)
    assert "\x00" not in tidy_query(given_.urlencode())


def test_one_box_finds_names_numbers_links_and_phrases(world):
    opened = case()
    world = world | {"case": CaseComplaint.objects.get(case=opened).complaint}
    asked = {
        "lurah": {"media"},
        "LURAH tirta": {"media"},
        '"kelurahan tirta"': {"media"},
        '"tirta kelurahan"': set(),
        "lurah or camat": {*EVERYBODY, "case"},
        "tirta -camat": {"media"},
        "19700101 200001 1 904": {*EVERYBODY, "case"} - {"media"},
        "197001012000011904": {*EVERYBODY, "case"} - {"media"},
        POST: {"media"},
        "m.facebook.com/desa.mekarsari/posts/900000000000001?mibextid=ZbWKwL": {"media"},
        "https://www.facebook.com/desa.mekarsari/posts/900000000000010": set(),
        world["media"].reference.lower(): {"media"},
        opened.register_number: {"case"},
        # the reporter's own words are sealed
        "mendengar sendiri": set(),
    }

    got = {q: found(world, urlencode({"q": q})) for q in asked}

    assert got == asked


def test_asker_knows_the_day_of_the_office():
    assert Asker(person("sari"), AT).today == date(2024, 10, 7)
    assert Asker(person("budi"), AT + timedelta(hours=14)).today == date(2024, 10, 8)


@pytest.mark.parametrize(("name", "value"), [("contest", "pilkada-2024-pw"), ("regime", "PILKADA")])
def test_contests_are_cut_by_their_keys(name, value):
    """Joined by code the planner expects some records of every contest: of an empty one it read them all."""
    rows = BY_NAME[name].cut(Complaint.objects.all(), [value], Asker(person("sari"), AT))

    assert "registry_contest" not in str(rows.query)
