"""What nobody types by mistake: every page answers in words, and nothing is stored."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from complaints.models import (
    Allegation,
    Case,
    Complaint,
    ComplaintEvent,
    Official,
    PlenaryDecision,
    RequirementCheck,
    Statement,
)
from complaints.selectors.keyset import decode_cursor
from complaints.web import intake
from complaints.web.intake_draft import BY_KEY
from tests.complaints.web.walk import ANSWERS, start, step_of
from tests.factories import (
    assessed_case,
    case,
    finding,
    person,
    plenary_of,
    proposed_tip,
    tip,
    traced_tip,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 10, 7, 3, 0, tzinfo=UTC)

NASTY = {
    "nul": "a\x00b",
    "surrogate": "a\udc80b",
    "emoji": "👩‍👩‍👧‍👦🇮🇩" * 30,
    "right_to_left": "\u202eabc\u2066\u200f",
    "control": "\x01\x1b[31m\x7f\r\n\t",
    "long_name": "N" * 10_000,
    "long_story": "C" * 100_000,
    "markup": "<script>alert(1)</script>{{ 7|add:7 }}{% now %}%s%(x)s",
    "sql": "'; DROP TABLE complaints_complaint; --",
    "year_zero": "0000-01-01",
    "year_9999": "9999-12-31",
    "no_such_day": "2024-02-31",
    "number": "9" * 400,
    "full_width": "１２３４",
    "nothing": "",
    "list_like": "['a', 'b']",
}

TABLES = (
    Complaint,
    ComplaintEvent,
    Statement,
    Official,
    Case,
    Allegation,
    RequirementCheck,
    PlenaryDecision,
)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def stored() -> list[Any]:
    """Return every row of the tables a refusal must not change."""
    return [sorted(model._default_manager.values_list(), key=repr) for model in TABLES]


def signed_in(key: str) -> Client:
    client = Client()
    client.force_login(person(key))
    return client


FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 1024 * 1024


def body(fields: dict[str, Any]) -> str:
    """Return fields as a browser would never send them: broken UTF-8 stays broken."""
    return urlencode(fields, doseq=True, errors="surrogatepass")


def post(client: Client, address: str, fields: dict[str, Any], **more: Any) -> Any:
    return client.post(address, body(fields), content_type=FORM, **more)


@pytest.mark.parametrize("step", [step for step in ANSWERS if step != "identity"])
def test_every_question_takes_garbage(client, step):
    start(client)
    names = [*ANSWERS[step], "count", "event", "region", "do2"]

    for label, value in {**NASTY, "repeated": ["a", "b"]}.items():
        typed = {**dict.fromkeys(names, value), "step": step, "do": "next"}
        response = post(client, "/f/", typed)
        page = client.get("/f/")
        assert (response.status_code, page.status_code) == (303, 200), label
        assert step_of(page) in BY_KEY, label
    assert stored() == [[]] * len(TABLES)


FINDING_FIELDS = (
    "acts event_on known_on region place platform links witness story seen p-TOTAL_FORMS p-0-name "
    "p-INITIAL_FORMS p-MIN_NUM_FORMS p-0-nip p-0-agency p-0-unit_kind p-0-employment"
)
DESK_FORMS = {
    "finding_new": (
        lambda: reverse("desk:finding_new"),
        FINDING_FIELDS,
    ),
    "confirm": (
        lambda: reverse("desk:confirm", args=[traced_tip().public_id]),
        "acts event_on known_on region place story seen p-TOTAL_FORMS p-INITIAL_FORMS p-0-name",
    ),
    "decide_complaint": (
        lambda: reverse("desk:decide_complaint", args=[proposed_tip().public_id]),
        "outcome minutes_number decided_on present against dissent reason seen",
    ),
    "decide_case": (
        lambda: reverse("desk:decide_case", args=[assessed_case().public_id]),
        "outcome minutes_number decided_on present against dissent reason seen",
    ),
    "act": (
        lambda: reverse("desk:act", args=[tip().public_id, "propose_archive"]),
        "reason seen back then",
    ),
    "assess": (
        lambda: reverse("desk:assess", args=[assessed_case().public_id]),
        "summary assessment seen go",
    ),
    "official": (
        lambda: reverse("desk:official", args=_case_part("official")),
        "name nip grade position unit unit_kind agency employment account seen",
    ),
    "allegation": (
        lambda: reverse("desk:allegation", args=_case_part("allegation")),
        "acts event_on place description seen",
    ),
    "allegation_new": (
        lambda: reverse("desk:allegation_new", args=[case().public_id]),
        "official acts event_on place description seen",
    ),
}


def _case_part(name: str) -> list[Any]:
    found = case()
    row = found.allegations.get()
    return [found.public_id, row.public_id if name == "allegation" else row.official.public_id]


@pytest.mark.parametrize("page", DESK_FORMS)
def test_every_desk_form_takes_garbage(page):
    build, names = DESK_FORMS[page]
    address = build()
    client = signed_in("joko" if page.startswith("decide") else "sari")
    wrong = []
    for label, value in {**NASTY, "repeated": ["a", "b"]}.items():
        before = stored()
        fields = dict.fromkeys(names.split(), value)
        response = post(client, address, fields)
        expected = {400} if len(body(fields)) > LARGEST_BODY else {200, 302, 409}
        kept = response.status_code == 302 or stored() == before
        if response.status_code not in expected or not kept:
            wrong.append((label, response.status_code, kept))
    assert wrong == []


def test_people_of_a_finding_that_are_counted_wrong():
    client, address = signed_in("sari"), reverse("desk:finding_new")

    for count in ("", "0", "-1", "x", None):
        fields = {"p-TOTAL_FORMS": count, "p-INITIAL_FORMS": "0"} if count is not None else {}
        response = post(client, address, fields)
        assert response.status_code == 200
        assert "Tulis nama, jabatan, atau nama akun" in response.content.decode()
    assert post(client, address, {"p-TOTAL_FORMS": "9" * 12}).status_code == 200
    assert Complaint.objects.count() == 0


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


CURSORS = (
    "x",
    "é",
    "%00",
    "A" * 5000,
    base64.urlsafe_b64encode(b"[]").decode(),
    base64.urlsafe_b64encode(b"[" * 90).decode(),
    base64.urlsafe_b64encode(b'["",Infinity,0]').decode(),
    base64.urlsafe_b64encode(b'["",-Infinity,1]').decode(),
    base64.urlsafe_b64encode(b'["",NaN,0]').decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    _cursor("", 10**60, 0),
    _cursor("", -(10**60), 1),
    _cursor("", "9" * 50, 0),
    _cursor("", None, 0),
    _cursor("", True, "x"),
    _cursor("0001-01-01T00:00:00+23:59", 1, 0),
    _cursor("9999-12-31T23:59:59-23:59", 1, 1),
    _cursor("2024-01-01T00:00:00", 1, 0),
    _cursor("2024-01-01", 1, 0),
    _cursor({"a": 1}, 1, 0),
    _cursor(5, 1, 0),
)


def test_cursors_that_are_none():
    tip()
    client = signed_in("sari")

    for text in CURSORS:
        decode_cursor(text)
        for address in ("/kerja/antrean/", "/kerja/antrean/?view=closed", "/kerja/perkara/"):
            joint = "&" if "?" in address else "?"
            response = client.get(address + joint + urlencode({"at": text}))
            assert response.status_code == 200, (text, address)
        response = client.get("/kerja/rujukan/?" + urlencode({"dari": text}))
        assert response.status_code == 200, text


SEARCHES = (
    "'",
    '"',
    "%",
    "_",
    "\\",
    "!!!",
    '"unclosed',
    "& | ! <-> ( ) :*",
    "-",
    "or and not",
    "' OR 1=1 --",
    "a:*b:D",
    "\x00",
    "a\x00b",
    "\udc80",
    "👩‍👩‍👧‍👦",
    "\u202e",
    "１" * 18,
    "²" * 18,
    "9" * 18,
    "TM-2410-ABCDEFG",
    "k" * 5000,
    "a " * 2500,
    "(" * 100,
)


@pytest.mark.parametrize("name", ["q", "act", "office", "lane", "view", "c"])
def test_searches_and_filters_of_every_shape(name):
    tip()
    client = signed_in("sari")

    for text in SEARCHES:
        query = urlencode({name: text}, errors="surrogatepass")
        assert client.get(f"/kerja/antrean/?{query}").status_code == 200, text


def test_search_by_percent_finds_nothing_and_by_quote_breaks_nothing():
    found = tip()
    client = signed_in("sari")

    def references(q: str) -> int:
        page = client.get("/kerja/antrean/?" + urlencode({"q": q}))
        return page.content.decode().count(str(found.public_id))

    assert references("Wiratama") > 0
    assert references("%") == references("_iratama") == references("zzz'") == 0


def test_numbers_in_addresses_beyond_every_column():
    huge = 10**30
    record = tip()
    addresses = {
        "joko": [
            f"/kerja/laporan/{record.public_id}/tindakan/tidak-ada/",
            f"/kerja/pleno/laporan/{record.public_id}/tidak-ada/",
            f"/kerja/laporan/{record.public_id}x/",
            "/kerja/laporan/00000000-0000-0000-0000-000000000000/",
        ],
        "agus": [f"/kerja/sistem/{huge}/ulang/", "/kerja/sistem/0/ulang/"],
    }

    for key, paths in addresses.items():
        for path in paths:
            client = signed_in(key)
            assert client.get(path).status_code in {404, 405}, path
            assert client.post(path).status_code in {302, 404, 405}, path


@pytest.mark.parametrize("address", ["/f/", "/s/", "/masuk/", "/kerja/temuan/baru/"])
def test_bodies_that_are_no_form(address):
    client = signed_in("sari") if address.startswith("/kerja") else Client()
    client.post("/f/", {"do": "start"})
    before = stored()

    many = {f"field{number}": "x" for number in range(2000)}
    assert post(client, address, many).status_code == 400
    assert post(client, address, {"story": "C" * (LARGEST_BODY + 1)}).status_code == 400
    for kind, sent in (
        ("application/json", b'{"do": "next"'),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
        ("text/plain", b"\xff\xfe"),
        ("", b"x"),
    ):
        response = client.generic("POST", address, sent, content_type=kind)
        assert response.status_code in {200, 302, 303, 400, 415}, kind
    assert client.generic("DELETE", address).status_code in {405, 200, 302}
    assert stored() == before


@pytest.mark.parametrize("address", ["/f/", "/s/", "/masuk/", "/kerja/temuan/baru/"])
def test_form_without_its_token_is_refused_in_words(address):
    client = Client(enforce_csrf_checks=True)
    if address.startswith("/kerja"):
        client.force_login(person("sari"))

    response = client.post(address, {"do": "start"})

    assert response.status_code == 403
    assert 'lang="id"' in response.content.decode()
    assert Complaint.objects.count() == 0


@pytest.mark.parametrize("address", ["/f/", "/s/", "/keluar"])
def test_cookies_that_are_none(address):
    for token in ("x", "\x00", "é" * 50, "k" * 4000, '"a;b"', "%00"):
        client = Client()
        client.cookies["l"] = token
        client.cookies["p"] = token
        assert client.get(address).status_code in {200, 303}, token
        assert client.post(address, {"do": "send", "code": "1"}).status_code in {204, 303}, token


CODES = (
    "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠",
    "１２３４５６７８９０１２３４５６７８９０",
    "²²²²²²²²²²²²²²²²²²²²",
    "00000000000000000000",
    "0" * 81,
    "\x00" * 20,
    "\u202e12345",
    "-1",
    "1e19",
    "c" * 100_000,
)


def test_codes_of_every_shape_open_nothing():
    client = Client()

    for code in CODES:
        response = post(client, "/s/", {"code": code})
        assert (response.status_code, response["Location"]) == (303, "/s/")
        page = client.get("/s/")
        assert page.status_code == 200
        assert "Kode" in page.content.decode()


def test_a_page_from_before_changes_nothing():
    record = proposed_tip()
    address = reverse("desk:decide_complaint", args=[record.public_id])
    minutes = {
        "outcome": "approve_tracing",
        "minutes_number": "1/BA/2024",
        "decided_on": "2024-10-07",
        "present": [str(each.public_id) for each in plenary_of(record.office)],
    }
    before = stored()
    for seen in ("", "received", "\x00", "x" * 5000):
        response = post(signed_in("dewi"), address, {**minutes, "seen": seen})
        assert response.status_code in {200, 409}
        assert stored() == before

    assert post(signed_in("dewi"), address, {**minutes, "seen": "proposed"}).status_code == 302
    after = stored()
    assert post(signed_in("dewi"), address, {**minutes, "seen": "proposed"}).status_code == 409
    assert stored() == after


def test_registering_twice_is_one_case():
    record = finding()
    address = reverse("desk:act", args=[record.public_id, "register"])

    first = post(signed_in("sari"), address, {"seen": "recorded"})
    second = post(signed_in("joko"), address, {"seen": "recorded"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert Case.objects.count() == 1


def test_decisions_beyond_their_bounds():
    record = assessed_case()
    address = reverse("desk:decide_case", args=[record.public_id])
    plain = {
        "outcome": "decide_refer",
        "minutes_number": "1/BA/2024",
        "decided_on": "2024-10-07",
        "present": [str(each.public_id) for each in plenary_of(record.office)],
        "seen": "assessed",
    }
    bounds: tuple[dict[str, Any], ...] = (
        {"present": []},
        {"present": ["99999999999999999999"]},
        {"present": plain["present"][:1]},
        {"against": plain["present"]},
        {"against": plain["present"][:1]},
        {"against": plain["present"], "dissent": "Tidak setuju."},
        {"also": ["close"]},
        {"also": ["decide_refer"]},
        {"decided_on": "9999-12-31"},
        {"decided_on": "2024-10-09"},
        {"outcome": "close"},
        {"outcome": "decide_stop", "reason": " \n "},
        {"minutes_number": " "},
    )
    for changes in bounds:
        response = post(signed_in("dewi"), address, {**plain, **changes})
        record.refresh_from_db()
        assert (response.status_code, record.status) == (200, "assessed"), changes
        assert PlenaryDecision.objects.count() == 0
