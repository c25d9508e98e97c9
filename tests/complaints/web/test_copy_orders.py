"""What is drawn of a copy for an officer: ordered, waited for, taken once, by nobody else (ADR 0030)."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from bawaslu_cases.accounts.models import User
from bawaslu_cases.embedded.launch import QUEUES
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.topics import topic_named
from complaints.gateways import sandbox
from complaints.models import CopyOrder, Derivative
from complaints.services.copy_orders import MOST_WAITING, order_marked_copy
from tests.complaints.web.walk import text
from tests.factories import AT, person, tip
from tests.support.evidence import cleaned_evidence, draw_orders, pdf, photo

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring", "audit"]),
    pytest.mark.usefixtures("vault_keys"),
]


@pytest.fixture
def desk(client):
    client.force_login(person("sari"))
    with time_machine.travel(AT, tick=False):
        yield client


@pytest.fixture
def complaint(vault_keys):
    return tip()


@pytest.fixture
def copy(complaint):
    return cleaned_evidence(complaint, photo(), at=AT).derivatives.get()


def ask(desk, complaint, copy):
    """Ask for a marked copy; return the address of the page that waits for it."""
    answer = desk.post(
        reverse("desk:evidence_download", args=[complaint.public_id, copy.public_id])
    )
    assert answer.status_code == 302
    return answer["Location"]


def ask_to_redact(desk, complaint):
    sent = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "seen": "0"}
    sent |= {f"form-0-{name}": "20" for name in ("x", "y", "width", "height")}
    return desk.post(f"/kerja/laporan/{complaint.public_id}/bukti/1/tutup/", sent)["Location"]


def test_the_page_waits_and_looks_again_less_and_less_often(desk, complaint, copy):
    waiting = ask(desk, complaint, copy)

    page = desk.get(waiting)

    assert page["Refresh"] == "2"
    assert "Salinan bertanda sedang dibuat" in text(page)
    assert "biasanya dalam beberapa detik" in text(page)
    for seconds, again in ((9, "2"), (10, "5"), (60, "15"), (600, "60")):
        with time_machine.travel(AT + timedelta(seconds=seconds), tick=False):
            page = desk.get(waiting)
        assert page["Refresh"] == again
        assert ("Lebih lama dari biasanya." in text(page)) is (seconds >= 60)


def test_only_the_evidence_worker_is_asked(desk, complaint, copy):
    """The order waits in the outbox, on a queue that no other worker takes."""
    ask(desk, complaint, copy)

    message = OutboxMessage.objects.get(topic="complaints.draw_copy")
    assert message.subject_id == CopyOrder.objects.get().pk.hex
    assert topic_named(message.topic).queue == "copies"
    assert "copies" not in QUEUES.split(",")


def test_the_web_never_loads_what_starts_a_sandbox():
    """All pages of the product, imported anew in a process of their own."""
    code = (
        "import django, sys; django.setup(); import bawaslu_cases.urls; "
        "from django.urls import get_resolver; get_resolver().reverse_dict; "
        "print(*sorted(name for name in sys.modules if name.startswith('complaints.gateways') "
        "or name == 'complaints.web.copy_orders'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )

    loaded = done.stdout.split()
    assert "complaints.web.copy_orders" in loaded
    assert [name for name in loaded if name.startswith("complaints.gateways.")] == []


def test_a_marked_copy_is_taken_once(desk, complaint, copy):
    waiting = ask(desk, complaint, copy)
    draw_orders()
    order = CopyOrder.objects.get()
    assert object_storage.evidence_storage().exists(order.object_name)
    ready = desk.get(waiting)
    assert "Refresh" not in ready
    assert "Salinan bertanda siap" in text(ready)

    taken = desk.post(waiting)

    content = b"".join(taken.streaming_content)
    assert content.startswith(b"\xff\xd8\xff")
    assert taken["Content-Length"] == str(len(content))
    assert taken["Content-Disposition"] == 'attachment; filename="bukti-1.jpg"'
    assert taken["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert taken["Cache-Control"] == "no-store"
    assert not object_storage.evidence_storage().exists(order.object_name)
    assert not CopyOrder.objects.exists()
    assert desk.get(waiting).status_code == desk.post(waiting).status_code == 404


def test_it_lies_sealed_until_then(desk, complaint, copy):
    ask(desk, complaint, copy)
    order = CopyOrder.objects.get()
    assert b"Salinan kerja" not in bytes(order.orders)
    draw_orders()

    order.refresh_from_db()

    lies = b"".join(object_storage.read(order.object_name))
    assert lies.startswith(b"BKS1")
    assert b"\xff\xd8\xff" not in lies


def test_what_is_asked_for_before_it_is_drawn_is_not_handed_out(desk, complaint, copy):
    waiting = ask(desk, complaint, copy)

    answer = desk.post(waiting, follow=True)

    assert "Salinan ini sudah diambil, atau waktunya habis." in text(answer)
    draw_orders()
    assert b"".join(desk.post(waiting).streaming_content).startswith(b"\xff\xd8\xff")


def test_sound_and_text_leave_at_once_as_they_are(desk, complaint):
    copy = cleaned_evidence(complaint, b"Pilih dua.", at=AT, name="c.txt").derivatives.get()

    answer = desk.post(
        reverse("desk:evidence_download", args=[complaint.public_id, copy.public_id])
    )

    assert b"".join(answer.streaming_content) == b"Pilih dua."
    assert answer["Content-Disposition"] == 'attachment; filename="bukti-1.txt"'
    assert not CopyOrder.objects.exists()


@pytest.mark.parametrize("who", ["joko", "budi"])
def test_nobody_else_finds_the_order(desk, complaint, copy, client, who):
    waiting = ask(desk, complaint, copy)
    draw_orders()
    client.force_login(person(who))

    assert client.get(waiting).status_code == client.post(waiting).status_code == 404
    assert CopyOrder.objects.get().object_name


def test_an_order_is_found_under_its_own_record_alone(desk, complaint, copy):
    ask(desk, complaint, copy)
    address = reverse("desk:copy_order", args=[tip().public_id, CopyOrder.objects.get().pk])

    assert desk.get(address).status_code == 404


def test_it_ends_after_half_an_hour(desk, complaint, copy):
    waiting = ask(desk, complaint, copy)
    draw_orders()

    with time_machine.travel(AT + timedelta(minutes=30), tick=False):
        assert desk.get(waiting).status_code == desk.post(waiting).status_code == 404


@pytest.mark.parametrize("seconds", [0, 1799])
def test_a_document_is_drawn_page_by_page(desk, complaint, seconds):
    copy = cleaned_evidence(complaint, pdf(2), at=AT, name="surat.pdf").derivatives.get(part="main")
    waiting = ask(desk, complaint, copy)
    draw_orders()

    with time_machine.travel(AT + timedelta(seconds=seconds), tick=False):
        taken = desk.post(waiting)

    assert b"".join(taken.streaming_content).startswith(b"%PDF-")
    assert taken["Content-Disposition"] == 'attachment; filename="bukti-1.pdf"'


def test_an_officer_waits_for_a_few_at_most(desk, complaint, copy):
    for _ in range(MOST_WAITING):
        ask(desk, complaint, copy)

    answer = desk.post(
        reverse("desk:evidence_download", args=[complaint.public_id, copy.public_id]), follow=True
    )

    assert "Tunggu sampai salinan yang Anda minta sebelumnya selesai dibuat." in text(answer)
    assert CopyOrder.objects.count() == MOST_WAITING
    # Somebody else's orders are not counted with theirs.
    order_marked_copy(copy=copy, words="Tanda", officer=person("joko"), at=AT)


def test_two_redactions_at_once_make_one_new_copy(desk, complaint, copy):
    first, second = ask_to_redact(desk, complaint), ask_to_redact(desk, complaint)
    draw_orders()

    assert Derivative.objects.filter(generation=1).count() == 1
    pages = [text(desk.get(address, follow=True)) for address in (first, second)]
    assert sum("Bagian itu ditutup dalam salinan baru." in page for page in pages) == 1
    assert sum("Salinan ini baru diubah orang lain." in page for page in pages) == 1
    assert not Derivative.objects.filter(generation=2).exists()


def test_without_a_sandbox_the_officer_is_told_at_once(desk, complaint, copy, monkeypatch):
    waiting = ask(desk, complaint, copy)
    redacting = ask_to_redact(desk, complaint)
    monkeypatch.setattr("complaints.gateways.sandbox.shutil.which", lambda *_words, **_more: None)
    sandbox._sandbox.cache_clear()
    draw_orders()
    monkeypatch.undo()
    sandbox._sandbox.cache_clear()

    for address in (waiting, redacting):
        page = desk.get(address)
        assert "Refresh" not in page
        assert "ruang aman tidak tersedia di server ini" in text(page)
    assert not Derivative.objects.filter(generation=1).exists()
    assert list(copy.evidence.events.values_list("action", flat=True)) == ["create", "clean"]


def test_whoever_was_suspended_meanwhile_gets_nothing(desk, complaint, copy):
    ask(desk, complaint, copy)
    ask_to_redact(desk, complaint)
    User.objects.filter(pk=person("sari").pk).update(is_active=False)

    draw_orders()

    assert set(CopyOrder.objects.values_list("status", "failure", "object_name")) == {
        ("failed", "not_permitted", "")
    }
    assert not Derivative.objects.filter(generation=1).exists()
