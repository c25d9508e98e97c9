"""The pages around the queue: views with numbers, neighbours, marks, many at once, the CSV file."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.http import QueryDict

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.spreadsheets import safe_cell
from complaints.models import Complaint, SavedView, WorkEvent
from complaints.selectors.filters import Asker
from complaints.selectors.queue import View, read_query
from complaints.selectors.queue_numbers import neighbours, queue_numbers
from complaints.services.assignment import assign
from complaints.services.messages import send_to_desk
from complaints.services.saved_views import MAX_VIEWS
from complaints.services.snooze import snooze
from complaints.services.tags import add_tag, make_tag
from complaints.services.triage import propose
from complaints.states import ComplaintAction
from tests.factories import AT, checked, finding, person, proposed_tip, tip, traced_tip

pytestmark = pytest.mark.django_db
QUEUE = "/kerja/antrean/"


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


@pytest.fixture
def desk(client):
    client.force_login(person("sari"))
    return client


def late(days: int = 20) -> Complaint:
    return tip(AT - timedelta(days=days), event_on=date(2024, 9, 10), known_on=date(2024, 9, 11))


def earlier(days: int) -> Complaint:
    """Return a tip of some days ago, about the first of the month."""
    return tip(AT - timedelta(days=days), event_on=date(2024, 10, 1), known_on=date(2024, 10, 1))


def numbers(response) -> dict[str, str]:
    return {str(chip["label"]): chip["count"] for chip in response.context["views"]}


def read(text: str, who: str = "sari"):
    asker = Asker(person(who), AT)
    return asker, read_query(QueryDict(text), asker)


def test_every_system_view_has_its_rows_and_its_number(desk):
    sari = person("sari")
    mine, asleep, waiting = tip(), tip(), tip()
    proposed_tip()
    traced_tip()
    finding()
    overdue = late()
    assign(subject=mine, to=sari, officer=sari, at=AT, seen=None)
    snooze(complaint=asleep, until=date(2024, 10, 8), officer=sari, at=AT, seen=None)
    Complaint.objects.filter(pk=waiting.pk).update(status="awaiting")
    send_to_desk(complaint=mine, text="Ada kabar?", at=AT)

    got = numbers(desk.get(QUEUE))

    assert got == {
        "Semua yang terbuka": None,
        "Kajian awal": "2",
        "Lewat tenggat": "1",
        "Jatuh tempo hari ini": "0",
        "Menunggu pelapor": "1",
        "Pesan baru": "1",
        "Milik saya": "1",
        "Belum ditugaskan": "5",
        "Temuan": "1",
        "Pleno": "1",
        "Ditelusuri": "1",
        "Selesai": None,
        "Semua": None,
    }
    for view in View:
        rows = desk.get(f"{QUEUE}?v={view.value}").context["rows"]
        count = got[str(view.label)]
        assert count is None or int(count) == len(rows)
    assert [row["reference"] for row in desk.get(f"{QUEUE}?v=overdue").context["rows"]] == [
        overdue.reference
    ]


def test_what_was_put_off_comes_back_when_its_deadline_does(desk):
    row = tip()
    snooze(complaint=row, until=date(2024, 10, 8), officer=person("sari"), at=AT, seen=None)

    def shown(view):
        rows = desk.get(f"{QUEUE}?v={view}").context["rows"]
        return [line["reference"] for line in rows] == [row.reference]

    assert not shown("review")
    assert shown("open")
    Complaint.objects.filter(pk=row.pk).update(due_at=AT - timedelta(hours=1))
    assert shown("review")
    assert shown("overdue")


def test_a_saved_views_number_looks_at_the_records_due_soonest(desk, monkeypatch):
    monkeypatch.setattr("complaints.selectors.queue_numbers.WINDOW", 2)
    asker = Asker(person("sari"), AT)
    saved = [SavedView.objects.create(owner=asker.user, name="V", query="v=open&lane=tip")]
    query = read("v=open")[1]

    def number() -> list[str]:
        got = queue_numbers(asker=asker, saved=saved, query=query, row=None)
        return list(got.saved.values())

    for days in (1, 2):
        earlier(days)
    assert number() == ["2"]
    earlier(3)
    assert number() == ["2+"]


def test_numbers_are_one_query_and_two_more_for_saved_views(desk, django_assert_num_queries):
    asker = Asker(person("sari"), AT)
    saved = [
        SavedView.objects.create(owner=asker.user, name=f"V{n}", query="v=open&lane=tip")
        for n in range(3)
    ]
    tip()
    finding()
    assert asker.user.scope_office_ids
    assert asker.user.roles

    query = read("v=open")[1]

    with django_assert_num_queries(1):
        queue_numbers(asker=asker, saved=[], query=query, row=None)
    with django_assert_num_queries(3):
        got = queue_numbers(asker=asker, saved=saved, query=query, row=None)

    assert set(got.saved.values()) == {"1"}


def test_numbers_stop_at_99(desk):
    one = tip()
    Complaint.objects.bulk_create(
        Complaint(
            reference=f"IA-2410-{number:07}",
            **{
                name: getattr(one, name)
                for name in (
                    "lane",
                    "status",
                    "status_at",
                    "office",
                    "region",
                    "title",
                    "acts",
                    "event_precision",
                    "received_on",
                    "reporter_kind",
                    "due_at",
                )
            },
        )
        for number in range(105)
    )

    assert numbers(desk.get(QUEUE))["Kajian awal"] == "99+"


@pytest.mark.parametrize("view", ["open", "all"])
def test_neighbours_inside_a_filter_skip_what_it_leaves_out(view):
    rows = [earlier(days) for days in (3, 2, 1, 0)]
    finding()
    asker, query = read(f"v={view}&lane=tip")
    order = rows if view == "open" else sorted(rows, key=lambda row: -row.pk)

    for at, row in enumerate(order):
        found = neighbours(query=query, asker=asker, row=row)
        assert found.previous == (order[at - 1].public_id if at else None)
        assert found.following == (order[at + 1].public_id if at + 1 < len(order) else None)
        assert (found.position, found.total) == (at + 1, 4)


def test_neighbours_of_a_row_that_left_the_list_and_inside_a_search():
    first, second, third = (earlier(days) for days in (3, 2, 1))
    propose(
        complaint=checked(second, person("sari")),
        action=ComplaintAction.PROPOSE_TRACING,
        officer=person("sari"),
        at=AT,
    )
    second.refresh_from_db()
    asker, query = read("v=review")

    found = neighbours(query=query, asker=asker, row=second)

    assert {found.previous, found.following} <= {first.public_id, third.public_id, None}
    assert (found.position, found.total) == (None, None)
    asker, query = read("v=all&q=camat")
    middle = sorted([first, second, third], key=lambda row: -row.pk)
    found = neighbours(query=query, asker=asker, row=middle[1])
    assert (found.previous, found.following) == (middle[0].public_id, middle[2].public_id)
    assert found.position is None


def test_record_beside_the_list_says_where_it_stands(desk):
    rows = [earlier(days) for days in (2, 1, 0)]

    page = desk.get(f"{QUEUE}?v=review&c={rows[1].public_id}")

    assert page.context["position"] == "2 dari 3"
    assert page.context["previous_row"] == f"?v=review&c={rows[0].public_id}"
    assert page.context["next_row"] == f"?v=review&c={rows[2].public_id}"


def test_neighbours_go_on_past_the_end_of_a_page(desk):
    rows = [tip(AT - timedelta(minutes=number)) for number in range(27)]
    ordered = sorted(rows, key=lambda row: (row.due_at, row.pk))

    page = desk.get(f"{QUEUE}?v=review&c={ordered[24].public_id}")

    assert page.context["position"] == "25 dari 27"
    assert page.context["next_row"].endswith(str(ordered[25].public_id))


def test_a_record_is_unread_until_it_is_opened_and_again_after_news(desk):
    row = tip()

    def unread():
        (line,) = desk.get(QUEUE).context["rows"]
        return line["unread"]

    assert unread()
    page = desk.get(f"{QUEUE}?c={row.public_id}")
    assert not page.context["rows"][0]["unread"]
    assert not unread()
    send_to_desk(complaint=row, text="Ada kabar?", at=AT)
    assert unread()
    desk.get(f"{QUEUE}?c={row.public_id}")
    # what the person did is no news to them
    propose(
        complaint=checked(row, person("sari")),
        action=ComplaintAction.PROPOSE_TRACING,
        officer=person("sari"),
        at=AT,
    )
    assert not unread()
    desk.force_login(person("joko"))
    assert unread()


def test_chips_take_away_one_filter_each_and_wrong_ones_are_told(desk):
    tip()

    page = desk.get(f"{QUEUE}?v=all&lane=tip&act=PRESSURE_OTHERS&q=camat&contest=pemilu-9999")

    chips = {chip["label"]: chip["href"] for chip in page.context["filters"]}
    assert chips["Jalur: Informasi awal"] == "?v=all&q=camat&act=PRESSURE_OTHERS"
    assert chips["Cari “camat”"] == "?v=all&lane=tip&act=PRESSURE_OTHERS"
    assert len(chips) == 3
    assert "Saringan Pemilihan tidak mengenal “pemilu-9999”" in page.content.decode()
    assert page.status_code == 200


def test_page_of_filters_holds_every_row_and_leads_to_a_tidy_url(desk):
    make_tag(name="Viral", officer=person("sari"))

    page = desk.get(f"{QUEUE}saring/?v=all&lane=tip").content.decode()
    sent = desk.get(f"{QUEUE}saring/?go=1&v=all&q=&lane=tip&lane=finding&act=&place=&late=")

    for name in ("lane", "tag", "office", "event_from", "requirement", "likeness", "agency"):
        assert f'name="{name}"' in page
    assert sent.headers["Location"] == f"{QUEUE}?v=all&lane=tip&lane=finding"


def test_views_are_kept_opened_narrowed_shared_renamed_and_deleted(desk):
    tip()
    finding()
    kept = desk.post(
        f"{QUEUE}tampilan/?v=open&lane=tip", {"name": "Informasi awal saya"}, follow=True
    )
    view = SavedView.objects.get()

    assert (view.query, view.office) == ("v=open&lane=tip", None)
    assert kept.context["view_name"] == "Informasi awal saya"
    assert kept.context["saved"][0]["count"] == "1"
    assert [row["lane"] for row in kept.context["rows"]] == ["tip"]
    narrowed = desk.get(f"{QUEUE}?v={view.public_id}&lane=finding")
    assert [row["lane"] for row in narrowed.context["rows"]] == ["finding"]

    joko = person("joko")
    desk.force_login(joko)
    hidden = desk.get(f"{QUEUE}?v={view.public_id}")
    assert "Tampilan itu tidak ada atau bukan milik kantor Anda." in hidden.content.decode()
    change = f"{QUEUE}tampilan/{view.public_id}/"
    assert desk.post(change, {"do": "delete"}).status_code == 404

    desk.force_login(person("sari"))
    desk.post(change, {"do": "share"})
    desk.post(change, {"do": "rename", "name": "Informasi awal kantor"})
    desk.force_login(joko)
    shared = desk.get(f"{QUEUE}?v={view.public_id}")
    assert shared.context["view_name"] == "Informasi awal kantor"
    refused = desk.post(change, {"do": "delete"}, follow=True)
    assert "hanya diubah oleh pembuatnya" in refused.content.decode()
    desk.force_login(person("rudi"))
    assert desk.post(change, {"do": "delete"}).status_code == 404

    desk.force_login(person("sari"))
    desk.post(change, {"do": "keep"})
    assert SavedView.objects.get().office is None
    desk.post(change, {"do": "delete"})
    assert not SavedView.objects.exists()


def test_a_shared_view_shows_everybody_their_own_scope_only(desk):
    tip()
    view = SavedView.objects.create(
        owner=person("sari"), office=person("sari").office, name="Semua", query="v=all"
    )
    Complaint.objects.update(excluded_offices=[person("sari").office_id])

    assert desk.get(f"{QUEUE}?v={view.public_id}").context["rows"] == []


def test_names_of_views_are_checked(desk):
    owner = person("sari")
    SavedView.objects.create(owner=owner, name="Ada", query="v=all")
    for name, words in (("", "Isi"), ("ADA", "Nama ini sudah dipakai")):
        page = desk.post(f"{QUEUE}tampilan/?v=all", {"name": name})
        assert page.context["form"].errors["name"], words
    SavedView.objects.bulk_create(
        SavedView(owner=owner, name=f"V{n}", query="v=all") for n in range(MAX_VIEWS - 1)
    )
    page = desk.post(f"{QUEUE}tampilan/?v=all", {"name": "Satu lagi"})
    assert "Paling banyak 12 tampilan" in str(page.context["form"].errors)


def test_a_view_whose_filter_is_gone_still_opens_and_tells(desk):
    view = SavedView.objects.create(
        owner=person("sari"), name="Lama", query=f"v=all&tag={uuid4()}&lane=tip"
    )
    tip()
    finding()

    page = desk.get(f"{QUEUE}?v={view.public_id}")

    assert [row["lane"] for row in page.context["rows"]] == ["tip"]
    assert "Saringan Label" in page.content.decode()


def seen(page) -> list[str]:
    return [line["seen"] for line in page.context["lines"]]


def test_many_at_once_from_boxes_to_the_list_of_what_came_of_it(desk):
    one, other, elsewhere = tip(), tip(), finding(officer="budi")
    ids = [str(row.public_id) for row in (one, other, elsewhere)]

    preview = desk.get(f"{QUEUE}massal/", {"do": "assign", "row": ids, "query": "v=review"})
    assert preview.context["count"] == 2
    without = desk.post(
        f"{QUEUE}massal/",
        {"do": "assign", "seen": seen(preview), "to": str(person("joko").public_id)},
    )
    assert "Tulis alasannya." in str(without.context["form"].errors)
    assert without.context["count"] == 2
    assign(subject=other, to=person("sari"), officer=person("sari"), at=AT, seen=None)
    form = {
        "do": "assign",
        "seen": [*seen(preview), "rusak"],
        "to": str(person("joko").public_id),
        "reason": "Pembagian kerja.",
        "query": "v=review&at=jahat&x=1",
    }
    refused = desk.post(
        f"{QUEUE}massal/", form | {"seen": [*seen(preview), f"{elsewhere.public_id}.0.recorded"]}
    )
    assert "Tidak ada yang diubah: periksa daftar ini" in refused.content.decode()
    assert refused.context["count"] == 2
    assert not WorkEvent.objects.filter(detail__to=person("joko").pk).exists()
    done = desk.post(f"{QUEUE}massal/", form)

    text = " ".join(done.content.decode().split())
    assert "1 berhasil, 1 dilewati" in text
    assert "Baru saja ditugaskan oleh orang lain" in text
    assert elsewhere.reference not in text
    assert done.context["cancel_href"] == f"{QUEUE}?v=review&at=jahat"
    assert [
        event.complaint for event in WorkEvent.objects.filter(detail__to=person("joko").pk)
    ] == [one]
    entry = AuditEvent.objects.filter(action="page.desk:bulk").latest("seq")
    assert json.loads(entry.detail) | {"done": 1, "skipped": 1} == json.loads(entry.detail)


def test_by_hand_fifty_all_of_a_view_and_never_more_than_asked(desk):
    for _number in range(3):
        tip()
    finding()

    everything = desk.get(f"{QUEUE}massal/", {"do": "tag", "scope": "all", "query": "lane=tip"})
    nothing = desk.get(f"{QUEUE}massal/", {"do": "tag", "scope": "picked"})
    ids = [str(uuid4()) for _number in range(51)]
    many = desk.get(f"{QUEUE}massal/", {"do": "tag", "row": ids})

    assert everything.context["count"] == 3
    assert "Belum ada yang dicentang" in nothing.content.decode()
    assert many.context["note"] == "Hanya 50 laporan pertama yang dicentang."
    assert desk.get(f"{QUEUE}massal/", {"do": "erase"}).status_code == 404
    labelled = desk.post(
        f"{QUEUE}massal/",
        {"do": "tag", "seen": seen(everything), "new_tag": "Viral", "reason": "Ramai."},
    )
    assert "3 berhasil, 0 dilewati" in " ".join(labelled.content.decode().split())


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u00a0=cmd|'/c calc'!A0", "|x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Camat: mengajak", "IA-2410-AB12CD3", "1 = 1", "", "2024-10-07"])
def test_plain_cells_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_the_file_holds_the_view_and_nothing_of_the_reporter_or_the_accused(desk):
    row = tip(place="Balai Desa Sukamaju")
    finding()
    Complaint.objects.filter(pk=row.pk).update(title="=HYPERLINK(1)")
    assign(subject=row, to=person("sari"), officer=person("sari"), at=AT, seen=None)
    add_tag(
        complaint=row,
        tag=make_tag(name="Viral", officer=person("sari")),
        officer=person("sari"),
        at=AT,
    )

    response = desk.get(f"{QUEUE}unduh/?v=open&lane=tip")

    assert response.headers["Content-Disposition"] == 'attachment; filename="antrean.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    body = response.content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(body)))
    assert [(line["Nomor"], line["Judul"], line["Petugas"]) for line in lines] == [
        (row.reference, "'=HYPERLINK(1)", "Sari")
    ]
    assert [line["Diunduh oleh"] for line in lines] == [
        "Sari · Bawaslu Provinsi Jawa Tengah · 2024-10-07 10:00 WIB · 1 baris"
    ]
    for secret in ("Wiratama", "197001012000011904", "Sukamaju", "nomor dua"):
        assert secret not in body
    entry = AuditEvent.objects.get(action="page.desk:queue_export")
    told = {"rows": 1, "view": "open", "filters": ["lane"]}
    assert entry.actor == person("sari").public_id.hex
    assert json.loads(entry.detail) | told == json.loads(entry.detail)


def test_mark_of_the_file_counts_its_rows_and_is_no_formula(desk):
    tip()
    tip()
    sari = person("sari")
    sari.name = "=HYPERLINK(1)"
    sari.save(update_fields=["name"])

    body = desk.get(f"{QUEUE}unduh/?v=open").content.decode("utf-8-sig")

    marks = {line["Diunduh oleh"] for line in csv.DictReader(io.StringIO(body))}
    assert len(marks) == 1
    (mark,) = marks
    assert mark.startswith("'=HYPERLINK(1) · Bawaslu Provinsi Jawa Tengah · ")
    assert mark.endswith(" · 2 baris")


def test_rows_never_carry_a_name_of_the_accused_in_bulk_or_views(desk):
    row = tip()
    page = desk.get(f"{QUEUE}massal/", {"do": "assign", "row": [str(row.public_id)]})

    assert "Wiratama" not in page.content.decode()
    assert UUID(page.context["lines"][0]["seen"].split(".")[0]) == row.public_id
