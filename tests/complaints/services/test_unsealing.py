"""Asking, releasing, opening once, attesting: what the server refuses, and what it tells first."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.keyring.models import OfficerCertificate, ReportWraps
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.errors import VaultRefusedError
from complaints.models import (
    Attestation,
    Complaint,
    HandoverConsent,
    RequirementCheck,
    SealedIdentity,
    ShareRelease,
    UnsealEvent,
    UnsealRequest,
)
from complaints.services import unsealing
from complaints.services.exchange import (
    BINDING,
    custodian_part,
    desk_part,
    own_request,
    sealed_words,
    signed_request,
)
from complaints.services.lanes import withdraw_report
from complaints.states import DenialReason, Lane, Requirement, UnsealStatus
from complaints.vault.crypto.consent import give_consent
from complaints.vault.crypto.errors import BadSignatureError, OpenError
from complaints.vault.crypto.keys import PartnerPublicKey
from complaints.vault.crypto.requests import LegalBasis, reason_with_basis
from tests.factories import AT, IDENTITY, in_hand, office, person, report
from tests.support.vault import NOTHING_WRONG, RI_DESK, Asked, VaultWorld, stored_blob

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


def own(asked: Asked) -> dict[str, Any]:
    return {"request": asked.request.to_json(), "key_sealed": asked.sealed_esk.hex()}


def asked_for(
    world: VaultWorld, complaint: Complaint, who: str = "vera", **changes: Any
) -> tuple[Asked, UnsealRequest]:
    """Ask as a verifier's client does; return what it keeps and the row."""
    in_hand(complaint, who)
    asked = world.ask(who, complaint.public_id, at=AT, **changes)
    row = unsealing.create_request(complaint=complaint, verifier=person(who), own=own(asked), at=AT)
    return asked, row


def let_go(world: VaultWorld, row: UnsealRequest, who: str = "kurnia", at: Any = AT) -> bytes:
    """Release as a custodian's client does, from what the server gives it."""
    sealed = world.release(who, signed_request(row), custodian_part(row.complaint))
    unsealing.release_share(
        request=row,
        custodian=person(who),
        released={
            "request": row.id.hex,
            "custodian": person(who).public_id.hex,
            "sealed": sealed.hex(),
        },
        at=at,
    )
    return sealed


def opened(world: VaultWorld, complaint: Complaint, **changes: Any) -> tuple[Asked, UnsealRequest]:
    """Go all the way to an opened request."""
    asked, row = asked_for(world, complaint, **changes)
    let_go(world, row)
    unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    return asked, row


def steps(complaint: Complaint) -> list[str]:
    """Return what the log says of a record, in order."""
    rows = AuditEvent.objects.filter(subject=f"complaint:{complaint.public_id.hex}")
    return list(rows.values_list("action", flat=True))


@pytest.mark.parametrize(
    "identity",
    [
        IDENTITY,
        {"name": "A", "address": "B"},
        {"name": "محمد الأمين 𝒩𝒾 👩‍🌾", "address": "Jl. " + "Panjang sekali " * 683},
    ],
    ids=["usual", "short", "foreign and 10 kB"],
)
@pytest.mark.parametrize("lane", [Lane.SEALED, Lane.OPEN])
def test_v05_verifier_and_custodian_open_byte_for_byte(vault_keys, identity, lane):
    complaint = report(identity=identity, lane=lane)
    who = "vera" if lane == Lane.SEALED else "retno"
    asked, row = asked_for(vault_keys, complaint, who)
    let_go(vault_keys, row)
    opening = unsealing.fetch_release(request=row, verifier=person(who), at=LATER)
    released = bytes.fromhex(opening.release["sealed"])
    assert vault_keys.open(who, asked, released, opening.part) == identity
    assert row.status == UnsealStatus.OPENED
    assert not ShareRelease.objects.exists()
    assert steps(complaint) == ["vault.request", "vault.release", "vault.open"]


def test_v01_no_column_of_the_vault_takes_free_words():
    for model in (SealedIdentity, UnsealRequest, ShareRelease, Attestation, HandoverConsent):
        for field in model._meta.concrete_fields:
            kind = field.get_internal_type()
            if kind in {"CharField", "SlugField"}:
                assert (field.max_length or 0) <= 40, f"{model.__name__}.{field.name}"
            else:
                assert kind != "TextField", f"{model.__name__}.{field.name}"


def test_v04_custodian_gets_no_ciphertext(vault_keys):
    complaint = report()
    part = custodian_part(complaint)
    assert set(part) == {*BINDING, "wrap_b", "held_b"}
    assert b64decode(part["wrap_b"]) == stored_blob(complaint).wrap_b
    assert set(desk_part(complaint)) == {*BINDING, "ciphertext", "kcv", "wrap_a", "held_a"}


@pytest.mark.parametrize("state", ["pending", "denied", "withdrawn", "expired", "opened"])
def test_v06_nothing_is_handed_out_but_once_after_a_release(vault_keys, state):
    complaint = report()
    _asked, row = asked_for(vault_keys, complaint)
    at = LATER
    if state == "denied":
        unsealing.deny(request=row, custodian=person("kurnia"), reason=DenialReason.UNCLEAR, at=AT)
    if state in {"withdrawn", "expired", "opened"}:
        let_go(vault_keys, row)
    if state == "withdrawn":
        unsealing.withdraw(request=row, verifier=person("vera"), at=AT)
    if state == "expired":
        at = row.expires_at
    if state == "opened":
        unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    with pytest.raises(ConflictError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=at)
    assert ShareRelease.objects.count() == (1 if state == "expired" else 0)
    assert steps(complaint).count("vault.open") == (1 if state == "opened" else 0)


def test_v06_nobody_else_fetches_what_was_released(vault_keys):
    _asked, row = asked_for(vault_keys, report())
    let_go(vault_keys, row)
    for who in ("vito", "retno", "kurnia", "sari"):
        with pytest.raises(NotPermittedError):
            unsealing.fetch_release(request=row, verifier=person(who), at=LATER)
    assert row.status == UnsealStatus.RELEASED


def test_v06_opening_refuses_while_the_log_is_down(vault_keys, monkeypatch):
    _asked, row = asked_for(vault_keys, report())
    let_go(vault_keys, row)

    def down(**_entry: Any) -> int:
        raise AuditUnavailableError

    monkeypatch.setattr("bawaslu_cases.audit.services.record", down)
    with pytest.raises(AuditUnavailableError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    row.refresh_from_db()
    assert row.status == UnsealStatus.RELEASED
    assert ShareRelease.objects.count() == 1


def test_v02_verifier_of_the_desk_alone_gets_no_share(vault_keys):
    complaint = report()
    asked, row = asked_for(vault_keys, complaint)
    wrap_b = stored_blob(complaint).wrap_b
    with pytest.raises(NotPermittedError):
        let_go_as(row, "vera", wrap_b)
    with pytest.raises(OpenError):
        vault_keys.open("vera", asked, wrap_b, desk_part(complaint))


def let_go_as(row: UnsealRequest, who: str, sealed: bytes) -> None:
    unsealing.release_share(
        request=row,
        custodian=person(who),
        released={
            "request": row.id.hex,
            "custodian": person(who).public_id.hex,
            "sealed": sealed.hex(),
        },
        at=AT,
    )


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("retno", NotPermittedError),  # another desk
        ("kurnia", NotPermittedError),
        ("sari", NotPermittedError),
        ("agus", NotPermittedError),
    ],
)
def test_v03_only_the_desk_of_the_identity_asks(vault_keys, who, refused):
    """A verifier of another desk finds no report to ask for (check V03)."""
    complaint = in_hand(report())
    signer = who if who in vault_keys.officers else "vera"
    asked = vault_keys.ask(signer, complaint.public_id, at=AT)
    with pytest.raises(refused):
        unsealing.create_request(complaint=complaint, verifier=person(who), own=own(asked), at=AT)
    assert not UnsealRequest.objects.exists()


def test_unit_that_the_reporter_keeps_away_cannot_ask(vault_keys):
    complaint = report(keep_from=(office("33").pk,))
    assert complaint.identity.group_a == RI_DESK
    asked = vault_keys.ask("vera", complaint.public_id, at=AT)
    with pytest.raises(NotPermittedError):
        unsealing.create_request(
            complaint=complaint, verifier=person("vera"), own=own(asked), at=AT
        )
    asked_for(vault_keys, complaint, "retno")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": 9}, "expired"),
        ({"hours": -1}, "expired"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"reason": "  "}, "purpose"),
        ({"report": "0" * 32}, "malformed"),
        ({"verifier": "1" * 32}, "not_certified"),
    ],
)
def test_request_that_does_not_hold_is_refused(vault_keys, changes, code):
    complaint = in_hand(report())
    given = {"report": complaint.public_id.hex} | changes
    hours = given.pop("hours", 8)
    asked = vault_keys.ask("vera", UUID(given.pop("report")), at=AT, hours=hours, **given)
    with pytest.raises(VaultRefusedError) as caught:
        unsealing.create_request(
            complaint=complaint, verifier=person("vera"), own=own(asked), at=AT
        )
    assert caught.value.code == code


@pytest.mark.parametrize("minutes", [-10, 10])
def test_f12_a_request_is_taken_where_the_servers_clock_is_ten_minutes_wrong(vault_keys, minutes):
    complaint, by_the_server = in_hand(report()), AT + timedelta(minutes=minutes)
    asked = vault_keys.ask("vera", complaint.public_id, at=AT)
    row = unsealing.create_request(
        complaint=complaint, verifier=person("vera"), own=own(asked), at=by_the_server
    )
    assert row.status == UnsealStatus.PENDING
    assert row.expires_at > by_the_server + timedelta(hours=7)


def test_request_signed_by_a_colleague_is_refused(vault_keys):
    complaint = in_hand(report())
    asked = vault_keys.ask("vito", complaint.public_id, at=AT)
    with pytest.raises(VaultRefusedError) as caught:
        unsealing.create_request(
            complaint=complaint, verifier=person("vera"), own=own(asked), at=AT
        )
    assert caught.value.code == "not_certified"


def test_same_question_is_asked_once_at_a_time(vault_keys):
    complaint = report()
    _asked, row = asked_for(vault_keys, complaint)
    with pytest.raises(ConflictError):
        asked_for(vault_keys, complaint)
    unsealing.withdraw(request=row, verifier=person("vera"), at=AT)
    asked_for(vault_keys, complaint)


def test_v08_swapped_key_of_a_request_is_refused(vault_keys):
    """A DBA puts his own key into a stored request, hoping for the share."""
    complaint = report()
    _asked, row = asked_for(vault_keys, complaint)
    other = vault_keys.ask("vito", complaint.public_id, at=AT)
    UnsealRequest.objects.filter(pk=row.pk).update(epk=other.request.epk)
    row.refresh_from_db()
    with pytest.raises(BadSignatureError):
        signed_request(row).verify(vault_keys.root_pk, AT, verifier=vault_keys.certificate("vera"))
    with pytest.raises(VaultRefusedError) as caught:
        let_go(vault_keys, row)
    assert caught.value.code == "bad_signature"
    assert row.status == UnsealStatus.PENDING


@pytest.mark.parametrize("column", ["purpose", "verifier", "expires_at", "reason", "complaint"])
def test_v08_no_signed_part_of_a_request_can_be_changed(vault_keys, column):
    complaint, other = report(), report()
    _asked, row = asked_for(vault_keys, complaint)
    _other, second = asked_for(vault_keys, other, purpose="leak_check", reason="Lain.")
    change: Any = {
        "purpose": "correction",
        "verifier": person("vito"),
        "expires_at": row.expires_at - timedelta(hours=1),
        "reason": sealed_words("Lain.", "reason", row.id.hex),
        "complaint": other,
    }[column]
    UnsealRequest.objects.filter(pk=row.pk).update(**{column: change})
    changed = UnsealRequest.objects.get(pk=row.pk)
    with pytest.raises(VaultRefusedError) as caught:
        let_go(vault_keys, changed)
    assert caught.value.code in {"bad_signature", "malformed"}
    assert second.status == UnsealStatus.PENDING


def test_v09_officer_put_in_by_sql_gets_nothing(vault_keys):
    """Random bytes where a certificate should be: the server refuses as clients do."""
    complaint = in_hand(report(), "vito")
    forged = OfficerCertificate.objects.get(officer=person("vito").public_id)
    OfficerCertificate.objects.filter(pk=forged.pk).update(sig_pk=b"\7" * 32)
    asked = vault_keys.ask("vito", complaint.public_id, at=AT)
    with pytest.raises(VaultRefusedError) as caught:
        unsealing.create_request(
            complaint=complaint, verifier=person("vito"), own=own(asked), at=AT
        )
    assert caught.value.code == "bad_signature"


def test_v13_release_fits_one_request_only(vault_keys):
    complaint, other = report(), report()
    _first, row = asked_for(vault_keys, complaint)
    sealed = let_go(vault_keys, row)
    again, second = asked_for(vault_keys, complaint, purpose="correction", reason="Salah tulis.")
    elsewhere, third = asked_for(vault_keys, other)
    for asked, target in ((again, second), (elsewhere, third)):
        with pytest.raises(VaultRefusedError):
            unsealing.release_share(
                request=target,
                custodian=person("kurnia"),
                released={
                    "request": row.id.hex,
                    "custodian": person("kurnia").public_id.hex,
                    "sealed": sealed.hex(),
                },
                at=AT,
            )
        # Put under the other name it is taken, and opens nothing.
        let_go_as(target, "kurnia", sealed)
        with pytest.raises(OpenError):
            vault_keys.open("vera", asked, sealed, desk_part(target.complaint))


def test_v14_expired_release_is_gone_and_a_copy_opens_nothing_new(vault_keys):
    complaint = report()
    _asked, row = asked_for(vault_keys, complaint)
    saved = let_go(vault_keys, row)
    assert unsealing.expire_requests(at=row.expires_at - timedelta(seconds=1)) == 0
    assert unsealing.expire_requests(at=row.expires_at) == 1
    assert unsealing.expire_requests(at=row.expires_at) == 0
    row.refresh_from_db()
    assert row.status == UnsealStatus.EXPIRED
    assert not ShareRelease.objects.exists()
    with pytest.raises(ConflictError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=row.expires_at)
    fresh, _row = asked_for(vault_keys, complaint)
    with pytest.raises(OpenError):
        vault_keys.open("vera", fresh, saved, desk_part(complaint))


def test_custodian_releases_before_the_time_is_over_only(vault_keys):
    _asked, row = asked_for(vault_keys, report())
    with pytest.raises(VaultRefusedError) as caught:
        let_go(vault_keys, row, at=row.expires_at)
    assert caught.value.code == "expired"


def test_custodian_of_the_verifiers_unit_is_refused(vault_keys):
    """Certified by the root for the same unit, by mistake or on purpose: not two units."""
    _asked, row = asked_for(vault_keys, report())
    vault_keys.recertify("kadek", unit="kantor-00-33")
    with pytest.raises(VaultRefusedError) as caught:
        let_go(vault_keys, row, "kadek")
    assert caught.value.code == "split_custody"


def test_denial_is_chosen_not_written(vault_keys):
    _asked, row = asked_for(vault_keys, report())
    unsealing.deny(request=row, custodian=person("kurnia"), reason=DenialReason.CONFLICT, at=AT)
    assert row.status == UnsealStatus.DENIED
    assert UnsealEvent.objects.get(action="deny").reason == "conflict"
    with pytest.raises(ConflictError):
        let_go(vault_keys, row)


def test_v24_many_openings_or_one_at_night_alarm_the_auditor(vault_keys):
    told = AuditEvent.objects.filter(action=unsealing.ALARM)
    for number in range(7):
        complaint = report()
        _asked, row = asked_for(vault_keys, complaint)
        let_go(vault_keys, row)
        unsealing.fetch_release(
            request=row, verifier=person("vera"), at=AT + timedelta(minutes=number)
        )
        assert told.count() == max(0, number - 4)
    assert {json.loads(row.detail)["why"] for row in told} == {"rate"}


@pytest.mark.parametrize(("hour", "alarms"), [(14, 0), (15, 1), (21, 1), (22, 0)])
def test_v24_night_is_the_offices_own(vault_keys, hour, alarms):
    """22.00 and 05.00 in Semarang (UTC+7)."""
    at = AT.replace(hour=hour)
    complaint = in_hand(report())
    asked = vault_keys.ask("vera", complaint.public_id, at=at)
    row = unsealing.create_request(
        complaint=complaint, verifier=person("vera"), own=own(asked), at=at
    )
    let_go(vault_keys, row, at=at)
    unsealing.fetch_release(request=row, verifier=person("vera"), at=at)
    told = AuditEvent.objects.filter(action=unsealing.ALARM)
    assert [json.loads(each.detail)["why"] for each in told] == ["night"] * alarms


def test_v25_court_order_rests_on_a_document_and_still_needs_both(vault_keys):
    complaint = report()
    with pytest.raises(VaultRefusedError) as caught:
        asked_for(vault_keys, complaint, purpose="court_order", reason="Perintah hakim.")
    assert caught.value.code == "purpose"
    basis = LegalBasis("Penetapan PN Magelang 12/Pid.Sus/2024", bytes(32))
    asked, row = asked_for(
        vault_keys,
        complaint,
        purpose="court_order",
        reason=reason_with_basis("Perintah hakim.", basis),
    )
    assert row.legal_basis is not None
    assert b"Magelang" not in bytes(row.legal_basis) + bytes(row.reason)
    with pytest.raises(ConflictError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    released = let_go(vault_keys, row)
    assert vault_keys.open("vera", asked, released, desk_part(complaint)) == IDENTITY


def test_v29_handover_needs_the_reporters_own_signature(vault_keys, mailbox):
    complaint = report()
    partner = PartnerPublicKey("lpsk", vault_keys.partner_pk)
    consent = give_consent(
        mailbox(complaint), report=complaint.public_id.hex, partner=partner, on=AT.date()
    )
    cited = reason_with_basis(
        "Pelapor meminta perlindungan.", LegalBasis("Persetujuan pelapor", consent.digest())
    )
    with pytest.raises(VaultRefusedError) as caught:
        asked_for(vault_keys, complaint, purpose="lpsk_handover", reason=cited)
    assert caught.value.code == "no_consent"
    stranger = give_consent(
        b"\5" * 32, report=complaint.public_id.hex, partner=partner, on=AT.date()
    )
    given = HandoverConsent.objects.create(
        complaint=complaint,
        partner="lpsk",
        document=vault_keys.canonical(stranger.to_json()),
        given_on=AT.date(),
    )
    with pytest.raises(VaultRefusedError):
        asked_for(vault_keys, complaint, purpose="lpsk_handover", reason=cited)
    given.document = vault_keys.canonical(consent.to_json())
    given.save()
    asked, row = asked_for(vault_keys, complaint, purpose="lpsk_handover", reason=cited)
    with pytest.raises(DomainError):
        unsealing.hand_over(request=row, verifier=person("vera"), parcel=bytes(4144), at=AT)
    released = let_go(vault_keys, row)
    unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    identity = vault_keys.open("vera", asked, released, desk_part(complaint))
    parcel = vault_keys.parcel(identity, complaint)
    unsealing.hand_over(request=row, verifier=person("vera"), parcel=parcel, at=LATER)
    given.refresh_from_db()
    assert vault_keys.open_parcel(bytes(given.parcel or b""), complaint) == identity
    assert steps(complaint)[-1] == "vault.hand_over"


@pytest.mark.parametrize(
    ("changes", "complete"),
    [
        ({}, True),
        ({"id_card_matches": True, "signature_matches": True}, True),
        ({"id_card_matches": False}, False),
        ({"address_present": None}, False),
        ({"not_the_reported": False}, False),
        ({"within_time_limit": False}, True),
    ],
)
def test_attestation_answers_the_requirement(vault_keys, changes, complete):
    complaint = report()
    asked, row = opened(vault_keys, complaint)
    said = vault_keys.attest(
        "vera",
        asked.request,
        stored_blob(complaint),
        on=AT.date(),
        result=NOTHING_WRONG | changes,
    )
    kept = unsealing.attest(
        request=row, verifier=person("vera"), statement=said.to_json(), at=LATER
    )
    assert kept.is_complete is complete
    assert row.status == UnsealStatus.ATTESTED
    check = RequirementCheck.objects.get(complaint=complaint, requirement=Requirement.REPORTER)
    assert (check.is_met, check.checked_by) == (complete, person("vera"))
    assert steps(complaint)[-1] == "vault.attest"


def test_attestation_is_about_what_was_opened(vault_keys):
    complaint, other = report(), report()
    asked, row = opened(vault_keys, complaint)
    blob = stored_blob(complaint)
    wrong = [
        vault_keys.attest("vito", asked.request, blob, on=AT.date()),
        vault_keys.attest("vera", asked.request, stored_blob(other), on=AT.date()),
        vault_keys.attest("vera", replace(asked.request, id="2" * 32), blob, on=AT.date()),
        vault_keys.attest("vera", asked.request, blob, on=AT.date() + timedelta(days=9)),
    ]
    for said in wrong:
        with pytest.raises(VaultRefusedError):
            unsealing.attest(
                request=row, verifier=person("vera"), statement=said.to_json(), at=LATER
            )
    assert not Attestation.objects.exists()
    assert not RequirementCheck.objects.exists()


def test_attestation_comes_after_the_opening(vault_keys):
    complaint = report()
    asked, row = asked_for(vault_keys, complaint)
    said = vault_keys.attest("vera", asked.request, stored_blob(complaint), on=AT.date())
    with pytest.raises(ConflictError):
        unsealing.attest(request=row, verifier=person("vera"), statement=said.to_json(), at=LATER)


def test_attestation_of_a_leak_check_ticks_nothing(vault_keys):
    complaint = report()
    asked, row = opened(vault_keys, complaint, purpose="leak_check", reason="Sebelum rujukan.")
    said = vault_keys.attest("vera", asked.request, stored_blob(complaint), on=AT.date())
    unsealing.attest(request=row, verifier=person("vera"), statement=said.to_json(), at=LATER)
    assert not RequirementCheck.objects.exists()


def test_v27_withdrawn_report_opens_for_nobody(vault_keys, django_capture_on_commit_callbacks):
    """The wraps are gone, so both keys together open nothing; a released share finds no partner."""
    complaint = report()
    asked, row = asked_for(vault_keys, complaint)
    released, copied = let_go(vault_keys, row), desk_part(complaint)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_report(complaint=complaint, at=LATER)
    assert not ReportWraps.objects.exists()
    with pytest.raises(DomainError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    # What a thief copied before is the limit that backups age out for.
    assert vault_keys.open("vera", asked, released, copied) == IDENTITY


def test_stored_reason_reads_back_for_the_custodian_alone(vault_keys):
    _asked, row = asked_for(vault_keys, report(), reason="Berkas kurang jelas.")
    assert signed_request(row).reason == "Berkas kurang jelas."
    assert b"Berkas" not in bytes(row.reason)
    assert own_request(row)["request"]["purpose"] == "formal_requirements"
