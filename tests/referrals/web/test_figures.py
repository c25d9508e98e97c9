"""The public page of figures and its downloads."""

import csv
import json

import pytest
from django.urls import reverse

from referrals.models import PublicFigure
from tests.factories import AT

pytestmark = pytest.mark.django_db


def _keep(**values):
    PublicFigure.objects.bulk_create(
        [PublicFigure(name=name, value=value, counted_at=AT) for name, value in values.items()]
    )


def test_page_shows_table_date_and_method(client, django_assert_num_queries):
    _keep(received=120, cases=30, referred=12, waiting=7, sanctioned=2)

    with django_assert_num_queries(1):
        response = client.get("/data")

    page = " ".join(response.content.decode().split())
    assert response["Cache-Control"] == "public, max-age=60"
    assert "Dihitung 7 Oktober 2024, 10.00 WIB" in page
    assert "Kenapa angka kecil disembunyikan?" in page
    for shown in ("120", "30", "12", "7", "&lt; 5"):
        assert f'<span class="bars__value">{shown}</span>' in page
    assert not response.cookies


def test_page_with_nothing_counted(client):
    page = client.get("/data").content.decode()

    assert "Belum pernah dihitung." in page
    assert page.count("belum dihitung") == 5


def test_page_without_a_database_says_so(client, lost_database):
    _keep(received=120)
    client.get("/data")

    with lost_database():
        response = client.get("/data")

    assert response.status_code == 200
    assert "Basis data sedang tidak terjangkau" in response.content.decode()
    assert "120" in response.content.decode()


def test_csv_leaves_hidden_numbers_empty(client):
    _keep(received=120, sanctioned=2)

    response = client.get(reverse("figures:csv"))

    rows = list(csv.DictReader(response.content.decode().splitlines()))
    assert [(row["name"], row["value"], row["shown"]) for row in rows] == [
        ("received", "120", "120"),
        ("cases", "", "belum dihitung"),
        ("referred", "", "belum dihitung"),
        ("waiting", "", "belum dihitung"),
        ("sanctioned", "", "< 5"),
    ]
    assert response["Content-Disposition"] == 'attachment; filename="angka.csv"'


def test_json_leaves_hidden_numbers_null(client):
    _keep(received=120, sanctioned=2)

    told = json.loads(client.get(reverse("figures:json")).content)

    assert told["counted_at"] == AT.isoformat()
    assert told["hidden_below"] == 5
    assert [row["value"] for row in told["figures"]] == [120, None, None, None, None]


def test_landing_block_appears_once_something_may_be_told(client):
    assert 'id="figures-title"' not in client.get("/").content.decode()
    _keep(received=120)

    page = client.get("/").content.decode()

    assert 'id="figures-title"' in page
    assert "120" in page


def test_landing_page_lives_without_a_database(client, lost_database):
    with lost_database():
        assert client.get("/").status_code == 200
