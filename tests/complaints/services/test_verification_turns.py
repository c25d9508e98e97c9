"""Who of a verification desk gets which record: by turn, the fewest first, and on to the next."""

from datetime import timedelta
from typing import Any

import pytest

from bawaslu_cases.accounts.models import Absence, RoleGrant
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enter_absence
from bawaslu_cases.shared.errors import NotPermittedError
from complaints.models import (
    Complaint,
    Evidence,
    OriginalOpening,
    SealedIdentity,
    VerificationTurn,
)
from complaints.selectors.evidence import originals_in_hand
from complaints.selectors.vault import reports_in_hand, waiting_reports
from complaints.services import unsealing, verification_turns
from complaints.services.originals import take_original
from complaints.services.recusals import recuse_oneself
from complaints.services.summaries import digest_of, write_summary
from complaints.services.verification_turns import deal_records
from complaints.states import EvidenceStatus, Lane
from tests.complaints.services.test_unsealing import asked_for, let_go, own
from tests.factories import AT, in_hand, person, report, tip
from tests.support.at_once import at_once
from tests.support.evidence import evidence_of, photo
from tests.support.vault import DESK, RI_DESK

pytestmark = pytest.mark.django_db

ROUND = 5
"""Queries of a round that finds nothing to do."""


def holders() -> dict[int, str]:
    """Return record → the name of who has it."""
    rows = VerificationTurn.objects.select_related("verifier")
    return {row.complaint_id: row.verifier.name for row in rows}


def at_the_desk(*keys: str) -> None:
    for key in keys:
        person(key)


def test_reports_are_dealt_evenly_and_each_once(vault_keys):
    at_the_desk("vera", "vito", "retno")
    reports = [report() for _number in range(5)]
    elsewhere = report(lane=Lane.OPEN)

    assert deal_records(at=AT) == 6

    rows = VerificationTurn.objects.all()
    assert rows.filter(complaint=elsewhere).values_list("group", "verifier__name").get() == (
        RI_DESK,
        "Retno",
    )
    names = sorted(holders()[row.pk] for row in reports)
    assert names in (
        ["Vera", "Vera", "Vera", "Vito", "Vito"],
        ["Vera", "Vera", "Vito", "Vito", "Vito"],
    )
    assert {row.since for row in rows} == {AT.date()}
    before = holders()
    assert deal_records(at=AT + timedelta(days=1)) == 0
    assert holders() == before


def test_what_is_decided_does_not_count_and_waits_for_nobody(vault_keys):
    """Whoever had much that is over is not spared; whoever has much under review is."""
    at_the_desk("vera", "vito")
    over = [in_hand(report(), "vera") for _number in range(3)]
    Complaint.objects.filter(pk__in=[row.pk for row in over]).update(status="refused")
    in_hand(report(), "vito")
    new = report()

    deal_records(at=AT)

    assert holders()[new.pk] == "Vera"


def test_many_are_dealt_in_one_go(vault_keys, monkeypatch):
    monkeypatch.setattr(verification_turns, "AT_ONCE", 2)
    monkeypatch.setattr(verification_turns, "BATCH", 1)
    at_the_desk("vera", "vito")
    reports = [report() for _number in range(5)]

    assert deal_records(at=AT) == 5

    assert holders().keys() == {row.pk for row in reports}


def test_a_name_given_anew_at_another_desk_is_dealt_there(vault_keys):
    """An open report of a kabupaten lies at RI's desk, and lay at the province's before."""
    at_the_desk("vera", "retno")
    found = report()
    deal_records(at=AT)
    SealedIdentity.objects.filter(complaint=found).update(group_a=RI_DESK)

    assert deal_records(at=AT) == 1

    assert list(reports_in_hand(person("retno"), at=AT)) == [found]
    assert not reports_in_hand(person("vera"), at=AT).exists()


def test_a_desk_without_anybody_keeps_its_reports_waiting(vault_keys):
    at_the_desk("retno")
    waiting = report()
    assert waiting.identity.group_a == DESK

    assert deal_records(at=AT) == 0
    at_the_desk("vito")
    assert deal_records(at=AT) == 1
    assert holders() == {waiting.pk: "Vito"}


def test_whoever_is_away_gets_nothing_while_a_colleague_is_there(vault_keys):
    at_the_desk("vera", "vito")
    away("vera", deputy="vito")
    reports = [report() for _number in range(3)]

    deal_records(at=AT)

    assert holders() == {row.pk: "Vito" for row in reports}


def test_away_with_nobody_else_it_is_theirs_and_their_deputys(vault_keys):
    at_the_desk("vera", "vito")
    away("vera", deputy="vito")
    found = report()
    recuse_oneself(subject=found, user=person("vito"), reason="declared", at=AT)

    deal_records(at=AT)

    assert holders() == {found.pk: "Vera"}
    assert not reports_in_hand(person("vito"), at=AT).exists()  # recused, deputy or not


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


def recused() -> None:
    recuse_oneself(subject=Complaint.objects.get(), user=person("vera"), reason="declared", at=AT)


@pytest.mark.parametrize("left", [suspended, without_the_role, moved, recused])
def test_what_somebody_may_not_have_any_more_goes_to_the_next(vault_keys, left):
    at_the_desk("vera", "vito")
    found = in_hand(report())
    left()

    assert deal_records(at=AT + timedelta(days=2)) == 1

    assert holders() == {found.pk: "Vito"}
    assert VerificationTurn.objects.get().since == AT.date() + timedelta(days=2)
    assert deal_records(at=AT + timedelta(days=2)) == 0


def test_recused_and_nobody_else_it_stays_where_nobody_can_use_it(vault_keys):
    at_the_desk("vera")
    found = in_hand(report())
    recuse_oneself(subject=found, user=person("vera"), reason="declared", at=AT)

    assert deal_records(at=AT) == 0

    assert holders() == {found.pk: "Vera"}
    assert not reports_in_hand(person("vera"), at=AT).exists()


def test_a12_what_a_colleague_has_does_not_exist(vault_keys):
    """The verifier of one report finds no other of the same desk, and no verb takes it (check A12)."""
    mine, theirs = in_hand(report(), "vera"), in_hand(report(), "vito")
    vera = person("vera")
    assert list(reports_in_hand(vera, at=AT)) == [mine]
    assert [row.pk for row in waiting_reports(vera, at=AT)] == [mine.pk]
    asked = vault_keys.ask("vera", theirs.public_id, at=AT)

    with pytest.raises(NotPermittedError):
        unsealing.create_request(complaint=theirs, verifier=vera, own=own(asked), at=AT)
    with pytest.raises(NotPermittedError):
        write_summary(complaint=theirs, verifier=vera, text="Camat.", at=AT, seen=digest_of(""))
    theirs.refresh_from_db()
    assert theirs.summary == ""


def test_a12_originals_go_with_the_turn(vault_keys):
    mine, theirs = in_hand(report(), "vera"), in_hand(report(), "vito")
    own_file, other = (evidence_of(row, photo(), at=AT) for row in (mine, theirs))
    vera = person("vera")
    assert list(originals_in_hand(vera, at=AT)) == [own_file]

    told: dict[str, Any] = {
        "purpose": OriginalOpening.Purpose.COMPARE,
        "reason": "Membandingkan.",
        "at": AT,
    }
    with pytest.raises(NotPermittedError):
        take_original(evidence=other, verifier=vera, **told)
    take_original(evidence=own_file, verifier=vera, **told)
    assert OriginalOpening.objects.get().evidence_id == own_file.pk


def test_a12_a_release_is_not_served_to_whoever_lost_the_report(vault_keys):
    found = report()
    _asked, row = asked_for(vault_keys, found)
    let_go(vault_keys, row)
    in_hand(found, "vito")

    with pytest.raises(NotPermittedError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=AT)


def test_a_tip_with_a_sealed_file_is_dealt_too(vault_keys):
    at_the_desk("vera")
    found = tip()
    assert not SealedIdentity.objects.exists()
    evidence_of(found, photo(), at=AT)

    assert deal_records(at=AT) == 1

    assert VerificationTurn.objects.values_list("complaint", "group").get() == (found.pk, DESK)


def test_a_file_at_another_desk_is_dealt_when_somebody_must_look(vault_keys):
    """The record moved between the files: its newest lies at RI's desk."""
    at_the_desk("vera", "retno")
    found = in_hand(report())
    moved_file = evidence_of(found, photo(), at=AT)
    Evidence.objects.filter(pk=moved_file.pk).update(group=RI_DESK)
    assert deal_records(at=AT) == 0

    Evidence.objects.filter(pk=moved_file.pk).update(status=EvidenceStatus.MANUAL)
    assert deal_records(at=AT) == 1

    rows = VerificationTurn.objects.order_by("group").values_list("group", "verifier__name")
    assert list(rows) == [(RI_DESK, "Retno"), (DESK, "Vera")]


def test_a_deputy_has_what_the_absent_one_has_for_those_days(vault_keys):
    found = in_hand(report())
    away("vera", deputy="vito", days=2)
    vito = person("vito")

    assert list(reports_in_hand(vito, at=AT)) == [found]
    assert list(reports_in_hand(vito, at=AT + timedelta(days=1))) == [found]
    assert not reports_in_hand(vito, at=AT + timedelta(days=2)).exists()
    assert list(reports_in_hand(person("vera"), at=AT)) == [found]
    RoleGrant.objects.filter(user=vito).delete()
    assert not reports_in_hand(vito, at=AT).exists()


def test_a_round_asks_as_much_however_many_there_are(vault_keys, django_assert_num_queries):
    at_the_desk("vera", "vito")
    report()
    deal_records(at=AT)
    with django_assert_num_queries(ROUND):
        deal_records(at=AT)
    for _number in range(3):
        report()
    with django_assert_num_queries(ROUND + 4):
        assert deal_records(at=AT) == 3


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_give_each_report_to_one(vault_keys):
    at_the_desk("vera", "vito")
    reports = [report() for _number in range(4)]
    lapsed = in_hand(report(), "vera")
    recuse_oneself(subject=lapsed, user=person("vera"), reason="declared", at=AT)

    at_once([lambda: deal_records(at=AT)] * 3)

    assert holders().keys() == {row.pk for row in (*reports, lapsed)}
    assert VerificationTurn.objects.count() == 5
    assert holders()[lapsed.pk] == "Vito"


def away(who: str, *, deputy: str, days: int = 1) -> Absence:
    """Let somebody be away from today on, with a colleague who stands in."""
    user = person(who)
    return enter_absence(
        person=user,
        deputy=person(deputy),
        first_on=AT.date(),
        last_on=AT.date() + timedelta(days=days - 1),
        officer=user,
        at=AT,
    )
