"""The keyring's side of a ceremony: what ``vaultctl`` made is checked to the root, then kept.

Nothing is stored because somebody said so: every certificate, epoch and list is verified against the
pinned root first, so a forged file changes nothing. The private halves never come here.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit import services as audit
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.keyring.models import (
    GroupEpoch,
    KeyBundle,
    KeyGroup,
    MemberWrap,
    OutsideKey,
    ReportWraps,
    RevocationList,
)
from bawaslu_cases.keyring.models import OfficerCertificate as CertificateRow
from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.databases import KEYRING
from complaints.errors import KeysMissingError
from complaints.models import SealedIdentity, SeenRevocations
from complaints.selectors.vault import desk_code
from complaints.services import vault
from complaints.services.exchange import BINDING, bytes_of_base64, words_row
from complaints.services.file_keys import KEY_FILE, keep_moved_key
from complaints.services.trust import Trust, refusal, trust_on
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    PartnerCertificate,
    RecoveryCertificate,
)
from complaints.vault.crypto.certificates import (
    RevocationList as SignedRevocations,
)
from complaints.vault.crypto.errors import (
    MalformedError,
    NotCertifiedError,
    SplitCustodyError,
    VaultError,
)
from complaints.vault.crypto.fields import bytes_of_hex, checked_epoch, checked_id, exact_keys
from complaints.vault.crypto.hpke import OVERHEAD_BYTES
from complaints.vault.crypto.keys import side_of
from complaints.vault.crypto.padding import BLOCK_BYTES
from complaints.vault.crypto.sealing import WRAP_BYTES

ROLE_OF_SIDE = {"a": Role.VERIFIER, "b": Role.CUSTODIAN}
BUNDLE_KEYS = frozenset({"alg", "officer", "enc_pk", "sig_pk", "body", "slots"})
ARGON2_FLOOR = {"time_cost": 3, "memory_cost_kib": 64 * 1024}
"""A slot cheaper than this is not stored: whoever has the bundle could guess (docs/vault-format.md 7)."""


def listing(*, wraps_of: UUID | None = None) -> dict[str, Any]:
    """Return the public keys as ``vaultctl`` reads them; of the wraps only one officer's, or all.

    Six queries. Raises KeysMissingError without a revocation list, or when a newer one was seen.
    """
    revocations = keyring.revocations()
    if revocations is None or revocations.serial < vault.least_serial():
        raise KeysMissingError(_("Daftar pencabutan kunci belum ada."))
    wraps: dict[int, dict[str, str]] = {}
    rows = (
        MemberWrap.objects.all()
        if wraps_of is None
        else MemberWrap.objects.filter(officer=wraps_of)
    )
    for row in rows.order_by("pk"):
        wraps.setdefault(row.group_epoch_id, {})[row.officer.hex] = bytes(row.wrap).hex()
    officers = CertificateRow.objects.filter(revoked_on__isnull=True).order_by("officer")
    epochs = GroupEpoch.objects.select_related("group").order_by("group_id", "epoch")
    outside = list(OutsideKey.objects.order_by("code"))
    return {
        "officers": [vault.officer_certificate(row).to_json() for row in officers],
        "epochs": [
            {
                "certificate": vault.epoch_certificate(row).to_json(),
                "wraps": wraps.get(row.pk, {}),
            }
            for row in epochs
        ],
        "recovery": [
            _named(RecoveryCertificate, row)
            for row in outside
            if row.kind == OutsideKey.Kind.RECOVERY
        ],
        "partners": [
            _named(PartnerCertificate, row) for row in outside if row.kind == OutsideKey.Kind.LPSK
        ],
        "revocations": json.loads(bytes(revocations.body)),
    }


def _named(
    kind: type[RecoveryCertificate] | type[PartnerCertificate], row: OutsideKey
) -> dict[str, Any]:
    return kind(
        name=row.code,
        pk=bytes(row.pk_bytes),
        not_after=row.not_after,
        signature=bytes(row.signature),
    ).to_json()


def import_file(
    value: Any, *, at: datetime, actor: UUID | str = "system:vault_import"
) -> list[str]:
    """Keep what a ceremony's file holds; return a line for each thing that is new.

    Known by its keys: a listing, a certificate of an officer, a recovery key or a partner, an epoch with
    its wraps, a revocation list, an officer's bundle; shares, words and files' keys moved to a later epoch.
    All or nothing, and harmless when run twice; what is new stands in the audit log. Raises
    VaultRefusedError.
    """
    day = at.date()
    try:
        with transaction.atomic(), transaction.atomic(using=KEYRING):
            kept = _kept(value, day)
            if kept:
                audit.record(
                    actor=actor, action="vault.keys", subject="list:keyring", detail={"new": kept}
                )
    except VaultError as error:
        raise refusal(error) from error
    # Web processes remember the keys they seal to for a minute: let them look again now.
    mark_changed()
    return kept


def _kept(value: Any, day: date) -> list[str]:
    if not isinstance(value, dict):
        raise MalformedError("a file of the vault is an object")
    for keys, keep in _KINDS:
        if value.keys() == keys:
            return keep(value, day)
    raise MalformedError("not a file of the vault")


def _keep_listing(value: Mapping[str, Any], day: date) -> list[str]:
    done = _keep_revocations(value["revocations"], day)
    for name, keep in (
        ("officers", _keep_officer),
        ("epochs", _keep_epoch),
        ("recovery", _keep_recovery),
        ("partners", _keep_partner),
    ):
        for entry in value[name]:
            done += keep(entry, day)
    return done


def _keep_revocations(value: Any, day: date) -> list[str]:
    """Keep a newer list; who stands in it loses certificate, wraps and bundle at once."""
    signed = SignedRevocations.from_json(value)
    held = keyring.revocations()
    least = max(held.serial if held else 1, vault.least_serial())
    revoked = signed.verify(vault.root_public_key(), day, least_serial=least)
    SeenRevocations.objects.get_or_create(serial=signed.serial, defaults={"seen_on": day})
    if held is not None and held.serial == signed.serial:
        if bytes(held.body) != canonical_json(signed.to_json()):
            raise NotCertifiedError("two lists with one serial")
        return []
    RevocationList.objects.create(serial=signed.serial, body=canonical_json(signed.to_json()))
    gone = [
        row
        for row in CertificateRow.objects.filter(revoked_on__isnull=True).select_related("group")
        if vault.officer_certificate(row).fingerprint() in revoked
    ]
    for row in gone:
        _end_certificate(row, day)
    return [
        f"revocation list {signed.serial}",
        *(f"officer {row.officer.hex} revoked" for row in gone),
    ]


def _end_certificate(row: CertificateRow, day: date) -> None:
    row.revoked_on = day
    row.save(update_fields=["revoked_on"])
    MemberWrap.objects.filter(officer=row.officer).delete()
    KeyBundle.objects.filter(officer=row.officer).delete()


def _keep_officer(value: Any, day: date) -> list[str]:
    """Keep an officer's certificate; it replaces an earlier one, with other keys the wraps go too."""
    certificate, trust = OfficerCertificate.from_json(value), trust_on(day)
    certificate.verify(trust.root_pk, day, revoked=trust.revoked)
    officer = UUID(certificate.officer)
    held = keyring.certificate_of(officer)
    if held is not None and vault.officer_certificate(held) == certificate:
        return []
    _check_person(certificate)
    group = _group_of(certificate)
    if held is not None:
        if bytes(held.enc_pk) != certificate.enc_pk:
            _end_certificate(held, day)
        held.revoked_on = day
        held.save(update_fields=["revoked_on"])
    CertificateRow.objects.create(
        officer=officer,
        group=group,
        unit=certificate.unit,
        enc_pk=certificate.enc_pk,
        sig_pk=certificate.sig_pk,
        not_after=certificate.not_after,
        signature=certificate.signature,
    )
    return [f"officer {certificate.officer} of {certificate.group}"]


def _check_person(certificate: OfficerCertificate) -> None:
    """Raise unless the account is active, has the role of the side, and works at the desk's office.

    Whoever once held a key of one side is never certified for the other: what they remember of it
    would make one person both.
    """
    user = User.objects.select_related("office").filter(public_id=certificate.officer).first()
    side = side_of(certificate.group)
    if user is None or not user.has_role(ROLE_OF_SIDE[side]):
        raise NotCertifiedError("no account with this role")
    if side == "a" and (user.office is None or desk_code(user.office) != certificate.group):
        raise NotCertifiedError("the account is of another office")
    earlier = CertificateRow.objects.filter(officer=certificate.officer)
    if earlier.exclude(group__side=side).exists():
        raise SplitCustodyError("this officer held a key of the other side")


def _group_of(certificate: OfficerCertificate) -> KeyGroup:
    """Return the group a certificate names, made at its first member. At most two queries."""
    side = side_of(certificate.group)
    office = ""
    if side == "a":
        office = certificate.group.removeprefix("desk-").replace("-", ".")
        if not Office.objects.filter(path=office).exists():
            raise NotCertifiedError("there is no such office")
    group, _made = KeyGroup.objects.get_or_create(
        code=certificate.group,
        defaults={"side": side, "unit": certificate.unit, "office_code": office},
    )
    if group.unit != certificate.unit:
        raise NotCertifiedError("the group is of another unit")
    return group


def _keep_epoch(value: Any, day: date) -> list[str]:
    """Keep an epoch's key with its wraps; a known one may gain members, a later one becomes current."""
    value = exact_keys(value, frozenset({"certificate", "wraps"}))
    certificate = GroupEpochCertificate.from_json(value["certificate"])
    if not isinstance(value["wraps"], dict):
        raise MalformedError("wraps is an object")
    wraps = {
        UUID(checked_id(officer)): bytes_of_hex(wrap, WRAP_BYTES)
        for officer, wrap in value["wraps"].items()
    }
    trust = trust_on(day)
    row = GroupEpoch.objects.filter(group_id=certificate.group, epoch=certificate.epoch).first()
    done = []
    if row is None:
        row = _new_epoch(certificate, trust)
        done.append(f"epoch {certificate.epoch} of {certificate.group}")
    elif vault.epoch_certificate(row) != certificate:
        raise NotCertifiedError("another key for the same epoch")
    known = set(MemberWrap.objects.filter(group_epoch=row).values_list("officer", flat=True))
    for officer in wraps.keys() - known:
        if trust.certificate(officer).group != certificate.group:
            raise NotCertifiedError("a wrap for somebody of another group")
        MemberWrap.objects.create(group_epoch=row, officer=officer, wrap=wraps[officer])
        done.append(f"wrap of {certificate.group} {certificate.epoch} for {officer.hex}")
    return done


def _new_epoch(certificate: GroupEpochCertificate, trust: Trust) -> GroupEpoch:
    signer = trust.certificate(UUID(certificate.signed_by))
    certificate.verify(trust.root_pk, trust.on, signer=signer, revoked=trust.revoked)
    earlier = GroupEpoch.objects.select_for_update().filter(group_id=certificate.group)
    if any(row.epoch >= certificate.epoch for row in earlier):
        raise NotCertifiedError("a new epoch is later than every earlier one")
    earlier.filter(is_current=True).update(is_current=False)
    return GroupEpoch.objects.create(
        group_id=certificate.group,
        epoch=certificate.epoch,
        pk_bytes=certificate.pk,
        signed_by=UUID(certificate.signed_by),
        not_after=certificate.not_after,
        signature=certificate.signature,
        is_current=True,
    )


def _keep_recovery(value: Any, day: date) -> list[str]:
    return _keep_outside(RecoveryCertificate.from_json(value), OutsideKey.Kind.RECOVERY, day)


def _keep_partner(value: Any, day: date) -> list[str]:
    return _keep_outside(PartnerCertificate.from_json(value), OutsideKey.Kind.LPSK, day)


def _keep_outside(
    certificate: RecoveryCertificate | PartnerCertificate, kind: OutsideKey.Kind, day: date
) -> list[str]:
    """Keep a key held outside; the newest of its kind is the one that is sealed to."""
    trust = trust_on(day)
    certificate.verify(trust.root_pk, day, revoked=trust.revoked)
    held = OutsideKey.objects.filter(code=certificate.name).first()
    if held is not None and bytes(held.signature) == certificate.signature:
        return []
    if held is not None and bytes(held.pk_bytes) != certificate.pk:
        raise NotCertifiedError("another key under the same name")
    OutsideKey.objects.filter(kind=kind, is_current=True).update(is_current=False)
    OutsideKey.objects.update_or_create(
        code=certificate.name,
        defaults={
            "kind": kind,
            "pk_bytes": certificate.pk,
            "not_after": certificate.not_after,
            "signature": certificate.signature,
            "is_current": True,
        },
    )
    return [f"{kind.value} key {certificate.name}"]


def keep_bundle(*, officer: User, bundle: Any, at: datetime) -> None:
    """Keep an officer's locked keys with other slots. Raises VaultRefusedError."""
    if not isinstance(bundle, dict) or bundle.get("officer") != officer.public_id.hex:
        raise refusal(MalformedError("somebody else's bundle"))
    import_file(bundle, at=at, actor=officer.public_id)


def _keep_bundle(value: Any, day: date) -> list[str]:
    """Keep a bundle whose keys the certificate names and whose slots are not cheap to guess."""
    officer = UUID(checked_id(value["officer"]))
    certificate = trust_on(day).certificate(officer)
    if (value["enc_pk"], value["sig_pk"]) != (
        certificate.enc_pk.hex(),
        certificate.sig_pk.hex(),
    ):
        raise NotCertifiedError("the bundle is of other keys")
    bytes_of_hex(value["body"])
    slots = value["slots"]
    if not isinstance(slots, list) or not all(isinstance(slot, dict) for slot in slots):
        raise MalformedError("slots is a list of objects")
    if not any(slot.get("kind") == "words" for slot in slots):
        raise MalformedError("a bundle without recovery words could be lost for good")
    for slot in slots:
        bytes_of_hex(slot.get("ct"))
        if slot.get("kind") != "prf" and not all(
            type(slot.get(name)) is int and slot[name] >= least
            for name, least in ARGON2_FLOOR.items()
        ):
            raise MalformedError("a slot is too cheap to guess")
    KeyBundle.objects.update_or_create(officer=officer, defaults={"bundle": canonical_json(value)})
    return [f"bundle of {officer.hex}"]


def _keep_moved_share(value: Any, _day: date) -> list[str]:
    """Keep a share that was moved to a later epoch of its own group.

    Whether it opens only a member can tell: ``vaultctl`` opened it to move it. The sealing must be the
    stored one, so that no other report's share can take its place.
    """
    side = "a" if "wrap_a" in value else "b"
    report = UUID(checked_id(value["report"]))
    epoch, wrap = checked_epoch(value[f"held_{side}"]), bytes_of_base64(value[f"wrap_{side}"])
    if (
        len(wrap) != WRAP_BYTES
        or not SealedIdentity.objects.filter(
            complaint__public_id=report, **{name: value[name] for name in BINDING[1:]}
        ).exists()
    ):
        raise MalformedError("not the sealing of this report")
    row = ReportWraps.objects.select_for_update().filter(report=report).first()
    if row is None:
        raise MalformedError("no wraps of this report")
    if epoch <= getattr(row, f"epoch_{side}"):
        return []
    group = value[f"group_{side}"]
    if not GroupEpoch.objects.filter(group_id=group, epoch=epoch).exists():
        raise NotCertifiedError("no such epoch")
    setattr(row, f"epoch_{side}", epoch)
    setattr(row, f"wrap_{side}", wrap)
    row.save(update_fields=[f"epoch_{side}", f"wrap_{side}"])
    return [f"share {side} of {report.hex} under epoch {epoch}"]


def _keep_newcomer(value: Any, day: date) -> list[str]:
    """Keep what a sponsor wrapped to a newcomer: one wrap for each epoch the sponsor could open."""
    officer = UUID(checked_id(value["officer"]))
    if trust_on(day).certificate(officer).group != value["group"]:
        raise NotCertifiedError("the newcomer is of another group")
    epochs = {row.epoch: row for row in GroupEpoch.objects.filter(group_id=value["group"])}
    done = []
    for given in value["wraps"]:
        entry = exact_keys(given, frozenset({"epoch", "wrap"}))
        row = epochs.get(checked_epoch(entry["epoch"]))
        if row is None:
            raise NotCertifiedError("no such epoch")
        wrap = bytes_of_hex(entry["wrap"], WRAP_BYTES)
        _held, made = MemberWrap.objects.get_or_create(
            group_epoch=row, officer=officer, defaults={"wrap": wrap}
        )
        if made:
            done.append(f"wrap of {row.group_id} {row.epoch} for {officer.hex}")
    return done


def _keep_departure(value: Any, day: date) -> list[str]:
    """Keep the new epoch of those who stay and delete every wrap of the one who leaves."""
    officer, group = UUID(checked_id(value["officer"])), value["group"]
    certificate = exact_keys(value["epoch"], frozenset({"certificate", "wraps"}))["certificate"]
    if GroupEpochCertificate.from_json(certificate).group != group:
        raise NotCertifiedError("the new epoch is another group's")
    if officer.hex in value["epoch"]["wraps"]:
        raise NotCertifiedError("the new epoch is wrapped to the one who leaves")
    done = _keep_epoch(value["epoch"], day)
    if not done:
        return []
    gone = MemberWrap.objects.filter(officer=officer, group_epoch__group_id=group)
    return [*done, f"{gone.delete()[0]} wraps of {officer.hex} deleted"]


def _keep_moved_words(value: Any, _day: date) -> list[str]:
    """Keep words for the desk that a member sealed anew to a later epoch of the same desk."""
    report, group = UUID(checked_id(value["report"])), value["group"]
    epoch, blob = checked_epoch(value["epoch"]), bytes_of_base64(value["blob"])
    row = words_row(report=report, kind=str(value["kind"]), group=group)
    if row is None or len(blob) % BLOCK_BYTES != OVERHEAD_BYTES:
        raise MalformedError("no such words")
    if row.epoch is None or epoch <= row.epoch:
        return []
    if not GroupEpoch.objects.filter(group_id=group, epoch=epoch).exists():
        raise NotCertifiedError("no such epoch")
    row.epoch, row.sealed = epoch, blob
    row.save(update_fields=["epoch", "sealed"])
    return [f"{value['kind']} of {report.hex} under epoch {epoch}"]


_NAMED_KEYS = {"pk", "not_after", "signature"}
_KINDS: tuple[tuple[frozenset[str], Callable[[Any, date], list[str]]], ...] = (
    (
        frozenset({"officers", "epochs", "recovery", "partners", "revocations"}),
        _keep_listing,
    ),
    (OfficerCertificate.keys, _keep_officer),
    (frozenset({"certificate", "wraps"}), _keep_epoch),
    (frozenset({RecoveryCertificate.name_key, *_NAMED_KEYS}), _keep_recovery),
    (frozenset({PartnerCertificate.name_key, *_NAMED_KEYS}), _keep_partner),
    (SignedRevocations.keys, _keep_revocations),
    (BUNDLE_KEYS, _keep_bundle),
    (frozenset({*BINDING, "ciphertext", "kcv", "wrap_a", "held_a"}), _keep_moved_share),
    (frozenset({*BINDING, "wrap_b", "held_b"}), _keep_moved_share),
    (frozenset({"report", "kind", "group", "epoch", "blob"}), _keep_moved_words),
    (KEY_FILE, keep_moved_key),
    (frozenset({"group", "officer", "wraps"}), _keep_newcomer),
    (frozenset({"group", "officer", "delete_epochs", "epoch"}), _keep_departure),
)
