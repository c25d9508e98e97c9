"""The card on the return page, the counter, and the verifier's way to it (check A35)."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bawaslu_cases.registry.models import Region
from bawaslu_cases.shared import object_storage
from complaints.models import Complaint, IdentityCard, RequirementCheck, SealedIdentity, VisitCode
from complaints.services.visits import keep_identity_card
from complaints.states import Lane, Requirement
from tests.complaints.web import test_verification as vault
from tests.complaints.web.test_mailbox_page import opened, post
from tests.complaints.web.walk import NOW, text, title
from tests.factories import IDENTITY, person, sent_report
from tests.support.vault import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
COUNTER = "/kerja/loket/"
PAGE = "/s/isi"
JPEG = b"\xff\xd8\xff" + b"foto KTP " * 500
NIK = "3308011202900001"


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def named(lane: Lane, **changes: Any) -> tuple[Complaint, str]:
    """Submit a report with a name; return it and its twenty digits."""
    made = sent_report(NOW, lane, IDENTITY | {"nik": NIK}, **changes)
    return made.complaint, " ".join(made.code)


def reporter(receipt: str) -> Client:
    client = Client()
    assert client.post("/s/", {"code": receipt}).status_code == 303
    return client


def code_on(response: Any) -> str:
    """Read the visit code off the return page."""
    found = re.search(r'<output class="token__code">(.*?)</output>', response.content.decode())
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def at_counter(who: str = "budi") -> Client:
    client: Client = signed_in(Client(), person(who), stepped_up=False)
    return client


def picture(content: bytes = JPEG) -> SimpleUploadedFile:
    return SimpleUploadedFile("Kartinah 3308011202900001.jpg", content, "image/jpeg")


def scan(client: Client, code: str, **changes: Any) -> Any:
    fields = {"do": "scan", "code": code, "card": picture(), "is_of_bearer": "yes"}
    return client.post(COUNTER, fields | changes)


def shown_to_all(html: str, code: str) -> str:
    """Return a page without the code that was typed and the form's token, which every page has its own of."""
    html = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", html)
    return html.replace(code, "CODE")


# --- the return page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lane", [Lane.SEALED, Lane.OPEN])
def test_a_named_report_is_told_until_when_and_draws_a_code(lane):
    complaint, receipt = named(lane)
    Complaint.objects.filter(pk=complaint.pk).update(contest=None)
    client = reporter(receipt)

    before = text(client.get(PAGE))
    after = post(client, do="visit")

    # Monday 7 October and two working days (PB7 ps 12 huruf c).
    assert "Tunjukkan KTP paling lambat Rabu, 9 Oktober 2024" in before
    assert "Buat kode temu" in before
    code = code_on(after)
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", code)
    assert "Sekali pakai, sampai Senin, 14 Oktober 2024" in text(after)
    assert "Ganti kode" in text(after)
    assert code_on(client.get(PAGE)) == code
    assert code_on(reporter(receipt).get(PAGE)) == code
    assert code.replace(" ", "") not in receipt.replace(" ", "")


def test_pilkada_has_no_day_that_we_know_of():
    _complaint, receipt = named(Lane.SEALED)

    assert "Tunjukkan KTP Anda secepatnya" in text(reporter(receipt).get(PAGE))


def test_a_tip_is_never_asked_for_a_card(client):
    complaint = opened(client, Lane.TIP)

    before = client.get(PAGE)
    after = post(client, do="visit")

    assert "KTP" not in text(before)
    assert code_on(after) == ""
    assert not VisitCode.objects.filter(complaint=complaint).exists()


def test_what_was_shown_is_told_and_can_be_shown_once_more():
    _complaint, receipt = named(Lane.SEALED)
    client = reporter(receipt)
    code = code_on(post(client, do="visit"))

    assert scan(at_counter(), code).status_code == 302

    page = text(client.get(PAGE))
    assert "KTP Anda sudah diterima" in page
    assert "Dipindai Senin, 7 Oktober 2024" in page
    assert code_on(client.get(PAGE)) == ""
    again = post(client, do="visit")
    assert code_on(again) not in ("", code)


def test_nothing_is_asked_once_the_name_was_checked():
    complaint, receipt = named(Lane.SEALED)
    client = reporter(receipt)
    RequirementCheck.objects.create(
        complaint=complaint,
        requirement=Requirement.REPORTER,
        is_met=True,
        checked_by=person("vera"),
        checked_at=NOW,
    )

    assert "KTP" not in text(client.get(PAGE))


def test_a_name_sealed_before_there_were_keys_is_told_to_wait_for_the_verifier():
    _complaint, receipt = named(Lane.SEALED)
    SealedIdentity.objects.update(card_key=None)
    client = reporter(receipt)

    page = text(client.get(PAGE))
    after = post(client, do="visit")

    assert "Verifikator memberi tahu caranya" in page
    assert "Buat kode temu" not in page
    assert (code_on(after), VisitCode.objects.count()) == ("", 0)
    assert "Tunjukkan KTP kepada verifikator." in text(after)


def test_a_code_that_is_over_is_not_shown_any_more(clock):
    _complaint, receipt = named(Lane.SEALED)
    client = reporter(receipt)
    post(client, do="visit")

    clock.shift(timedelta(days=8))

    page = reporter(receipt).get(PAGE)
    assert code_on(page) == ""
    assert "Tunjukkan KTP Anda secepatnya" in text(page)
    assert "Buat kode temu" in text(page)


# --- the counter ----------------------------------------------------------------------------------------


def test_a35_the_counter_sees_the_same_whatever_report_the_code_is_of():
    """No region, accused, category, day or lane: the pages are one text for reports that differ in all."""
    told = {
        "near": named(Lane.SEALED),
        "far": named(
            Lane.OPEN,
            region=Region.objects.get(code="51.71"),
            acts=["ID_CARD_SUPPORT"],
            event_on=date(2024, 9, 30),
            known_on=date(2024, 10, 1),
            place="Pasar Badung",
        ),
    }
    pages: dict[str, list[str]] = {}
    for name, (_complaint, receipt) in told.items():
        code = code_on(post(reporter(receipt), do="visit"))
        client = at_counter("sari")
        checked = client.post(COUNTER, {"do": "check", "code": code})
        refused = scan(client, code, card=picture(b"%PDF"))
        kept = scan(client, code)
        after = client.get(COUNTER)
        used = client.post(COUNTER, {"do": "check", "code": code})
        assert (kept.status_code, kept["Location"]) == (302, COUNTER)
        pages[name] = [
            shown_to_all(each.content.decode(), code) for each in (checked, refused, after, used)
        ]
        for page in pages[name]:
            for leak in (
                "Magelang",
                "Denpasar",
                "Bali",
                "Wiratama",
                "2024",
                IDENTITY["name"],
            ):
                assert leak not in page, leak

    assert pages["near"] == pages["far"]
    assert IdentityCard.objects.count() == 2


def test_a35_no_name_and_no_number_leads_to_a_code():
    """What the counter could know of who stands there finds nothing, in the words for a typing error."""
    complaint, receipt = named(Lane.SEALED)
    post(reporter(receipt), do="visit")
    client = at_counter()

    answers = {
        typed: client.post(COUNTER, {"do": "check", "code": typed})
        for typed in (
            NIK,
            NIK[:12],
            IDENTITY["name"],
            IDENTITY["phone"],
            complaint.reference,
            complaint.public_id.hex,
            receipt.replace(" ", ""),
        )
    }

    for typed, answer in answers.items():
        assert "Foto KTP" not in text(answer), typed
        assert re.search("belum benar|tidak berlaku|terdiri dari 12", text(answer)), typed
    for query in (f"?nik={NIK}", f"?q={IDENTITY['name']}", f"?code={NIK}"):
        assert "Foto KTP" not in text(client.get(COUNTER + query))


def test_a35_a_used_code_is_dead_at_every_counter():
    _complaint, receipt = named(Lane.SEALED)
    code = code_on(post(reporter(receipt), do="visit"))
    assert scan(at_counter("budi"), code).status_code == 302
    former = IdentityCard.objects.get().object_name

    again = scan(at_counter("sari"), code)

    assert again.status_code == 200
    assert "Kode ini tidak berlaku" in text(again)
    assert "Foto KTP" not in text(again)
    assert IdentityCard.objects.get().object_name == former


def test_what_was_typed_stays_and_what_is_missing_is_said():
    _complaint, receipt = named(Lane.SEALED)
    code = code_on(post(reporter(receipt), do="visit"))
    client = at_counter()

    nothing = client.post(COUNTER, {"do": "scan", "code": code})
    huge = scan(client, code, card=picture(JPEG + bytes(5 * 1024 * 1024)))
    blank = client.post(COUNTER, {"do": "check", "code": ""})

    assert "Foto KTP-nya, atau pilih berkas fotonya" in text(nothing)
    assert "Pilih salah satu. Pelapor tetap dilayani" in text(nothing)
    assert f'name="code" value="{code}"' in nothing.content.decode()
    assert "paling besar 5 MB" in text(huge)
    assert "Tulis 12 angka kode temu" in text(blank)
    assert scan(client, code).status_code == 302


def test_no_address_and_no_file_name_tells_a_code_or_a_person(caplog):
    _complaint, receipt = named(Lane.SEALED)
    code = code_on(post(reporter(receipt), do="visit"))
    client = at_counter()
    with caplog.at_level("DEBUG"):
        client.post(COUNTER, {"do": "check", "code": code})
        kept = scan(client, code)

    held = IdentityCard.objects.get().object_name
    for told in (caplog.text, kept["Location"], held):
        for needle in (code, code.replace(" ", ""), "Kartinah", NIK):
            assert needle not in told


@pytest.mark.parametrize("who", ["vera", "kurnia", "dewi", "nur", "agus", "anwar", "putu"])
def test_nobody_but_officers_stands_at_the_counter(who):
    assert at_counter(who).get(COUNTER).status_code == 403


def test_the_page_is_kept_by_no_cache():
    response = at_counter().post(COUNTER, {"do": "check", "code": "1"})

    assert "no-store" in response["Cache-Control"]
    assert "Loket KTP" in title(response)


# --- the verifier ---------------------------------------------------------------------------------------


def test_the_record_tells_its_officers_nothing_of_a_visit():
    """A day on which one person came to the counter, beside the day a card came in, would be a name."""
    complaint, receipt = named(Lane.OPEN)
    rudi = at_counter("rudi")
    address = f"/kerja/laporan/{complaint.public_id}/"
    before = shown_to_all(rudi.get(address).content.decode(), "")
    seen_again = shown_to_all(rudi.get(address).content.decode(), "")
    prepared = code_on(post(reporter(receipt), do="visit"))
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        keep_identity_card(
            typed=prepared, picture=JPEG, is_of_bearer=True, officer=person("budi"), at=NOW
        )

    after = shown_to_all(rudi.get(address).content.decode(), "")

    assert after == seen_again
    assert before.count("KTP") == after.count("KTP")


def test_the_verifier_of_a_released_request_gets_the_card_sealed(vault_keys):
    complaint, receipt = named(Lane.SEALED)
    scan(at_counter(), code_on(post(reporter(receipt), do="visit")))
    held = IdentityCard.objects.get()
    asked, href = vault.ask(vault_keys, complaint)
    early = vault.door("vera").get(f"{href}kartu/").status_code
    vault.let_go(vault_keys, asked, href)

    page = text(vault.door("vera").get(href))
    got = vault.door("vera").get(f"{href}kartu/")
    others = {who: vault.door(who).get(f"{href}kartu/").status_code for who in ("vito", "kurnia")}

    assert (early, got.status_code, others) == (404, 200, {"vito": 404, "kurnia": 403})
    assert got.content == b"".join(object_storage.read(held.object_name))
    assert JPEG[:60] not in got.content
    assert got["Content-Type"] == "application/octet-stream"
    assert "KTP pelapor dipindai 7 Okt 2024" in page


def test_without_a_card_there_is_none_to_fetch(vault_keys):
    complaint, _receipt = named(Lane.SEALED)
    asked, href = vault.ask(vault_keys, complaint)
    vault.let_go(vault_keys, asked, href)

    assert vault.door("vera").get(f"{href}kartu/").status_code == 404
    assert "KTP pelapor dipindai" not in text(vault.door("vera").get(href))
