"""What every view for API clients does, shown by one that only tests have (checks P04, P07, P10–P15)."""

import base64
import gzip
import json
import threading
from typing import Any

import pytest
from backports import zstd
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connections, transaction
from django.test import Client
from django.urls import include, path
from django.utils.translation import gettext
from redis.exceptions import ConnectionError as GoneError
from rest_framework.response import Response

from bawaslu_cases import urls
from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.api.idempotency import idempotent
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.models import ApiCall, KeptAnswer
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services.kept_answers import begin_write, key_digest_of
from bawaslu_cases.audit.checkpoints import write_checkpoint
from bawaslu_cases.audit.notes import private_key, verify
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.numbering import next_number
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import office
from tests.support.api_clients import api_client
from tests.support.at_once import at_once


class ProbeView(ClientView):
    scopes = {"GET": Scope.CASES_READ, "POST": Scope.COMPLAINTS_WRITE}

    def get(self, request):
        return Response({"office": request.auth.client.region_code, "items": ["satu"] * 100})

    @idempotent
    def post(self, request):
        number = next_number(series="probe")
        if request.data.get("refuse"):
            raise DomainError("Tidak.", field="a")
        if request.data.get("crash"):
            raise RuntimeError
        return Response({"number": number}, status=201, headers={"Location": f"/x/{number}"})


class OpenView(ClientView):
    """A view whose author forgot to say what POST needs."""

    scopes = {"GET": None}

    def get(self, _request):
        return Response({"language": str(gettext("Tidak boleh"))})

    def post(self, _request):
        return Response({})


app_name = "api_probe"
routes = (
    [
        path("probe", ProbeView.as_view(), name="probe"),
        path("open", OpenView.as_view(), name="open"),
    ],
    "api_probe",
)
urlpatterns = [path("api/v1/", include(routes)), *urls.urlpatterns]
handler404 = "complaints.web.public.not_found"
handler400 = "complaints.web.public.bad_request"
handler500 = "complaints.web.public.server_error"

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()
    api_quota.forget()


def problem(response):
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == ("about:blank", response.status_code)
    return response.status_code, body["code"]


def test_a_token_with_the_scope_reads_and_is_noted(django_assert_num_queries):
    peer = api_client(office("33.08"))

    with django_assert_num_queries(2):
        response = peer.get("/probe")

    assert (response.status_code, response.json()["office"]) == (200, "33.08")
    assert response["Cache-Control"] == "no-store"
    call = ApiCall.objects.get()
    assert (call.client, call.method, call.route, call.status) == (
        peer.client, "GET", "api_probe:probe", 200,
    )  # fmt: skip


def test_p15_every_call_is_an_entry_with_client_and_purpose():
    peer = api_client(office("33.08"), purpose="Papan informasi kantor")
    before = len(log())

    peer.get("/probe")
    peer.post("/probe")

    first, second = log()[before:]
    for entry, method, status in ((first, "GET", 200), (second, "POST", 201)):
        assert (entry.actor, entry.action) == (peer.user.public_id.hex, "page.api_probe:probe")
        assert entry.purpose == "Papan informasi kantor"
        told = json.loads(entry.detail)
        assert told["client"] == peer.client.public_id.hex
        assert (told["method"], told["status"]) == (method, status)


def test_p15_without_the_log_nothing_is_shown():
    peer = api_client(office("33.08"))

    def gone(*_arguments):
        raise OperationalError("gone")

    with connections["audit"].execute_wrapper(gone):
        response = peer.get("/probe")

    assert problem(response) == (503, "unavailable")
    assert "33.08" not in response.content.decode()
    assert response["Retry-After"] == "60"


def test_p02_a_scope_it_does_not_have_and_a_method_nobody_named():
    reader = api_client(office("33.08"), [Scope.CASES_READ])

    assert reader.get("/probe").status_code == 200
    assert problem(reader.post("/probe")) == (403, "scope_missing")
    assert problem(reader.call("delete", "/probe")) == (405, "method_not_allowed")
    with pytest.raises(KeyError):
        reader.post("/open")


@pytest.mark.parametrize(("asked", "words"), [("en", "No"), ("id", "Tidak boleh")])
def test_it_speaks_the_language_that_is_asked_for(asked, words):
    response = api_client(office("33.08")).get("/open", accept_language=asked)

    assert response.json()["language"] == words
    assert response["Content-Language"] == asked
    assert "Accept-Language" in response["Vary"]


# --- once ---------------------------------------------------------------------------------------------


def test_p04_the_same_key_gives_the_same_answer():
    peer, other = api_client(office("33.08")), api_client(office("33.08"))

    first = peer.post("/probe", {"a": 1}, key="k1")
    again = peer.post("/probe", {"a": 1}, key="k1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first["Location"]) == (again.content, again["Location"])
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert problem(peer.post("/probe", {"a": 2}, key="k1")) == (422, "idempotency_key_reused")
    # Another client's key of the same name is another key.
    assert other.post("/probe", {"a": 1}, key="k1").json() == {"number": 2}
    assert ApiCall.objects.filter(client=peer.client).count() == 3


@pytest.mark.parametrize("key", [None, "x" * 256, "kunci\té", " \x7f"])
def test_p04_a_write_without_a_key_is_refused(key):
    peer = api_client(office("33.08"))

    assert problem(peer.post("/probe", key=key)) == (400, "idempotency_key_missing")


def test_p04_a_refused_write_did_nothing_and_may_be_sent_again_with_its_key():
    peer = api_client(office("33.08"))

    refused = peer.post("/probe", {"refuse": True}, key="k1")

    assert problem(refused) == (422, "refused")
    assert not KeptAnswer.objects.exists()
    assert peer.post("/probe", {}, key="k1").json() == {"number": 1}


def test_p04_of_the_key_and_the_request_only_digests_are_kept():
    peer = api_client(office("33.08"))
    peer.post("/probe", {"a": "isi rahasia"}, key="nama-pelapor")

    row = KeptAnswer.objects.get()

    kept = f"{row.key_digest} {row.request_digest} {row.headers} {bytes(row.body)!r}"
    assert "nama-pelapor" not in kept
    assert "isi rahasia" not in kept
    assert row.key_digest == key_digest_of("nama-pelapor")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_p04_twenty_at_once_do_it_once():
    peer = api_client(office("33.08"))

    answers = at_once([lambda: peer.post("/probe", {"a": 1}, key="k1")] * 20)

    numbers = {each.json()["number"] for each in answers if each.status_code == 201}
    assert numbers == {1}
    waiting = [each for each in answers if each.status_code != 201]
    assert {problem(each) for each in waiting} <= {(409, "idempotency_key_in_progress")}
    assert {each["Retry-After"] for each in waiting} <= {"1"}
    assert peer.post("/probe", {"a": 1}, key="k1").json() == {"number": 1}
    assert KeptAnswer.objects.count() == 1
    with transaction.atomic():
        assert next_number(series="probe") == 2


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_p04_a_key_that_is_being_worked_on():
    peer = api_client(office("33.08"))
    is_held, may_end = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                begin_write(
                    client=peer.client, key_digest=key_digest_of("k1"), request_digest="x" * 64
                )
                is_held.set()
                may_end.wait(120)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(120)
    try:
        response = peer.post("/probe", {"a": 1}, key="k1")
    finally:
        may_end.set()
        holder.join()

    assert problem(response) == (409, "idempotency_key_in_progress")
    assert response["Retry-After"] == "1"
    assert peer.post("/probe", {"a": 1}, key="k1").status_code == 201


# --- how often ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_minute")
def test_p10_one_clients_minute_is_not_anothers():
    small, other = api_client(office("33.08"), calls_a_minute=3), api_client(office("51"))

    got = [small.get("/probe") for _call in range(5)]

    assert [each.status_code for each in got] == [200, 200, 200, 429, 429]
    assert got[0]["RateLimit-Policy"] == '"client";q=3;w=60'
    assert got[1]["RateLimit"].startswith('"client";r=1;t=')
    assert problem(got[4]) == (429, "quota_spent")
    assert 1 <= int(got[4]["Retry-After"]) <= 60
    assert other.get("/probe").status_code == 200


@pytest.mark.usefixtures("one_minute")
def test_p10_a_valkey_that_was_emptied_opens_nothing():
    peer = api_client(office("33.08"), calls_a_minute=3)
    for _call in range(3):
        peer.get("/probe")

    cache.clear()

    assert peer.get("/probe").status_code == 429


@pytest.mark.usefixtures("one_minute")
def test_p10_another_process_counts_too():
    peer = api_client(office("33.08"), calls_a_minute=3)
    for _call in range(3):
        peer.get("/probe")

    api_quota.forget()  # as a process that has seen none of it

    assert peer.get("/probe").status_code == 429


@pytest.mark.usefixtures("one_minute")
def test_p10_without_valkey_a_small_allowance(settings, monkeypatch):
    settings.API_CALLS_WITHOUT_VALKEY = 2
    peer = api_client(office("33.08"))

    def gone(*_arguments, **_named):
        raise GoneError

    monkeypatch.setattr(cache, "count", gone)

    assert [peer.get("/probe").status_code for _call in range(4)] == [200, 200, 429, 429]


# --- what is refused before it is read ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', 413),
        (b"[" * 1000 + b"]" * 1000, 400),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400),
        (b"[" * 500_000, 400),
        (b'{"a": 1, "a": 2}', 400),
        (b'{"a": NaN}', 400),
        (b'{"a": 1e999}', 400),
        (b'{"a": "\\ud800"}', 400),
        (b"\xff\xfe", 400),
        (b"{", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", 400),
    ],
    ids=["large", "deep", "deep objects", "open", "twice", "NaN", "infinite", "half", "bytes", "cut",
         "digits"],
)  # fmt: skip
def test_p07_hostile_json_is_refused(body, status):
    peer = api_client(office("33.08"))
    headers = {"authorization": f"Bearer {peer.token}", "idempotency-key": "k"}

    response = Client().post(
        "/api/v1/probe", body, content_type="application/json", headers=headers
    )

    assert response.status_code == status
    problem(response)


def test_p07_depth_within_text_is_no_depth():
    peer = api_client(office("33.08"))

    assert peer.post("/probe", {"a": "[{" * 500 + '\\"[['}).status_code == 201


def test_other_media_types_are_415():
    peer = api_client(office("33.08"))
    headers = {"authorization": f"Bearer {peer.token}", "idempotency-key": "k"}

    for media in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        response = Client().post("/api/v1/probe", b"a=1", content_type=media, headers=headers)
        assert problem(response) == (415, "unsupported_media_type")


INNARDS = ("Traceback", "SELECT", str(settings.BASE_DIR), ".py", "django", "Django", "RuntimeError")
"""What only somebody on the inside should read, the folder that the code runs from among it."""


def test_p12_every_refusal_is_a_problem_without_innards():
    peer = api_client(office("33.08"))
    peer_headers = {"authorization": f"Bearer {peer.token}", "idempotency-key": "k"}
    client = Client(raise_request_exception=False)
    crash = client.post(
        "/api/v1/probe", b'{"crash": 1}', content_type="application/json", headers=peer_headers
    )
    tries = [
        (crash, 500),
        (client.get("/api/v1/tidak-ada"), 404),
        (client.get("/api/v1/me", headers={"host": "jahat.contoh"}), 400),
        (client.get("/api/v1/me"), 401),
        (peer.get("/calls", {"limit": "x"}), 400),
        (peer.get("/calls", {"cursor": "dibuat-sendiri"}), 400),
        (peer.call("delete", "/probe"), 405),
    ]

    for response, status in tries:
        assert response.status_code == status
        problem(response)
        text = response.content.decode()
        for inner in INNARDS:
            assert inner not in text, (status, inner)
    assert ApiCall.objects.filter(status=500, route="api_probe:probe").count() == 1
    assert not KeptAnswer.objects.exists()


def test_p11_no_other_origin_is_let_in():
    peer = api_client(office("33.08"))
    asked = {"origin": "https://jahat.contoh", "access_control_request_method": "GET"}

    for response in (
        peer.get("/probe", origin="https://jahat.contoh"),
        peer.call("options", "/probe", **asked),
        Client().options("/api/v1/token", HTTP_ORIGIN="https://jahat.contoh"),
        Client().post("/api/v1/token", {}, HTTP_ORIGIN="https://jahat.contoh"),
    ):
        assert [name for name in response.headers if name.startswith("Access-Control")] == []


def test_p13_methods_nobody_speaks():
    peer = api_client(office("33.08"))
    for method in ("TRACE", "CONNECT", "PROPFIND", "GETT"):
        response = Client().generic(
            method, "/api/v1/probe", HTTP_AUTHORIZATION=f"Bearer {peer.token}"
        )
        assert problem(response) == (405, "method_not_allowed")


# --- few bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("zstd", "zstd"),
        ("gzip, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "zstd"),
        ("gzip", "gzip"),
        ("gzip, zstd;q=0", "gzip"),
        ("identity", None),
        ("xzstd", None),
    ],
)
def test_answers_are_compressed_as_asked(accept, coding):
    peer = api_client(office("33.08"))
    plain = peer.get("/probe").content

    response = peer.get("/probe", accept_encoding=accept)

    assert response.get("Content-Encoding") == coding
    opened: Any = {"zstd": zstd.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert opened(response.content) == plain
    assert "Accept-Encoding" in response["Vary"]
    if coding:
        assert len(response.content) < len(plain) / 2


def test_pages_of_people_are_not_touched():
    response = Client().get("/tidak-ada", HTTP_ACCEPT_ENCODING="zstd")

    assert response["Content-Type"].startswith("text/html")
    assert "Content-Encoding" not in response


# --- the log's checkpoint -------------------------------------------------------------------------------


def test_p16_each_answer_carries_a_checkpoint_that_verifies_and_never_goes_back(settings, tmp_path):
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.AUDIT_SIGNING_KEY = base64.b64encode(bytes(range(32))).decode()
    key = private_key(settings.AUDIT_SIGNING_KEY).public_key()
    peer = api_client(office("33.08"), calls_a_minute=1000)
    assert "X-Jejak-Checkpoint" not in peer.get("/probe")

    sizes = []
    for call in range(100):
        if call % 20 == 0:
            write_checkpoint()
        note = base64.b64decode(peer.get("/probe")["X-Jejak-Checkpoint"]).decode()
        sizes.append(verify(note, key).size)

    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 5
