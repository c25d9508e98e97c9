"""The vault's pages and JSON: who sees what, what a client gets, what refuses."""

import json
import os
from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.models import AuditEvent
from complaints.models import Complaint, HandoverConsent, Receipt, ShareRelease, UnsealRequest
from complaints.selectors.vault import pseudonym
from complaints.services.summaries import digest_of
from complaints.states import Lane, Requirement, UnsealStatus
from complaints.vault.crypto.consent import consent_public_key, give_consent
from complaints.vault.crypto.keys import PartnerPublicKey
from complaints.vault.crypto.requests import LegalBasis, reason_with_basis
from tests.factories import IDENTITY, in_hand, office, person, report, tip
from tests.support.evidence import evidence_of, photo
from tests.support.vault import Asked, VaultWorld, signed_in, stored_blob

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def _by_day():
    """Ten in the morning in Jakarta: an opening at night raises an alarm (check V24)."""
    with time_machine.travel(timezone.now().replace(hour=3, minute=0)):
        yield


@pytest.fixture
def complaint(vault_keys: VaultWorld) -> Complaint:
    return in_hand(report(timezone.now()))


def door(who: str, *, stepped_up: bool = True) -> Any:
    return signed_in(Client(), person(who), stepped_up=stepped_up)


def page(complaint: Complaint, tail: str = "") -> str:
    return f"/brankas/laporan/{complaint.public_id}/{tail}"


def own(asked: Asked) -> dict[str, Any]:
    return {"request": asked.request.to_json(), "key_sealed": asked.sealed_esk.hex()}


def as_file(value: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("x.json", json.dumps(value).encode())}


def post(client: Client, path: str, value: Any) -> Any:
    return client.post(path, json.dumps(value), content_type=JSON)


def ask(world: VaultWorld, complaint: Complaint, **changes: Any) -> tuple[Asked, str]:
    """Ask through the door; return what the client keeps and the request's address."""
    in_hand(complaint)
    asked = world.ask("vera", complaint.public_id, at=timezone.now(), **changes)
    answer = post(door("vera"), page(complaint, "permintaan/"), own(asked))
    assert answer.status_code == 201, answer.content
    assert answer.json()["id"] == asked.request.id
    href: str = answer.json()["href"]
    return asked, href


def let_go(world: VaultWorld, asked: Asked, href: str, who: str = "kurnia") -> Any:
    """Release through the door with what the door gives."""
    given = door(who).get(f"{href}berkas/").json()
    sealed = world.release(who, asked.request, given["part"])
    released = {
        "request": asked.request.id,
        "custodian": world.officers[who].id,
        "sealed": sealed.hex(),
    }
    return post(door(who), f"{href}rilis/", released)


def test_v05_two_people_open_through_the_doors(vault_keys, complaint):
    asked, href = ask(vault_keys, complaint)
    assert let_go(vault_keys, asked, href).json() == {"status": "released"}
    opened = post(door("vera"), f"{href}buka/", {})
    assert opened.status_code == 200
    assert opened["Cache-Control"] == "no-store"
    value = opened.json()
    assert set(value) == {"own", "part", "release", "texts"}
    assert value["own"] == own(asked)
    released = bytes.fromhex(value["release"]["sealed"])
    assert vault_keys.open("vera", asked, released, value["part"]) == IDENTITY
    said = vault_keys.attest(
        "vera", asked.request, stored_blob(complaint), on=timezone.now().date()
    )
    answer = post(door("vera"), f"{href}pernyataan/", said.to_json())
    assert answer.json() == {"is_complete": True}
    assert complaint.checks.get(requirement=Requirement.REPORTER).is_met
    assert "Tidak ada yang menunggu" in door("vera").get("/brankas/").content.decode()


def test_k05_texts_to_compare_come_with_what_opens_and_to_the_verifier_alone(vault_keys, complaint):
    complaint.summary = "Camat mengajak warga."
    complaint.save(update_fields=["summary"])
    asked, href = ask(vault_keys, complaint)
    assert "texts" not in door("vera").get(f"{href}berkas/").json()
    assert door("vera").get(f"{href}berkas/?file=texts").status_code == 404
    let_go(vault_keys, asked, href)
    told = door("vera").get(f"{href}berkas/").json()["texts"]
    place = "Ringkasan untuk petugas lain"
    assert told["texts"] == [{"place": place, "text": "Camat mengajak warga."}]
    official = complaint.official_links.get().official
    assert {official.name, complaint.region.name, complaint.office.name} <= set(told["known"])
    assert door("vera").get(f"{href}berkas/?file=texts").json() == told
    assert post(door("vera"), f"{href}buka/", {}).json()["texts"] == told
    assert door("vera").get(f"{href}berkas/").json()["texts"] == told
    assert "texts" not in door("kurnia").get(f"{href}berkas/").json()


def test_v06_released_share_is_served_once(vault_keys, complaint):
    asked, href = ask(vault_keys, complaint)
    assert post(door("vera"), f"{href}buka/", {}).status_code == 409
    let_go(vault_keys, asked, href)
    assert post(door("vito"), f"{href}buka/", {}).status_code == 404
    assert post(door("vera"), f"{href}buka/", {}).status_code == 200
    again = post(door("vera"), f"{href}buka/", {})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_v06_no_get_hands_out_a_released_share(vault_keys, complaint):
    """Whatever a verifier or custodian may read, the share that was let go is in none of it."""
    asked, href = ask(vault_keys, complaint)
    let_go(vault_keys, asked, href)
    share = bytes(ShareRelease.objects.get().blob)
    for who in ("vera", "vito", "kurnia", "kadek"):
        client = door(who)
        for path in (
            "/brankas/",
            "/brankas/kunci/",
            href,
            f"{href}berkas/",
            f"{href}buka/",
            page(complaint),
            page(complaint, "bagian/"),
            page(complaint, "uraian/"),
        ):
            content = client.get(path).content
            assert share.hex().encode() not in content, (who, path)
            if who in {"kurnia", "kadek"}:
                cipher = stored_blob(complaint).to_json()["ciphertext"][:40].encode()
                assert cipher not in content, (who, path)


@pytest.mark.parametrize(
    ("who", "home", "at_report", "at_request"),
    [
        ("vera", 200, 200, 200),
        ("vito", 200, 404, 404),
        ("retno", 200, 404, 404),
        ("kurnia", 200, 403, 200),
        ("sari", 403, 403, 403),
        ("agus", 403, 403, 403),
    ],
)
def test_each_sees_only_what_is_theirs(vault_keys, complaint, who, home, at_report, at_request):
    _asked, href = ask(vault_keys, complaint)
    client = door(who)
    assert client.get("/brankas/").status_code == home
    assert client.get(page(complaint)).status_code == at_report
    assert client.get(href).status_code == at_request


def test_custodian_reads_why_and_sees_a_pseudonym(vault_keys, complaint):
    _asked, href = ask(vault_keys, complaint, reason="KTP belum dicocokkan.")
    text = door("kurnia").get(href).content.decode()
    assert "KTP belum dicocokkan." in text
    assert pseudonym(complaint.public_id) in text
    assert complaint.reference not in text
    assert "Periksa dan lepas" in text


def test_pseudonym_is_stable_and_says_nothing(vault_keys, complaint):
    name = pseudonym(complaint.public_id)
    assert name == pseudonym(complaint.public_id)
    assert len(name) == 6
    assert name.startswith("P-")
    others = {pseudonym(report(timezone.now()).public_id) for _number in range(5)}
    assert len(others | {name}) == 6


def test_unit_that_the_reporter_keeps_away_sees_nothing(vault_keys):
    hidden = in_hand(report(timezone.now(), keep_from=(office("33").pk,)), "retno")
    assert door("vera").get(page(hidden)).status_code == 404
    assert hidden.title not in door("vera").get("/brankas/").content.decode()
    assert door("retno").get(page(hidden)).status_code == 200


def test_a12_a_colleagues_report_has_no_door(vault_keys, complaint):
    """Every address of a report that another verifier of the desk has in hand is 404 (check A12)."""
    theirs = in_hand(report(timezone.now()), "vito")
    evidence = evidence_of(theirs, photo(), at=timezone.now())
    asked = vault_keys.ask("vera", theirs.public_id, at=timezone.now())
    client = door("vera")

    for tail in ("", "bagian/", "bagian/?file=part", "uraian/", "uraian/?file=0"):
        assert client.get(page(theirs, tail)).status_code == 404, tail
        assert client.get(page(complaint, tail)).status_code == 200, tail
    assert post(client, page(theirs, "permintaan/"), own(asked)).status_code == 404
    summary = {"text": "Camat.", "seen": digest_of("")}
    assert client.post(page(theirs, "ringkasan/"), summary).status_code == 404
    for tail in ("", "kunci/", "isi/"):
        assert client.get(f"/brankas/berkas/{evidence.public_id}/{tail}").status_code == 404, tail
    home = client.get("/brankas/").content.decode()
    assert pseudonym(complaint.public_id) in home
    assert pseudonym(theirs.public_id) not in home
    assert not UnsealRequest.objects.exists()


def test_record_without_a_name_has_no_page_here(vault_keys):
    plain = tip(timezone.now())
    assert door("vera").get(page(plain)).status_code == 404


def test_keys_are_ones_own(vault_keys, complaint):
    value = door("vera").get("/brankas/kunci/").json()
    assert set(value) == {"officer", "root", "bundle", "listing"}
    me = vault_keys.officers["vera"].id
    assert (value["officer"], value["root"]) == (me, vault_keys.root_pk.hex())
    wrapped = {officer for epoch in value["listing"]["epochs"] for officer in epoch["wraps"]}
    assert wrapped == {me}
    assert len(value["listing"]["officers"]) == 5


def test_words_for_the_desk_come_sealed(vault_keys, complaint):
    (found,) = door("vera").get(page(complaint, "uraian/")).json()["words"]
    assert set(found) == {"report", "kind", "group", "epoch", "blob"}
    assert found["kind"] == "statement"
    assert json.loads(vault_keys.read_words(found))["story"].startswith("Pak Camat")
    assert b"Pak Camat" not in b64decode(found["blob"])
    one = door("vera").get(page(complaint, "uraian/?file=0"))
    assert one.json() == found
    assert "attachment" in one["Content-Disposition"]
    assert door("vera").get(page(complaint, "uraian/?file=7")).status_code == 404


def test_vaultctl_files_go_up_and_down_without_script(vault_keys, complaint):
    asked = vault_keys.ask("vera", complaint.public_id, at=timezone.now())
    vera, kurnia = door("vera"), door("kurnia")
    sent = vera.post(page(complaint, "permintaan/"), as_file(own(asked)))
    href = f"/brankas/permintaan/{UnsealRequest.objects.get().id}/"
    assert (sent.status_code, sent["Location"]) == (302, href)
    part = kurnia.get(f"{href}berkas/?file=part").json()
    request = kurnia.get(f"{href}berkas/?file=request").json()
    assert request == asked.request.to_json()
    released = {
        "request": asked.request.id,
        "custodian": vault_keys.officers["kurnia"].id,
        "sealed": vault_keys.release("kurnia", asked.request, part).hex(),
    }
    assert kurnia.post(f"{href}rilis/", as_file(released)).status_code == 302
    desk = vera.get(page(complaint, "bagian/?file=part")).json()
    handed = vera.post(f"{href}buka/")
    assert handed["Content-Disposition"].startswith("attachment; filename=")
    assert complaint.reference not in handed["Content-Disposition"]
    assert handed.json() == released
    identity = vault_keys.open("vera", asked, bytes.fromhex(handed.json()["sealed"]), desk)
    assert identity == IDENTITY


@pytest.mark.parametrize("body", [b"[]", b"{", b'"x"', b"\xff", b"[" * 100_000])
def test_malformed_json_is_refused_in_words(vault_keys, complaint, body):
    answer = door("vera").post(page(complaint, "permintaan/"), body, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"malformed", "malformed_seal"}
    assert not UnsealRequest.objects.exists()


def test_wrong_file_leads_back_with_a_message(vault_keys, complaint):
    answer = door("vera").post(page(complaint, "permintaan/"), as_file({"a": 1}), follow=True)
    assert answer.redirect_chain == [(page(complaint), 302)]
    assert "Berkas ini bukan yang diharapkan." in answer.content.decode()


def test_keys_are_worked_with_only_after_a_fresh_proof(vault_keys, complaint):
    old = door("vera", stepped_up=False)
    assert old.get(page(complaint))["Location"].startswith("/akun/reauthenticate/")
    asked = vault_keys.ask("vera", complaint.public_id, at=timezone.now())
    answer = post(old, page(complaint, "permintaan/"), own(asked))
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up")
    assert not UnsealRequest.objects.exists()


def test_opening_refuses_while_the_log_is_down(vault_keys, complaint, monkeypatch):
    asked, href = ask(vault_keys, complaint)
    let_go(vault_keys, asked, href)

    def down(**_entry: Any) -> int:
        raise AuditUnavailableError

    monkeypatch.setattr("bawaslu_cases.audit.services.record", down)
    assert post(door("vera"), f"{href}buka/", {}).status_code == 503
    assert UnsealRequest.objects.get().status == UnsealStatus.RELEASED


def test_each_look_and_step_leaves_one_entry(vault_keys, complaint):
    before = AuditEvent.objects.count()
    asked, href = ask(vault_keys, complaint)
    let_go(vault_keys, asked, href)
    post(door("vera"), f"{href}buka/", {})
    door("vera").get(page(complaint, "uraian/"))
    rows = AuditEvent.objects.order_by("seq")[before:]
    assert [(row.action, row.subject) for row in rows] == [
        (action, f"complaint:{complaint.public_id.hex}")
        for action in (
            "vault.request",
            "page.vault:request_file",
            "vault.release",
            "vault.open",
            "page.vault:words",
        )
    ]


def test_denial_comes_from_the_list(vault_keys, complaint):
    _asked, href = ask(vault_keys, complaint)
    client = door("kurnia")
    assert (
        "<title>Galat: " in client.post(f"{href}tolak/", {"reason": "karena saya"}).content.decode()
    )
    client.post(f"{href}tolak/", {"reason": "conflict"})
    assert UnsealRequest.objects.get().status == UnsealStatus.DENIED


def test_verifier_withdraws_his_own(vault_keys, complaint):
    _asked, href = ask(vault_keys, complaint)
    assert door("vito").post(f"{href}batal/").status_code == 404
    assert door("vera").post(f"{href}batal/").status_code == 302
    assert UnsealRequest.objects.get().status == UnsealStatus.WITHDRAWN


def test_neutral_summary_reaches_the_record(vault_keys, complaint):
    path = page(complaint, "ringkasan/")
    assert "Tulis ringkasannya" in door("vera").post(path, {"text": " "}).content.decode()
    drawn = door("vera").get(page(complaint)).context["form"]["seen"].value()
    door("vera").post(path, {"text": "Seorang camat mengajak warga memilih.", "seen": drawn})
    shown = door("sari").get(f"/kerja/laporan/{complaint.public_id}/").content.decode()
    assert "Seorang camat mengajak warga memilih." in shown


def test_f15_a_summary_that_was_written_meanwhile_is_not_written_over(vault_keys, complaint):
    """Two windows of one verifier: nobody else has the report."""
    path = page(complaint, "ringkasan/")
    drawn = door("vera").get(page(complaint)).context["form"]["seen"].value()
    door("vera").post(path, {"text": "Yang pertama.", "seen": drawn})

    late = door("vera").post(path, {"text": "Yang kedua.", "seen": drawn})

    assert late.status_code == 409
    told = late.content.decode()
    assert "Baru diubah oleh orang lain" in told
    assert "Yang kedua." in told  # what was typed is not lost either
    complaint.refresh_from_db()
    assert complaint.summary == "Yang pertama."
    assert door("vera").post(path, {"text": "Yang kedua."}).status_code == 409
    drawn = door("vera").get(page(complaint)).context["form"]["seen"].value()
    assert door("vera").post(path, {"text": "Yang kedua.", "seen": drawn}).status_code == 302


def test_a12_with_the_report_goes_all_that_was_asked_about_it(vault_keys, complaint):
    """Whoever lost a report after they opened it has no page, no text, no card, and signs nothing."""
    asked, href = ask(vault_keys, complaint)
    let_go(vault_keys, asked, href)
    assert post(door("vera"), f"{href}buka/", {}).status_code == 200
    said = vault_keys.attest(
        "vera", asked.request, stored_blob(complaint), on=timezone.now().date()
    )
    in_hand(complaint, "vito")

    vera = door("vera")
    for tail in ("", "berkas/", "kartu/"):
        assert vera.get(href + tail).status_code == 404, tail
    assert post(vera, f"{href}pernyataan/", said.to_json()).status_code == 404
    assert href not in vera.get("/brankas/").content.decode()
    assert not complaint.attestations.exists()


def test_a12_a_custodian_decides_on_nothing_that_its_asker_lost(vault_keys, complaint):
    asked, href = ask(vault_keys, complaint)
    given = door("kurnia").get(f"{href}berkas/").json()
    in_hand(complaint, "vito")

    assert href not in door("kurnia").get("/brankas/").content.decode()
    assert door("kurnia").get(href).status_code == 404
    sealed = vault_keys.release("kurnia", asked.request, given["part"])
    released = {
        "request": asked.request.id,
        "custodian": vault_keys.officers["kurnia"].id,
        "sealed": sealed.hex(),
    }
    assert post(door("kurnia"), f"{href}rilis/", released).status_code == 404
    assert not ShareRelease.objects.exists()


def test_pages_forbid_what_a_vault_does_not_need(vault_keys, complaint):
    answer = door("vera").get(page(complaint))
    policy = answer["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "connect-src 'self'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer["Cross-Origin-Embedder-Policy"] == "require-corp"
    scripts = answer.content.decode().count("<script")
    assert scripts == 1
    assert door("vera").get("/brankas/").content.decode().count("<script") == 0


def test_lists_take_the_same_queries_however_long(vault_keys, complaint, django_assert_num_queries):
    client = door("vera")
    client.get("/brankas/")
    with django_assert_num_queries(9):
        client.get("/brankas/")
    for _number in range(3):
        more = in_hand(report(timezone.now()))
        asked = vault_keys.ask("vera", more.public_id, at=timezone.now())
        post(client, page(more, "permintaan/"), own(asked))
    with django_assert_num_queries(9):
        client.get("/brankas/")


def test_open_lane_lies_at_its_own_desk(vault_keys):
    """An open report of a kabupaten without a desk is verified at RI."""
    open_report = in_hand(report(timezone.now(), lane=Lane.OPEN), "retno")
    assert door("vera").get(page(open_report)).status_code == 404
    assert door("retno").get(page(open_report)).status_code == 200


def test_custodian_sees_no_request_past_its_time(vault_keys, complaint):
    _asked, href = ask(vault_keys, complaint)
    UnsealRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Tidak ada permintaan" in door("kurnia").get("/brankas/").content.decode()
    text = door("kurnia").get(href).content.decode()
    assert "sudah lewat" in text
    assert "Periksa dan lepas" not in text


def test_v29_verifier_is_handed_the_consent_for_a_handover(vault_keys, complaint):
    private = os.urandom(32)
    Receipt.objects.filter(complaint=complaint).update(
        consent_pk=consent_public_key(private, report=complaint.public_id.hex)
    )
    consent = give_consent(
        private,
        report=complaint.public_id.hex,
        partner=PartnerPublicKey("lpsk", vault_keys.partner_pk),
        on=timezone.now().date(),
    )
    HandoverConsent.objects.create(
        complaint=complaint,
        partner="lpsk",
        document=vault_keys.canonical(consent.to_json()),
        given_on=timezone.now().date(),
    )
    cited = reason_with_basis("Diminta.", LegalBasis("Persetujuan", consent.digest()))
    _asked, href = ask(vault_keys, complaint, purpose="lpsk_handover", reason=cited)
    given = door("vera").get(f"{href}berkas/").json()
    assert given["consent"] == consent.to_json()
    assert "consent" not in door("kurnia").get(f"{href}berkas/").json()
    key = door("vera").get(f"{href}berkas/?file=consent_key").json()
    consent.verify(
        bytes.fromhex(key["consent_pk"]),
        report=complaint.public_id.hex,
        partner=PartnerPublicKey("lpsk", vault_keys.partner_pk),
    )
