"""Parts of the machine that are gone: what still works, and what is said where something does not."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connection
from django.test import Client
from redis.exceptions import RedisError

from complaints.models import Complaint
from complaints.web import intake
from tests.complaints.web.walk import send, walk_to
from tests.factories import PASSWORD, person, tip

pytestmark = pytest.mark.django_db

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_valkey(settings, monkeypatch):
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    with pytest.raises(RedisError):
        cache.get("x")
    # the stand-by lives as long as the process: tries counted by one test stay out of the next
    LocMemCache("sign-in", {}).clear()


@pytest.fixture
def no_database():
    def refuse(execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.usefixtures("no_valkey")
def test_a_report_is_sent_and_read_without_valkey(client):
    walk_to(client, "check")
    assert send(client).status_code == 303
    digits = "".join(client.get("/f/").context["groups"])
    client.post("/f/", {"do": "kept"})

    response = client.post("/s/", {"code": digits})

    assert response["Location"] == "/s/isi"
    assert client.get("/s/isi").status_code == 200
    assert Complaint.objects.count() == 1


@pytest.mark.usefixtures("no_valkey")
def test_an_officer_signs_in_and_works_without_valkey(client):
    person("sari")
    record = tip()

    response = client.post("/masuk/", {"login": "sari@contoh.id", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/kerja/")
    for address in ("/kerja/", "/kerja/antrean/", f"/kerja/laporan/{record.public_id}/"):
        assert client.get(address).status_code == 200, address
    tick = client.post(f"/kerja/laporan/{record.public_id}/syarat/", {"tick": "in_time:1"})
    assert tick.status_code == 302
    assert record.checks.get().is_met is True


@pytest.mark.usefixtures("no_valkey")
def test_a_wrong_password_is_refused_without_valkey(client):
    person("sari")

    response = client.post("/masuk/", {"login": "sari@contoh.id", "password": "salah" * 4})

    assert response.status_code == 200
    assert "Surel atau kata sandi salah" in response.content.decode()


@pytest.mark.usefixtures("no_valkey")
def test_guessing_a_password_is_limited_without_valkey(client):
    person("sari")

    answers = [
        client.post("/masuk/", {"login": "sari@contoh.id", "password": f"salah-{number}" * 3})
        for number in range(12)
    ]

    assert "Terlalu banyak" in answers[-1].content.decode()


@pytest.mark.parametrize("address", ["/f/", "/s/", "/kerja/", "/masuk/"])
def test_a_lost_database_is_said_in_words(address, request):
    client = Client(raise_request_exception=False)
    client.cookies["l"] = "x" * 43
    client.cookies["p"] = "x" * 32
    request.getfixturevalue("no_database")

    response = (
        client.post(address, {"login": "sari@contoh.id", "password": PASSWORD})
        if address == "/masuk/"
        else client.get(address)
    )

    assert response.status_code == 503
    page = response.content.decode()
    assert 'lang="id"' in page
    assert "server closed" not in page
    assert response["Retry-After"].isdigit()
    assert "no-store" in response["Cache-Control"]


def test_public_pages_outlive_the_database(request):
    client = Client()
    client.get("/data")
    request.getfixturevalue("no_database")

    for address in ("/", "/perlindungan", "/jejak", "/bantuan", "/data", "/f/", "/keluar"):
        assert client.get(address).status_code in {200, 303}, address
