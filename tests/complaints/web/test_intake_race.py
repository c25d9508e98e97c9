"""Two presses at once, and what a copy of the database would show."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from bawaslu_cases.keyring.models import ReportWraps
from complaints.models import Complaint, Receipt, ReporterSession, SealedIdentity
from complaints.web import intake
from tests.complaints.web.walk import send, walk_to


@pytest.fixture(autouse=True)
def _nobody_hurries(monkeypatch):
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize("lane", ["tip", "sealed"])
def test_r17_pressing_twice_at_once_makes_one_record_and_one_code(lane):
    client = Client()
    walk_to(client, "check", lane={"lane": lane})
    token = client.cookies[settings.REPORTER_COOKIE_NAME].value
    start_together = Barrier(4)

    def press(_number):
        other = Client()
        other.cookies[settings.REPORTER_COOKIE_NAME] = token
        start_together.wait()
        try:
            return send(other)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(press, range(4)))

    assert places == ["/f/"] * 4
    assert Complaint.objects.count() == 1
    assert Receipt.objects.count() == 1
    assert ReportWraps.objects.count() == SealedIdentity.objects.count() == (lane == "sealed")
    assert len(client.get("/f/").context["groups"]) == 5


CANARIES: dict[str, dict[str, Any]] = {
    "acts": {"acts": ["OTHER"], "other_act": "KENARI-SATU menempel stiker"},
    "story": {"story": "KENARI-DUA melihat semuanya dari seberang jalan."},
    "links": {"link_0": "https://www.instagram.com/p/AaBbCcDdEe1/?igsh=KENARI-TIGA"},
    "witness": {"witness": "yes", "contact": "KENARI-EMPAT di warung"},
}


def database_text() -> str:
    """Return every text and every byte of every table, as one string."""
    parts = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, udt_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name NOT LIKE 'registry_%'"
        )
        for table, column, kind in cursor.fetchall():
            shown = f'"{column}"::text' if kind != "bytea" else f"encode(\"{column}\", 'escape')"
            cursor.execute(f'SELECT {shown} FROM "{table}" WHERE "{column}" IS NOT NULL')
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts)


@pytest.mark.django_db
def test_no_word_of_the_reporter_lies_open_in_the_database(client):
    walk_to(client, "check", **CANARIES)
    draft = database_text()
    send(client)
    sent = database_text()

    # the control: what is meant to be searchable is found, so the search itself works
    assert "Contoh Wiratama" in sent
    assert "Contoh Wiratama" not in draft
    for text in (draft, sent):
        assert "KENARI" not in text
        assert client.cookies[settings.REPORTER_COOKIE_NAME].value not in text
    groups = client.get("/f/").context["groups"]
    assert "".join(groups[1:]) not in sent
    assert "".join(groups)[5:19] not in sent
    assert ReporterSession.objects.count() == 1
