"""Looking the keyring over: what does not end at the root, what is missing, what will end soon.

Reads only. ``manage.py vault_check`` prints it; run it daily and after every ceremony.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from bawaslu_cases.accounts.models import User
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.keyring.models import (
    GroupEpoch,
    KeyBundle,
    KeyGroup,
    MemberWrap,
    OfficerCertificate,
    OutsideKey,
    ReportWraps,
    WrapsRound,
)
from complaints.errors import KeysMissingError
from complaints.models import ParkedWraps, SealedIdentity
from complaints.services import vault
from complaints.services.keys import ROLE_OF_SIDE
from complaints.services.trust import Trust, trust_on
from complaints.vault.crypto.certificates import RecoveryCertificate
from complaints.vault.crypto.errors import MalformedError, VaultError
from complaints.vault.crypto.fields import checked_code
from complaints.vault.crypto.keys import side_of
from complaints.vault.crypto.sealing import WRAP_BYTES

LEAST_MEMBERS = 3
"""Fewer active members, and one illness and one leave close the desk (protection.md B.4)."""

SOON = timedelta(days=21)


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it must be. ``alarming`` when somebody may have put it there."""

    code: str
    text: str
    alarming: bool = True


def key_problems(*, on: date) -> list[Problem]:
    """Return everything that is wrong with the keyring on a day; empty when nothing is."""
    held, seen = keyring.revocations(), vault.least_serial()
    if seen > (held.serial if held else 1):
        return [Problem("revocations_taken_away", f"revocation list {seen} was seen and is gone")]
    if held is None:
        return [Problem("no_revocations", "there is no revocation list", alarming=False)]
    try:
        trust = trust_on(on)
    except KeysMissingError:
        return [Problem("revocations", "the revocation list does not hold")]
    certified = dict(_certified(trust))
    return [
        *_officers(trust),
        *_epochs(trust, certified),
        *_wraps_of_members(certified),
        *_groups(certified),
        *_outside(trust),
        *_bundles(certified),
        *_reports(),
        *_ending(trust),
    ]


def _certified(trust: Trust) -> Iterator[tuple[UUID, str]]:
    """Yield officer and group of every certificate that holds."""
    for row in OfficerCertificate.objects.filter(revoked_on__isnull=True):
        if not _officer_problem(row, trust):
            yield row.officer, row.group_id


def _officer_problem(row: OfficerCertificate, trust: Trust) -> str:
    certificate = vault.officer_certificate(row)
    try:
        certificate.verify(trust.root_pk, trust.on, revoked=trust.revoked)
        side = side_of(checked_code(certificate.group))
    except VaultError as error:
        return error.code
    user = User.objects.filter(public_id=row.officer).first()
    if user is None or not user.has_role(ROLE_OF_SIDE[side]):
        return "no_such_person"
    return ""


def _officers(trust: Trust) -> Iterator[Problem]:
    for row in OfficerCertificate.objects.filter(revoked_on__isnull=True).order_by("officer"):
        code = _officer_problem(row, trust)
        if code:
            yield Problem(
                "officer",
                f"officer {row.officer.hex} of {row.group_id}: {code}",
                alarming=code not in {"expired", "no_such_person"},
            )


def _epochs(trust: Trust, certified: dict[UUID, str]) -> Iterator[Problem]:
    for row in GroupEpoch.objects.select_related("group").order_by("group_id", "epoch"):
        certificate = vault.epoch_certificate(row)
        try:
            if row.is_current:
                # What is sealed to must hold in every link; an old one only opens.
                signer = trust.certificate(row.signed_by)
                certificate.verify(trust.root_pk, trust.on, signer=signer, revoked=trust.revoked)
            else:
                _check_old_signature(row, trust)
        except VaultError as error:
            yield Problem(
                "epoch",
                f"epoch {row.epoch} of {row.group_id}: {error.code}",
                alarming=error.code != "expired",
            )
    held = set(MemberWrap.objects.values_list("group_epoch_id", "officer"))
    for row in GroupEpoch.objects.filter(is_current=True).order_by("group_id"):
        for officer, group in sorted(certified.items()):
            if group == row.group_id and (row.pk, officer) not in held:
                yield Problem(
                    "wrap_missing",
                    f"{officer.hex} has no wrap of {row.group_id} {row.epoch}",
                    alarming=False,
                )


def _check_old_signature(row: GroupEpoch, trust: Trust) -> None:
    """Raise unless somebody who once was certified for the group signed the epoch's key."""
    certificate = vault.epoch_certificate(row)
    signers = OfficerCertificate.objects.filter(officer=row.signed_by, group_id=row.group_id)
    for held in signers:
        signer = vault.officer_certificate(held)
        day = min(trust.on, signer.not_after, certificate.not_after)
        try:
            certificate.verify(trust.root_pk, day, signer=signer)
        except VaultError:
            continue
        return
    raise MalformedError("nobody certified signed it")


def _wraps_of_members(certified: dict[UUID, str]) -> Iterator[Problem]:
    rows = MemberWrap.objects.select_related("group_epoch").order_by("pk")
    for row in rows:
        if certified.get(row.officer) != row.group_epoch.group_id:
            yield Problem(
                "wrap_for_stranger",
                f"{row.group_epoch.group_id} {row.group_epoch.epoch} is wrapped to "
                f"{row.officer.hex}, who is no certified member",
            )
        elif len(bytes(row.wrap)) != WRAP_BYTES:
            yield Problem("wrap_size", f"wrap {row.pk} has the wrong size")


def _groups(certified: dict[UUID, str]) -> Iterator[Problem]:
    members = Counter(certified.values())
    current = set(GroupEpoch.objects.filter(is_current=True).values_list("group_id", flat=True))
    for group in KeyGroup.objects.order_by("code"):
        if group.code not in current:
            yield Problem("no_epoch", f"{group.code} has no current epoch", alarming=False)
        if members[group.code] < LEAST_MEMBERS:
            yield Problem(
                "few_members",
                f"{group.code} has {members[group.code]} members, fewer than {LEAST_MEMBERS}",
                alarming=False,
            )
    sides = set(KeyGroup.objects.filter(code__in=current).values_list("side", flat=True))
    yield from (
        Problem("no_side", f"no group of side {side} can be sealed to", alarming=False)
        for side in ("a", "b")
        if side not in sides
    )


def _outside(trust: Trust) -> Iterator[Problem]:
    for row in OutsideKey.objects.order_by("code"):
        try:
            if row.kind == OutsideKey.Kind.RECOVERY:
                RecoveryCertificate(
                    name=row.code,
                    pk=bytes(row.pk_bytes),
                    not_after=row.not_after,
                    signature=bytes(row.signature),
                ).verify(trust.root_pk, trust.on, revoked=trust.revoked)
            else:
                vault.verified_partner(row, on=trust.on)
        except (VaultError, KeysMissingError) as error:
            late = row.not_after < trust.on
            code = "expired" if late else error.code
            yield Problem("outside_key", f"{row.kind} key {row.code}: {code}", alarming=not late)
    if keyring.outside_key(kind=OutsideKey.Kind.RECOVERY, on=trust.on) is None:
        yield Problem("no_recovery", "there is no current recovery key", alarming=False)


def _bundles(certified: dict[UUID, str]) -> Iterator[Problem]:
    for row in KeyBundle.objects.order_by("officer"):
        certificate = keyring.certificate_of(row.officer)
        if certificate is None or row.officer not in certified:
            yield Problem(
                "bundle_of_stranger", f"bundle of {row.officer.hex}, who is not certified"
            )
            continue
        held = json.loads(bytes(row.bundle))
        keys = (bytes(certificate.enc_pk).hex(), bytes(certificate.sig_pk).hex())
        if (held.get("enc_pk"), held.get("sig_pk")) != keys:
            yield Problem("bundle_swapped", f"bundle of {row.officer.hex} is of other keys")


def _reports() -> Iterator[Problem]:
    """Yield reports whose wraps are gone, stray or under an epoch that nobody has. Five queries."""
    sealed = set(SealedIdentity.objects.values_list("complaint__public_id", flat=True))
    parked = set(ParkedWraps.objects.values_list("report", flat=True))
    epochs = set(GroupEpoch.objects.values_list("group_id", "epoch"))
    swept = WrapsRound.objects.filter(pk=1).first()
    if swept is not None and swept.halted:
        text = f"orphaned wraps are not removed ({swept.halted}): manage.py vault_orphans"
        yield Problem("sweep_halted", text, alarming=swept.halted != WrapsRound.Halted.BY_HAND)
    kept = set()
    for row in ReportWraps.objects.iterator():
        kept.add(row.report)
        if row.report not in sealed:
            yield Problem("wraps_orphaned", f"wraps of {row.report.hex}, which has no identity")
        for side in ("a", "b"):
            place = (getattr(row, f"group_{side}"), getattr(row, f"epoch_{side}"))
            if place not in epochs:
                yield Problem(
                    "wraps_unopenable",
                    f"share {side} of {row.report.hex} lies under {place[0]} {place[1]}, "
                    "which is unknown",
                )
    for report in sorted(parked):
        yield Problem("wraps_parked", f"wraps of {report.hex} are still parked", alarming=False)
    for report in sorted(sealed - kept - parked):
        yield Problem("wraps_missing", f"identity of {report.hex} has no wraps: nobody opens it")


def _ending(trust: Trust) -> Iterator[Problem]:
    soon = trust.on + SOON
    ending = [
        *(
            (row.not_after, f"certificate of {row.officer.hex}")
            for row in OfficerCertificate.objects.filter(
                revoked_on__isnull=True, not_after__range=(trust.on, soon)
            )
        ),
        *(
            (row.not_after, f"epoch {row.epoch} of {row.group_id}")
            for row in GroupEpoch.objects.filter(is_current=True, not_after__range=(trust.on, soon))
        ),
        *(
            (row.not_after, f"{row.kind} key {row.code}")
            for row in OutsideKey.objects.filter(is_current=True, not_after__range=(trust.on, soon))
        ),
    ]
    revocations = keyring.revocations()
    if revocations is not None:
        last = date.fromisoformat(json.loads(bytes(revocations.body))["not_after"])
        if last <= soon:
            ending.append((last, "revocation list"))
    for day, what in sorted(ending):
        yield Problem("ending", f"{what} ends on {day.isoformat()}", alarming=False)
