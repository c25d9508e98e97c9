"""The opened return page: messages both ways, what is asked, how one fares, taking back, giving a name."""

import re
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from bawaslu_cases.keyring.models import ReportWraps
from complaints.models import HandoverConsent, Message, SealedIdentity
from complaints.selectors.messages import messages_for_desk
from complaints.services.intake import submit_complaint
from complaints.services.messages import send_to_reporter
from complaints.services.reports import ask_repair
from complaints.states import ComplaintStatus, Lane, Requirement
from complaints.vault.crypto.canonical import parse_canonical
from complaints.vault.crypto.consent import Consent
from tests.complaints.web.walk import NOW, text, title
from tests.factories import IDENTITY, facts, person, sent_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
PAGE = "/s/isi"
SECRET = "Zyzzyva Kanari 7731"


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def submitted(lane: Lane = Lane.TIP) -> Any:
    if lane == Lane.TIP:
        return submit_complaint(facts=facts(), lane=lane, at=NOW)
    return sent_report(NOW, lane)


def opened(client, lane: Lane = Lane.TIP) -> Any:
    """Submit a record, open its page in ``client`` and return the record."""
    made = submitted(lane)
    assert client.post("/s/", {"code": " ".join(made.code)}).status_code == 303
    return made.complaint


def post(client, **fields: str) -> Any:
    """Send something from the page and return what is shown after it."""
    response = client.post(PAGE, fields)
    assert response.status_code == 303
    assert response["Location"] == PAGE
    return client.get(PAGE)


def test_message_to_the_reporter_is_read_with_the_code_alone(client):
    """Check R11: the words lie in the database sealed to the mailbox's key."""
    complaint = opened(client)
    send_to_reporter(complaint=complaint, officer=person("sari"), text=SECRET, at=NOW)

    stored = bytes(Message.objects.get().sealed)

    assert SECRET in text(client.get(PAGE))
    assert SECRET.encode() not in stored
    assert [message.text for message in messages_for_desk(complaint)] == [None]


def test_reporter_never_sees_who_wrote(client):
    """Check R18: coarse stages and days, no officer's name."""
    complaint = opened(client)
    sari = person("sari")
    send_to_reporter(complaint=complaint, officer=sari, text="Halo", at=NOW)

    html = client.get(PAGE).content.decode()

    assert sari.name not in html
    assert sari.email not in html
    assert not re.search(r"\d{2}[.:]\d{2}(?!\d)", text(client.get(PAGE)))


@pytest.mark.parametrize(
    ("lane", "scheme", "read_by_desk"),
    [(Lane.TIP, "envelope", SECRET), (Lane.OPEN, "envelope", SECRET), (Lane.SEALED, "desk", None)],
)
def test_message_from_the_reporter_is_for_the_desk(client, lane, scheme, read_by_desk):
    complaint = opened(client, lane)

    post(client, do="go:write")
    page = post(client, page="write", text=SECRET)

    row = Message.objects.get()
    assert "Pesan Anda terkirim." in text(page)
    assert (row.scheme, row.direction) == (scheme, "from_reporter")
    assert SECRET.encode() not in bytes(row.sealed)
    assert [message.text for message in messages_for_desk(complaint)] == [read_by_desk]


@pytest.mark.parametrize("lane", [Lane.TIP, Lane.SEALED, Lane.OPEN])
def test_whoever_holds_the_code_reads_back_nothing_that_was_told(client, lane):
    """Check R09: neither the name nor the reporter's own words come back."""
    complaint = opened(client, lane)
    post(client, do="go:write")
    post(client, page="write", text=SECRET)

    html = client.get(PAGE).content.decode()

    for told in (*IDENTITY.values(), SECRET, facts().story, "Wiratama", complaint.reference):
        assert told not in html


def test_own_message_is_deleted_for_good(client):
    """Check R10."""
    opened(client)
    post(client, do="go:write")
    post(client, page="write", text=SECRET)

    page = post(client, do=f"delete:{Message.objects.get().public_id.hex}")

    assert "Pesan Anda dihapus." in text(page)
    assert not Message.objects.exists()


def test_nobody_deletes_what_is_not_their_own(client):
    complaint, other = opened(client), submitted().complaint
    theirs = send_to_reporter(complaint=complaint, officer=person("sari"), text="A", at=NOW)
    strange = send_to_reporter(complaint=other, officer=person("sari"), text="B", at=NOW)

    for public_id in (theirs.public_id.hex, strange.public_id.hex, "x", ""):
        post(client, do=f"delete:{public_id}")

    assert Message.objects.count() == 2


def test_empty_and_endless_messages_are_refused_and_kept_on_the_page(client):
    opened(client)
    post(client, do="go:write")

    empty = post(client, page="write", text="  ")
    endless = post(client, page="write", text="a" * 4001)

    assert "Tulis pesannya" in text(empty)
    assert title(empty).startswith("Galat: ")
    assert "Pesan terlalu panjang" in text(endless)
    assert "a" * 4001 in endless.content.decode()
    assert not Message.objects.exists()


def test_a_message_too_many_is_refused_and_kept_on_the_page(client):
    complaint = opened(client)
    for _n in range(10):
        post(client, do="go:write")
        post(client, page="write", text="Keterangan baru")

    post(client, do="go:write")
    page = post(client, page="write", text=SECRET)

    assert "Hari ini sudah 10 kali dikirim." in text(page)
    assert SECRET in page.content.decode()
    assert complaint.messages.count() == 10


def test_repair_is_answered_from_the_page(client):
    complaint = opened(client, Lane.OPEN)
    ask_repair(
        complaint=complaint,
        requirements=[Requirement.EVIDENCE],
        officer=person("sari"),
        at=NOW,
    )

    asked = client.get(PAGE)
    post(client, do="go:repair")
    answered = post(client, page="repair", text="Tautannya ada di grup.")

    assert "Lengkapi paling lambat Rabu, 9 Oktober 2024" in text(asked)
    assert "Bukti atau petunjuk" in text(asked)
    assert "Jawaban Anda terkirim" in text(answered)
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.RECEIVED
    assert Message.objects.get().kind == "repair_answer"
    post(client, page="repair", text="Sekali lagi")
    assert Message.objects.count() == 1


def test_pressure_stands_out_for_the_desk(client):
    complaint = opened(client)

    post(client, do="go:check_in")
    page = post(client, page="check_in", safety="pressure", text="Saya diancam dipindah.")

    row = Message.objects.get()
    assert "Kabar Anda terkirim." in text(page)
    assert (row.kind, row.is_urgent) == ("check_in", True)
    assert "diancam dipindah" in (messages_for_desk(complaint)[0].text or "")


def test_withdrawal_says_what_it_does_and_erases_the_name(
    client, django_capture_on_commit_callbacks
):
    complaint = opened(client, Lane.SEALED)

    page = post(client, do="go:withdraw")
    refused = post(client, page="withdraw")
    with django_capture_on_commit_callbacks(execute=True):
        done = post(client, page="withdraw", understood="on")

    assert "Kunci nama Anda dihapus hari ini" in text(page)
    assert "Isi laporan tidak hilang" in text(page)
    assert "Centang kalau Anda ingin menarik laporan" in text(refused)
    assert "Laporan Anda sudah ditarik" in text(done)
    assert not SealedIdentity.objects.exists()
    assert not ReportWraps.objects.exists()
    complaint.refresh_from_db()
    assert complaint.lane == Lane.TIP


def test_lane_is_raised_without_javascript_and_the_name_never_comes_back(client):
    complaint = opened(client)
    post(client, do="go:lane")
    asked = post(client, do="lane:sealed")

    done = post(
        client,
        page="name",
        name=IDENTITY["name"],
        address=IDENTITY["address"],
        eligible="on",
    )

    assert "Nama lengkap" in text(asked)
    assert "Nama Anda terkunci di laporan ini." in text(done)
    complaint.refresh_from_db()
    assert complaint.lane == Lane.SEALED
    assert SealedIdentity.objects.get().mode == "server"
    assert IDENTITY["name"] not in client.get(PAGE).content.decode()


def test_refused_name_is_asked_again_and_nothing_is_kept(client):
    complaint = opened(client)
    post(client, do="go:lane")
    post(client, do="lane:open")

    response = client.post(PAGE, {"page": "name", "name": "", "address": IDENTITY["address"]})

    assert response.status_code == 200
    assert "Tulis nama lengkap Anda" in text(response)
    assert not SealedIdentity.objects.exists()
    complaint.refresh_from_db()
    assert complaint.lane == Lane.TIP


def test_request_to_lpsk_opens_with_lpsks_key_only_and_consent_is_signed(client, vault_keys):
    complaint = opened(client, Lane.SEALED)
    post(client, do="go:lpsk")

    page = post(
        client,
        page="lpsk",
        name=IDENTITY["name"],
        contact="0812-0000-0000",
        threat=SECRET,
        use_identity="on",
    )

    row = Message.objects.get()
    kept = HandoverConsent.objects.get()
    consent = Consent.from_json(parse_canonical(bytes(kept.document)))
    assert "terkunci untuk LPSK" in text(page)
    assert (row.scheme, row.kind, row.is_urgent) == ("lpsk", "lpsk", True)
    assert SECRET.encode() not in bytes(row.sealed)
    assert vault_keys.open_parcel(bytes(row.sealed), complaint) == {
        "name": IDENTITY["name"],
        "contact": "0812-0000-0000",
        "threat": SECRET,
    }
    assert (consent.report, consent.partner) == (complaint.public_id.hex, "lpsk")
    assert kept.given_on == NOW.date()


def test_page_never_promises_lpsks_protection(client):
    opened(client)

    shown = text(post(client, do="go:lpsk"))

    assert "Kami tidak bisa menjanjikannya" in shown
    assert "UU 31" not in shown


def test_unknown_pages_and_actions_change_nothing(client):
    opened(client)

    for fields in (
        {"do": "go:../admin"},
        {"do": "lane:sealed'"},
        {"page": "repair", "text": "x"},
        {"page": "withdraw", "understood": "on"},
        {"do": ""},
        {},
    ):
        assert "Laporan Anda sudah diterima" in text(post(client, **fields))

    assert not Message.objects.exists()


def test_return_page_says_who_opened_the_name(client):
    opened(client, Lane.SEALED)

    assert "Belum pernah dibuka." in text(client.get(PAGE))


def test_report_is_registered_not_traced(client):
    opened(client, Lane.SEALED)

    shown = text(client.get(PAGE))

    assert "Dikaji" in shown
    assert "Ditelusuri" not in shown


def test_tip_shows_the_tracing_ahead(client):
    opened(client)

    assert "Ditelusuri" in text(client.get(PAGE))
