"""A card shown at any office: which report it goes to is told to nobody but that report's desk (A35)."""

import os
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.envelope import UnsealError
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.object_storage import StorageFullError, evidence_storage
from complaints.errors import TooManyTriesError, WrongVisitCodeError
from complaints.models import Complaint, IdentityCard, SealedIdentity, VisitCode
from complaints.receipts import parse_visit_code, visit_code
from complaints.selectors.evidence_retention import names_in_use
from complaints.selectors.visits import visit_of
from complaints.services.lanes import raise_lane, withdraw_report
from complaints.services.visits import (
    WRONG_AN_HOUR,
    check_visit_code,
    digest_of,
    draw_visit_code,
    keep_identity_card,
    purge_visit_codes,
)
from complaints.states import ComplaintStatus, Lane
from complaints.vault.crypto import hpke
from complaints.vault.crypto.cards import IdentityCard as Card
from complaints.vault.crypto.cards import card_context, card_secret
from complaints.vault.crypto.errors import OpenError
from tests.bawaslu_cases.audit.conftest import log
from tests.complaints.services.test_reports import name_for
from tests.factories import AT, person, report, tip
from tests.support.at_once import at_once
from tests.support.vault import VaultWorld, stored_blob

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("vault_keys"),
]

JPEG = b"\xff\xd8\xff" + b"foto KTP " * 500
KEY = os.urandom(32)
"""The mailbox's private key, which the reporter's session has."""


@pytest.fixture(autouse=True)
def _no_tries():
    cache.clear()
    _before.clear()
    _before.update(each.name for each in evidence_storage().objects())


_before: set[str] = set()
"""Objects that tests before left in this process's storage."""


def drawn(complaint: Complaint) -> str:
    """Draw a code as the return page does, and read it there."""
    draw_visit_code(complaint=complaint, mailbox_key=KEY, at=AT)
    visit = visit_of(complaint, mailbox_key=KEY, today=AT.date())
    assert visit is not None
    return " ".join(visit.code)


def shown(code: str, *, who: str = "budi", picture: bytes = JPEG, at=AT) -> None:
    keep_identity_card(typed=code, picture=picture, is_of_bearer=True, officer=person(who), at=at)


def opened(complaint: Complaint, world: VaultWorld) -> Card:
    """Open the card with the recovery key, which gives the identity's own."""
    complaint.refresh_from_db()
    blob, card = stored_blob(complaint), IdentityCard.objects.get(complaint=complaint)
    dek = hpke.unseal(world.recovery, blob.wrap_r, info=blob.context("recovery"))
    sealed = b"".join(object_storage.read(card.object_name))
    report_id = complaint.public_id.hex
    secret = card_secret(dek, report=report_id)
    return Card.unpacked(hpke.unseal(secret, sealed, info=card_context(report=report_id)))


def stored() -> list[str]:
    return [each.name for each in evidence_storage().objects() if each.name not in _before]


@pytest.mark.parametrize("lane", [Lane.SEALED, Lane.OPEN])
def test_a35_a_card_shown_anywhere_opens_with_its_reports_identity(vault_keys, lane):
    complaint, other = report(lane=lane), report()
    code = drawn(complaint)
    drawn(other)

    shown(code)

    card = opened(complaint, vault_keys)
    budi = person("budi")
    assert budi.office is not None
    assert (card.image, card.content_type, card.is_of_bearer) == (JPEG, "image/jpeg", True)
    assert (card.officer, card.office) == (budi.public_id.hex, budi.office.name)
    assert card.scanned_at == AT.replace(microsecond=0)
    assert not IdentityCard.objects.filter(complaint=other).exists()


def test_a35_no_table_and_no_log_joins_the_counter_and_the_report():
    """Who scanned it where stands under the seal; the log knows the office, the report the day."""
    complaint = report()
    before = log()[-1].seq if log() else 0
    shown(drawn(complaint))

    budi = person("budi")
    entries = log(after=before)
    assert [(entry.action, entry.actor, entry.subject) for entry in entries] == [
        ("identity.card", budi.public_id.hex, f"office:{budi.office and budi.office.code}")
    ]
    assert not any(complaint.public_id.hex in f"{entry.subject}{entry.detail}" for entry in entries)
    held = IdentityCard.objects.values().get()
    assert sorted(held) == ["complaint_id", "object_name", "received_on", "sealed_bytes"]
    assert not complaint.events.filter(actor=budi).exists()
    raw = b"".join(object_storage.read(held["object_name"]))
    for needle in (
        JPEG[3:60],
        budi.public_id.hex.encode(),
        b"Bawaslu",
        complaint.public_id.hex.encode(),
    ):
        assert needle not in raw


def test_a35_a_used_code_is_dead_and_never_drawn_again():
    complaint = report()
    code = drawn(complaint)
    shown(code)

    refused = []
    for step in (
        lambda: shown(code, picture=b"\x89PNG\r\n\x1a\nlain"),
        lambda: check_visit_code(typed=code, officer=person("budi"), at=AT),
    ):
        with pytest.raises(WrongVisitCodeError) as error:
            step()
        refused.append(str(error.value.message))

    assert len(set(refused)) == 1
    assert not VisitCode.objects.exists()
    later = {drawn(complaint) for _again in range(20)}
    assert len(later) == 20
    assert code not in later


def test_a_new_code_ends_the_one_before_and_a_new_card_replaces_it(vault_keys):
    complaint = report()
    first = drawn(complaint)
    second = drawn(complaint)

    with pytest.raises(WrongVisitCodeError):
        shown(first)
    shown(second)
    former = IdentityCard.objects.get().object_name
    again = b"\x89PNG\r\n\x1a\n" + b"lebih jelas" * 40
    shown(drawn(complaint), picture=again)

    card = opened(complaint, vault_keys)
    assert (card.content_type, card.image) == ("image/png", again)
    assert former not in stored()
    assert list(names_in_use()) == stored() == [IdentityCard.objects.get().object_name]


def test_a35_what_opens_nothing_is_refused_in_the_same_words():
    complaint = report()
    used, replaced = drawn(complaint), None
    shown(used)
    replaced = drawn(complaint)
    drawn(complaint)
    never = visit_code(os.urandom(32), report=uuid4().hex, serial=1)
    late = report()
    over = drawn(late)
    said = set()
    for code, at in ((used, AT), (replaced, AT), (never, AT), (over, AT + timedelta(days=8))):
        with pytest.raises(WrongVisitCodeError) as error:
            shown(code, at=at)
        said.add((error.value.code, str(error.value.message), error.value.field))

    assert len(said) == 1
    shown(over, at=AT + timedelta(days=6))


def test_the_table_of_codes_gives_no_code_to_who_has_it(settings):
    """A code has eleven free digits: without a key from outside the database each could be tried."""
    complaint = report()
    digits = parse_visit_code(drawn(complaint))
    held = VisitCode.objects.get()
    assert bytes(held.digest) == digest_of(digits)

    settings.RECEIPT_PEPPER = "A" * 43 + "="
    assert bytes(held.digest) != digest_of(digits)


def test_two_counters_with_one_code_seal_one_card():
    code = drawn(report())
    people = {who: person(who) for who in ("budi", "sari")}

    def step(who: str):
        def press() -> str:
            try:
                keep_identity_card(
                    typed=code,
                    picture=JPEG + who.encode(),
                    is_of_bearer=True,
                    officer=people[who],
                    at=AT,
                )
            except WrongVisitCodeError:
                return "refused"
            return "kept"

        return press

    told = at_once([step("budi"), step("sari"), step("budi"), step("sari")])

    assert sorted(told) == ["kept", "refused", "refused", "refused"]
    assert stored() == [IdentityCard.objects.get().object_name]


@pytest.mark.parametrize("_again", range(3))
def test_a_name_given_anew_at_the_same_moment_leaves_no_card_that_does_not_open(vault_keys, _again):
    complaint, budi = report(lane=Lane.SEALED), person("budi")
    code, name = drawn(complaint), name_for(complaint, Lane.OPEN)

    def scan() -> str:
        try:
            keep_identity_card(typed=code, picture=JPEG, is_of_bearer=True, officer=budi, at=AT)
        except WrongVisitCodeError:
            return "refused"
        return "kept"

    def give_anew() -> str:
        row = Complaint.objects.select_related("office").get(pk=complaint.pk)
        raise_lane(complaint=row, lane=Lane.OPEN, name=name, at=AT)
        return "given"

    told = at_once([scan, give_anew])

    assert told[1] == "given"
    assert (IdentityCard.objects.count(), stored(), VisitCode.objects.count()) == (0, [], 0)


def test_a_key_that_changed_since_the_code_was_looked_up_takes_no_card(monkeypatch, vault_keys):
    """The counter's transaction comes after that of who gave the name anew."""
    complaint = report(lane=Lane.SEALED)
    code, write = drawn(complaint), object_storage.write

    def slow(name, chunks):
        monkeypatch.undo()
        row = Complaint.objects.select_related("office").get(pk=complaint.pk)
        raise_lane(complaint=row, lane=Lane.OPEN, name=name_for(complaint, Lane.OPEN), at=AT)
        draw_visit_code(complaint=row, mailbox_key=KEY, at=AT)
        return write(name, chunks)

    monkeypatch.setattr(object_storage, "write", slow)
    with pytest.raises(WrongVisitCodeError):
        shown(code)

    assert (IdentityCard.objects.count(), stored()) == (0, [])
    shown(drawn(complaint))
    assert opened(complaint, vault_keys).image == JPEG


def test_codes_that_are_none_are_counted_by_officer_and_an_hour():
    code = drawn(report())
    for number in range(WRONG_AN_HOUR):
        with pytest.raises(WrongVisitCodeError):
            shown(visit_code(KEY, report="ab" * 16, serial=number))

    with pytest.raises(TooManyTriesError):
        shown(code)
    shown(code, who="sari")


def test_a_code_that_is_over_leaves_no_day():
    drawn(report())

    assert purge_visit_codes(at=AT + timedelta(days=7)) == 0
    assert purge_visit_codes(at=AT + timedelta(days=8)) == 1
    assert purge_visit_codes(at=AT + timedelta(days=8)) == 0
    assert not VisitCode.objects.exists()


def test_typos_cost_no_try():
    code = drawn(report())
    for _again in range(WRONG_AN_HOUR + 1):
        with pytest.raises(WrongVisitCodeError):
            shown(code[:-1] + str((int(code[-1]) + 1) % 10))
    shown(code)


@pytest.mark.parametrize("who", ["vera", "kurnia", "dewi", "lina", "agus", "anwar"])
def test_only_who_has_records_in_hand_is_a_counter(who):
    code = drawn(report())

    with pytest.raises(NotPermittedError):
        shown(code, who=who)


@pytest.mark.parametrize(
    "picture", [b"", b"%PDF-1.7", b"<svg/>", b"GIF89a", JPEG + bytes(5 * 1024 * 1024)]
)
def test_what_is_no_picture_leaves_the_code_good(picture):
    code = drawn(report())

    with pytest.raises(DomainError) as error:
        shown(code, picture=picture)

    assert error.value.field == "card"
    shown(code)


def test_a_storage_that_is_full_leaves_the_code_good(monkeypatch):
    code = drawn(report())

    def full(*_arguments):
        raise StorageFullError

    with monkeypatch.context() as patched:
        patched.setattr(evidence_storage(), "write", full)
        with pytest.raises(StorageFullError):
            shown(code)

    shown(code)


def test_an_audit_log_that_is_down_leaves_the_code_good_and_no_object(monkeypatch):
    code = drawn(report())

    def down(**_named):
        raise AuditUnavailableError

    with monkeypatch.context() as patched:
        patched.setattr("complaints.services.visits.audit.record", down)
        with pytest.raises(AuditUnavailableError):
            shown(code)

    assert (stored(), IdentityCard.objects.count()) == ([], 0)
    shown(code)


def test_who_has_the_database_alone_cannot_have_cards_sealed_to_themselves():
    complaint, other = report(), report()
    code = drawn(complaint)
    theirs = SealedIdentity.objects.get(complaint=other).card_key
    for forged in (os.urandom(32), theirs):
        SealedIdentity.objects.filter(complaint=complaint).update(card_key=forged)

        with pytest.raises(UnsealError):
            shown(code)

    assert stored() == []


def test_v27_taking_a_report_back_takes_card_and_code():
    complaint = report()
    shown(drawn(complaint))
    drawn(complaint)

    withdraw_report(complaint=complaint, at=AT)

    assert (IdentityCard.objects.count(), VisitCode.objects.count(), stored()) == (0, 0, [])


def test_a_step_that_fails_leaves_the_card(vault_keys):
    complaint = report()
    shown(drawn(complaint))

    with suppress(ZeroDivisionError), transaction.atomic():
        withdraw_report(complaint=complaint, at=AT)
        raise ZeroDivisionError

    assert opened(complaint, vault_keys).image == JPEG


def test_a_name_given_anew_asks_for_the_card_anew(vault_keys):
    complaint = report(lane=Lane.SEALED)
    shown(drawn(complaint))

    raise_lane(complaint=complaint, lane=Lane.OPEN, name=name_for(complaint, Lane.OPEN), at=AT)

    assert (IdentityCard.objects.count(), stored()) == (0, [])
    shown(drawn(complaint))
    assert opened(complaint, vault_keys).image == JPEG


def test_a_card_does_not_open_with_another_reports_identity(vault_keys):
    complaint, other = report(), report()
    shown(drawn(complaint))
    IdentityCard.objects.update(complaint=other)

    with pytest.raises(OpenError):
        opened(other, vault_keys)


@pytest.mark.parametrize("status", [ComplaintStatus.PROPOSED, ComplaintStatus.REGISTERED])
def test_no_code_is_drawn_where_no_card_is_asked_for(status):
    complaint = report()
    Complaint.objects.filter(pk=complaint.pk).update(status=status)
    complaint.refresh_from_db()

    with pytest.raises(DomainError):
        draw_visit_code(complaint=complaint, mailbox_key=KEY, at=AT)
    with pytest.raises(DomainError):
        draw_visit_code(complaint=tip(), mailbox_key=KEY, at=AT)
    assert not VisitCode.objects.exists()


def test_a_name_sealed_before_there_were_keys_has_no_code():
    complaint = report()
    SealedIdentity.objects.update(card_key=None)

    with pytest.raises(DomainError) as error:
        draw_visit_code(complaint=complaint, mailbox_key=KEY, at=AT)

    assert error.value.code == "no_card_key"


def test_the_row_of_a_code_is_in_no_offices_sight():
    """Nor by a query that forgets its filter: the database's own policy (ADR 0050)."""
    drawn(report())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT roles, qual FROM pg_policies WHERE tablename = 'complaints_visitcode'"
            " AND policyname LIKE '%%office'"
        )
        rules = cursor.fetchall()

    assert [rule for _roles, rule in rules] == ["false"]
