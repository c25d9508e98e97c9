"""One version to each destination: states of their own, answers, links, paper, a body that ends."""

import base64
import io
import json
import uuid
import zipfile
from datetime import date, timedelta
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest

from bawaslu_cases.registry.models import RecipientBody
from bawaslu_cases.shared.envelope import UnsealError
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from referrals.gateways import AddressError
from referrals.models import (
    Delivery,
    Destination,
    Dispatch,
    DispatchEvent,
    HandOver,
    ReceivedAnswer,
    Referral,
)
from referrals.selectors.wording import REFERRAL_HISTORY
from referrals.services.delivery import issue_referral, outbox_subject
from referrals.services.destinations import (
    confirm_destination,
    end_destination,
    propose_destination,
)
from referrals.services.dispatches import (
    FETCH_WITHIN,
    GoneError,
    Slip,
    fetch,
    fetch_link,
    fetch_token,
    record_hand_over,
    reroute_ended,
    send_again,
)
from referrals.services.line_answers import take_answer
from referrals.services.recommend import (
    approve_referral,
    correct_referral,
    withdraw_proposal,
)
from referrals.states import Channel, DispatchStatus, ReferralAction
from tests.factories import AT, person
from tests.referrals import stages
from tests.support.at_once import at_once
from tests.support.peers import http_peer, mail_peer

pytestmark = pytest.mark.django_db

IDENTITY = pyrage.x25519.Identity.generate()
SECRET = "whsec_" + base64.b64encode(b"rahasia-penerima-yang-panjang-sekali").decode()


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})
    settings.DESK_ORIGIN = "https://kasus.contoh"


def place(channel: Channel, **address: Any) -> Destination:
    """An address of BKN that two administrators stand for."""
    made = propose_destination(
        recipient=RecipientBody.objects.get(code="BKN"),
        name=f"BKN {channel}",
        channel=channel,
        address=address,
        age_key=str(IDENTITY.to_public()),
        administrator=person("agus"),
        at=AT,
    )
    confirm_destination(destination=made, administrator=person("tari"), at=AT)
    made.refresh_from_db()
    return made


def issued() -> Referral:
    referral = stages.approved()
    issue_referral(subject_id=outbox_subject(referral), destination="", at=AT)
    return stages.fresh(referral)


def run() -> list[Outcome]:
    waiting = OutboxMessage.objects.filter(topic="referral.deliver", status="PENDING")
    return [deliver(message.pk) for message in waiting.order_by("pk")]


def states() -> dict[str, str]:
    return dict(Dispatch.objects.order_by("pk").values_list("channel", "status"))


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(content, [IDENTITY]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- addresses --------------------------------------------------------------------------------------


def test_nobody_alone_decides_where_cases_go():
    made = propose_destination(
        recipient=RecipientBody.objects.get(code="BKN"),
        name="Folder BKN",
        channel=Channel.FOLDER,
        address={"folder": "bkn"},
        age_key=str(IDENTITY.to_public()),
        administrator=person("agus"),
        at=AT,
    )
    with pytest.raises(DomainError, match="orang kedua"):
        confirm_destination(destination=made, administrator=person("agus"), at=AT)
    with pytest.raises(NotPermittedError):
        confirm_destination(destination=made, administrator=person("sari"), at=AT)
    made.refresh_from_db()
    assert made.status == "proposed"
    issued()
    assert states() == {"inbox": "pending"}


def test_a_dump_names_no_server_and_no_secret():
    made = place(Channel.FOLDER, folder="bkn-rahasia")
    assert made.address() == {"folder": "bkn-rahasia"}
    assert b"bkn-rahasia" not in bytes(made.sealed)
    other = place(Channel.FOLDER, folder="lain")
    other.sealed = made.sealed
    with pytest.raises(UnsealError):  # moved to another row it does not open
        other.address()


def test_what_leaves_needs_a_key():
    with pytest.raises(DomainError) as refused:
        propose_destination(
            recipient=RecipientBody.objects.get(code="BKN"),
            name="Folder BKN",
            channel=Channel.FOLDER,
            address={"folder": "bkn"},
            age_key="age1bukan",
            administrator=person("agus"),
            at=AT,
        )
    assert refused.value.field == "age_key"
    with pytest.raises(AddressError):
        place(Channel.WEBHOOK, url="https://10.0.0.1/", secret=SECRET)
    assert Destination.objects.count() == 0


# --- several at once --------------------------------------------------------------------------------


def test_several_destinations_each_with_its_state(settings, tmp_path):
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    with http_peer() as peer:
        place(Channel.WEBHOOK, url=peer.url, secret=SECRET)
        place(Channel.FOLDER, folder="bkn")
        place(Channel.PRINT, place="Jalan Contoh 1")
        peer.answers.append((503, b""))
        referral = issued()
        assert run() == [Outcome.DONE, Outcome.DONE, Outcome.RETRY]
        assert states() == {"webhook": "pending", "folder": "sent", "print": "to_hand_over"}
        referral.refresh_from_db()
        assert referral.status == "delivered"
        first_due = referral.due_at
        OutboxMessage.objects.filter(status="PENDING").update(held_until=None)
        assert run() == [Outcome.DONE]
        assert run() == []

    assert states() == {"webhook": "sent", "folder": "sent", "print": "to_hand_over"}
    assert Delivery.objects.count() == 2
    referral.refresh_from_db()
    assert referral.due_at == first_due
    (_headers, body), (file,) = peer.taken[0], (tmp_path / "bkn").iterdir()
    inside = opened(body)
    assert set(inside) >= {"manifest.json", "manifest.sig", "data.json", "surat.pdf"}
    assert inside == opened(file.read_bytes())
    assert json.loads(inside["data.json"])
    by_line = Dispatch.objects.get(channel="webhook")
    assert by_line.receipt == "BKN-7"
    assert [event.action for event in by_line.events.order_by("pk")] == ["create", "send"]
    assert by_line.packet_sha256 == Dispatch.objects.get(channel="folder").packet_sha256 != ""


def test_an_address_that_ended_takes_nothing_more(settings, tmp_path):
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    folder = place(Channel.FOLDER, folder="bkn")
    issued()
    end_destination(destination=folder, administrator=person("agus"), at=AT, reason="Server tutup.")
    assert run() == [Outcome.DONE]
    assert states() == {"folder": "superseded", "inbox": "pending"}
    assert run() == [Outcome.DONE]
    assert (states()["inbox"], Referral.objects.get().status) == ("sent", "delivered")
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_ended_beside_another_is_left_out(settings, tmp_path):
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    folder = place(Channel.FOLDER, folder="bkn")
    place(Channel.PRINT, place="Jalan Contoh 1")
    issued()
    end_destination(destination=folder, administrator=person("agus"), at=AT, reason="Server tutup.")
    assert run() == [Outcome.DONE, Outcome.DONE]
    assert states() == {"folder": "superseded", "print": "to_hand_over"}


# --- the link ---------------------------------------------------------------------------------------


def mailed(settings: Any) -> Dispatch:
    with mail_peer(settings) as mails:
        place(Channel.EMAIL, email="surat@bkn.contoh")
        issued()
        assert run() == [Outcome.DONE]
    dispatch = Dispatch.objects.get()
    text = mails[0].get_payload(decode=True)
    assert isinstance(text, bytes)
    assert fetch_link(dispatch) in text.decode()
    return dispatch


def test_a_link_gives_the_closed_packet_once(settings):
    dispatch = mailed(settings)
    token, at = fetch_token(dispatch), dispatch.status_at + timedelta(days=1)

    name, content = fetch(public_id=dispatch.public_id, token=token, at=at)

    assert name == f"rujukan-{dispatch.public_id.hex[:8]}-1.age"
    assert "surat.pdf" in opened(content)
    dispatch.refresh_from_db()
    assert dispatch.status == DispatchStatus.ACKNOWLEDGED
    with pytest.raises(GoneError, match="sudah diambil"):
        fetch(public_id=dispatch.public_id, token=token, at=at)


@pytest.mark.parametrize("wrong", ["token", "row", "late"])
def test_a_link_that_is_none_opens_nothing(settings, wrong):
    dispatch = mailed(settings)
    public_id, token, at = dispatch.public_id, fetch_token(dispatch), dispatch.status_at
    if wrong == "token":
        token = "A" + token[1:] if token[0] != "A" else "B" + token[1:]
    elif wrong == "row":
        public_id = uuid.uuid4()
    else:
        at = dispatch.status_at + FETCH_WITHIN + timedelta(seconds=1)
    with pytest.raises(GoneError):
        fetch(public_id=public_id, token=token, at=at)
    dispatch.refresh_from_db()
    assert dispatch.status == "sent"


def test_sent_again_the_old_link_is_dead(settings):
    dispatch = mailed(settings)
    old = fetch_token(dispatch)
    with pytest.raises(NotPermittedError):
        send_again(dispatch=dispatch, officer=person("anwar"), at=AT, reason="Hilang.")
    send_again(dispatch=dispatch, officer=person("sari"), at=AT, reason="Surel tidak sampai.")
    with mail_peer(settings) as mails:
        assert run() == [Outcome.DONE]
    dispatch.refresh_from_db()
    assert (dispatch.round, dispatch.status) == (2, "sent")
    assert mails[0]["Message-ID"] == f"<{dispatch.public_id}-2@kasus.invalid>"
    at = dispatch.status_at
    with pytest.raises(GoneError):
        fetch(public_id=dispatch.public_id, token=old, at=at)
    assert fetch(public_id=dispatch.public_id, token=fetch_token(dispatch), at=at)
    assert Delivery.objects.count() == 1


# --- paper ------------------------------------------------------------------------------------------


def slip(**changes: Any) -> Slip:
    plain = {
        "received_by": "Contoh Penerima",
        "position": "Staf loket",
        "place": "Jakarta",
        "handed_on": AT.date(),
        "proof": stages.pdf(),
    }
    return Slip(**(plain | changes))  # type: ignore[arg-type]


def on_paper() -> Dispatch:
    place(Channel.PRINT, place="Jalan Contoh 1")
    issued()
    assert run() == [Outcome.DONE]
    return Dispatch.objects.select_related("referral__case__office").get()


def test_paper_counts_once_somebody_took_it():
    dispatch = on_paper()
    assert (dispatch.status, dispatch.referral.status) == ("to_hand_over", "issued")

    record_hand_over(dispatch=dispatch, slip=slip(), officer=person("sari"), at=AT)

    referral = Referral.objects.get()
    assert (Dispatch.objects.get().status, referral.status) == ("acknowledged", "delivered")
    assert referral.due_at is not None
    assert HandOver.objects.get().received_by == "Contoh Penerima"
    with pytest.raises(ConflictError):
        record_hand_over(dispatch=dispatch, slip=slip(), officer=person("sari"), at=AT)
    assert HandOver.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("received_by", " "),
        ("position", ""),
        ("place", ""),
        ("handed_on", AT.date() + timedelta(days=1)),
        ("handed_on", AT.date() - timedelta(days=1)),
        ("proof", b"bukan berkas"),
    ],
)
def test_a_slip_that_is_none_is_refused_with_its_field(field, value):
    dispatch = on_paper()
    with pytest.raises(DomainError) as refused:
        record_hand_over(
            dispatch=dispatch, slip=slip(**{field: value}), officer=person("sari"), at=AT
        )
    assert refused.value.field == field
    assert (HandOver.objects.count(), Referral.objects.get().status) == (0, "issued")


# --- answers of the other side (check K12) ----------------------------------------------------------


def by_line() -> tuple[Dispatch, Destination]:
    with http_peer() as peer:
        there = place(Channel.WEBHOOK, url=peer.url, secret=SECRET)
        issued()
        assert run() == [Outcome.DONE]
    return Dispatch.objects.get(), there


def answer(there: Destination, dispatch: Dispatch, status: str, nonce: str) -> ReceivedAnswer:
    return take_answer(
        destination=there,
        nonce=nonce,
        dispatch_id=dispatch.public_id,
        told={"status": status, "reason": "Pangkat belum ada."},
        at=AT + timedelta(days=1),
    )


def test_k12_an_answer_twice_is_once():
    dispatch, there = by_line()
    for _attempt in range(3):
        assert answer(there, dispatch, "acknowledged", "a").is_applied
    assert Dispatch.objects.get().status == "acknowledged"
    assert ReceivedAnswer.objects.count() == 1
    assert DispatchEvent.objects.filter(action="acknowledge").count() == 1


def test_k12_a_return_reaches_the_desk_with_its_reason():
    dispatch, there = by_line()
    answer(there, dispatch, "returned", "a")
    referral = Referral.objects.get()
    event = referral.events.order_by("pk").last()
    assert (Dispatch.objects.get().status, referral.status) == ("returned", "returned")
    assert event is not None
    assert (event.action, event.reason) == ("return_by_line", "Dikembalikan: Pangkat belum ada.")
    assert not referral.deadlines.filter(status="open").exists()


@pytest.mark.parametrize("late", ["acknowledged", "refused", "returned"])
def test_k12_out_of_order_answers_change_nothing(late):
    dispatch, there = by_line()
    answer(there, dispatch, "returned", "a")
    kept = answer(there, dispatch, late, "b")
    assert not kept.is_applied
    assert (Dispatch.objects.get().status, Referral.objects.get().status) == (
        "returned",
        "returned",
    )
    assert ReceivedAnswer.objects.count() == 2


def test_k12_a_destination_answers_for_its_own_only():
    dispatch, _there = by_line()
    other = place(Channel.WEBHOOK, url="https://1.1.1.1/", secret=SECRET)
    with pytest.raises(DomainError):
        answer(other, dispatch, "returned", "a")
    assert Dispatch.objects.get().status == "sent"


def test_k12_a_return_after_the_recipient_decided_stays_a_note():
    dispatch, there = by_line()
    Referral.objects.update(status="recommended")
    assert answer(there, dispatch, "returned", "a").is_applied
    assert (Dispatch.objects.get().status, Referral.objects.get().status) == (
        "returned",
        "recommended",
    )


# --- a body ends ------------------------------------------------------------------------------------


def bkn_ends(on: date) -> RecipientBody:
    """BKN's last day is the day before; the new body begins."""
    RecipientBody.objects.filter(code="BKN").update(valid_to=on - timedelta(days=1))
    RecipientBody.objects.filter(code="NEXT").update(valid_from=on)
    return RecipientBody.objects.get(code="NEXT")


@pytest.mark.parametrize("stage", ["proposed", "approved", "delivered", "accepted"])
def test_what_lies_with_a_body_that_ends_goes_to_its_successor(stage):
    referral = getattr(stages, stage)()
    before = stages.fresh(referral)
    on = AT.date() + timedelta(days=10)
    successor = bkn_ends(on)
    at = AT + timedelta(days=10)

    assert reroute_ended(at=at) == 1
    assert reroute_ended(at=at) == 0

    after = stages.fresh(referral)
    assert (after.status, after.recipient, after.version) == ("proposed", successor, 2)
    assert after.number == before.number
    assert set(Dispatch.objects.values_list("status", flat=True)) <= {"superseded"}
    assert after.items.filter(version=2).count() == after.items.filter(version=1).count() > 0
    approve_referral(referral=after, approver=person("joko"), at=at)
    issue_referral(subject_id=outbox_subject(after), destination="", at=at)
    assert run() in ([Outcome.DONE], [Outcome.DONE] * 2)
    assert (stages.fresh(referral).status, stages.fresh(referral).version) == ("delivered", 2)


def test_what_was_decided_or_withdrawn_stays_where_it_is():
    stages.recommended()
    bkn_ends(AT.date() + timedelta(days=10))
    assert reroute_ended(at=AT + timedelta(days=10)) == 0
    assert Referral.objects.get().recipient.code == "BKN"


def test_a_message_that_was_late_does_not_reach_a_body_that_is_gone(settings, tmp_path):
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    place(Channel.FOLDER, folder="bkn")
    issued()
    bkn_ends(AT.date() + timedelta(days=1))
    assert run() == [Outcome.DONE]
    assert states() == {"folder": "superseded"}
    assert list(tmp_path.iterdir()) == []


# --- a correction of what the recipient holds --------------------------------------------------------


@pytest.mark.parametrize("stage", ["delivered", "accepted"])
def test_a_correction_replaces_what_the_recipient_holds(stage):
    referral = getattr(stages, stage)()
    correct_referral(
        referral=referral,
        officer=person("sari"),
        at=AT,
        reason="Koreksi B.19: tempat kejadian keliru.",
        summary="Camat mengajak warga di balai desa.",
    )
    held = stages.fresh(referral)
    assert (held.status, held.version, held.due_at) == ("proposed", 2, None)
    assert not held.deadlines.filter(status="open").exists()
    with pytest.raises(DomainError, match="memegang versi sebelumnya"):
        withdraw_proposal(referral=held, officer=person("joko"), at=AT, reason="Tidak perlu.")
    approve_referral(referral=held, approver=person("joko"), at=AT)
    issue_referral(subject_id=outbox_subject(held), destination="", at=AT)
    assert set(run()) == {Outcome.DONE}
    after = stages.fresh(referral)
    ways = list(Dispatch.objects.order_by("version").values_list("version", "status"))
    assert (after.status, after.summary) == ("delivered", "Camat mengajak warga di balai desa.")
    assert ways == [(1, "superseded"), (2, "sent")]
    assert after.number == referral.number
    assert after.deadlines.filter(status="open").count() == 1


def test_what_was_recommended_is_not_corrected_any_more():
    referral = stages.recommended().referral
    with pytest.raises(ConflictError):
        correct_referral(
            referral=stages.fresh(referral),
            officer=person("sari"),
            at=AT,
            reason="Terlambat.",
            summary="",
        )


def test_every_step_of_a_referral_has_a_word_in_its_history():
    assert set(REFERRAL_HISTORY) == {"create", *ReferralAction.values}


# --- two at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_a_link_at_once_one_gets_the_file(settings):
    dispatch = mailed(settings)
    token, at = fetch_token(dispatch), dispatch.status_at

    def take() -> str:
        try:
            return fetch(public_id=dispatch.public_id, token=token, at=at)[0]
        except GoneError as error:
            return error.code

    found = at_once([take] * 4)

    assert sorted(map(str, found)) == sorted(
        ["fetched"] * 3 + [f"rujukan-{dispatch.public_id.hex[:8]}-1.age"]
    )
    assert DispatchEvent.objects.filter(action="acknowledge").count() == 1


@pytest.mark.django_db(transaction=True)
def test_k12_the_same_answer_at_once_is_one():
    dispatch, there = by_line()

    found = at_once([lambda: answer(there, dispatch, "returned", "a").is_applied] * 4)

    assert found == [True] * 4
    assert (ReceivedAnswer.objects.count(), Referral.objects.get().status) == (1, "returned")
    assert DispatchEvent.objects.filter(action="return").count() == 1
