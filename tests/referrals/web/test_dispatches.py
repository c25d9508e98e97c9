"""Pages of delivery: what is stuck, paper, sending again, addresses by two, the one-time link."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from referrals.models import Destination, Dispatch, HandOver, Referral
from referrals.services.dispatches import fetch_token
from referrals.states import Channel
from tests.factories import AT, person
from tests.referrals import stages
from tests.referrals.services.test_dispatches import (
    IDENTITY,
    by_line,
    issued,
    mailed,
    on_paper,
    opened,
    place,
    run,
)

pytestmark = pytest.mark.django_db
LIST = "/kerja/rujukan/pengiriman/"


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})
    settings.DESK_ORIGIN = "https://kasus.contoh"


def door(key: str) -> Client:
    client = Client()
    client.force_login(person(key))
    return client


def groups(client: Client) -> dict[str, int]:
    return {each["code"]: len(each["lines"]) for each in client.get(LIST).context["groups"]}


def test_nothing_stuck_says_so():
    stages.delivered()
    page = door("sari").get(LIST)
    assert "Tidak ada yang macet" in page.content.decode()
    assert groups(door("sari")) == {}


def test_what_must_be_carried_stands_in_ones_own_list_alone():
    on_paper()
    assert groups(door("sari")) == {"carry": 1}
    assert groups(door("budi")) == {}


def test_a_line_that_was_given_up_is_named_with_its_error(settings):
    settings.REFERRAL_DROP_ROOT = ""
    place(Channel.FOLDER, folder="bkn")
    issued()
    run()
    assert groups(door("sari")) == {"parked": 1}
    assert "PermanentError" in door("sari").get(LIST).content.decode()


def test_slow_silent_and_sent_back(settings):
    dispatch, _there = by_line()
    client = door("sari")
    assert groups(client) == {}
    Dispatch.objects.update(status_at=timezone.now() - timedelta(days=6))
    assert groups(client) == {"silent": 1}
    Dispatch.objects.update(status="pending")
    assert groups(client) == {"slow": 1}
    Dispatch.objects.update(status="refused")
    assert groups(client) == {"back": 1}
    assert dispatch.referral.case.office.path == "00.33"


def test_list_takes_the_same_queries_however_long(django_assert_num_queries, settings):
    settings.REFERRAL_DROP_ROOT = ""
    dispatch = on_paper()
    client = door("sari")
    client.get(LIST)
    with django_assert_num_queries(6):
        client.get(LIST)
    for number in range(5):
        Dispatch.objects.create(
            referral=dispatch.referral,
            version=1,
            destination=f"loket-{number}",
            channel=Channel.PRINT,
            status="to_hand_over",
            status_at=AT,
            created_at=AT,
        )
    with django_assert_num_queries(6):
        client.get(LIST)


def slip(**changes: Any) -> dict[str, Any]:
    return {
        "received_by": "Contoh Penerima",
        "position": "Staf loket",
        "place": "Jakarta",
        "handed_on_day": str(AT.day),
        "handed_on_month": str(AT.month),
        "handed_on_year": str(AT.year),
        "proof": SimpleUploadedFile("tanda.pdf", stages.pdf(), "application/pdf"),
    } | changes


def test_paper_is_recorded_on_its_page_and_what_was_typed_stays():
    dispatch = on_paper()
    address = f"{LIST}{dispatch.public_id}/serah-terima/"
    with time_machine.travel(AT + timedelta(hours=5), tick=False):
        wrong = door("sari").post(address, slip(position=""))
        assert "Tulis jabatan penerima" in wrong.content.decode()
        assert "Contoh Penerima" in wrong.content.decode()
        done = door("sari").post(address, slip())
        again = door("sari").post(address, slip())
    assert done["Location"] == f"/kerja/rujukan/{dispatch.referral.public_id}/"
    assert again.status_code == 409
    assert (HandOver.objects.count(), Referral.objects.get().status) == (1, "delivered")
    assert door("budi").get(address).status_code == 404


def test_sent_again_from_the_page(settings):
    dispatch = mailed(settings)
    address = f"{LIST}{dispatch.public_id}/kirim-ulang/"
    assert "Tulis alasannya" in door("sari").post(address, {"reason": ""}).content.decode()
    assert door("sari").post(address, {"reason": "Hilang."}).status_code == 302
    assert (Dispatch.objects.get().round, Dispatch.objects.get().status) == (2, "pending")
    assert door("sari").post(address, {"reason": "Hilang."}).status_code == 409


# --- addresses ---------------------------------------------------------------------------------------


def test_an_address_is_proposed_confirmed_by_another_and_its_secrets_never_shown():
    told = {
        "recipient": "BKN",
        "name": "Sistem BKN",
        "age_key": str(IDENTITY.to_public()),
        "url": "https://1.1.1.1/masuk",
        "secret": "whsec_" + "QUJD" * 12,
    }
    agus, tari = door("agus"), door("tari")
    wrong = agus.post("/kerja/rujukan/tujuan/baru/webhook/", told | {"url": "https://10.0.0.1/"})
    assert "bukan alamat jaringan sendiri" in wrong.content.decode()
    made = agus.post("/kerja/rujukan/tujuan/baru/webhook/", told)
    page = made["Location"]
    own = agus.get(page).content.decode()
    assert "https://1.1.1.1/masuk" in own
    assert "whsec_" not in own
    agus.post(page, {"action": "confirm"})
    assert Destination.objects.get().status == "proposed"
    tari.post(page, {"action": "confirm"})
    assert Destination.objects.get().status == "active"
    agus.post(page, {"action": "end", "end-reason": "Pindah server."})
    assert Destination.objects.get().status == "ended"
    listed = tari.get("/kerja/rujukan/tujuan/").content.decode()
    assert "Sistem BKN" in listed
    assert "1.1.1.1" not in listed


@pytest.mark.parametrize("channel", [each for each in Channel if each != Channel.INBOX])
def test_every_channel_has_a_form_that_keeps_what_was_typed(channel):
    page = door("agus").post(f"/kerja/rujukan/tujuan/baru/{channel}/", {"name": "Loket Contoh"})
    assert page.status_code == 200
    assert "Loket Contoh" in page.content.decode()
    assert page.context["form"].errors
    assert door("agus").get("/kerja/rujukan/tujuan/baru/inbox/").status_code == 404


# --- the one-time link -------------------------------------------------------------------------------


def test_the_page_of_a_link_tells_nothing_and_its_button_gives_the_file_once(settings):
    dispatch = mailed(settings)
    address = f"/ambil/{dispatch.public_id}/{fetch_token(dispatch)}/"
    stranger = Client()
    # filters of mail servers look, too
    looks = [stranger.get(address) for _look in range(3)]
    assert [each.status_code for each in looks] == [200, 200, 200]
    text = looks[0].content.decode()
    for word in (str(dispatch.referral.number), "Contoh Wiratama", "netral", "Rekom", "Camat"):
        assert word not in text
    assert '<meta name="robots" content="noindex,nofollow">' in text

    file = stranger.post(address)

    assert file["Content-Disposition"].startswith('attachment; filename="rujukan-')
    assert "surat.pdf" in opened(file.content)
    gone = stranger.post(address)
    assert (gone.status_code, "sudah diambil" in gone.content.decode()) == (410, True)
    assert stranger.get(address).status_code == 410
    assert "sessionid" not in stranger.cookies
