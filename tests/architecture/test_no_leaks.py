"""A reporter's words and traces, planted once and looked for everywhere after the whole way out.

Each place has its own positive control: the same search finds what is allowed to be there.
"""

import base64
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from redis import Redis

from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.logging import AllowListFormatter
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from complaints.models import Case, Complaint
from complaints.services.cases import register_finding
from complaints.services.triage import confirm_tip, decide_on_tip, propose
from complaints.states import ComplaintAction
from complaints.web import intake
from referrals.models import FollowUp, Letter, Referral
from referrals.services.delivery import LETTER_PURPOSE
from referrals.services.follow_up import answer_follow_up
from referrals.services.packets import review_draft
from referrals.services.recommend import approve_referral, propose_referral
from referrals.services.review import accept_referral
from tests.complaints.web.walk import send, walk_to
from tests.factories import AT, checked, facts, person, votes_of, with_grades
from tests.referrals.stages import LATER, both_sign, sanction

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "kenari kuning bersiul tiga kali di balik pendopo"
WITNESS = "Zulkarnaen Burungkenari, rumah biru"
NIK = "3308127011880004"
PHONE = "081298765432"
EMAIL = "kenari.rahasia@surat-contoh.id"
SHARER = "Kenari7719PembagiTautan"
LINK = f"https://www.instagram.com/p/AaBbCcDdEe1/?igsh={SHARER}"
"""The post is a fact like the accused's name; who shared it is not (complaints/links)."""
OTHER = "membagi kaus kenari bergambar"
CANARIES = (SENTENCE, WITNESS, NIK, PHONE, EMAIL, SHARER, OTHER)
ACCUSED = "Contoh Wiratama"


def shapes(text: str) -> set[bytes]:
    """Return a text as it might lie somewhere: plain, escaped, or in another alphabet."""
    plain = text.encode()
    found = {
        plain,
        text.lower().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        quote(text, safe="").encode(),
        quote(text).encode(),
        quote_plus(text).encode(),
        json.dumps(text)[1:-1].encode(),
        text.replace("/", "\\/").encode(),
    }
    # base64 of a longer text holds this of it, wherever it starts
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + plain)
        middle = packed[4 if shift else 0 : len(packed) - 4]
        found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def hits(content: bytes, texts: tuple[str, ...] = CANARIES) -> list[str]:
    """Return which texts lie in some bytes, in any shape."""
    return [text for text in texts if any(shape in content for shape in shapes(text))]


def database() -> bytes:
    """Return every value of every table, as text and as the bytes themselves."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name NOT LIKE 'registry%'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                parts.append(bytes(value) if isinstance(value, memoryview) else str(value).encode())
                if isinstance(value, (dict, list)):
                    parts.append(json.dumps(value, ensure_ascii=False).encode())
    return b"\n".join(parts)


def folder() -> bytes:
    """Return the names and contents of every stored file."""
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    return b"\n".join([*(str(path).encode() for path in files), *(p.read_bytes() for p in files)])


def valkey() -> bytes:
    """Return every key and value of cache and broker."""
    parts: list[bytes] = []
    places: list[Any] = [settings.CACHES["default"]["LOCATION"], settings.CELERY_BROKER_URL]
    for url in places:
        address = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
        server: Any = Redis.from_url(address)
        for key in server.scan_iter():
            parts += [key, server.dump(key) or b""]
            kind = server.type(key)
            if kind == b"list":
                parts += server.lrange(key, 0, -1)
            elif kind == b"string":
                parts.append(server.get(key) or b"")
            elif kind == b"hash":
                parts += [part for pair in server.hgetall(key).items() for part in pair]
        server.close()
    return b"\n".join(parts)


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Return what the product's own formatter writes, with everything switched on."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(AllowListFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def reported(client: Client) -> Complaint:
    """Send a report through the form and look at it once with its code."""
    walk_to(
        client,
        "check",
        acts={"acts": ["PRESSURE_OTHERS", "OTHER"], "other_act": OTHER},
        story={"story": f"{SENTENCE}. NIK saya {NIK}, telepon {PHONE}, surel {EMAIL}."},
        links={"count": "1", "link_0": LINK},
        witness={"witness": "yes", "contact": WITNESS},
    )
    assert send(client).status_code == 303
    digits = "".join(client.get("/f/").context["groups"])
    client.post("/f/", {"do": "kept"})
    client.post("/s/", {"code": digits})
    assert client.get("/s/isi").status_code == 200
    return Complaint.objects.get()


def carried() -> None:
    """Do what the outbox promised, in this process."""
    for _round in range(3):
        for message in OutboxMessage.objects.filter(status="PENDING"):
            deliver(message.pk)


def led_out(complaint: Complaint) -> None:
    """Lead a tip through plenary, finding, case, referral and the PPK's answer."""
    sari, dewi = person("sari"), person("dewi")
    minutes: dict[str, Any] = {
        "at": LATER,
        "minutes_number": "12/BA/X/2024",
        "decided_on": AT.date(),
    }
    checked(complaint, sari)
    propose(complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=sari, at=LATER)
    decide_on_tip(
        complaint=complaint,
        action=ComplaintAction.APPROVE_TRACING,
        member=dewi,
        votes=votes_of(complaint),
        **minutes,
    )
    own = facts(story="Petugas mendengar ajakan itu dari tiga warga di balai desa.")
    finding = with_grades(confirm_tip(complaint=complaint, facts=own, officer=sari, at=LATER))
    case = register_finding(complaint=finding, officer=sari, at=LATER)
    _decided(case, minutes)
    referral = propose_referral(case=case, officer=sari, at=LATER)
    draft = review_draft(referral=referral, at=LATER)
    approve_referral(
        referral=referral,
        approver=person("joko"),
        at=LATER,
        acknowledged=[each.key for each in draft.warnings],
    )
    carried()
    referral = Referral.objects.get()
    accept_referral(referral=referral, reviewer=person("anwar"), at=LATER)
    owed = both_sign(referral, at=LATER)
    later = LATER + timedelta(days=3)
    answer = sanction(decree_on=later.date())
    answer_follow_up(follow_up=owed[0], answer=answer, staff=person("putu"), at=later)
    carried()


def _decided(case: Case, minutes: dict[str, Any]) -> None:
    from complaints.services.cases import decide_on_case, submit_assessment, write_assessment
    from complaints.states import CaseAction

    sari = person("sari")
    write_assessment(
        case=case, summary="Camat mengajak warga.", assessment="Unsur terpenuhi.", officer=sari
    )
    submit_assessment(case=case, officer=sari, at=LATER)
    decide_on_case(
        case=case,
        action=CaseAction.DECIDE_REFER,
        member=person("dewi"),
        votes=votes_of(case),
        **minutes,
    )


def pages(complaint: Complaint) -> Iterator[tuple[str, str, Any]]:
    """Ask every page of every person; yield person, address, answer."""
    finding, case = complaint.finding, Case.objects.get()
    referral, owed = Referral.objects.get(), FollowUp.objects.get()
    allegation = case.allegations.get()
    addresses = [
        *("/", "/perlindungan", "/bantuan", "/privasi", "/data", "/data.csv", "/data.json"),
        *("/api/v1/figures", "/f/", "/s/", "/s/isi", "/masuk/", "/kerja/", "/kerja/antrean/"),
        "/kerja/antrean/?v=closed",
        f"/kerja/antrean/?q={quote('kenari')}",
        *("/kerja/pleno/", "/kerja/perkara/", "/kerja/sistem/", "/kerja/rujukan/"),
        *("/kerja/tindak-lanjut/", "/penelaah/", "/penelaah/?lihat=selesai", "/instansi/"),
        reverse("desk:record", args=[complaint.public_id]),
        reverse("desk:record", args=[finding.public_id]),
        reverse("desk:confirm", args=[complaint.public_id]),
        reverse("desk:decide_complaint", args=[complaint.public_id]),
        reverse("desk:case", args=[case.public_id]),
        reverse("desk:decide_case", args=[case.public_id]),
        reverse("desk:official", args=[case.public_id, allegation.official.public_id]),
        reverse("desk:allegation", args=[case.public_id, allegation.public_id]),
        reverse("referrals:case", args=[case.public_id]),
        reverse("referrals:detail", args=[referral.public_id]),
        reverse("followup:detail", args=[owed.public_id]),
        reverse("review:detail", args=[referral.public_id]),
        reverse("ppk:detail", args=[owed.public_id]),
    ]
    for key in (
        "",
        "sari",
        "dewi",
        "joko",
        "rudi",
        "budi",
        "ratna",
        "anwar",
        "kasman",
        "putu",
        "made",
        "agus",
        "tono",
    ):
        client = Client()
        if key:
            client.force_login(person(key))
        for address in addresses:
            yield key, address, client.get(address)


@pytest.mark.long
def test_nothing_of_the_reporter_lies_anywhere(client, logged, monkeypatch):
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    cache.set("control", ACCUSED)
    complaint = reported(client)
    led_out(complaint)

    stored = database()
    assert hits(stored, (ACCUSED, complaint.reference)) == [ACCUSED, complaint.reference]
    assert hits(stored) == []

    files = folder()
    letter = Letter.objects.get()
    assert letter.storage_name.encode() in files
    assert hits(files) == []

    assert hits(valkey(), (ACCUSED,)) == [ACCUSED]
    assert hits(valkey()) == []

    pdf = sealed_files.load(letter.storage_name, purpose=LETTER_PURPOSE)
    reader = PdfReader(BytesIO(pdf))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    told = f"{text} {reader.metadata} {reader.xmp_metadata and reader.xmp_metadata.stream}"
    assert ACCUSED in text
    assert hits(told.encode() + pdf) == []
    assert complaint.reference not in told

    own_page = reverse("desk:record", args=[complaint.public_id])
    found: dict[str, set[str]] = {}
    for key, address, response in pages(complaint):
        body = response.content + str(response.headers).encode()
        if hits(body):
            found.setdefault(address, set()).add(key)
    assert found == {own_page: {"sari", "dewi", "joko", "ratna"}}

    logging.getLogger("control").info("control line %s", complaint.pk)
    assert "control line" in logged.getvalue()
    assert hits(logged.getvalue().encode()) == []
    assert hits(logged.getvalue().encode(), (ACCUSED, complaint.reference)) == []
    assert len(mail.outbox) == 0


def test_the_search_finds_each_shape():
    for shape in (
        SENTENCE,
        json.dumps({"a": SENTENCE}),
        SENTENCE.encode("utf-16").decode("latin-1"),
        SENTENCE.encode().hex(),
        quote_plus(f"x={SENTENCE}"),
        *(base64.b64encode(b"k" * n + SENTENCE.encode() + b"z").decode() for n in range(4)),
    ):
        assert hits(shape.encode("latin-1")) == [SENTENCE], shape
    assert hits(b"burung kenari lain") == []


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
BANNED = ("lapor", "bawaslu", "asn", "netral", "aduan")


def test_every_page_carries_the_headers():
    addresses = [
        *("/", "/perlindungan", "/jejak", "/bantuan", "/privasi", "/aksesibilitas", "/data"),
        *("/data.csv", "/data.json", "/api/v1/figures", "/f/", "/s/", "/masuk/"),
        *("/kerja/", "/kerja/antrean/", "/tidak-ada", "/health/live", "/akun/2fa/"),
    ]
    for client in (Client(), Client()):
        for address in addresses:
            response = client.get(address)
            for name, value in HEADERS.items():
                assert response.headers.get(name) == value, (address, name)
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, address
            assert "unsafe" not in policy, address
            assert "camera=()" in response.headers["Permissions-Policy"], address
            public = address.startswith("/data")
            assert response.headers["Cache-Control"].startswith(
                "public, max-age=60" if public else ("no-store", "max-age=0")
            ), address
        client.force_login(person("sari"))


def test_reading_leaves_no_cookie():
    for address in ("/", "/perlindungan", "/jejak", "/bantuan", "/privasi", "/data", "/tidak-ada"):
        assert Client().get(address).cookies == {}, address
    client = Client()
    client.post("/f/", {"do": "start"})
    assert {name for name in client.cookies if name != "t"} == {"l"}


def test_titles_and_addresses_of_the_reporters_area_are_neutral(client):
    for address in ("/f/", "/s/"):
        page = client.get(address).content.decode()
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        assert title, address
        for word in BANNED:
            assert not re.search(rf"\b{word}", title[1].lower()), (address, word)
            assert word not in address


def test_a_crash_tells_nothing(client, logged, monkeypatch):
    def crash(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError(SENTENCE)

    client.raise_request_exception = False
    monkeypatch.setattr(intake, "read_session", crash)
    client.cookies["l"] = "x" * 43

    response = client.get("/f/", {"x": NIK})

    assert response.status_code == 500
    page = response.content.decode()
    assert 'lang="id"' in page
    for word in ("RuntimeError", "Traceback", "settings", ".py", NIK, SENTENCE):
        assert word not in page
    assert "RuntimeError" in logged.getvalue()
    assert hits(logged.getvalue().encode()) == []


def test_production_cookies_are_strict():
    text = (Path(settings.BASE_DIR) / "bawaslu_cases" / "settings" / "base.py").read_text()
    for line in (
        'SESSION_COOKIE_NAME = "__Host-p"',
        'CSRF_COOKIE_NAME = "__Host-t"',
        'REPORTER_COOKIE_NAME = "__Host-l"',
        "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True",
        "REPORTER_COOKIE_SECURE = True",
        "SESSION_COOKIE_HTTPONLY = True",
        "CSRF_COOKIE_HTTPONLY = True",
        'SESSION_COOKIE_SAMESITE = "Strict"',
        'CSRF_COOKIE_SAMESITE = "Strict"',
        "DEBUG = False",
        "MFA_REQUIRED = True",
    ):
        assert f"\n{line}\n" in text, line
