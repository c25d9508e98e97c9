"""The form without JavaScript: each page, its refusals, what is kept and what it costs."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import Complaint, ReporterSession
from complaints.services.reporter_session import read_session
from complaints.web.intake_draft import STEPS
from tests.complaints.web.walk import (
    ANSWERS,
    NOT_NEUTRAL,
    NOW,
    answer,
    errors,
    send,
    start,
    step_of,
    text,
    title,
    walk_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_clock")]


def test_whole_walk_makes_one_record(client):
    page = walk_to(client, "check")
    assert page.status_code == 200

    response = send(client)

    assert (response.status_code, response["Location"]) == (303, "/f/")
    complaint = Complaint.objects.get()
    assert complaint.acts == ["PRESSURE_OTHERS"]
    assert (complaint.lane, complaint.status) == ("tip", "received")
    assert str(complaint.event_on) == str(complaint.known_on) == "2024-10-07"
    assert (complaint.region.code, complaint.place) == ("33.08", "Balai Desa")
    official = complaint.official_links.get().official
    assert official.agency
    assert (official.name, official.agency.code) == ("Contoh Wiratama", "R-33.08")
    assert complaint.reporter_kind == "citizen"


def test_titles_addresses_and_cookies_are_neutral(client):
    pages = [client.get("/f/"), start(client)]
    while step_of(pages[-1]) != "check":
        pages.append(answer(client, step_of(pages[-1])))
    send(client)
    pages.append(client.get("/f/"))

    assert len(pages) == 11
    words = " ".join(title(page) for page in pages) + " ".join(client.cookies)
    assert [word for word in NOT_NEUTRAL if word in words.lower()] == []
    assert title(pages[2]) == "Langkah 2 dari 8 – Formulir"
    for page in pages:
        assert page["Cache-Control"] == "no-store"
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert "ETag" not in page
        assert "Last-Modified" not in page


def test_cookie_lives_as_long_as_the_browser_and_is_not_for_scripts(client):
    response = client.post("/f/", {"do": "start"})

    cookie = response.cookies[settings.REPORTER_COOKIE_NAME]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"
    assert (cookie["max-age"], cookie["expires"], cookie["path"]) == ("", "", "/")
    assert settings.CSRF_COOKIE_AGE is None


REFUSALS = [
    ("who", {"kind": None}, ["Pilih Anda melapor sebagai apa"]),
    ("who", {"kind": "asn"}, ["Pilih apakah Anda satu instansi"]),
    ("lane", {"lane": None}, ["Pilih siapa yang boleh tahu nama Anda"]),
    ("lane", {"lane": "finding"}, None),
    ("acts", {"acts": []}, ["Pilih paling sedikit satu perbuatan"]),
    ("acts", {"acts": ["OTHER"]}, ["Ceritakan singkat perbuatan lainnya"]),
    (
        "people",
        {"p0-name": "", "p0-position": "", "p0-agency": "Dinas"},
        ["Tulis nama, jabatan, atau nama akun orang yang dilaporkan"],
    ),
    (
        "when",
        {"event": None, "known": None, "region": ""},
        [
            "Pilih kapan kejadiannya",
            "Pilih kapan Anda mengetahuinya",
            "Pilih provinsi kejadian",
        ],
    ),
    ("when", {"province": "33", "region": ""}, ["Pilih kabupaten atau kota"]),
    ("when", {"province": "99", "region": "99.01"}, ["Pilih provinsi kejadian"]),
    ("when", {"event": "date"}, ["Tulis tanggal kejadian, contoh 14 11 2026"]),
    (
        "when",
        {"event": "date", "event_on_day": "31", "event_on_month": "2", "event_on_year": "2024"},
        ["Tanggal itu tidak ada. Contoh: 14 11 2026"],
    ),
    (
        "when",
        {"event": "date", "event_on_day": "9", "event_on_month": "10", "event_on_year": "2024"},
        ["Tanggal kejadian tidak boleh setelah hari ini"],
    ),
    ("when", {"event": "month"}, ["Pilih bulan kejadian, atau pilih tidak tahu"]),
    ("when", {"known": "date"}, ["Tulis tanggal Anda mengetahuinya"]),
    (
        "when",
        {"known": "date", "known_on_day": "1", "known_on_month": "10", "known_on_year": "2024"},
        ["Anda tidak mungkin tahu sebelum kejadian. Periksa lagi tanggalnya"],
    ),
    (
        "story",
        {"story": "Terlalu pendek"},
        ["Ceritakan sedikit lebih panjang, paling sedikit 20 huruf"],
    ),
    ("story", {"story": "a" * 4312}, ["Cerita terlalu panjang. Kurangi 312 huruf"]),
    ("links", {"link_0": "javascript:alert(1)"}, ["Tautan harus dimulai dengan http atau www"]),
    ("links", {"link_0": "http://[::1"}, ["Tautan harus dimulai dengan http atau www"]),
    (
        "links",
        {"link_0": "https://facebook.com/login/?next=x"},
        ["Tautan ini mengarah ke halaman masuk. Coba salin lagi dari tombol Bagikan"],
    ),
    ("witness", {"witness": None}, ["Pilih apakah ada saksi"]),
    (
        "witness",
        {"witness": "yes", "contact": ""},
        ["Tulis cara menghubungi saksi, atau pilih jangan dihubungi"],
    ),
]


@pytest.mark.parametrize(
    ("step", "changes", "expected"),
    REFUSALS,
    ids=[f"{row[0]}-{n}" for n, row in enumerate(REFUSALS)],
)
def test_refusal_says_what_to_do_and_keeps_the_page(client, step, changes, expected):
    walk_to(client, step)

    page = answer(client, step, **changes)

    assert step_of(page) == step
    assert title(page).startswith("Galat: Langkah ")
    assert errors(page) == expected or (expected is None and len(errors(page)) == 1)
    # the next try, unchanged otherwise, goes on
    assert step_of(answer(client, step)) != step


def test_media_page_is_asked_only_for_social_media(client):
    page = walk_to(
        client, "people", acts={"acts": ["POST_SUPPORT"]}, media={"platform": "facebook"}
    )
    assert step_of(page) == "people"
    assert step_of(answer(client, "people", do="back")) == "media"

    page = answer(client, "media", platform=None, link="contoh")

    assert errors(page) == [
        "Pilih media sosialnya, atau pilih tidak ingat",
        "Tautan harus dimulai dengan http atau www",
    ]
    assert 'value="contoh"' in page.content.decode()


def test_back_keeps_what_was_typed_and_complains_about_nothing(client):
    walk_to(client, "story")

    page = answer(client, "story", do="back", story="Pendek")
    assert step_of(page) == "when"
    page = answer(client, "when")

    assert step_of(page) == "story"
    assert "Pendek" in page.content.decode()
    assert not title(page).startswith("Galat")


def test_change_on_the_check_page_returns_there(client):
    walk_to(client, "check")

    page = answer(client, "check", do="edit:people")
    assert step_of(page) == "people"
    assert 'value="Contoh Wiratama"' in page.content.decode()
    page = answer(client, "people", **{"p0-name": "Nama Baru"})

    assert step_of(page) == "check"
    assert "Nama Baru" in text(page)


def test_change_that_opens_a_new_question_asks_it(client):
    walk_to(client, "check")
    answer(client, "check", do="edit:acts")

    page = answer(client, "acts", acts=["LIKE_COMMENT"])

    assert step_of(page) == "media"
    assert step_of(answer(client, "media", platform="x", link="")) == "check"


def test_a_page_left_open_in_another_tab_is_understood(client):
    walk_to(client, "story")

    page = answer(client, "who", kind="observer")

    assert step_of(page) == "lane"
    assert client.get("/f/").context["form"].fields["lane"]


def test_up_to_five_people(client):
    page = walk_to(client, "people")
    for number in range(1, 7):
        page = answer(client, "people", do="add", count=str(number))
    assert len(page.context["form"].persons) == 5
    assert page.context["can_add"] is False
    assert 'value="Contoh Wiratama"' in page.content.decode()

    page = answer(client, "people", count="5", **{"p1-position": "Lurah", "p3-account": "@contoh"})

    assert step_of(page) == "when"
    for step in ("when", "story", "links", "witness"):
        answer(client, step)
    send(client)
    people = Complaint.objects.get().official_links.order_by("pk")
    assert [str(link.official) for link in people] == ["Contoh Wiratama", "Lurah", "@contoh"]


def test_a_block_with_only_an_agency_is_refused_at_its_own_field(client):
    walk_to(client, "people")

    page = answer(client, "people", count="2", **{"p1-agency": "Dinas Contoh"})

    assert errors(page) == ["Tulis nama, jabatan, atau nama akun orang yang dilaporkan"]
    assert 'href="#id_p1-name"' in page.content.decode()


def test_wrong_nip_is_remarked_on_and_never_refused(client):
    page = walk_to(client, "check", people={"p0-nip": "1970 01"})

    assert "NIP terdiri dari 18 angka. Kosongkan saja kalau tidak yakin" in text(page)
    assert send(client)["Location"] == "/f/"
    assert Complaint.objects.get().official_links.get().official.nip == "197001"


LEAKS = [
    ("nomor saya 0812-3456-7890 kalau perlu", ["nomor HP"]),
    ("hubungi +62 812 3456 789 saja ya kalau perlu", ["nomor HP"]),
    ("NIK 3308011202900001 tertulis di daftar itu", ["NIK (16 angka)"]),
    ("NIP 19700101 200001 1 904 tertulis di daftar", ["NIP (18 angka)"]),
    ("kirim ke nama.saya@contoh.id kalau mau tanya", ["alamat email"]),
    ("saya bagian keuangan di kecamatan itu juga", ["kata tentang tempat Anda bekerja"]),
    ("istri saya melihat sendiri kejadian malam itu", ["kata tentang orang dekat Anda"]),
]


@pytest.mark.parametrize(("story", "expected"), LEAKS)
def test_traces_of_the_writer_are_asked_about_and_may_stay(client, story, expected):
    walk_to(client, "story")

    page = answer(client, "story", story=story)

    assert step_of(page) == "leak"
    assert [str(trace.name) for trace in page.context["traces"]] == expected
    assert not title(page).startswith("Galat")
    assert step_of(answer(client, "leak", do="edit:story")) == "story"
    assert step_of(answer(client, "story", story=story)) == "leak"
    assert step_of(answer(client, "leak")) == "links"
    for step in ("links", "witness"):
        page = answer(client, step)
    assert "Petunjuk yang bisa mengenali Anda" in text(page)


def test_a_plain_story_is_not_asked_about(client):
    walk_to(client, "story")
    assert step_of(answer(client, "story")) == "links"


QUERIES = {
    # step: (queries of its GET, queries of its POST)
    "who": (1, 2),
    "lane": (2, 2),
    "acts": (2, 4),
    "people": (2, 2),
    "when": (2, 5),
    "story": (1, 2),
    "links": (1, 2),
    "witness": (1, 3),
}


def test_queries_of_each_page(client):
    start(client)
    seen = {}
    for step in QUERIES:
        with CaptureQueriesContext(connection) as shown:
            page = client.get("/f/")
        assert step_of(page) == step
        with CaptureQueriesContext(connection) as taken:
            client.post("/f/", {"step": step, "do": "next", **ANSWERS[step]})
        noise = ("SAVEPOINT", "RELEASE")
        seen[step] = tuple(
            len([q for q in captured.captured_queries if not q["sql"].startswith(noise)])
            for captured in (shown, taken)
        )
    assert seen == QUERIES
    with CaptureQueriesContext(connection) as shown:
        client.get("/f/")
    assert len(shown.captured_queries) == 13


@pytest.mark.parametrize("step", [step.key for step in STEPS if step.form])
def test_garbage_breaks_nothing(client, step):
    start(client)
    for do in ("next", "add", "edit:nothing", "back", "", "edit:"):
        response = client.post(
            "/f/",
            {"step": step, "do": do, "count": "-1e9", "p0-name": "\x00", "story": "\ud800x"[1:]},
        )
        assert response.status_code == 303
        assert client.get("/f/").status_code == 200
    assert client.post("/f/", {"step": "x" * 500}).status_code == 303


def test_draft_is_sealed_in_the_database(client):
    walk_to(client, "check", people={"p0-name": "KENARI-17"})

    row = ReporterSession.objects.get()

    token = client.cookies[settings.REPORTER_COOKIE_NAME].value
    held = read_session(token=token, at=NOW)
    assert held
    assert held["draft"]["typed"]["people"]["p0-name"] == ["KENARI-17"]
    assert b"KENARI" not in bytes(row.sealed)
    assert token.encode() not in bytes(row.sealed) + bytes(row.token_digest)


def test_form_works_with_broker_and_cache_pointing_nowhere(client, settings, monkeypatch):
    settings.CACHES = {
        "default": {
            "BACKEND": "bawaslu_cases.shared.cache.StandByRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    from bawaslu_cases.celery import app

    monkeypatch.setitem(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    walk_to(client, "check")
    assert send(client)["Location"] == "/f/"
    groups = client.get("/f/").context["groups"]
    client.post("/f/", {"do": "kept"})
    response = client.post("/s/", {"code": " ".join(groups)})
    assert response["Location"] == "/s/isi"
    assert Complaint.objects.count() == 1
