"""The figures of a unit: exact numbers over an invented world, whose they are, and the file."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.registry.models import Agency, Region
from complaints.models import Case, Complaint, Recusal
from complaints.services.assignment import assign
from complaints.services.cases import (
    decide_on_case,
    register_finding,
    send_on,
    submit_assessment,
    write_assessment,
)
from complaints.services.intake import ReportedPerson
from complaints.states import CaseAction
from tests.factories import (
    PASSWORD,
    finding,
    office,
    person,
    somebody_of_plenary,
    tip,
    votes_of,
)

pytestmark = pytest.mark.django_db
PAGE = "/kerja/angka/"
EARLIER: dict[str, Any] = {"event_on": date(2024, 8, 28), "known_on": date(2024, 8, 29)}


def moment(month: int, day: int) -> datetime:
    """Return ten in the morning (WIB) of a day in 2024."""
    return datetime(2024, month, day, 3, 0, tzinfo=UTC)


NOW = moment(10, 21)


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=True):
        yield


def road(
    came: datetime,
    registered: datetime,
    decided: datetime,
    sent: datetime | None = None,
    action: CaseAction = CaseAction.DECIDE_ADMINISTRATIVE,
) -> Case:
    """Walk a finding of Bawaslu Jawa Tengah as far as told."""
    sari = person("sari")
    found = register_finding(complaint=finding(came, **EARLIER), officer=sari, at=registered)
    write_assessment(case=found, summary="Ringkas.", assessment="Terpenuhi.", officer=sari)
    submit_assessment(case=found, officer=sari, at=decided)
    decide_on_case(
        case=found,
        action=action,
        member=somebody_of_plenary(found.office, other_than=sari),
        at=decided,
        minutes_number="14/BA/2024",
        decided_on=decided.date(),
        votes=votes_of(found),
        reason="Unsur tidak terpenuhi.",
    )
    if sent is not None:
        send_on(case=found, officer=sari, at=sent)
    return found


@dataclass(frozen=True)
class World:
    """What the tests speak of by name."""

    waiting: Complaint
    below: Complaint
    kept_away: Complaint


@pytest.fixture
def world() -> World:
    """Work of September and October at the province, one record below it, one in Bali."""
    road(moment(9, 2), moment(9, 4), moment(9, 12), moment(9, 20))
    road(moment(9, 23), moment(10, 1), moment(10, 9), moment(10, 11))
    road(moment(10, 2), moment(10, 4), moment(10, 16), action=CaseAction.DECIDE_STOP)
    tip(moment(9, 10), acts=["PRESSURE_OTHERS", "LIKE_COMMENT"], **EARLIER)
    waiting = tip(moment(10, 8), acts=["LIKE_COMMENT"], **EARLIER)
    below = finding(moment(10, 20), "rudi", **EARLIER)
    elsewhere = {
        "region": Region.objects.get(code="51.71"),
        "people": [ReportedPerson(name="Contoh Artana", agency=Agency.objects.get(code="R-51.71"))],
    }
    finding(moment(10, 14), "budi", **EARLIER, **elsewhere)
    kept_away = tip(moment(10, 9), **EARLIER)
    Recusal.objects.create(
        user=person("sari"), complaint=kept_away, reason="relative", since=moment(10, 9)
    )
    return World(waiting, below, kept_away)


@pytest.fixture
def desk(client) -> Any:
    client.force_login(person("sari"))
    return client


def table(page: Any, name: str) -> dict[str, tuple[str, str, str]]:
    """Return a table of the page: label → now, before, change."""
    (found,) = (each for each in page.context["tables"] if each["id"] == name)
    return {
        str(row["label"]): (row["now"]["text"], row["before"]["text"], row["change"])
        for row in found["rows"]
    }


def times(page: Any, name: str = "times") -> list[tuple[str, ...]]:
    """Return rows of days: how many, how many before, median, median before, nine of ten."""
    keys = ("now", "before", "median", "median_before", "slow")
    return [tuple(row[key] for key in keys) for row in page.context[name]]


def test_every_figure_of_this_month_so_far_and_of_as_much_of_the_month_before(desk, world):
    page = desk.get(PAGE)

    assert (page.context["span"], page.context["before"]) == (
        "1–21 Oktober 2024",
        "1–21 September 2024",
    )
    flow = [(each["number"], each["before"], each["change"]) for each in page.context["flow"]]
    assert flow == [
        ("3", "2", "+1"),  # came in
        ("2", "1", "+1"),  # ended
        ("2", "1", "+1"),  # cases
        ("2", "1", "+1"),  # decided
        ("1", "1", "0"),  # sent on
    ]
    assert times(page) == [
        ("2", "1", "5", "2", "7,4"),
        ("2", "1", "10", "8", "11,6"),
        ("2", "1", "15", "10", "15,8"),
        ("1", "1", "2", "8", "2"),
        ("1", "1", "18", "18", "18"),
    ]
    assert table(page, "lane") == {
        "Informasi awal": ("1", "1", "0"),
        "Temuan": ("2", "1", "+1"),
    }
    assert table(page, "status") == {
        "Diterima": ("1", "1", "0"),
        "Temuan dicatat": ("1", "0", "+1"),
        "Diregistrasi": ("1", "1", "0"),
    }
    assert list(table(page, "act").values()) == [("2", "2", "0"), ("1", "1", "0")]
    assert table(page, "case-status") == {
        "Diteruskan": ("1", "1", "0"),
        "Dihentikan": ("1", "0", "+1"),
    }
    assert list(table(page, "case-act").values()) == [("2", "1", "+1")]
    assert table(page, "office") == {
        "Kantor ini sendiri": ("2", "2", "0"),
        world.below.office.name: ("1", "0", "+1"),
    }
    assert table(page, "case-office") == {"Kantor ini sendiri": ("2", "1", "+1")}
    assert times(page, "ends") == [("2", "1", "5", "2", "7,4")]
    assert times(page, "decisions") == [
        ("1", "1", "16", "10", "16"),
        ("1", "0", "14", "–", "14"),
    ]
    columns = page.context["course"]["columns"]
    assert [each["label"] for each in columns][::11] == ["November 2023", "Oktober 2024"]
    assert [(each["came"], each["ended"], each["median"]) for each in columns[-3:]] == [
        ("0", "0", "–"),
        ("3", "1", "2"),
        ("3", "2", "5"),
    ]
    assert [(each["came_height"], each["ended_height"]) for each in columns[-2:]] == [
        (100, 33),
        (100, 67),
    ]


def test_what_stands_open_and_how_late_it_is(desk, world):
    Complaint.objects.filter(pk=world.waiting.pk).update(due_at=moment(10, 20))
    Complaint.objects.filter(pk=world.below.pk).update(due_at=moment(10, 18))
    Complaint.objects.filter(received_on=date(2024, 9, 10)).update(due_at=None)
    Case.objects.update(due_at=None)
    Case.objects.filter(registered_on=date(2024, 9, 4)).update(due_at=moment(10, 10))
    assign(subject=world.waiting, to=person("sari"), officer=person("sari"), at=NOW, seen=None)

    page = desk.get(PAGE)

    rows = [(row["records"]["text"], row["cases"]["text"]) for row in page.context["standing"]]
    assert rows == [("3", "2"), ("2", "2"), ("2", "1"), ("1", "1")]
    assert [
        (load["name"], load["records"]["text"], load["passed"]) for load in page.context["loads"]
    ] == [("Sari", "1", 1)]


def test_each_figure_leads_to_as_many_rows_of_the_queue(desk, world):
    assign(subject=world.waiting, to=person("sari"), officer=person("sari"), at=NOW, seen=None)
    page = desk.get(PAGE)
    cells = [
        cell
        for found in page.context["tables"]
        for row in found["rows"]
        for cell in (row["now"], row["before"])
    ]
    cells += [row[kind] for row in page.context["standing"] for kind in ("records", "cases")]
    cells += [load["records"] for load in page.context["loads"]]
    head = page.context["flow"][0]
    cells.append({"text": head["number"], "href": head["href"]})

    followed = [(cell, desk.get(cell["href"])) for cell in cells if cell["href"]]

    assert len(followed) == 20
    for cell, led in followed:
        assert led.status_code == 200
        assert str(len(led.context["rows"])) == cell["text"], cell
        assert "query" not in led.context or not led.context["query"].problems


def test_a_record_kept_from_a_person_is_in_nobodys_figures_but_those_of_who_may_open_it(
    client, world
):
    counted = {}
    for who in ("sari", "joko"):
        client.force_login(person(who))
        counted[who] = client.get(PAGE).context["flow"][0]["number"]
    assert counted == {"sari": "3", "joko": "4"}

    Complaint.objects.filter(pk=world.kept_away.pk).update(
        excluded_offices=[person("joko").office_id]
    )
    assert client.get(PAGE).context["flow"][0]["number"] == "3"


def test_the_province_looks_at_an_office_below_or_at_itself_alone(desk, world):
    code = world.below.office.code

    below = desk.get(PAGE, {"unit": code})
    alone = desk.get(PAGE, {"only": "1"})

    assert below.context["flow"][0]["number"] == "1"
    assert table(below, "lane") == {"Temuan": ("1", "0", "+1")}
    (lane,) = (each for each in below.context["tables"] if each["id"] == "lane")
    led = desk.get(lane["rows"][0]["now"]["href"])
    assert [row["public_id"] for row in led.context["rows"]] == [world.below.public_id]
    assert [load["name"] for load in below.context["loads"]] == ["Rudi"]
    assert alone.context["flow"][0]["number"] == "2"
    assert alone.context["flow"][0]["href"] == ""
    assert "tanpa kantor di bawahnya" in alone.content.decode()


@pytest.mark.long
def test_units_outside_the_persons_scope_are_not_there(client, world):
    asked = {
        "sari": ("jawa-tengah", office("51").code, office(None).code, "tidak-ada"),
        "rudi": (office("33.08").code, "jawa-tengah", office("33.09").code, ""),
        "ratna": (office("33.08").code, office("51").code, office(None).code, ""),
    }
    seen = {}
    for who, codes in asked.items():
        client.force_login(person(who))
        pages = [client.get(PAGE, {"unit": code}) for code in codes]
        posts = [client.post(f"{PAGE}unduh/", {"unit": code}).status_code for code in codes]
        assert [page.status_code for page in pages] == posts
        seen[who] = [
            page.context["flow"][0]["number"] if page.status_code == 200 else page.status_code
            for page in pages
        ]
    assert seen == {
        "sari": ["3", 404, 404, 404],
        "rudi": ["1", 404, 404, "1"],
        "ratna": ["1", "1", "5", "5"],
    }


def test_the_units_to_choose_from_stay_near(client, world):
    client.force_login(person("ratna"))

    own = [unit["value"] for unit in client.get(PAGE).context["units"]]
    below = [
        unit["value"] for unit in client.get(PAGE, {"unit": office("33.08").code}).context["units"]
    ]

    assert len(own) == 39
    assert sorted(set(below) - set(own)) == [office("33.08").code]


@pytest.mark.parametrize(
    ("query", "span", "before", "came"),
    [
        ({"p": "month"}, "1–21 Oktober 2024", "1–21 September 2024", ("3", "2")),
        ({"p": "last_month"}, "1–30 September 2024", "1–31 Agustus 2024", ("3", "0")),
        ({"p": "quarter"}, "1–21 Oktober 2024", "1–21 Juli 2024", ("3", "0")),
        (
            {"p": "year"},
            "1 Januari – 21 Oktober 2024",
            "1 Januari – 21 Oktober 2023",
            ("6", "0"),
        ),
        (
            {"from": "2024-09-10", "to": "2024-10-02"},
            "10 September – 2 Oktober 2024",
            "18 Agustus – 9 September 2024",
            ("3", "1"),
        ),
        (
            {"from": "2024-10-08", "to": "2024-10-08"},
            "8 Oktober 2024",
            "7 Oktober 2024",
            ("1", "0"),
        ),
    ],
)
def test_periods(desk, world, query, span, before, came):
    page = desk.get(PAGE, query)

    assert (page.context["span"], page.context["before"]) == (span, before)
    head = page.context["flow"][0]
    assert (head["number"], head["before"]) == came


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"from": "2024-10-08"}, "memerlukan tanggal awal dan akhir"),
        ({"from": "kemarin", "to": "2024-10-08"}, "memerlukan tanggal awal dan akhir"),
        ({"from": "2024-10-08", "to": "2024-10-07"}, "mendahului tanggal awal"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "paling lama lima tahun"),
        ({"p": "abad"}, ""),
    ],
)
def test_what_does_not_hold_gives_this_month_and_says_why(desk, query, told):
    page = desk.get(PAGE, query)

    assert page.status_code == 200
    assert page.context["span"] == "1–21 Oktober 2024"
    assert told in page.content.decode()


def test_the_month_ends_at_midnight_where_the_office_is(client):
    """A finding registered on 1 October, 00.30 in Jayapura, is September still in Jakarta."""
    place = office("91.71")
    yona = enrol_staff(
        email="yona@contoh.id",
        name="Yona",
        password=PASSWORD,
        roles=[Role.INTAKE_OFFICER, Role.CASE_OFFICER],
        office=place,
    )
    at = datetime(2024, 9, 30, 15, 30, tzinfo=UTC)
    found = finding(moment(9, 27), **EARLIER)
    Complaint.objects.filter(pk=found.pk).update(office=place)
    register_finding(complaint=Complaint.objects.get(pk=found.pk), officer=yona, at=at)
    ended = {}
    for who in (yona, person("ratna")):
        client.force_login(who)
        page = client.get(PAGE, {"from": "2024-10-01", "to": "2024-10-21"})
        head = page.context["flow"][1]
        ended[who.name] = (head["number"], head["before"], page.context["times"][0]["median"])

    assert place.time_zone == "Asia/Jayapura"
    assert ended == {"Yona": ("1", "0", "4"), "Ratna": ("0", "1", "–")}


@pytest.mark.parametrize("more", [0, 6])
def test_the_page_costs_ten_queries_however_much_there_is(desk, django_assert_num_queries, more):
    for number in range(more):
        tip(moment(10, 7 + number), **EARLIER)

    with django_assert_num_queries(10):
        assert desk.get(PAGE).context["flow"][0]["number"] == str(more)


def test_the_file_holds_the_same_numbers_marked_with_who_took_it(client, world):
    taker = enrol_staff(
        email="dian@contoh.id",
        name="=HYPERLINK(1)",
        password=PASSWORD,
        roles=[Role.CASE_OFFICER],
        office=office("33"),
    )
    client.force_login(taker)

    response = client.post(f"{PAGE}unduh/", {"from": "2024-10-01", "to": "2024-10-21"})

    assert response.headers["Content-Disposition"] == 'attachment; filename="angka-unit.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    body = response.content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(body)))
    mark = "'=HYPERLINK(1) · Bawaslu Provinsi Jawa Tengah · 2024-10-21 10:00 WIB"
    mark += f" · {len(lines)} baris"
    assert {line["Diunduh oleh"] for line in lines} == {mark}
    assert {(line["Unit"], line["Sejak"], line["Sampai"]) for line in lines} == {
        ("Bawaslu Provinsi Jawa Tengah", "2024-10-01", "2024-10-21")
    }
    keys = ("Jumlah", "Sebelumnya", "Median hari", "Median sebelumnya", "9 dari 10 dalam hari")
    told = {(line["Bagian"], line["Butir"]): tuple(line[key] for key in keys) for line in lines}
    assert len(told) == len(lines)
    assert told["Ringkasan", "laporan dan temuan masuk"] == ("4", "2", "", "", "")
    assert told["Lama penanganan", "Diregistrasi sampai diputus pleno"] == (
        "2",
        "1",
        "10",
        "8",
        "11.6",
    )
    assert told["Arus per bulan", "2024-10 selesai dikaji awal"] == ("2", "", "5", "", "")
    assert told["Saat ini", "Laporan: terbuka"] == ("4", "", "", "", "")
    assert told["Putusan pleno", "Dihentikan"] == ("1", "0", "14", "", "14")
    assert told["Beban petugas", "'=HYPERLINK(1): laporan"] == ("0", "", "", "", "")
    entry = AuditEvent.objects.get(action="page.desk:figures_export")
    wanted = {"rows": len(lines), "unit": "jawa-tengah", "period": "range"}
    assert entry.actor == taker.public_id.hex
    assert json.loads(entry.detail) | wanted == json.loads(entry.detail)
    for secret in ("Wiratama", "197001012000011904", "Sukamaju", "nomor dua"):
        assert secret not in body


def test_the_file_is_asked_for_by_post_alone(desk):
    assert desk.get(f"{PAGE}unduh/").status_code == 405
