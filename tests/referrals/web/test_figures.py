"""The public pages of figures and their downloads."""

import csv
import gzip
import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import brotli  # type: ignore[import-untyped]
import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from bawaslu_cases.world.demo_figures import publish_demo_figures
from referrals.models import PublishedTable
from referrals.selectors import figures as reads
from referrals.web import figures as pages

TOLD = datetime(2024, 11, 20, 3, tzinfo=UTC)
PAGES = ["/data", "/data/riwayat", "/data/kamus", "/data/sulawesi-selatan", "/data/instansi-pusat"]
LIGHT = 40 * 1024


@pytest.fixture
def shown(db):
    """Invented figures, published through October 2024."""
    reads.forget()
    pages._kept.clear()
    publish_demo_figures(TOLD)
    yield
    reads.forget()


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.django_db
def test_page_before_the_first_publication(client):
    reads.forget()

    page = words(client.get("/data"))

    assert "Belum ada angka yang diumumkan." in page
    assert "Riwayat" in page or "2015 sampai 2024" in page


def test_page_says_how_far_it_reaches_and_what_is_stuck(client, shown, django_assert_num_queries):
    client.get("/data")

    with django_assert_num_queries(1):
        response = client.get("/data")

    page = words(response)
    assert response["Cache-Control"].startswith("public, max-age=60")
    assert not response.cookies
    assert "Sampai akhir Oktober 2024." in page
    assert "Kenapa angka kecil disembunyikan?" in page
    recommended = reads.publication().totals["recommended"] or (0, None)
    answered = reads.publication().totals["answered"] or (0, None)
    waiting = recommended[0] - answered[0]
    assert re.search(rf"Menunggu jawaban instansi [^0-9]*{waiting:,}".replace(",", "."), page)


def test_every_province_has_a_tile_a_row_and_a_page(client, shown):
    html = client.get("/data").content.decode()

    for slug in reads.publication().names.slugs:
        tiles = 0 if slug == "instansi-pusat" else 2
        assert html.count(f'href="/data/{slug}"') == 1 + tiles, slug
        assert client.get(f"/data/{slug}").status_code == 200, slug
    assert client.get("/data/atlantis").status_code == 404


def test_what_is_hidden_is_on_no_page(client, shown):
    hidden = {
        code
        for row in reads.publication().tables("provinces")
        for code, value in row.cells.items()
        if value is None
    }
    assert hidden
    regencies = {row.name.partition(":")[2] for row in reads.publication().rows if ":" in row.name}
    never = hidden - {
        code
        for row in reads.publication().tables("provinces")
        for code, value in row.cells.items()
        if value is not None
    }
    assert not never & {
        code for code in regencies if reads.publication().tables(f"regencies:{code}")
    }
    names = reads.publication().names
    for code in never:
        slug = next(slug for slug, each in names.slugs.items() if each == code)
        page = words(client.get(f"/data/{slug}"))
        assert "Angka provinsi ini disembunyikan, jadi juga angka di dalamnya." in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_cold_page_weighs_at_most_40_kb(client, shown, path, prefix):
    """HTML and every file it names, compressed as production sends them; the font is kept by name."""
    html = client.get(prefix + path).content.decode()
    sent = len(gzip.compress(html.encode(), 6))
    for name in set(re.findall(r'(?:src|href)="/static/([^"#]+)', html)):
        found = finders.find(name)
        assert isinstance(found, str), name
        with open(found, "rb") as file:  # noqa: PTH123
            content = file.read()
        sent += min(len(content), len(brotli.compress(content)))
    assert sent <= LIGHT, sent
    assert "<script" not in re.sub(r'<script type="module" src="[^"]+"></script>', "", html)


def test_asked_again_it_is_304(client, shown):
    first = client.get("/data")

    again = client.get("/data", headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]
    other = client.get("/en/data", headers={"if-none-match": first["ETag"]})
    assert other.status_code == 200


def test_csv_holds_every_cell_and_leaves_hidden_ones_empty(client, shown):
    response = client.get("/data.csv")

    rows = list(csv.DictReader(response.content.decode("utf-8-sig").splitlines()))
    cells = sum(len(row.cells) for row in PublishedTable.objects.all())
    assert len(rows) == cells > 1000
    assert {row["hidden"] for row in rows if row["value"] == ""} == {"1"}
    assert {row["hidden"] for row in rows if row["value"] != ""} == {"0"}
    assert min(int(row["value"]) for row in rows if row["value"] and row["table"] != "days") >= 5
    assert response["Content-Disposition"] == 'attachment; filename="angka.csv"'


def test_k18_no_cell_of_the_csv_is_a_formula(client, shown):
    text = client.get("/data.csv").content.decode("utf-8-sig")

    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def test_json_brings_its_dictionary_and_licence(client, shown):
    told = json.loads(client.get("/data.json").content)

    assert told["through"] == "2024-10"
    assert told["licence"]["name"] == "CC BY 4.0"
    assert told["rules"]["hidden_below"] == 5
    assert list(told["dictionary"]) == [
        "table", "first_month", "last_month", "key", "label", "value", "hidden", "published_on",
    ]  # fmt: skip
    series = [table for table in told["tables"] if table["table"] == "series"]
    assert len(series) == 17
    assert series[-1]["last_month"] == "2024-10"


def test_feed_has_an_entry_a_month(client, shown):
    response = client.get("/data/umpan.atom")

    root = ET.fromstring(response.content)
    atom = "{http://www.w3.org/2005/Atom}"
    entries = root.findall(f"{atom}entry")
    assert response["Content-Type"].startswith("application/atom+xml")
    assert len(entries) == 17
    assert entries[0].findtext(f"{atom}title") == "Angka sampai Oktober 2024"
    assert len({entry.findtext(f"{atom}id") for entry in entries}) == 17


def test_history_shows_what_does_not_fit_side_by_side(client, shown):
    page = words(client.get("/data/riwayat"))

    assert "433" in page
    assert "878" in page
    assert "1.158" in page
    assert "Pilkada 2024, awal Desember: 433, 878, atau 1.158?" in page
    assert "harusidmpo" in page
    assert 'href="https://harusidmpo' not in client.get("/data/riwayat").content.decode()


@pytest.mark.parametrize("path", [*PAGES, "/data.csv", "/data.json", "/data/umpan.atom"])
def test_everything_outlives_the_database(client, shown, lost_database, path):
    good = client.get(path)
    reads.keep_last_good()
    reads.forget()
    pages._kept.clear()

    with lost_database():
        response = client.get(path)

    assert response.status_code == 200
    if response["Content-Type"].startswith("text/html") and path not in PAGES[1:3]:
        assert "Basis data sedang tidak terjangkau" in response.content.decode()
        assert "Sampai akhir Oktober 2024." in words(response)
    elif path.endswith((".csv", ".atom")):
        assert response.content == good.content


def test_landing_block_appears_once_something_may_be_told(client, db):
    reads.forget()
    assert 'id="figures-title"' not in client.get("/").content.decode()
    publish_demo_figures(TOLD)

    page = words(client.get("/"))

    assert "Sampai akhir Oktober 2024." in page
    reads.forget()


def test_landing_page_lives_without_a_database(client, db, lost_database):
    with lost_database():
        assert client.get("/").status_code == 200


def test_the_documented_command(db, capsys):
    call_command("refresh_figures")

    assert capsys.readouterr().out.endswith("tables published\n")


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_address_with_a_slash_leads_there(client, language):
    answer = client.get(f"{language}/data/")
    assert (answer.status_code, answer["Location"]) == (301, f"{language}/data")
