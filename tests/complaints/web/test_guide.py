"""The pages of "Bolehkah ASN…?": what they say, that they are the same for everybody, what they weigh."""

import gzip
import itertools
import re

import brotli  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone, translation

from bawaslu_cases.registry.models import GuideQuestion, Verdict
from complaints.selectors import guide as reading
from complaints.selectors.guide import current_guide
from complaints.web import guide as door
from tests.complaints.web.walk import step_of, walk_to
from tests.factories import person

pytestmark = pytest.mark.django_db

COLD_BYTES = 30 * 1024
CELL = "/bolehkah/cek/?tindakan=like_comment&objek=team&keadaan=private&calon=sudah"
PAGES = [
    "/bolehkah/",
    "/bolehkah/?situasi=media-sosial",
    "/bolehkah/menyukai-unggahan-calon/",
    "/bolehkah/hadir-kampanye-tanpa-atribut/",
    "/bolehkah/memilih-di-tps/",
    "/bolehkah/cek/",
    "/bolehkah/cek/?tindakan=like_comment&objek=team",
    CELL,
    "/bolehkah/poster/",
]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_kept", None)
    monkeypatch.setattr(door, "shelf", door.Shelf())


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize("path", PAGES)
def test_a_warm_page_takes_no_query_sets_no_cookie_and_may_be_kept(
    client, django_assert_num_queries, path
):
    first = client.get(path)
    with django_assert_num_queries(0):
        response = client.get(path)

    assert response.status_code == 200
    assert response.content == first.content
    assert response.cookies == {}
    assert response["Cache-Control"] == "public, max-age=300"
    assert re.fullmatch(r'"[0-9a-f]{32}"', response["ETag"])
    # one address is one page, in one language: no cache needs to ask who is reading
    assert "Accept-Language" not in response["Vary"]
    assert "csrfmiddlewaretoken" not in response.text
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize("path", PAGES)
def test_an_unchanged_page_is_not_sent_again(client, path):
    etag = client.get(path)["ETag"]

    again = client.get(path, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    # through gzip the browser holds the weak form
    weak = client.get(path, headers={"if-none-match": f"W/{etag}"})
    assert weak.status_code == 304


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize("path", PAGES)
def test_a_reporters_and_an_officers_page_is_the_visitors(client, path):
    plain = client.get(path).content
    told = Client()
    told.cookies[settings.REPORTER_COOKIE_NAME] = "any"
    told.force_login(person("sari"))
    response = told.get(path)
    assert response.content == plain
    assert response.cookies == {}


@pytest.mark.parametrize("path", PAGES)
def test_a_cold_page_weighs_at_most_30_kb(client, path, capsys):
    """HTML and every file it names, compressed as production sends them."""
    html = client.get(path).text
    sent = len(gzip.compress(html.encode(), 6))
    names = set(re.findall(r'(?:src|href)="/static/([^"#]+)', html))
    assert "icons.svg" not in names
    for name in names:
        found = finders.find(name)
        assert isinstance(found, str), name
        with open(found, "rb") as file:  # noqa: PTH123
            content = file.read()
        sent += min(len(content), len(brotli.compress(content)))
    with capsys.disabled():
        print(f"\n{path}: {sent / 1024:.1f} KB cold, html {len(html)} bytes")
    assert sent <= COLD_BYTES


def test_index_shows_six_situations_twelve_questions_and_a_search(client):
    page = client.get("/bolehkah/").text

    assert page.count('href="/bolehkah/?situasi=') == 6
    assert len(set(re.findall(r'href="/bolehkah/([\w-]+)/"', page)) - {"cek", "poster"}) == 12
    assert re.search(r'<form class="guide-search[^>]*method="get"', page)


def test_a_situation_shows_its_own_questions(client):
    page = client.get("/bolehkah/?situasi=foto").text

    links = re.findall(r'<li><a href="/bolehkah/([\w-]+)/"', page)
    expected = GuideQuestion.objects.filter(situation__code="foto").values_list("slug", flat=True)
    assert links == list(expected)
    assert client.get("/bolehkah/?situasi=lain").status_code == 404


def test_a_search_is_one_query_and_kept_nowhere(client, django_assert_num_queries):
    client.get("/bolehkah/")
    with django_assert_num_queries(1):
        response = client.get("/bolehkah/?q=stikr+motor")

    assert 'href="/bolehkah/stiker-calon-di-motor/"' in response.text
    assert 'value="stikr motor"' in response.text
    assert response["Cache-Control"] == "private, max-age=300"
    assert len(door.shelf._pages) == 1


@pytest.mark.parametrize(
    "typed", ["xyzzyq", "%22%3E%3Cscript%3E", "%00", "%F0%9F%98%80", "a" * 5000]
)
def test_a_search_for_nothing_leads_on(client, typed):
    response = client.get(f"/bolehkah/?q={typed}")

    assert response.status_code == 200
    assert "<script>" not in response.text.replace("<script type", "")
    assert 'href="/bolehkah/cek/"' in response.text


def test_an_answer_has_all_its_parts(client):
    page = client.get("/bolehkah/menyukai-unggahan-calon/").text

    assert "<h1>Bolehkah ASN menyukai (like) unggahan akun pemenangan calon?</h1>" in page
    assert re.search(r"tag--verdict tag--red.*?Tidak boleh</span>", page, re.DOTALL)
    for text in (
        "Satu ketukan “suka” sudah disebut dalam aturan.",
        "Suka dan komentar tampil kepada orang lain sebagai dukungan.",
        "Lewati saja unggahannya.",
        "Contoh yang melanggar",
        "Seorang guru menekan suka",
        "Contoh yang tidak melanggar",
        "Sebelum penetapan calon",
        "<b>Sanksi moral</b>",
        "PP 42/2004 ps 15 ayat (1)-(3)",
        "Sesudah penetapan calon",
        "<b>Hukuman disiplin berat</b>",
        "PP 94/2021 ps 5 huruf n angka 5",
        "Pemberhentian dengan hormat tidak atas permintaan sendiri",
        "Dua sumber atau lebih",
        "Terakhir ditinjau 21 November 2026.",
    ):
        assert text in page, text
    assert re.search(r'<a class="button" href="/f/">\s*Lapor tindakan ini</a>', page)


def test_what_is_allowed_invites_no_report(client):
    page = client.get("/bolehkah/memilih-di-tps/").text

    assert "Lapor tindakan ini" not in page
    assert "Kalau batasnya dilewati" in page
    assert re.search(r"tag--verdict tag--green.*?Boleh</span>", page, re.DOTALL)


@pytest.mark.parametrize("path", ["/bolehkah/tidak-ada/", "/bolehkah/a.b/", "/bolehkah/cek/lain/"])
def test_an_unknown_address_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_the_checker_asks_three_questions_and_answers(client):
    first = client.get("/bolehkah/cek/").text
    second = client.get("/bolehkah/cek/?tindakan=like_comment&lanjut=1").text
    third = client.get("/bolehkah/cek/?tindakan=like_comment&objek=team&lanjut=1").text
    told = client.get(CELL).text

    assert first.count('name="tindakan"') == 19
    assert second.count('name="objek"') == 6
    assert (third.count('name="keadaan"'), third.count('name="calon"')) == (7, 3)
    assert 'type="hidden" name="tindakan" value="like_comment"' in third
    assert "<h1>Menyukai atau mengomentari unggahan calon</h1>" in told
    assert "pilihan Anda" in told
    chosen = told.split("outcome--chosen", 1)[1].split("</h3>", 1)[0]
    assert "Sesudah penetapan calon" in chosen
    assert "pilihan Anda" in chosen
    # nobody is told off before having answered
    assert "Galat" not in first
    assert "error-summary" in second


def test_every_cell_has_its_page(client):
    """798 combinations are answered; the stage adds nothing but a mark (selectors' test walks all 2,394)."""
    guide = current_guide(timezone.localdate())
    verdicts = set()
    cells = itertools.product(guide.acts, guide.targets, guide.circumstances)
    for number, (act, about, circumstance) in enumerate(cells):
        query = f"tindakan={act.lower()}&objek={about.lower()}&keadaan={circumstance.lower()}"
        told = guide.answer(act, about, circumstance)
        verdicts.add(told.verdict)
        key = (act, about, circumstance)
        # every eleventh is drawn, which meets each act, object and circumstance, and all odd ones
        if number % 11 == 0 or told.verdicts_differ:
            page = client.get(f"/bolehkah/cek/?{query}&calon=tidak-tahu")
            assert page.status_code == 200, key
            assert str(told.why) in page.text, key
    assert verdicts == set(Verdict)


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("lanjut=1", ["Pilih perbuatannya"]),
        ("tindakan=lain&lanjut=1", ["Pilih perbuatannya"]),
        ("tindakan=other&lanjut=1", ["Pilih kepada siapa perbuatan itu ditujukan"]),
        (
            "tindakan=other&objek=team&lanjut=1",
            ["Pilih keadaannya", "Pilih apakah calonnya sudah ditetapkan"],
        ),
        (
            "tindakan=other&objek=team&keadaan=leave&lanjut=1",
            ["Pilih apakah calonnya sudah ditetapkan"],
        ),
        (
            "tindakan=other&objek=team&keadaan=leave&calon=%00&lanjut=1",
            ["Pilih apakah calonnya sudah ditetapkan"],
        ),
    ],
)
def test_a_question_left_open_says_what_to_do(client, query, errors):
    page = client.get(f"/bolehkah/cek/?{query}").text

    assert "<title>Galat: " in page
    for text in errors:
        assert page.count(text) == 2, text
    for href in re.findall(r'href="#(id_\w+)"', page):
        assert f'id="{href}"' in page


def test_who_came_from_the_form_finds_back_at_every_step(client):
    for query in ("", "tindakan=other&", "tindakan=other&objek=team&"):
        page = client.get(f"/bolehkah/cek/?{query}dari=f").text
        assert "Kembali ke formulir" in page
        assert '<input type="hidden" name="dari" value="f">' in page
    told = client.get(f"{CELL}&dari=f").text
    assert told.count('href="/f/"') == 2
    assert "Lapor tindakan ini" not in told
    assert "Kembali ke formulir" not in client.get(CELL).text


def test_the_poster_holds_the_twelve(client):
    page = client.get("/bolehkah/poster/").text

    assert page.count("<li><h2>") == 12
    assert "SKB 22 September 2022 Lampiran II butir" in page


def test_pages_in_english_carry_the_english_words(client):
    with translation.override("en"):
        guide = current_guide(timezone.localdate())
        assert str(guide.acts["OTHER"].label) == "Other"
        assert str(guide.question("memilih-di-tps").sentence).startswith("Civil servants keep")  # type: ignore[union-attr]


def test_a_new_guide_empties_the_shelf(client, monkeypatch):
    client.get("/bolehkah/memilih-di-tps/")
    GuideQuestion.objects.filter(slug="memilih-di-tps").update(answer_id="Boleh sekali.")
    assert "Boleh sekali." not in client.get("/bolehkah/memilih-di-tps/").text
    monkeypatch.setattr(reading, "_kept", None)
    assert "Boleh sekali." in client.get("/bolehkah/memilih-di-tps/").text


def test_the_shelf_is_bounded():
    guide = current_guide(timezone.localdate())
    shelf = door.Shelf(most=3)
    for number in range(5):
        shelf.put(guide, (number,), (b"", ""))
        shelf.get(guide, (0,))
    assert shelf.get(guide, (0,)) is not None
    assert [shelf.get(guide, (number,)) is not None for number in range(5)] == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_pages_stay_while_the_database_is_gone(client, monkeypatch):
    client.get("/bolehkah/")

    def gone(*_arguments: object) -> None:
        raise DatabaseError("down")

    monkeypatch.setattr(reading, "read_guide", gone)
    monkeypatch.setattr(reading, "KEPT_SECONDS", -1)
    assert client.get("/bolehkah/").status_code == 200
    assert client.get("/bolehkah/memakai-mobil-dinas/").status_code == 200


def test_landing_and_footer_lead_here(client):
    page = client.get("/").text
    assert page.count('href="/bolehkah/"') == 2
    assert 'href="/bolehkah/menyukai-unggahan-calon/"' in page
    assert '<a href="/bolehkah/">' in client.get("/bantuan").text


def test_landing_lives_without_the_guide(client, monkeypatch):
    def gone(*_arguments: object) -> None:
        raise DatabaseError("down")

    monkeypatch.setattr(reading, "read_guide", gone)
    page = client.get("/")
    assert page.status_code == 200
    assert "menyukai-unggahan-calon" not in page.text


def test_the_form_leads_here_and_loses_no_tick(client):
    """Ticks of a page not yet sent on are kept, unjudged, and shown again on the way back."""
    page = walk_to(client, "acts")
    assert "Ini termasuk pelanggaran atau bukan?" in page.text

    asked = {"step": "acts", "do": "guide", "acts": ["LIKE_COMMENT", "OTHER"], "other_act": ""}
    response = client.post("/f/", asked)

    assert (response.status_code, response["Location"]) == (303, "/bolehkah/cek/?dari=f")
    back = client.get("/f/")
    assert step_of(back) == "acts"
    assert set(re.findall(r'value="(\w+)"[^>]* checked', back.text)) == {"LIKE_COMMENT", "OTHER"}
    assert "Galat" not in back.text


def test_without_a_draft_the_guide_answers_all_the_same(client):
    response = client.post("/f/", {"step": "acts", "do": "guide"})
    assert (response.status_code, response["Location"]) == (303, "/bolehkah/cek/?dari=f")
