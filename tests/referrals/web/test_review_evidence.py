"""The files of a packet before its reader: those that left, locked, by their number, and logged."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.audit.selectors import Filters, trail_page
from complaints.models import Derivative, DerivativeFile, Evidence, Recusal
from complaints.services.evidence import derivative_content
from referrals.models import Referral
from referrals.selectors.released import released
from referrals.services.packets import attach_copy
from referrals.services.recommend import approve_referral
from referrals.services.review import return_referral
from tests.factories import AT, person
from tests.referrals import stages
from tests.support.evidence import cleaned_evidence, evidence_of, let_through, photo

pytestmark = pytest.mark.django_db


def copy_of(referral: Referral, content: bytes | str) -> Derivative:
    """Give the case a file of an officer and its safe copy: a picture, or a text let through."""
    complaint = referral.case.complaints.get()
    if isinstance(content, str):
        evidence = evidence_of(complaint, content.encode() + b"!", at=AT, added_by=person("sari"))
        let_through(evidence, content)
    else:
        evidence = cleaned_evidence(complaint, content, at=AT, added_by=person("sari"))
    return Derivative.objects.select_related("evidence", "file").get(evidence=evidence)


def attached(referral: Referral, copy: Derivative) -> None:
    attach_copy(referral=referral, copy=copy, officer=person("sari"), at=AT, is_checked=True)


@pytest.fixture
def sent() -> tuple[Referral, list[Derivative]]:
    """Return a delivered referral with a picture and a text, and a third piece that stayed."""
    referral = stages.fresh(stages.proposed())
    stayed = copy_of(referral, "tidak ikut")
    copies = [copy_of(referral, photo()), copy_of(referral, "isi yang ikut")]
    for copy in copies:
        attached(referral, copy)
    approve_referral(referral=referral, approver=person("joko"), at=AT)
    return stages.carried(referral), [*copies, stayed]


def reviewer(key: str = "anwar") -> Client:
    client = Client()
    client.force_login(person(key))
    return client


def at_file(name: str, referral: Referral, number: int) -> str:
    return reverse(f"review:{name}", args=[referral.public_id, number])


def body_of(response) -> bytes:
    return b"".join(response.streaming_content)


def test_the_files_that_left_are_shown_by_their_number(sent):
    referral, (picture, words, stayed) = sent
    client = reviewer()

    page = client.get(at_file("evidence", referral, 1)).content.decode()
    shown = client.get(at_file("evidence_file", referral, 1))
    text = client.get(at_file("evidence", referral, 2)).content.decode()

    assert ("bukti-01.jpg" in page, "bukti-02.txt" in page) == (True, True)
    assert body_of(shown) == b"".join(derivative_content(picture))
    assert shown["Content-Disposition"] == 'inline; filename="bukti-01.jpg"'
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (shown["Cache-Control"], shown["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "isi yang ikut" in text
    for number in (0, 3, 99, 2**63):
        for name in ("evidence", "evidence_file"):
            assert client.get(at_file(name, referral, number)).status_code == 404
    for copy in (picture, words, stayed):
        for told in (copy.public_id, copy.evidence.public_id):
            assert str(told) not in page + text
    assert "tidak ikut" not in page + text


def test_a_download_is_the_file_of_the_letter_byte_for_byte(sent):
    referral, (picture, _words, _stayed) = sent
    packet = released(referral)

    answer = reviewer().post(at_file("evidence_download", referral, 1))

    assert answer["Content-Disposition"] == 'attachment; filename="bukti-01.jpg"'
    assert body_of(answer) == b"".join(derivative_content(picture))
    assert packet is not None
    assert next(file.sha256 for file in packet.files) == bytes(picture.sha256).hex()
    assert reviewer().get(at_file("evidence_download", referral, 1)).status_code == 405


def test_what_is_attached_for_the_next_version_stays_in_the_house(sent):
    referral, (_picture, _words, stayed) = sent
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="Bukti kurang.")
    before = reviewer().get(reverse("review:detail", args=[referral.public_id])).content
    attached(stages.fresh(referral), stayed)
    after = reviewer().get(reverse("review:detail", args=[referral.public_id])).content

    token = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub(b"", before) == token.sub(b"", after)
    assert reviewer().get(at_file("evidence", referral, 3)).status_code == 404


def test_a_copy_that_was_erased_is_said_to_be(sent):
    referral, (picture, *_others) = sent
    DerivativeFile.objects.filter(derivative=picture).delete()

    page = reviewer().get(at_file("evidence", referral, 1)).content.decode()

    assert "sudah dihapus" in page
    assert reviewer().get(at_file("evidence_file", referral, 1)).status_code == 404


def test_every_file_is_an_entry_under_the_case(sent):
    referral, _copies = sent
    client = reviewer()
    client.get(at_file("evidence", referral, 1))
    client.get(at_file("evidence_file", referral, 2))
    client.post(at_file("evidence_download", referral, 2))

    entries = trail_page(
        reader=person("nur").public_id,
        filters=Filters(subjects=(f"case:{referral.case.public_id.hex}",)),
    ).entries
    assert [each.action for each in entries[1:4]] == [
        "page.review:evidence_download",
        "page.review:evidence_file",
        "page.review:evidence",
    ]


ORIGIN = "https://salinan.contoh.test"
HOST = {"host": "salinan.contoh.test"}


@pytest.fixture
def apart(settings):
    settings.EVIDENCE_ORIGIN = ORIGIN
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "salinan.contoh.test"]


@pytest.mark.usefixtures("apart")
def test_e15_files_lie_at_an_address_that_knows_no_session(sent):
    referral, (picture, *_others) = sent
    page = reviewer().get(at_file("evidence", referral, 1))
    address = page.content.decode().split('<img src="')[1].split('"')[0]
    path = urlsplit(address).path

    assert address.startswith(f"{ORIGIN}/salinan/paket/")
    assert ORIGIN in page["Content-Security-Policy"]
    assert reviewer().get(at_file("evidence_file", referral, 1)).status_code == 404
    assert reviewer().get(path).status_code == 404
    answer = Client().get(path, headers=HOST)
    assert body_of(answer) == b"".join(derivative_content(picture))
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Set-Cookie" not in answer.headers
    token = path.rsplit("/", 1)[1]
    other = signing.dumps(signing.loads(token, salt="packet-copy"), salt="evidence-copy")
    for forged in (f"{token}x", other):
        assert Client().get(f"/salinan/paket/{forged}", headers=HOST).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        assert Client().get(path, headers=HOST).status_code == 404


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("ended", ["recused", "suspended", "returned and made anew"])
def test_e15_an_address_ends_with_what_it_was_made_for(sent, ended):
    referral, _copies = sent
    page = reviewer().get(at_file("evidence", referral, 1)).content.decode()
    path = urlsplit(page.split('<img src="')[1].split('"')[0]).path
    user = person("anwar")
    if ended == "recused":
        Recusal.objects.create(user=user, case=referral.case, reason="relative", since=AT)
    elif ended == "suspended":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    else:
        Referral.objects.filter(pk=referral.pk).update(status="proposed")

    assert Client().get(path, headers=HOST).status_code == 404


def test_a_neighbour_at_the_desk_keeps_its_number(sent):
    """The house counts this picture as its second piece; the packet as its first."""
    referral, (picture, *_others) = sent
    assert Evidence.objects.get(derivatives=picture).number == 2
    assert (
        'filename="bukti-01.jpg"'
        in reviewer().get(at_file("evidence_file", referral, 1))["Content-Disposition"]
    )
