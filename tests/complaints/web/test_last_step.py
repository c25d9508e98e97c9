"""What pressing the last button costs once a process is warm: queries, slow hashes, seals."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bawaslu_cases.registry import remembered
from complaints.models import Complaint, Deadline, SealedIdentity
from complaints.services import guessing, receipts
from complaints.services.proof_of_work import Purpose
from complaints.services.receipt_pool import Pool
from tests.complaints.web.walk import NOW, send, step_of, walk_to
from tests.support.puzzles import solved

pytestmark = pytest.mark.django_db

NAME = {"name": "Contoh Pelapor", "address": "Kabupaten Magelang", "eligible": "on"}


@pytest.fixture(autouse=True)
def _warm(settings, monkeypatch):
    cache.clear()
    settings.REGISTRY_KEPT_SECONDS = 60
    monkeypatch.setattr(remembered, "_freshness", remembered._Freshness())


def standing_before_the_last_button(lane: str) -> Client:
    client = Client()
    with time_machine.travel(NOW - timedelta(minutes=7), tick=False):
        assert step_of(walk_to(client, "check", lane={"lane": lane}, identity=NAME)) == "check"
    return client


def queries_of(client: Client) -> tuple[list[str], int]:
    """Send, and return the first words of the queries (savepoints left out) and those of the keyring."""
    with (
        time_machine.travel(NOW, tick=False),
        CaptureQueriesContext(connections["default"]) as asked,
        CaptureQueriesContext(connections["keyring"]) as keyring,
    ):
        send(client)
        words = [" ".join(query["sql"].split()[:3]) for query in asked.captured_queries]
        return [text for text in words if "SAVEPOINT" not in text], len(keyring.captured_queries)


@pytest.mark.parametrize(
    ("lane", "default", "keyring"), [("tip", 6, 0), ("sealed", 6, 1), ("open", 6, 1)]
)
def test_a_warm_process_writes_a_report_in_six_queries(vault_keys, lane, default, keyring):
    queries_of(standing_before_the_last_button(lane))
    asked, of_keyring = queries_of(standing_before_the_last_button(lane))
    assert Complaint.objects.filter(lane=lane).count() == 2
    # the draft twice, and who has a tie to whoever is named
    read = [*["SELECT sealed FROM"] * 2, "SELECT user_id, kind,"]
    assert [text for text in asked if text.startswith("SELECT")] == read
    assert (len(asked), of_keyring) == (default, keyring)


def test_the_record_is_written_once_with_its_clock(vault_keys):
    asked, _keyring = queries_of(standing_before_the_last_button("sealed"))
    complaint, deadline = Complaint.objects.get(), Deadline.objects.get()
    assert complaint.due_at == deadline.due_at
    assert deadline.complaint == complaint
    assert SealedIdentity.objects.get().complaint == complaint
    updates = [text for text in asked if text.startswith("UPDATE")]
    assert updates == ["UPDATE complaints_reportersession SET"]


def test_a_receipt_made_ahead_leaves_no_slow_hash_for_the_last_step(monkeypatch):
    pool = Pool(receipts._made, size=1)
    monkeypatch.setattr(receipts, "_ahead", pool)
    client = standing_before_the_last_button("tip")
    pool._ready.append(receipts._made())
    monkeypatch.setattr(receipts, "derived", _never)
    queries_of(client)
    assert Complaint.objects.count() == 1
    assert len(pool) == 0


def _never(*_args, **_kwargs):
    raise AssertionError("the slow hash ran")


def test_l05_in_a_flood_the_last_page_asks_and_a_solved_puzzle_is_let_through(monkeypatch):
    """L05 at the door: past the calm number a report without a proof waits, with one it is taken."""
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.SEND, 1)
    clients = [standing_before_the_last_button("tip") for _ in range(3)]
    with time_machine.travel(NOW, tick=False):
        pages = [client.get("/f/") for client in clients]
        assert all(page.context["proof"].question is None for page in pages)
        send(clients[0])
        assert Complaint.objects.count() == 1
        send(clients[1])
        assert Complaint.objects.count() == 1
        asked = clients[1].get("/f/")
        assert asked.context["proof"].question is not None
        send(clients[2], puzzle=solved(pages[2].context["proof"].puzzle).puzzle)
        assert Complaint.objects.count() == 2
        send(clients[1], puzzle=solved(asked.context["proof"].puzzle).puzzle)
        assert Complaint.objects.count() == 3


@pytest.mark.long
def test_f20_a_flood_of_sends_and_guesses_takes_nothing_from_who_brings_a_proof(monkeypatch):
    """Of 150 sends and 150 guesses without one, none is taken past the calm number; the honest all pass.

    ``bench.soak flood`` is the same over sockets, for as long as one likes.
    """
    calm = 1
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.SEND, calm)
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.OPEN, calm)
    first, flooding, *honest = (standing_before_the_last_button("tip") for _ in range(5))
    guesser, hashes = Client(), list[object]()
    slow = receipts._slow

    def counted(code):
        hashes.append(code)
        return slow(code)

    monkeypatch.setattr(receipts, "_slow", counted)
    with time_machine.travel(NOW, tick=False):
        proofs = [solved(client.get("/f/").context["proof"].puzzle).puzzle for client in honest]
        send(first)
        for number in range(300):
            if number % 2:
                guesser.post("/s/", {"code": f"{number:04}" * 5, "puzzle": ""})
            else:
                send(flooding)
            if number % 100 == 99:
                send(honest[number // 100], puzzle=proofs[number // 100])
        assert step_of(flooding.get("/f/")) == "check"
        assert Complaint.objects.count() == calm + len(honest)
        for client in honest:
            assert len(client.get("/f/").context["groups"]) == 5
    # a receipt for each record, and whatever was looked at of the guesses
    assert len(hashes) <= 2 * calm + len(honest)
