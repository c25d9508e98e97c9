"""What offices' systems send on: relays, findings, and every way of telling them wrong."""

import json
from typing import Any
from uuid import uuid4

import pytest

from bawaslu_cases.accounts.models import KeptAnswer
from bawaslu_cases.shared.errors import DomainError
from complaints.models import (
    Complaint,
    ComplaintEvent,
    Official,
    Receipt,
    SealedIdentity,
    Statement,
    VisitCode,
)
from complaints.services.receipts import open_mailbox
from complaints.services.visits import draw_visit_code
from complaints.states import Lane
from complaints.vault.crypto.cards import card_public_key
from complaints.vault.crypto.certificates import GroupEpochCertificate, RecoveryCertificate
from complaints.vault.crypto.keys import GroupKey, RecoveryPublicKey
from complaints.vault.crypto.sealing import seal_identity
from tests.factories import AT, IDENTITY, office
from tests.support.api_clients import ApiPeer, api_client

pytestmark = [pytest.mark.django_db(databases="__all__")]
STORY = "Pak Camat mengajak warga memilih nomor dua di balai desa, saya mendengar sendiri."


def told(**changes: Any) -> dict[str, Any]:
    """Return a complaint as an office's system tells it."""
    plain: dict[str, Any] = {
        "lane": "tip",
        "acts": ["PRESSURE_OTHERS"],
        "people": [{"name": "Contoh Wiratama", "position": "Camat"}],
        "region": "33.08",
        "event_on": "2024-10-05",
        "known_on": "2024-10-05",
        "place": "Balai Desa Sukamaju",
        "story": STORY,
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}


def found(**changes: Any) -> dict[str, Any]:
    """Return a finding as an office's system tells it."""
    plain = told(**changes)
    del plain["lane"]
    return plain


def sealed_for(peer: ApiPeer, *, lane: str, report: str = "", **asked: str) -> Any:
    """Return a name as the client library seals it, to the keys the server gives."""
    given = peer.get("/vault/keys", {"region": "33.08", "lane": lane} | asked).json()
    groups = [GroupEpochCertificate.from_json(given[name]) for name in ("group_a", "group_b")]
    recovery = RecoveryCertificate.from_json(given["recovery"])
    first, second = groups
    group_a = GroupKey(first.group, "a", first.unit, first.epoch, first.pk)
    group_b = GroupKey(second.group, "b", second.unit, second.epoch, second.pk)
    blob = seal_identity(
        IDENTITY,
        report=report or uuid4().hex,
        lane=lane,
        group_a=group_a,
        group_b=group_b,
        recovery=RecoveryPublicKey(recovery.name, recovery.pk),
    )
    return blob.to_json()


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33.08"))


@pytest.fixture
def province() -> ApiPeer:
    return api_client(office("33"))


def test_a_tip_goes_to_the_province_and_leaves_no_way_back(peer):
    answer = peer.post("/complaints", told())

    assert answer.status_code == 201, answer.content
    body = answer.json()
    record = Complaint.objects.get()
    assert (record.lane, record.office, record.status) == (Lane.TIP, office("33"), "received")
    assert (body["id"], body["reference"], body["upload_token"]) == (None, None, None)
    assert record.reference not in answer.content.decode()
    assert str(record.public_id) not in answer.content.decode()
    assert open_mailbox(typed=body["receipt"], at=AT).complaint == record
    event = ComplaintEvent.objects.get()
    assert (event.actor, event.actor_kind) == (None, "reporter")


def test_the_receipt_is_in_no_table(peer):
    key = uuid4().hex
    first = peer.post("/complaints", told(), key=key)
    again = peer.post("/complaints", told(), key=key)

    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    digits = first.json()["receipt"]
    kept = KeptAnswer.objects.get()
    for spelled in (digits, digits.replace(" ", ""), digits[:5]):
        assert spelled.encode() not in bytes(kept.body)
    assert key not in json.dumps([kept.key_digest, kept.request_digest, kept.headers])
    assert Complaint.objects.count() == Receipt.objects.count() == 1


@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize(("lane", "known"), [("open", True), ("sealed", False)])
def test_a_name_comes_as_ciphertext_alone(province, lane, known):
    report = uuid4().hex
    identity = sealed_for(province, lane=lane, report=report)

    answer = province.post("/complaints", told(lane=lane, identity=identity))

    assert answer.status_code == 201, answer.content
    record = Complaint.objects.get()
    assert (record.lane, record.public_id.hex) == (lane, report)
    assert record.identity.mode == SealedIdentity.Mode.BROWSER
    # An open report starts at the regency, which lies in the province's scope.
    assert (answer.json()["id"] == str(record.public_id)) is known
    assert (answer.json()["reference"] == record.reference) is known


@pytest.mark.usefixtures("vault_keys")
def test_an_open_report_kept_from_its_own_office_is_not_named_to_it(peer):
    identity = sealed_for(peer, lane="open", keep_from="33.08")

    answer = peer.post("/complaints", told(lane="open", identity=identity, keep_from=["33.08"]))

    assert answer.status_code == 201, answer.content
    record = Complaint.objects.get()
    assert record.office == office("33")
    assert record.excluded_offices == [office("33.08").pk]
    assert (answer.json()["id"], answer.json()["reference"]) == (None, None)


@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda blob: blob | {"wrap_a": blob["wrap_a"][4:]},
        lambda blob: blob | {"epoch_a": blob["epoch_a"] + 1},
        lambda blob: blob | {"group_a": blob["group_b"]},
        lambda blob: blob | {"lane": "open"},
        lambda blob: blob | {"report": "x" * 32},
        lambda blob: blob | {"report": blob["report"].upper() + "0"},
        lambda blob: blob | {"more": 1},
        lambda blob: {"report": blob["report"]},
        lambda blob: blob | {"ciphertext": "Kartinah"},
        lambda blob: blob | {"kcv": None},
    ],
)
def test_a_ciphertext_that_does_not_fit_is_refused_at_its_field(province, spoil):
    identity = sealed_for(province, lane="sealed")

    answer = province.post("/complaints", told(lane="sealed", identity=spoil(identity)))

    assert (answer.status_code, answer.json()["code"]) == (422, "identity_missing")
    assert list(answer.json()["errors"]) == ["identity"]
    assert not Complaint.objects.exists()


@pytest.mark.usefixtures("vault_keys")
def test_an_id_is_sealed_for_one_report_alone(province):
    identity = sealed_for(province, lane="sealed")
    first = province.post("/complaints", told(lane="sealed", identity=identity))
    second = province.post("/complaints", told(lane="sealed", identity=identity))

    assert (first.status_code, second.status_code) == (201, 422)
    assert list(second.json()["errors"]) == ["identity"]
    assert Complaint.objects.count() == 1


def test_a_name_in_clear_is_no_field(peer):
    answer = peer.post("/complaints", told(lane="open", name="Kartinah", reporter={"nik": "1"}))

    assert answer.status_code == 400
    assert sorted(answer.json()["errors"]) == ["name", "reporter"]


@pytest.mark.usefixtures("vault_keys")
def test_a_relayed_reporter_draws_a_visit_code_where_the_sealing_gave_a_key(province):
    report, key = uuid4().hex, card_public_key(b"k" * 32, report="ab" * 16).hex()
    identity = sealed_for(province, lane="sealed", report=report)
    with_key = province.post("/complaints", told(lane="sealed", identity=identity, card_key=key))
    without = province.post(
        "/complaints", told(lane="sealed", identity=sealed_for(province, lane="sealed"))
    )

    first, second = (
        open_mailbox(typed=each.json()["receipt"], at=AT) for each in (with_key, without)
    )
    draw_visit_code(complaint=first.complaint, mailbox_key=first.key, at=AT)
    with pytest.raises(DomainError) as error:
        draw_visit_code(complaint=second.complaint, mailbox_key=second.key, at=AT)

    assert error.value.code == "no_card_key"
    assert VisitCode.objects.get().complaint.public_id.hex == report


@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize("key", ["ab" * 31, "AB" * 32, "siapa"])
def test_a_key_for_cards_that_is_none_is_refused(province, key):
    identity = sealed_for(province, lane="sealed")

    answer = province.post("/complaints", told(lane="sealed", identity=identity, card_key=key))

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["identity"])
    assert not Complaint.objects.exists()


def test_a_tip_takes_no_identity_and_a_report_needs_one(peer):
    with_name = peer.post("/complaints", told(identity={"report": uuid4().hex}))
    without = peer.post("/complaints", told(lane="open"))

    assert [(each.status_code, list(each.json()["errors"])) for each in (with_name, without)] == [
        (422, ["identity"]),
        (422, ["identity"]),
    ]


def test_keys_are_missing_while_nobody_made_any(peer):
    answer = peer.get("/vault/keys", {"region": "33.08", "lane": "open"})

    assert (answer.status_code, answer.json()["code"]) == (422, "keys_missing")


def test_p03_a_region_elsewhere_is_as_unknown_as_none(peer):
    answers = [
        peer.post("/complaints", told(region=code)) for code in ("33.09", "51.71", "99.99", "33")
    ]

    assert {each.status_code for each in answers} == {400}
    assert len({str(each.json()["errors"]) for each in answers}) == 1


def test_p03_a_region_in_query_or_header_changes_nothing(peer):
    answer = peer.post("/complaints?wilayah=51.71&region=51.71", told(), x_wilayah="51.71")

    assert answer.status_code == 201
    assert Complaint.objects.get().region.code == "33.08"


def test_a_finding_is_the_offices_own(peer, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        answer = peer.post(
            "/findings",
            found(people=[{"name": "Contoh Wiratama", "position": "Camat", "agency": "Kab"}]),
        )

    assert answer.status_code == 201, answer.content
    record = Complaint.objects.get()
    assert (record.lane, record.office, record.reporter_kind) == (
        Lane.FINDING,
        office("33.08"),
        "officer",
    )
    assert answer.json()["id"] == str(record.public_id)
    event = ComplaintEvent.objects.get()
    assert event.actor_id == peer.user.pk
    assert not Receipt.objects.exists()


def test_words_are_sealed_as_those_of_the_form(peer):
    peer.post("/complaints", told(links=["https://www.facebook.com/a/posts/1"], witness="Pak RT"))

    assert STORY.encode() not in bytes(Statement.objects.get().sealed)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lane": "finding"}, "lane"),
        ({"lane": None}, "lane"),
        ({"lane": ["tip"]}, "lane"),
        ({"acts": []}, "acts"),
        ({"acts": "PRESSURE_OTHERS"}, "acts"),
        ({"acts": ["TIDAK_ADA"]}, "acts"),
        ({"acts": ["OTHER"]}, "other_act"),
        ({"people": []}, "people"),
        ({"people": [{"agency": "Dinas"}]}, "people.0.name"),
        ({"people": [{"name": "A"}, {"name": "B" * 10_000}]}, "people.1.name"),
        ({"people": [{"name": 7}]}, "people.0.name"),
        ({"people": [{"name": "A", "nik": "1"}]}, "people.0.nik"),
        ({"people": [{"name": "A\x00B"}]}, "people.0.name"),
        ({"people": ["Camat"]}, "people.0"),
        ({"people": [{"name": "A"}] * 6}, "people"),
        ({"region": 3308}, "region"),
        ({"region": None}, "region"),
        ({"story": "pendek"}, "story"),
        ({"story": "x" * 4001}, "story"),
        ({"story": ["a"]}, "story"),
        ({"story": STORY + "\x00"}, "story"),
        ({"event_on": "05-10-2024"}, "event_on"),
        ({"event_on": 20241005}, "event_on"),
        ({"event_on": "2024-10-05T10:00:00Z"}, "event_on"),
        ({"event_precision": "unknown"}, "event_on"),
        ({"links": ["bukan tautan"]}, "links.0"),
        ({"links": ["https://www.facebook.com/a/posts/1"] * 6}, "links"),
        ({"links": ["https://www.instagram.com/accounts/login/"]}, "links.0"),
        ({"has_files": "yes"}, "has_files"),
        ({"has_files": 1}, "has_files"),
        ({"reporter_kind": "officer"}, "reporter_kind"),
        ({"keep_from": ["33.08", "33", "51"]}, "keep_from"),
        ({"known_no": "2024-10-05"}, "known_no"),
        ({"identity": "abc"}, "identity"),
    ],
)
def test_p07_what_is_wrong_is_named(peer, change, field):
    body = told(**change)

    indonesian = peer.post("/complaints", body)
    english = peer.post("/complaints", body, accept_language="en")

    for answer in (indonesian, english):
        assert answer.status_code == 400, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert list(answer.json()["errors"]) == [field]
    assert indonesian.json()["errors"] != english.json()["errors"]
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_on": "2999-01-01", "known_on": None}, "event_on"),
        ({"known_on": "2999-01-01"}, "known_on"),
        ({"known_on": "2024-10-01"}, "known_on"),
        ({"keep_from": ["51"]}, "keep_from"),
    ],
)
def test_what_the_service_refuses_stands_at_its_field(peer, change, field):
    answer = peer.post("/complaints", told(**change))

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("body", [[], "teks", 7, None, [told()]])
def test_p07_a_body_that_is_no_object(peer, body):
    answer = peer.call("post", "/complaints", json.dumps(body), idempotency_key=uuid4().hex)

    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid", "parse_error"}


def test_odd_but_honest_names_are_kept_as_they_are(peer):
    odd = "\u0645\u062d\u0645\u062f \u200f\u202e Ñandú \U0001f33e \U0001d4a6"

    answer = peer.post("/complaints", told(people=[{"name": odd}], place=odd))

    assert answer.status_code == 201, answer.content
    record = Complaint.objects.get()
    assert record.place == odd
    assert Official.objects.get().name == odd


def test_a_refused_write_may_be_put_right_under_its_key(peer):
    key = uuid4().hex
    wrong = peer.post("/complaints", told(known_on="2999-01-01"), key=key)
    right = peer.post("/complaints", told(), key=key)

    assert (wrong.status_code, right.status_code) == (422, 201)
    assert Complaint.objects.count() == 1


def test_a_key_is_needed(peer):
    answers = [peer.post(path, told(), key=None) for path in ("/complaints", "/findings")]

    assert [each.json()["code"] for each in answers] == ["idempotency_key_missing"] * 2
    assert not Complaint.objects.exists()
