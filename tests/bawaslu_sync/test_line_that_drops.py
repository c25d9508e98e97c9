"""The tool against the running server over a line that drops: everything arrives, and once."""

import base64
import datetime as dt
import io
import json
import random
import time
from pathlib import Path

import pytest
from django.utils import timezone

from bawaslu_api import Api, Secret
from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared import envelope
from bawaslu_sync.pulling import KINDS
from complaints.models import Complaint, Evidence, SealedIdentity, Upload
from complaints.services.change_feed import restart_feed
from complaints.services.receipts import open_mailbox
from complaints.services.vault import card_key_context
from complaints.states import Lane
from complaints.vault.crypto import aead, hpke
from complaints.vault.crypto.canonical import parse_canonical
from complaints.vault.crypto.cards import card_public_key
from complaints.vault.crypto.padding import unpad
from tests.bawaslu_sync.office import OfficeMachine
from tests.complaints.api.test_writes import found, told
from tests.complaints.web.test_uploads import picture
from tests.factories import office
from tests.support.api_clients import ApiPeer, api_client
from tests.support.cutting import cutting_proxy
from tests.support.vault import stored_blob, vault_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture(autouse=True)
def _room(settings):
    settings.API_CALLS_A_MINUTE = settings.API_TOKENS_A_MINUTE = 100_000
    api_quota.forget()


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"))


@pytest.fixture
def machine(tmp_path: Path, peer: ApiPeer) -> OfficeMachine:
    return OfficeMachine(tmp_path / "kantor", peer)


def fill(machine: OfficeMachine, count: int) -> None:
    """Queue complaints and findings in turn, each with words of its own."""
    queue, at = machine.queue(), dt.datetime.now(dt.UTC)
    for number in range(count):
        if number % 2:
            queue.add_finding(found(place=f"Tempat {number}"), at=at)
        else:
            queue.add_complaint(told(place=f"Tempat {number}"), at=at)


def places() -> list[str]:
    return sorted(Complaint.objects.values_list("place", flat=True))


def test_sixty_writes_a_file_and_a_pull_over_a_bad_line(live_server, machine, peer):
    with cutting_proxy(live_server.url, seed=11) as proxy:
        assert machine.login(proxy.url).returncode == 0
        fill(machine, 60)
        content = picture(2_000_000)
        queue = machine.queue()
        added = queue.add_evidence(
            io.BytesIO(content), name="acara.jpg", to="2", at=dt.datetime.now(dt.UTC)
        )
        queue.add_evidence(
            io.BytesIO(content[:90_000]), name="tip.jpg", to="1", at=dt.datetime.now(dt.UTC)
        )

        pushed = machine.begin("push")
        said = pushed.communicate(timeout=240)
        pulled = machine.run("pull")

        assert (pushed.returncode, said[1]) == (0, "")
        assert said[0].splitlines()[-1] == "Terkirim 62, perlu diperbaiki 0, menunggu 0."
        assert pulled.returncode == 0, pulled.stderr
        assert min(proxy.cuts.values()) >= 5, proxy.cuts
    assert places() == sorted(f"Tempat {number}" for number in range(60))
    assert not Upload.objects.exists()
    large, small = Evidence.objects.order_by("-pk")[1], Evidence.objects.order_by("-pk")[0]
    assert (large.complaint.place, small.complaint.place) == ("Tempat 1", "Tempat 0")
    assert Evidence.objects.count() == 2
    assert {item.state for item in machine.queue().items()} == {"sent"}
    assert machine.queue().parts_of(added).read_at(0, 10) == b""
    same_as_server(machine, peer, live_server.url)


def same_as_server(machine: OfficeMachine, peer: ApiPeer, url: str) -> None:
    """Compare the mirror with what the server's own lists say, over a line that holds."""
    store = machine.store()
    mirror = {(kind, row["id"]): row for kind in KINDS for row in store.mirrored(kind)}
    api = Api(url, Secret(peer.client.client_id, peer.secret))
    # Read to the end and closed: a thread of the server lives as long as its line.
    server = {("complaint", row["id"]): row for row in api.items("complaints")}
    server |= {("case", row["id"]): row for row in api.items("cases")}
    server |= {("deadline", row["id"]): row for row in api.items("deadlines")}
    api.close()
    assert len(server) >= 30
    assert mirror == server


def test_killed_in_mid_push_and_run_again(live_server, machine):
    chance = random.Random(5)
    with cutting_proxy(live_server.url, seed=3, cut_of=2) as proxy:
        assert machine.login(proxy.url).returncode == 0
        fill(machine, 24)
        machine.queue().add_evidence(
            io.BytesIO(picture(1_200_000)), name="a.jpg", to="2", at=dt.datetime.now(dt.UTC)
        )
        for _death in range(6):
            process, before = machine.begin("push"), proxy.asked
            # Killed after some requests, wherever it is then.
            wanted = before + chance.randrange(2, 9)
            end = time.monotonic() + 120
            while proxy.asked < wanted and process.poll() is None and time.monotonic() < end:
                time.sleep(0.002)
            process.kill()
            process.communicate()

        ended = machine.run("push")

    assert ended.returncode == 0, ended.stderr
    assert places() == sorted(f"Tempat {number}" for number in range(24))
    assert Evidence.objects.count() == 1


def test_two_at_once_send_once_and_the_second_says_so(live_server, machine):
    assert machine.login(live_server.url).returncode == 0
    fill(machine, 12)

    both = [machine.begin("push") for _time in range(2)]
    codes = sorted((process.communicate(timeout=240), process.returncode)[1] for process in both)

    assert codes in ([0, 5], [0, 0])  # the second was refused, or came when the first had ended
    assert len(places()) == 12
    with machine.store().alone("push"):
        busy = machine.run("push")
    assert (busy.returncode, busy.stderr) == (
        5,
        "bawaslu-sync: Proses lain sedang berjalan di simpanan ini.\n",
    )
    assert len(places()) == 12


def test_a_mirror_follows_and_forgets(live_server, machine):
    assert machine.login(live_server.url).returncode == 0
    fill(machine, 4)
    assert machine.run("push").returncode == 0
    assert machine.run("pull").returncode == 0
    stays, goes = Complaint.objects.filter(lane=Lane.FINDING).order_by("pk")
    store = machine.store()
    assert store.mirror_one("complaint", str(stays.public_id))["place"] == stays.place

    Complaint.objects.filter(pk=stays.pk).update(title="Judul lain")
    Complaint.objects.filter(pk=goes.pk).update(office=office("51"))
    again = machine.run("pull")

    assert again.returncode == 0, again.stderr
    assert store.mirror_one("complaint", str(stays.public_id))["title"] == "Judul lain"
    assert store.mirror_one("complaint", str(goes.public_id)) is None
    shown = machine.run("show", "complaint", str(stays.public_id))
    assert "Judul lain" in shown.stdout
    assert machine.run("show", "complaint", str(goes.public_id)).returncode == 2

    # A server whose feed began anew: the mirror is made again and holds nothing of before.
    restart_feed()
    store.mirror_put("case", "00000000-0000-0000-0000-000000000000", {"id": "lama"}, 1)
    anew = machine.run("pull")
    assert (anew.returncode, anew.stdout.splitlines()[0]) == (
        0,
        "Server meminta mulai dari awal; cermin disusun ulang.",
    )
    assert [row["title"] for row in store.mirrored("complaint")] == ["Judul lain"]
    assert list(store.mirrored("case")) == []


def test_a_refusal_is_parked_with_its_fields_and_mended(live_server, machine):
    assert machine.login(live_server.url).returncode == 0
    wrong = told(region="99.99", acts=["TIDAK_ADA"])
    assert machine.run("queue", "add", "complaint", "-", told=wrong).returncode == 0
    assert machine.run("queue", "add", "finding", "-", told=found()).returncode == 0

    pushed = machine.run("push")

    assert pushed.returncode == 4
    assert "    region: Pilih kabupaten atau kota di wilayah kantor Anda." in pushed.stdout
    assert "    acts: Perbuatan ini tidak dikenal" in pushed.stdout
    assert pushed.stdout.splitlines()[-1] == "Terkirim 1, perlu diperbaiki 1, menunggu 0."
    assert Complaint.objects.get().lane == Lane.FINDING  # one that is refused stops no other
    in_english = machine.run("--lang", "en", "queue", "list")
    assert in_english.stdout.startswith("complaint 1: needs mending\n")
    edited = machine.run("queue", "edit", "1", "-", told=told())
    assert (edited.returncode, edited.stdout) == (0, "Butir 1 menunggu dikirim lagi.\n")
    assert machine.run("push").returncode == 0
    assert Complaint.objects.count() == 2


def test_a_receipt_waits_for_its_reporter_and_is_forgotten(live_server, machine):
    assert machine.login(live_server.url).returncode == 0
    machine.run("queue", "add", "complaint", "-", told=told())
    pushed = machine.run("push")
    assert "bawaslu-sync receipt 1" in pushed.stdout

    receipt = machine.run("receipt", "1").stdout.splitlines()[0]
    assert open_mailbox(typed=receipt, at=timezone.now())
    assert receipt not in pushed.stdout
    assert machine.run("receipt", "1", "--handed").returncode == 0

    assert machine.run("receipt", "1").returncode == 2
    assert machine.run("status").returncode == 0


@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize("lane", ["open", "sealed"])
def test_a_name_leaves_the_office_sealed_alone(live_server, machine, tmp_path, settings, lane):
    root = base64.b64decode(settings.VAULT_ROOT_PUBLIC_KEY)
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps({"root_pk": root.hex(), "least_serial": 1}))
    complaint = told(lane=lane, identity={"name": "Wulan Canary", "address": "Jalan Merpati 7"})
    assert machine.login(live_server.url).returncode == 0
    machine.run("queue", "add", "complaint", "-", told=complaint)

    # Without a pinned root nothing leaves.
    unpinned = machine.run("push")
    assert unpinned.returncode == 4
    assert not Complaint.objects.exists()
    assert machine.login(live_server.url, "--trust", str(trust)).returncode == 0
    assert machine.run("queue", "retry", "1").returncode == 0
    assert machine.run("push").returncode == 0

    kept = SealedIdentity.objects.get()
    assert kept.complaint.lane == lane
    blob = stored_blob(kept.complaint)
    dek = hpke.unseal(vault_world().recovery, blob.wrap_r, info=blob.context("recovery"))
    opened = unpad(aead.aead_open(dek, blob.ciphertext, aad=blob.context("identity")))
    assert parse_canonical(opened) == complaint["identity"]
    public = envelope.unseal(
        bytes(kept.card_key or b""), context=card_key_context(kept.complaint.public_id)
    )
    assert public == card_public_key(dek, report=blob.report)
    (item,) = machine.queue().items()
    assert (item.name, item.body, item.sent) == (None, {}, "")


def test_what_the_server_does_not_take_a_person_hears(live_server, machine, peer):
    assert machine.login(live_server.url).returncode == 0
    machine.run("queue", "add", "finding", "-", told=found())
    User.everyone.filter(pk=peer.user.pk).update(is_active=False)

    pushed = machine.run("push")

    assert pushed.returncode == 7
    assert machine.run("status").returncode == 3  # it waits still


def test_a_watch_sends_what_comes_and_ends_when_told(live_server, machine):
    assert machine.login(live_server.url).returncode == 0
    process = machine.begin("watch", "--every", "0.2")
    queue = machine.queue()
    queue.add_finding(found(), at=dt.datetime.now(dt.UTC))
    end = time.monotonic() + 120
    while queue.item(1).state != "sent" and time.monotonic() < end:
        time.sleep(0.05)

    process.terminate()
    out, err = process.communicate(timeout=120)

    assert (process.returncode, err) == (0, "")
    assert "Terkirim 1, perlu diperbaiki 0, menunggu 0." in out
    assert Complaint.objects.count() == 1
