"""The client against the running server: what it reads, what it writes once, and who it is."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.utils import timezone
from jwcrypto.jwk import JWK

from bawaslu_api import (
    AccessError,
    Api,
    InvalidError,
    NotFoundError,
    Patience,
    PrivateKey,
    Secret,
    StaleError,
)
from bawaslu_api.errors import AnswerError
from bawaslu_api.records import Complaint as ComplaintRecord
from bawaslu_api.records import record_of
from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.models import ApiCall, ApiCredential, ApiToken
from complaints.models import Complaint, Evidence, StepProposal
from tests.complaints.api.test_writes import found, told
from tests.complaints.web.test_uploads import picture
from tests.factories import AT, finding, office, person
from tests.support.api_clients import ApiPeer, api_client

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def peer() -> ApiPeer:
    api_quota.forget()
    return api_client(office("33"))


@pytest.fixture
def api(live_server, peer) -> Iterator[Api]:
    made = Api(live_server.url, Secret(peer.client.client_id, peer.secret), language="en")
    yield made
    # A thread of the server, and its line to the database, live as long as this one.
    made.close()


def test_who_it_is_and_what_it_called(api, peer):
    me = api.me()

    assert (me.id, me.office.code, me.region) == (
        peer.client.public_id,
        office("33").code,
        "33",
    )
    assert sorted(me.scopes) == sorted(peer.client.scopes)
    assert next(iter(api.calls(limit=1))).status == 200


def test_writes_happen_once_and_say_so(api):
    key = uuid4().hex
    first, again = (api.create_finding(found(), key=key) for _time in range(2))

    assert (first.id, first.is_replay, again.is_replay) == (again.id, False, True)
    tip = api.create_complaint(told())
    assert (tip.id, tip.reference, len(tip.receipt.replace(" ", ""))) == (None, None, 20)
    assert tip.receipt not in repr(tip)
    with pytest.raises(InvalidError) as caught:
        api.create_complaint(told(region="99.99"))
    assert caught.value.errors == {"region": ["Choose a regency or city in your office's area."]}
    items = [("a", told()), ("b", told(acts=["TIDAK_ADA"]))]
    done = api.create_complaints(items)
    assert [each.status for each in done] == [201, 400]
    assert done[0].complaint is not None
    assert isinstance(done[1].problem, InvalidError)
    assert [each.complaint.is_replay for each in api.create_complaints(items[:1])] == [True]
    assert Complaint.objects.count() == 3


def test_reads_are_typed_pages_turn_and_an_unchanged_record_costs_no_body(api):
    now = timezone.now()
    made = [finding(now - timedelta(minutes=each)) for each in range(5)]

    listed = list(api.complaints(limit=2))
    one = api.complaint(made[0].public_id)
    again = api.complaint(made[0].public_id)

    assert {each.id for each in listed} == {each.public_id for each in made}
    assert one.officials[0].name
    assert one.etag.strip('"')
    assert again is one
    assert ApiCall.objects.order_by("-pk")[0].status == 304
    Complaint.objects.filter(pk=made[0].pk).update(title="Judul lain")
    assert api.complaint(made[0].public_id).title == "Judul lain"
    assert {each.complaint for each in api.deadlines()} <= {each.id for each in listed}
    with pytest.raises(NotFoundError):
        api.complaint(uuid4())
    seen = {change.id: change for page in api.changes() for change in page.items}
    assert {each.public_id for each in made} <= seen.keys()
    record = seen[made[1].public_id].record
    assert isinstance(record, ComplaintRecord)
    assert record.reference == made[1].reference
    assert [row["code"] for row in api.items("offices")]


def test_a_proposal_needs_the_record_as_it_is(api):
    record = finding(timezone.now())
    read = api.complaint(record.public_id)
    Complaint.objects.filter(pk=record.pk).update(title="Judul lain")
    reason = "Syarat terpenuhi menurut pemeriksaan kami."

    with pytest.raises(StaleError):
        api.propose(read, action="register", reason=reason)
    made = api.propose(api.complaint(record.public_id), action="register", reason=reason)

    assert api.proposal(made.id) == made
    assert StepProposal.objects.count() == 1


def test_a_file_arrives_in_pieces_also_when_it_is_sent_again(api):
    record, content, key = finding(timezone.now()), picture(1_300_000), uuid4().hex

    first, again = (api.upload(content, complaint=record.public_id, key=key) for _ in range(2))

    assert (first, first.received) == (again, 1_300_000)
    assert Evidence.objects.get().complaint == record


@pytest.mark.parametrize(
    "key",
    [
        Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["EdDSA", "ES256", "PS256"],
)
def test_a_key_of_ones_own(live_server, peer, tmp_path, key):
    pem = tmp_path / "kunci.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = JWK.from_pem(pem.read_bytes())
    ApiCredential.objects.create(
        client=peer.client,
        kind=ApiCredential.Kind.KEY,
        digest=public.thumbprint(),
        jwk=json.loads(public.export_public()),
        made_at=AT,
        made_by=person("agus"),
    )
    api = Api(live_server.url, PrivateKey.read(peer.client.client_id, pem))

    assert api.me().id == peer.client.public_id
    # A token that ends early is replaced without anybody's doing.
    ApiToken.objects.all().delete()
    assert api.me().id == peer.client.public_id
    api.close()
    stranger = PrivateKey(peer.client.client_id, Ed25519PrivateKey.generate())
    other = Api(live_server.url, stranger, patience=Patience(tries=1))
    with pytest.raises(AccessError):
        other.me()
    other.close()


def test_an_answer_of_another_shape_is_no_crash():
    plain = {"id": str(uuid4()), "reference": "A", "lane": "open", "status": "s", "office": "o",
             "region": "r", "title": "t", "received_on": "2026-11-21"}  # fmt: skip
    assert record_of(ComplaintRecord, plain | {"new_field": 1}).title == "t"
    for wrong in ({"id": "x"}, {"title": 5}, {"received_on": "kemarin"}, {"officials": [None]}):
        with pytest.raises(AnswerError):
            record_of(ComplaintRecord, plain | wrong)
    with pytest.raises(AnswerError):
        record_of(ComplaintRecord, {})


def test_base64_is_the_only_thing_of_a_secret_that_is_sent():
    headers, fields = Secret("a:b", "p%/ö").proof("https://x/token")

    assert fields == {}
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "a%3Ab:p%25%2F%C3%B6"
