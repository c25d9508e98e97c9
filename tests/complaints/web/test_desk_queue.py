"""The day and the queue: what waits, for whom, and nobody's name."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache

from complaints.services.intake import ReportedPerson
from tests.factories import AT, STORY, case, decided_case, finding, person, proposed_tip, tip

NAME = "Contoh Wiratama"


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    """Stand at one moment, with nothing kept of another test's calendar."""
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def titles(response) -> list[str]:
    return [row["title"] for row in response.context["rows"]]


def references(response) -> list[str]:
    return [row["reference"] for row in response.context["rows"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "others"), [("/kerja/", ["tono"]), ("/kerja/antrean/", ["anwar", "putu", "tono"])]
)
def test_visitors_sign_in_and_other_roles_are_refused(client, url, others):
    """Reviewers and PPK staff are led from /kerja/ to their own page: tests/referrals/web/test_desk.py."""
    assert client.get(url).headers["Location"] == f"/masuk/?next={url}"
    for who in others:
        client.force_login(person(who))
        assert client.get(url).status_code == 403


@pytest.mark.django_db
def test_the_day_counts_what_waits(client):
    tip(AT - timedelta(days=5), event_on=date(2024, 10, 1), known_on=date(2024, 10, 1))
    tip()
    proposed_tip()
    finding()
    decided_case()
    client.force_login(person("joko"))

    response = client.get("/kerja/")

    numbers = {tile["label"]: tile["number"] for tile in response.context["tiles"]}
    assert numbers == {
        "laporan lewat tenggat": "1",
        "jatuh tempo hari ini": "0",
        "perkara lewat tenggat": "0",
        "belum diperiksa": "2",
        "sedang ditelusuri": "0",
        "temuan belum diregistrasi": "1",
        "perkara dikaji": "0",
        "perkara perlu rujukan": "1",
        "usulan menunggu pleno": "1",
        "kajian menunggu pleno": "0",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("url", "queries"),
    # session, person, scope; the rail's numbers; then what the page itself asks
    [("/kerja/", 9), ("/kerja/antrean/", 6), ("/kerja/antrean/?q=camat", 8)],
)
def test_lists_cost_the_same_for_one_and_for_many(
    client, django_assert_num_queries, url, queries, count
):
    for _number in range(count):
        tip()
    client.force_login(person("sari"))

    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_record_beside_its_list_costs_twelve_queries(client, django_assert_num_queries, count):
    rows = [tip() for _number in range(count)]
    client.force_login(person("sari"))
    client.get(f"/kerja/antrean/?c={rows[0].public_id}")

    # Three know the person and their scope; list, record, views, numbers twice: five; rule and notes: four.
    with django_assert_num_queries(12):
        assert client.get(f"/kerja/antrean/?c={rows[0].public_id}").status_code == 200


@pytest.mark.django_db
def test_lists_never_show_a_name_or_a_word_of_the_statement(client):
    tip()
    finding()
    found = case()
    client.force_login(person("joko"))

    for url in ("/kerja/", "/kerja/antrean/", "/kerja/antrean/?q=wiratama", "/kerja/perkara/"):
        page = client.get(url).content.decode()
        assert NAME not in page
        assert "balai desa" not in page.lower()
    # What could have leaked stands on the pages of the record and the case.
    assert NAME in client.get(f"/kerja/perkara/{found.public_id}/").content.decode()


@pytest.mark.django_db
def test_lists_open_no_statement_at_all(client):
    row = tip()
    row.statement.sealed = b"altered"
    row.statement.save()
    client.force_login(person("sari"))

    assert client.get("/kerja/").status_code == 200
    assert client.get("/kerja/antrean/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("sari", {"tip", "finding"}),
        ("rudi", {"finding"}),
        ("budi", set()),
        ("ratna", {"tip", "finding"}),
    ],
)
def test_queue_shows_the_own_scope_only(client, who, seen):
    rows = {"tip": tip().reference, "finding": finding(officer="rudi").reference}
    client.force_login(person(who))

    assert set(references(client.get("/kerja/antrean/"))) == {rows[name] for name in seen}


@pytest.mark.django_db
def test_the_nearest_deadline_comes_first(client):
    later = tip()
    sooner = tip(AT - timedelta(days=1))
    client.force_login(person("sari"))

    assert references(client.get("/kerja/antrean/")) == [sooner.reference, later.reference]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["late", "fresh", "proposed", "finding"]),
        ("v=overdue", ["late"]),
        ("v=review", ["late", "fresh"]),
        ("v=plenary", ["proposed"]),
        ("v=finding", ["finding"]),
        ("v=closed", []),
        ("v=nonsense", ["late", "fresh", "proposed", "finding"]),
        ("lane=finding", ["finding"]),
        ("act=POST_SUPPORT", ["late"]),
        ("q=lurah", ["late"]),
        ("q=tirta -camat", ["late"]),
        ("q=tidakadayangsama", []),
        ("q=%00", ["late", "fresh", "proposed", "finding"]),
        # a value that does not hold is left out and told
        ("office=tidak-ada", ["late", "fresh", "proposed", "finding"]),
    ],
)
def test_views_and_filters(client, query, names):
    rows = {
        "late": tip(
            AT - timedelta(days=5),
            event_on=date(2024, 10, 1),
            known_on=date(2024, 10, 1),
            acts=["POST_SUPPORT"],
            people=[ReportedPerson(position="Lurah", unit="Kelurahan Tirta Jaya")],
        ),
        "fresh": tip(),
        "proposed": proposed_tip(),
        "finding": finding(),
    }
    client.force_login(person("sari"))

    response = client.get(f"/kerja/antrean/?{query}")

    assert set(references(response)) == {rows[name].reference for name in names}


@pytest.mark.django_db
def test_search_finds_a_reference_a_number_and_closed_records(client):
    row = tip()
    found = case()
    client.force_login(person("sari"))

    for q in (row.reference, row.reference.lower(), "19700101 200001 1 904"):
        assert row.reference in references(client.get("/kerja/antrean/", {"q": q}))
    registered = found.complaints.get().reference
    assert references(client.get("/kerja/antrean/", {"q": registered})) == [registered]


@pytest.mark.django_db
def test_an_office_takes_in_those_below_it(client):
    below, own = finding(officer="rudi"), finding()
    client.force_login(person("sari"))
    office = below.office

    assert references(client.get(f"/kerja/antrean/?office={office.code}")) == [below.reference]
    everything = references(client.get(f"/kerja/antrean/?office={own.office.code}"))
    assert set(everything) == {below.reference, own.reference}


@pytest.mark.long
@pytest.mark.django_db
def test_pages_follow_each_other(client):
    made = {tip().reference for _number in range(60)}
    client.force_login(person("sari"))

    seen: list[str] = []
    url = "/kerja/antrean/"
    while True:
        response = client.get(url)
        seen += references(response)
        if not response.context["next_href"]:
            break
        url = f"/kerja/antrean/{response.context['next_href']}"

    assert len(seen) == 60
    assert set(seen) == made


@pytest.mark.django_db
def test_chosen_record_is_marked_and_its_story_opened(client):
    row = tip()
    client.force_login(person("sari"))

    response = client.get(f"/kerja/antrean/?c={row.public_id}")

    assert [line["current"] for line in response.context["rows"]] == [True]
    assert STORY in response.content.decode()


@pytest.mark.django_db
def test_administrator_lands_on_the_system_page(client):
    client.force_login(person("agus"))

    assert client.get("/kerja/").headers["Location"] == "/kerja/sistem/"
