"""Reporters' and officers' words that want to be markup are words on every page and paper (check E30)."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import time
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared import sealed_files
from complaints.models import CaptureMinutes, Complaint, EvidenceLink, LinkCapture
from complaints.services.captures import PURPOSE, Seen, record_capture, write_minutes
from complaints.services.cleaning import clean_evidence
from complaints.services.messages import send_to_reporter
from tests.complaints.web.test_mailbox_page import opened, post
from tests.complaints.web.walk import ANSWERS, NOW, html_of, walk_to
from tests.factories import AT, case, facts, finding, in_hand, person, report, tip
from tests.support.evidence import cleaned_evidence, evidence_of, let_through, photo
from tests.support.markup import MARK, PAYLOADS, alive, told
from tests.support.vault import signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring", "audit"]),
    pytest.mark.usefixtures("vault_keys"),
]
ALL = "\n".join(PAYLOADS)


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(person("sari"))
    return client


def people(payload: str) -> dict[str, Any]:
    """Return facts whose every short text is the payload."""
    (plain,) = facts().people
    hostile = replace(plain, name=payload, position=payload, unit=payload, nip="")
    return {"people": [hostile], "place": payload}


def inert(client: Client, address: str, *, shows: Iterable[str] = ()) -> str:
    """Return a page on which nothing came alive and the named payloads can be read."""
    response = client.get(address)
    assert response.status_code == 200, address
    html = html_of(response)
    assert alive(html) == [], address
    assert set(shows) <= set(told(html)), address
    return html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_e30_control_each_payload_is_seen_where_nothing_escapes_it(payload):
    page = '<!doctype html><title>{}</title><p title="{}">{}<textarea>{}</textarea>'
    assert alive(page.format("", payload, payload, payload))
    assert alive(page.format("", "", "", "")) == []


def test_e30_names_and_places_at_the_desk(desk):
    (plain,) = facts().people
    records = []
    for start in range(0, len(PAYLOADS), 10):
        group = PAYLOADS[start : start + 10]
        named = [replace(plain, name=each, position=each, unit=each, nip="") for each in group]
        records.append(tip(people=named, place=group[0]))
        inert(desk, f"/kerja/laporan/{records[-1].public_id}/", shows=group)

    for address in ("/kerja/", "/kerja/antrean/", f"/kerja/antrean/?c={records[0].public_id}"):
        assert MARK in inert(desk, address)


def test_e30_what_is_looked_for_and_filtered_by(desk):
    names = ("q", "view", "lane", "act", "office", "at", "c")
    for payload in PAYLOADS:
        html = html_of(desk.get("/kerja/antrean/", dict.fromkeys(names, payload)))
        assert alive(html) == [], payload
        assert payload in told(html)


def test_e30_words_of_a_case_and_of_a_finding(desk):
    made = finding(story=ALL, **people(PAYLOADS[3]))
    inert(desk, f"/kerja/laporan/{made.public_id}/", shows=PAYLOADS)
    opened_case = case(story=ALL, **people(PAYLOADS[29]))
    inert(desk, f"/kerja/perkara/{opened_case.public_id}/", shows=[PAYLOADS[29]])
    inert(desk, "/kerja/perkara/")


def test_e30_stories_texts_and_names_of_files(desk):
    record = tip(story=ALL, **people(PAYLOADS[0]))
    let_through(evidence_of(record, ALL.encode(), at=AT, name=PAYLOADS[3]), ALL)
    for payload in PAYLOADS[:5]:
        evidence_of(record, photo(), at=AT, name=payload)
    place = f"/kerja/laporan/{record.public_id}/"

    inert(desk, place, shows=PAYLOADS)
    inert(desk, f"{place}bukti/1/", shows=PAYLOADS)
    assert MARK not in inert(desk, f"{place}bukti/2/")


def test_e30_the_cleaner_refuses_text_that_is_markup(desk):
    record = tip()
    refused = cleaned_evidence(record, f"Catatan saya.\n{ALL}".encode(), at=AT)
    assert (refused.status, refused.refusal) == ("refused", "markup")


@pytest.mark.long
def test_e30_links_captures_and_their_minutes(desk):
    given = [f"https://contoh{n}.id/{quote(each, safe='')}" for n, each in enumerate(PAYLOADS)]
    record = tip(links=given)
    place = f"/kerja/laporan/{record.public_id}/tautan/"
    assert MARK in inert(desk, place)
    links = [link for link in record.links.all() if link.key]
    assert len(links) > 30
    for link in links:
        inert(desk, f"{place}{link.public_id}/")

    sari, shown = person("sari"), links[:2]
    made = [seen_at(shown[n % 2], sari, account=each) for n, each in enumerate(PAYLOADS)]
    pages = [inert(desk, f"{place}{link.public_id}/") for link in shown]
    assert {payload for page in pages for payload in told(page)} == set(PAYLOADS)

    clean_evidence(subject_id=made[0].evidence.public_id.hex, at=AT)
    write_minutes(subject_id=made[0].public_id.hex, at=AT)
    stored = CaptureMinutes.objects.get()
    paper = PdfReader(io.BytesIO(sealed_files.load(stored.storage_name, purpose=PURPOSE)))
    said = "".join(page.extract_text() for page in paper.pages).replace("\n", "").replace(" ", "")
    assert PAYLOADS[0].replace(" ", "") in said
    root: Any = paper.trailer["/Root"].get_object()
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/JavaScript" not in root.get("/Names", {})
    assert [page for page in paper.pages if "/Annots" in page or "/AA" in page] == []


def seen_at(link: EvidenceLink, officer: User, *, account: str) -> LinkCapture:
    """Record a capture whose account and file are called by the payload; its copy is not made yet."""
    seen = Seen(act="like", account=account, captured_on=AT.date(), captured_time=time(9, 30))
    content = io.BytesIO(photo(64, 48))
    return record_capture(
        link=link, seen=seen, content=content, name=account, officer=officer, at=AT
    )


def test_e30_messages_in_both_directions(desk, client):
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        complaint = opened(client)
        send_to_reporter(complaint=complaint, officer=person("sari"), text=ALL, at=NOW)
        post(client, do="go:write")
        post(client, page="write", text=ALL)
        inert(client, "/s/isi", shows=PAYLOADS)
        inert(desk, f"/kerja/laporan/{complaint.public_id}/surat/", shows=PAYLOADS)


def test_e30_a_reporter_reads_back_their_own_answers(client):
    hostile = {
        "people": {**ANSWERS["people"], "p0-name": PAYLOADS[3], "p0-position": PAYLOADS[29]},
        "when": {**ANSWERS["when"], "place": PAYLOADS[31]},
        "story": {"story": ALL},
    }
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        check = html_of(walk_to(client, "check", **hostile))
    assert alive(check) == []
    assert {PAYLOADS[3], PAYLOADS[29], PAYLOADS[31]} <= set(told(check))


def test_e30_the_vaults_pages(client):
    record: Complaint = in_hand(report(timezone.now(), story=ALL, **people(PAYLOADS[3])))
    vera = signed_in(Client(), person("vera"), stepped_up=True)
    inert(vera, "/brankas/")
    inert(vera, f"/brankas/laporan/{record.public_id}/")
    words = vera.get(f"/brankas/laporan/{record.public_id}/uraian/")
    assert words["Content-Type"] == "application/json"
    assert MARK not in words.content.decode()  # sealed: the client alone reads it
