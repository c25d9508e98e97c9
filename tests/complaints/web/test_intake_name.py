"""The lanes with a name: what is asked, what is sealed, what is kept nowhere."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from bawaslu_cases.keyring.models import GroupEpoch, ReportWraps
from bawaslu_cases.registry.models import Office
from complaints.models import Complaint, ReporterSession, SealedIdentity
from complaints.services.names import keys_for_report
from complaints.services.reporter_session import read_session
from complaints.states import Lane
from complaints.vault.crypto import aead, hpke
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.padding import unpad
from complaints.vault.crypto.sealing import seal_identity, xor
from complaints.web.intake_leaks import name_parts_in
from tests.complaints.web.test_hostile_input import NASTY, body
from tests.complaints.web.test_intake_race import database_text
from tests.complaints.web.walk import ANSWERS, NOW, answer, errors, send, step_of, text, walk_to
from tests.factories import person
from tests.support.vault import CUSTODIANS, DESK, stored_blob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_clock", "vault_keys")]

NAMED = ANSWERS["identity"]
TYPED = {
    "name": NAMED["name"],
    "address": NAMED["address"],
    "eligible": "yes",
    "contact": NAMED["contact"],
    "no_contact": "",
    "nik": NAMED["nik"],
}


def opened(vault_keys: Any, complaint: Complaint) -> Any:
    """Return the identity as both sides together open it."""
    blob = stored_blob(complaint)
    desk, custodians = vault_keys.groups[blob.group_a], vault_keys.groups[CUSTODIANS]
    share_a = hpke.unseal(desk.private, blob.wrap_a, info=blob.context("share-a"))
    share_b = hpke.unseal(custodians.private, blob.wrap_b, info=blob.context("share-b"))
    padded = aead.aead_open(xor(share_a, share_b), blob.ciphertext, aad=blob.context("identity"))
    return parse_canonical(unpad(padded))


def held_draft(client: Any) -> dict[str, Any]:
    token = client.cookies[settings.REPORTER_COOKIE_NAME].value
    held = read_session(token=token, at=NOW)
    assert held
    draft: dict[str, Any] = held["draft"]
    return draft


def press(client: Any, **changes: Any) -> Any:
    """Send the page of the name; a refusal is the answer itself, never a redirect."""
    return client.post("/f/", {"step": "identity", "do": "next", **NAMED, **changes})


@pytest.mark.parametrize(
    ("lane", "office"), [("sealed", "Bawaslu Provinsi Jawa Tengah"), ("open", None)]
)
def test_h14_a_named_report_without_javascript(client, vault_keys, lane, office):
    page = walk_to(client, "identity", lane={"lane": lane})
    assert "Isian Anda dikunci begitu sampai di server." in text(page)
    page = answer(client, "identity")
    assert step_of(page) == "check"
    assert "Laporan Anda memenuhi 6 dari 6 syarat" in text(page)
    assert "Terkunci begitu sampai di server" in text(page)

    assert send(client)["Location"] == "/f/"

    complaint = Complaint.objects.get()
    assert (complaint.lane, complaint.identity.mode) == (lane, "server")
    assert office is None or complaint.office.name == office
    assert opened(vault_keys, complaint) == TYPED
    assert "Simpan kode ini sekarang" in text(client.get("/f/"))


def test_a_tip_is_never_asked_for_a_name(client):
    page = walk_to(client, "witness")

    page = answer(client, "witness")

    assert step_of(page) == "check"
    assert "Tidak seorang pun. Laporan ini tanpa nama." in text(page)
    assert "Laporan Anda memenuhi 5 dari 5 syarat" in text(page)
    send(client)
    assert SealedIdentity.objects.count() == ReportWraps.objects.count() == 0


CANARIES = ("Kartinah", "Widyaningrum", "Merbabu", "0812 3456 7890", "3308011202900001")


def test_c01_nothing_typed_is_kept_but_sealed(client, caplog):
    walk_to(client, "identity", lane={"lane": "sealed"})
    pages = [press(client, eligible=""), press(client)]
    client.get("/f/")
    draft, during = json.dumps(held_draft(client)), database_text()
    send(client)

    # the control: the refusal shows what was typed, so these words were really sent
    assert CANARIES[0] in pages[0].content.decode()
    for canary in CANARIES:
        assert canary not in draft
        assert canary not in during
        assert canary not in database_text()
        assert canary not in caplog.text
        assert canary not in client.get("/f/").content.decode()


REFUSALS = [
    ({"name": " "}, ["Tulis nama lengkap Anda"]),
    ({"address": ""}, ["Tulis alamat Anda, paling sedikit kabupaten atau kota"]),
    (
        {"eligible": ""},
        [
            (
                "Centang kalau benar. Kalau tidak, kirim tanpa nama: laporan resmi hanya dari "
                "pemilih Indonesia"
            )
        ],
    ),
    (
        {"contact": "0812 345"},
        ["Nomor HP terlalu pendek atau terlalu panjang. Contoh: 0812 3456 7890"],
    ),
    ({"contact": "nama@contoh"}, ["Tulis email seperti nama@contoh.id"]),
    ({"name": "N" * 10_001}, ["Nama terlalu panjang. Tulis seperti di KTP"]),
    ({"name": "a\x00b"}, ["Karakter null tidak diizinkan."]),
]


@pytest.mark.parametrize(("changes", "expected"), REFUSALS)
def test_refusal_says_what_to_do_and_keeps_nothing(client, changes, expected):
    walk_to(client, "identity", lane={"lane": "sealed"})
    before = held_draft(client)

    page = press(client, **changes)

    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert errors(page) == expected
    assert held_draft(client) == before
    assert step_of(answer(client, "identity")) == "check"


WIDE = [
    {"name": "Ꮪ🌾" * 2000, "address": "\u202e" + "ش" * 5000},
    {"name": "N" * 10_000, "address": "A" * 10_000},
    {"name": "👩‍👩‍👧‍👦🇮🇩", "address": "<script>alert(1)</script>{{ 7|add:7 }}"},
]


@pytest.mark.parametrize("wide", WIDE, ids=["right-to-left", "10-kB", "markup"])
def test_v05_names_of_every_kind_are_sealed_whole(client, vault_keys, wide):
    walk_to(client, "identity", lane={"lane": "sealed"})

    page = answer(client, "identity", **wide)
    assert step_of(page) == "check"
    send(client)

    identity = opened(vault_keys, Complaint.objects.get())
    assert {name: identity[name] for name in wide} == wide


def test_a_wrong_nik_is_remarked_on_and_never_refused(client):
    walk_to(client, "identity", lane={"lane": "sealed"})

    page = answer(client, "identity", nik="1234")

    assert step_of(page) == "check"
    assert "NIK terdiri dari 16 angka" in text(page)
    assert "1234" not in json.dumps(held_draft(client)["name"]["nik_is_odd"])
    assert send(client).status_code == 303


def test_asking_not_to_be_contacted_leaves_no_contact(client, vault_keys):
    walk_to(client, "identity", lane={"lane": "sealed"})
    answer(client, "identity", no_contact="on")
    send(client)

    identity = opened(vault_keys, Complaint.objects.get())

    assert (identity["contact"], identity["no_contact"]) == ("", "yes")


OWN = {"story": "Bu Kartinah melihat Pak Camat mengajak warga memilih nomor dua."}


def test_own_name_in_the_story_is_asked_about_before_sealing(client):
    walk_to(client, "identity", lane={"lane": "sealed"}, story=OWN)
    before = held_draft(client)

    page = press(client)

    assert page.status_code == 200
    assert "Nama Anda ada di cerita" in text(page)
    assert page.context["own_name"] == ["Kartinah"]
    assert held_draft(client) == before
    # both ways on
    assert step_of(answer(client, "identity", do="edit:story")) == "story"
    answer(client, "story", **OWN)
    assert step_of(client.get("/f/")) == "identity"
    assert step_of(answer(client, "identity", own_name="accepted")) == "check"


@pytest.mark.parametrize(
    ("story", "name", "expected"),
    [
        ("Pak ANI berani sekali", "Ani Budi", ["Ani"]),
        ("Ia berani sekali", "Ani", []),
        ("José hadir", "Jose Rizal", ["Jose"]),
        ("Di sana ada Al", "Al", []),
        ("siti nurhaliza", "Siti Nurhaliza Siti", ["Siti", "Nurhaliza"]),
        ("", "Siti", []),
    ],
)
def test_words_of_a_name_are_found_as_whole_words(story, name, expected):
    assert name_parts_in(story, name) == expected


MOVES = {
    "lane": ({"lane": "open"}, "Anda mengganti siapa yang boleh tahu nama Anda."),
    "when": ({"region": "33.09"}, "Anda mengganti tempat kejadian"),
}


@pytest.mark.parametrize("step", MOVES)
def test_a_name_sealed_for_something_else_is_dropped_and_asked_again(client, step):
    changes, why = MOVES[step]
    walk_to(client, "check", lane={"lane": "sealed"})
    answer(client, "check", do=f"edit:{step}")

    page = answer(client, step, **changes)

    assert step_of(page) == "identity"
    assert why in text(page)
    assert held_draft(client)["name"] is None
    assert step_of(answer(client, "identity")) == "check"


def test_units_that_change_drop_the_name(client):
    walk_to(client, "check", lane={"lane": "sealed"})
    answer(client, "check", do="edit:when")
    assert step_of(answer(client, "when", keeps_away="on")) == "units"
    province = province_of("33")

    page = answer(client, "units", units=[province.pk])

    assert step_of(page) == "identity"
    assert "Anda mengganti kantor" in text(page)


def province_of(code: str) -> Office:
    return Office.objects.get(region__code=code)


def test_going_back_to_no_name_forgets_it(client):
    walk_to(client, "check", lane={"lane": "open"})
    answer(client, "check", do="edit:lane")

    page = answer(client, "lane", lane="tip")

    assert step_of(page) == "check"
    assert held_draft(client)["name"] is None
    send(client)
    assert Complaint.objects.get().lane == "tip"
    assert SealedIdentity.objects.count() == 0


def test_change_shows_no_name_back_and_the_old_one_may_stay(client, vault_keys):
    walk_to(client, "check", lane={"lane": "sealed"})

    page = answer(client, "check", do="edit:identity")

    assert "Isian yang terkunci tidak bisa ditampilkan lagi" in text(page)
    assert "Kartinah" not in page.content.decode()
    assert step_of(answer(client, "identity", do="keep")) == "check"
    send(client)
    assert opened(vault_keys, Complaint.objects.get()) == TYPED


def test_reporters_shut_out_offices(client):
    regency, province = province_of("33.08"), province_of("33")
    page = walk_to(client, "units", lane={"lane": "sealed"}, when={"keeps_away": "on"})
    offered = dict(page.context["form"].fields["units"].choices)
    assert set(offered) == {regency.pk, province.pk}  # Bawaslu RI cannot be shut out
    answer(client, "units", units=[province.pk, regency.pk])
    while step_of(client.get("/f/")) != "check":
        answer(client, step_of(client.get("/f/")))
    assert province.name in text(client.get("/f/"))

    send(client)

    complaint = Complaint.objects.get()
    assert complaint.office.path == "00"
    assert complaint.excluded_offices == sorted([regency.pk, province.pk])
    assert not Complaint.objects.visible_to(person("sari")).exists()
    assert complaint.identity.group_a == "desk-00"


def test_an_office_elsewhere_cannot_be_shut_out(client):
    other = province_of("73")
    walk_to(client, "units", lane={"lane": "sealed"}, when={"keeps_away": "on"})

    page = answer(client, "units", units=[other.pk])

    assert step_of(page) == "units"
    assert len(errors(page)) == 1


def test_no_keys_no_name_and_nothing_lost(client):
    GroupEpoch.objects.all().delete()
    page = walk_to(client, "identity", lane={"lane": "sealed"})
    assert "Nama belum bisa dikunci sekarang" in text(page)
    assert 'name="name"' not in page.content.decode()
    assert "Nama belum bisa dikunci sekarang" in text(press(client))

    page = answer(client, "identity", do="tip")

    assert step_of(page) == "check"
    assert "Contoh Wiratama" in text(page)
    send(client)
    assert Complaint.objects.get().lane == "tip"


@pytest.mark.parametrize("root", ["", "AAAA", "A" * 43 + "="], ids=["none", "short", "another"])
def test_no_root_or_another_one_is_no_key(client, settings, root):
    settings.VAULT_ROOT_PUBLIC_KEY = root
    page = walk_to(client, "identity", lane={"lane": "sealed"})

    assert "Nama belum bisa dikunci sekarang" in text(page)
    assert step_of(answer(client, "identity", do="tip")) == "check"


def browser_sealing(client: Any, **changes: Any) -> str:
    """Return what identity_step.mjs posts."""
    draft = held_draft(client)
    region = province_of("33.08").region
    assert region
    keys = keys_for_report(region=region, lane=Lane.SEALED, keep_from=(), at=NOW)
    what = {"report": draft["report"], "lane": "sealed", **changes}
    blob = seal_identity(
        TYPED,
        report=what["report"],
        lane=what["lane"],
        group_a=keys.group_a,
        group_b=keys.group_b,
        recovery=keys.recovery,
    )
    return base64.urlsafe_b64encode(canonical_json(blob.to_json())).decode().rstrip("=")


NOTHING_PLAIN: dict[str, Any] = dict.fromkeys(NAMED.keys() - {"sealed"})


def test_what_a_browser_sealed_is_taken_as_it_is(client, vault_keys):
    walk_to(client, "identity", lane={"lane": "sealed"})

    page = answer(
        client,
        "identity",
        sealed=browser_sealing(client),
        **NOTHING_PLAIN,
    )

    assert step_of(page) == "check"
    assert "Terkunci di HP ini sebelum dikirim" in text(page)
    send(client)
    complaint = Complaint.objects.get()
    assert complaint.identity.mode == "browser"
    assert opened(vault_keys, complaint) == TYPED


def spoilt(sealed: str, **changes: Any) -> str:
    blob = json.loads(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    for name, value in changes.items():
        blob[name] = blob[name] + value if isinstance(value, int) else value
    return base64.b64encode(json.dumps(blob).encode()).decode()


SPOILT: dict[str, Any] = {
    "other report": lambda _sealed, client: browser_sealing(client, report="0" * 32),
    "other lane": lambda _sealed, client: browser_sealing(client, lane="open"),
    "later epoch": lambda sealed, _client: spoilt(sealed, epoch_a=1),
    "other desk": lambda sealed, _client: spoilt(sealed, group_a="desk-00-73"),
    "unknown algorithm": lambda sealed, _client: spoilt(sealed, alg="none"),
    "short wrap": lambda sealed, _client: spoilt(sealed, wrap_a="AAAA"),
    "empty object": lambda _sealed, _client: base64.b64encode(b"{}").decode(),
    "a list": lambda _sealed, _client: base64.b64encode(b"[1]").decode(),
    "deep": lambda _sealed, _client: base64.b64encode(b"[" * 50_000).decode(),
    "no base64": lambda _sealed, _client: "%%%",
    "not unicode": lambda _sealed, _client: base64.b64encode(b"\xff\xfe").decode(),
    "a flood": lambda _sealed, _client: "A" * 200_000,
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_sealing_that_does_not_fit_is_refused_in_words(client, how):
    walk_to(client, "identity", lane={"lane": "sealed"})
    before = held_draft(client)

    page = client.post(
        "/f/",
        {"step": "identity", "do": "next", "sealed": SPOILT[how](browser_sealing(client), client)},
    )

    assert page.status_code == 200
    assert "sekali lagi." in page.context["refusal"]
    assert held_draft(client) == before


def test_a_lane_chosen_by_another_hand_gets_no_name(client):
    walk_to(client, "check")

    assert press(client).status_code == 303

    assert held_draft(client)["name"] is None


def test_a_draft_put_aside_keeps_its_name_while_the_keys_live(client, vault_keys, form_clock):
    walk_to(client, "check", lane={"lane": "sealed"})
    client.post("/f/", {"step": "check", "do": "save"})
    code = "".join(client.get("/f/").context["groups"])
    client.post("/f/", {"do": "saved_leave"})
    assert ReporterSession.objects.count() == 0
    form_clock.shift(timedelta(hours=40))

    client.post("/f/", {"do": "resume", "code": code})

    assert step_of(client.get("/f/")) == "check"
    send(client)
    assert opened(vault_keys, Complaint.objects.get()) == TYPED


def test_a_draft_put_aside_asks_again_once_the_keys_are_new(client, vault_keys):
    walk_to(client, "check", lane={"lane": "sealed"})
    client.post("/f/", {"step": "check", "do": "save"})
    code = "".join(client.get("/f/").context["groups"])
    GroupEpoch.objects.filter(group_id=DESK).update(is_current=False)

    client.post("/f/", {"do": "resume", "code": code})

    page = client.get("/f/")
    assert step_of(page) == "identity"
    assert "Kunci petugas sudah berganti" in text(page)


def test_the_keyring_is_written_only_when_the_report_is_sent(client):
    walk_to(client, "check", lane={"lane": "sealed"})
    assert ReportWraps.objects.count() == 0

    send(client)
    send(client)

    assert ReportWraps.objects.count() == SealedIdentity.objects.count() == 1


@pytest.mark.parametrize("label", [label for label in NASTY if label != "long_story"])
def test_the_name_takes_garbage_and_keeps_none_of_it(client, label):
    walk_to(client, "identity", lane={"lane": "sealed"})
    before = held_draft(client)
    typed = {**dict.fromkeys(NAMED, NASTY[label]), "step": "identity", "do": "next"}

    response = client.post("/f/", body(typed), content_type="application/x-www-form-urlencoded")

    assert response.status_code == 200
    assert step_of(response) == "identity"
    assert held_draft(client) == before


def test_a_flood_loses_nothing(client):
    walk_to(client, "identity", lane={"lane": "sealed"})
    before = held_draft(client)

    many = client.post("/f/", {f"field{number}": "x" for number in range(2000)})
    large = client.post("/f/", {"step": "identity", "do": "next", "name": "N" * 2**21})
    headers = client.get("/f/", headers={f"x-{number}": "y" * 1000 for number in range(200)})

    assert (many.status_code, large.status_code, headers.status_code) == (400, 400, 200)
    for refused in (many, large):
        assert 'lang="id"' in refused.content.decode()
    assert held_draft(client) == before
    assert step_of(answer(client, "identity")) == "check"
