"""Who of a verification desk gets which record: by turn, those with the fewest, and on to the next."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bawaslu_cases.accounts.models import RoleGrant
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.keyring.models import OfficerCertificate
from bawaslu_cases.shared.errors import ConflictError, NotPermittedError
from complaints.models import (
    Attestation,
    Complaint,
    Evidence,
    OriginalOpening,
    SealedIdentity,
    ShareRelease,
    VerificationTurn,
)
from complaints.selectors.evidence import originals_in_hand
from complaints.selectors.vault import reports_in_hand, waiting_reports
from complaints.services import unsealing, verification_turns
from complaints.services.originals import take_original
from complaints.services.recusals import recuse_oneself
from complaints.services.summaries import digest_of, write_summary
from complaints.services.verification_turns import SPREAD, deal_records, log_turns
from complaints.states import ComplaintStatus, Lane
from tests.complaints.services.test_unsealing import asked_for, let_go, opened, own
from tests.factories import AT, in_hand, person, public_id_of, report, tip
from tests.support.at_once import at_once
from tests.support.evidence import evidence_of, photo
from tests.support.vault import DESK, RI_DESK, VaultWorld, stored_blob

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NIGHT = datetime(2024, 10, 7, 19, 30, tzinfo=UTC)
"""Half past two in the morning of Tuesday 8 October 2024 in Jakarta."""
QUIET_ROUND = 4
"""Queries of a round by day that finds nothing to do, beside the keyring's one."""


def holders() -> dict[int, str]:
    """Return record → the name of who has it."""
    rows = VerificationTurn.objects.select_related("verifier")
    return {row.complaint_id: row.verifier.name for row in rows}


def at_the_desk(*keys: str) -> None:
    for key in keys:
        person(key)


def entries() -> list[dict[str, Any]]:
    """Return what the audit log tells of turns, oldest first."""
    rows = AuditEvent.objects.filter(action="vault.turn").order_by("seq")
    return [json.loads(row.detail) | {"subject": row.subject} for row in rows]


# --- dealing ------------------------------------------------------------------------------------------


def test_reports_are_dealt_to_all_and_each_once(vault_keys: VaultWorld) -> None:
    at_the_desk("vera", "vito", "retno")
    reports = [report() for _number in range(12)]
    elsewhere = report(lane=Lane.OPEN)

    assert deal_records(at=AT) == 13

    rows = VerificationTurn.objects.all()
    at_ri = rows.filter(complaint=elsewhere).values_list("group", "verifier__name")
    assert at_ri.get() == (RI_DESK, "Retno")
    names = [holders()[row.pk] for row in reports]
    assert abs(names.count("Vera") - names.count("Vito")) <= SPREAD + 1
    assert set(names) == {"Vera", "Vito"}
    before = holders()
    assert deal_records(at=AT + timedelta(hours=1)) == 0
    assert holders() == before


def test_whose_turn_it_is_nobody_knows_before(vault_keys: VaultWorld) -> None:
    """Of twenty desks with nothing in hand not all give the first report to the same one."""
    at_the_desk("vera", "vito")
    found = report()
    first = set()
    for _time in range(20):
        deal_records(at=AT)
        first.add(holders()[found.pk])
        VerificationTurn.objects.all().delete()
    assert first == {"Vera", "Vito"}  # by chance not once in half a million


def test_many_are_dealt_in_one_go(vault_keys: VaultWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(verification_turns, "AT_ONCE", 2)
    monkeypatch.setattr(verification_turns, "BATCH", 1)
    at_the_desk("vera", "vito")
    reports = [report() for _number in range(5)]

    assert deal_records(at=AT) == 5

    assert holders().keys() == {row.pk for row in reports}


def test_what_is_decided_does_not_count(vault_keys: VaultWorld) -> None:
    """Whoever had much that is over is not spared; whoever has much under review is."""
    at_the_desk("vera", "vito")
    over = [in_hand(report(), "vera") for _number in range(SPREAD + 1)]
    Complaint.objects.filter(pk__in=[row.pk for row in over]).update(status="refused")
    for _number in range(SPREAD + 1):
        in_hand(report(), "vito")
    new = report()

    deal_records(at=AT)

    assert holders()[new.pk] == "Vera"


def test_whoever_asked_already_keeps_it(vault_keys: VaultWorld) -> None:
    """A request that was made under the release before, or before a restore, goes on."""
    at_the_desk("vera", "vito")
    for _number in range(SPREAD + 1):
        in_hand(report(), "vito")
    found = report()
    asked_for(vault_keys, found, "vito")
    VerificationTurn.objects.filter(complaint=found).delete()

    deal_records(at=AT)

    assert holders()[found.pk] == "Vito"


def test_a_desk_without_anybody_keeps_its_reports_waiting(vault_keys: VaultWorld) -> None:
    at_the_desk("retno")
    waiting = report()
    assert waiting.identity.group_a == DESK

    assert deal_records(at=AT) == 0
    at_the_desk("vito")
    assert deal_records(at=AT) == 1
    assert holders() == {waiting.pk: "Vito"}


@pytest.mark.parametrize("without", ["none", "revoked", "over", "of another desk"])
def test_who_could_open_nothing_gets_nothing(vault_keys: VaultWorld, without: str) -> None:
    """Appointed and not yet certified, or not any more: the report would lie there."""
    at_the_desk("vera", "wati")
    report()
    rows = OfficerCertificate.objects.filter(officer=public_id_of("vera"))
    if without == "revoked":
        rows.update(revoked_on=AT.date())
    elif without == "over":
        rows.update(not_after=AT.date() - DAY)
    elif without == "of another desk":
        rows.update(group_id=RI_DESK)
    else:
        rows.delete()

    assert deal_records(at=AT) == 0


def test_a_name_given_anew_at_another_desk_is_dealt_there(vault_keys: VaultWorld) -> None:
    """An open report of a kabupaten lies at RI's desk, and lay at the province's before."""
    at_the_desk("vera", "retno")
    found = report()
    deal_records(at=AT)
    SealedIdentity.objects.filter(complaint=found).update(group_a=RI_DESK)

    assert deal_records(at=AT) == 1

    assert list(reports_in_hand(person("retno"))) == [found]
    assert not reports_in_hand(person("vera")).exists()


def test_a_tip_with_a_sealed_file_is_dealt_too(vault_keys: VaultWorld) -> None:
    at_the_desk("vera")
    found = tip()
    assert not SealedIdentity.objects.exists()
    evidence_of(found, photo(), at=AT)
    evidence_of(found, photo(), at=AT)

    assert deal_records(at=AT) == 1

    assert VerificationTurn.objects.values_list("complaint", "group").get() == (found.pk, DESK)


def test_a_file_at_another_desk_is_dealt_there(vault_keys: VaultWorld) -> None:
    """The record moved between the files: its newest lies at RI's desk."""
    at_the_desk("vera", "retno")
    found = in_hand(report())
    newest = evidence_of(found, photo(), at=AT)
    Evidence.objects.filter(pk=newest.pk).update(group=RI_DESK)

    assert deal_records(at=AT) == 1

    rows = VerificationTurn.objects.order_by("group").values_list("group", "verifier__name")
    assert list(rows) == [(RI_DESK, "Retno"), (DESK, "Vera")]


# --- what the row tells -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "since"),
    [
        ("2024-10-07", "2024-10-07"),
        ("2024-10-06", "2024-10-06"),  # sent before midnight, dealt after it
        ("2024-10-08", "2024-10-08"),  # the day began two hours earlier where it came from
        ("2024-09-01", "2024-10-07"),  # there before anybody was, or dealt by the first round
    ],
)
def test_the_day_tells_no_hour(vault_keys: VaultWorld, received: str, since: str) -> None:
    at_the_desk("vera")
    found = report()
    Complaint.objects.filter(pk=found.pk).update(received_on=received)

    deal_records(at=AT)

    assert VerificationTurn.objects.get().since.isoformat() == since


def test_the_log_tells_who_had_what_a_day_later(vault_keys: VaultWorld) -> None:
    at_the_desk("vera")
    found = report()
    deal_records(at=AT)

    assert log_turns(at=AT + timedelta(hours=5)) == 0
    assert log_turns(at=AT + DAY) == 1
    assert log_turns(at=AT + DAY) == 0

    assert entries() == [
        {
            "subject": f"complaint:{found.public_id.hex}",
            "since": "2024-10-07",
            "to": public_id_of("vera").hex,
        }
    ]


# --- going on -----------------------------------------------------------------------------------------


def test_what_somebody_was_recused_from_goes_on_at_once(vault_keys: VaultWorld) -> None:
    at_the_desk("vera", "vito")
    found = in_hand(report())
    recuse_oneself(subject=found, user=person("vera"), reason="declared", at=AT)

    assert deal_records(at=AT + DAY) == 1

    assert holders() == {found.pk: "Vito"}
    assert VerificationTurn.objects.get().since == AT.date() + DAY
    assert entries() == [
        {
            "subject": f"complaint:{found.public_id.hex}",
            "since": "2024-10-08",
            "to": public_id_of("vito").hex,
            "former": public_id_of("vera").hex,
            "why": "recused",
        }
    ]
    assert deal_records(at=AT + DAY) == 0


def suspended() -> None:
    user = person("vera")
    user.is_active = False
    user.save(update_fields=["is_active"])


def without_the_role() -> None:
    RoleGrant.objects.filter(user=person("vera"), role=Role.VERIFIER).delete()


def moved() -> None:
    user = person("vera")
    user.office = person("retno").office
    user.save(update_fields=["office"])


def without_a_certificate() -> None:
    OfficerCertificate.objects.filter(officer=public_id_of("vera")).update(revoked_on=AT.date())


@pytest.mark.parametrize("left", [suspended, without_the_role, moved, without_a_certificate])
def test_what_somebody_may_not_have_any_more_goes_on_at_night(
    vault_keys: VaultWorld, left: Any
) -> None:
    """Not at once: a quarter of an hour's suspension would give a colleague all that somebody has."""
    at_the_desk("vera", "vito")
    found = in_hand(report())
    left()

    assert deal_records(at=AT) == 0
    assert deal_records(at=NIGHT) == 1

    assert holders() == {found.pk: "Vito"}
    assert entries()[0]["why"] == "left"


def test_recused_and_nobody_else_it_stays_where_nobody_can_use_it(vault_keys: VaultWorld) -> None:
    at_the_desk("vera")
    found = in_hand(report())
    recuse_oneself(subject=found, user=person("vera"), reason="declared", at=AT)

    assert deal_records(at=AT) == 0

    assert holders() == {found.pk: "Vera"}
    assert not reports_in_hand(person("vera")).exists()


@pytest.mark.parametrize(
    ("since", "nights_later", "goes_on"),
    [
        ("2024-10-07", 0, False),  # Monday; Tuesday's night
        ("2024-10-07", 1, True),  # the whole of Tuesday went by
        ("2024-10-04", 0, True),  # Friday; Monday went by
        ("2024-10-06", 0, True),  # Sunday; Monday went by
    ],
)
def test_what_is_left_unasked_for_a_working_day_goes_on(
    vault_keys: VaultWorld, since: str, nights_later: int, goes_on: bool
) -> None:
    """Illness, leave, or somebody who would rather bury it: the next one gets it."""
    at_the_desk("vera", "vito")
    found = in_hand(report())
    VerificationTurn.objects.update(since=since)
    night = NIGHT + nights_later * DAY

    assert deal_records(at=night - timedelta(hours=3)) == 0
    assert deal_records(at=night) == goes_on

    assert holders() == {found.pk: "Vito" if goes_on else "Vera"}
    if goes_on:
        assert entries()[0]["why"] == "unasked"
        assert deal_records(at=night) == 0


def test_what_was_asked_or_is_over_stays(vault_keys: VaultWorld) -> None:
    at_the_desk("vera", "vito")
    asked, over, alone = report(), in_hand(report()), in_hand(report(lane=Lane.OPEN), "retno")
    asked_for(vault_keys, asked)
    Complaint.objects.filter(pk=over.pk).update(status=ComplaintStatus.REGISTERED)
    VerificationTurn.objects.update(since="2024-10-01")

    assert deal_records(at=NIGHT) == 0
    assert holders() == {asked.pk: "Vera", over.pk: "Vera", alone.pk: "Retno"}


# --- what a colleague has -----------------------------------------------------------------------------


def test_a12_what_a_colleague_has_does_not_exist(vault_keys: VaultWorld) -> None:
    """The verifier of one report finds no other of the same desk, and no verb takes it (check A12)."""
    mine, theirs = in_hand(report(), "vera"), in_hand(report(), "vito")
    vera = person("vera")
    assert list(reports_in_hand(vera)) == [mine]
    assert [row.pk for row in waiting_reports(vera)] == [mine.pk]
    asked = vault_keys.ask("vera", theirs.public_id, at=AT)

    with pytest.raises(NotPermittedError):
        unsealing.create_request(complaint=theirs, verifier=vera, own=own(asked), at=AT)
    with pytest.raises(NotPermittedError):
        write_summary(complaint=theirs, verifier=vera, text="Camat.", at=AT, seen=digest_of(""))
    theirs.refresh_from_db()
    assert theirs.summary == ""


def test_a12_originals_go_with_the_turn(vault_keys: VaultWorld) -> None:
    mine, theirs = in_hand(report(), "vera"), in_hand(report(), "vito")
    own_file, other = (evidence_of(row, photo(), at=AT) for row in (mine, theirs))
    vera = person("vera")
    assert list(originals_in_hand(vera)) == [own_file]
    told: dict[str, Any] = {
        "purpose": OriginalOpening.Purpose.COMPARE,
        "reason": "Membandingkan.",
        "at": AT,
    }

    with pytest.raises(NotPermittedError):
        take_original(evidence=other, verifier=vera, **told)
    take_original(evidence=own_file, verifier=vera, **told)
    assert OriginalOpening.objects.get().evidence_id == own_file.pk


def test_a12_whoever_lost_the_report_gets_no_share(vault_keys: VaultWorld) -> None:
    found = report()
    _asked, row = asked_for(vault_keys, found)
    in_hand(found, "vito")
    with pytest.raises(ConflictError):
        let_go(vault_keys, row)
    assert not ShareRelease.objects.exists()

    in_hand(found, "vera")
    let_go(vault_keys, row)
    in_hand(found, "vito")
    with pytest.raises(NotPermittedError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=AT)


def test_a12_whoever_lost_the_report_signs_nothing(vault_keys: VaultWorld) -> None:
    found = report()
    asked, row = opened(vault_keys, found)
    said = vault_keys.attest("vera", asked.request, stored_blob(found), on=AT.date())
    in_hand(found, "vito")

    with pytest.raises(NotPermittedError):
        unsealing.attest(request=row, verifier=person("vera"), statement=said.to_json(), at=AT)
    assert not Attestation.objects.exists()


# --- at once and at length ----------------------------------------------------------------------------


def test_a_round_asks_as_much_however_many_there_are(
    vault_keys: VaultWorld, django_assert_num_queries: Any
) -> None:
    at_the_desk("vera", "vito")
    report()
    deal_records(at=AT)
    with django_assert_num_queries(QUIET_ROUND):
        deal_records(at=AT)
    for _number in range(3):
        report()
    with django_assert_num_queries(QUIET_ROUND + 4):
        assert deal_records(at=AT) == 3


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_give_each_report_to_one(vault_keys: VaultWorld) -> None:
    at_the_desk("vera", "vito")
    reports = [report() for _number in range(4)]
    lapsed = in_hand(report(), "vera")
    recuse_oneself(subject=lapsed, user=person("vera"), reason="declared", at=AT)

    at_once([lambda: deal_records(at=AT)] * 3)

    assert holders().keys() == {row.pk for row in (*reports, lapsed)}
    assert VerificationTurn.objects.count() == 5
    assert holders()[lapsed.pk] == "Vito"
    assert len(entries()) == 1
