"""What an office's own system sends on: a reporter's account told at its counter, or its own finding.

The same services as the forms take it in; here stand the rules that only a relay has. What was relayed
in the lanes ``tip`` and ``sealed`` leaves no way back to it: the answer holds the receipt for the
reporter and nothing by which the office could read the record (ADR 0043).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Region
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.row_scopes import beyond
from complaints.errors import IdentityMissingError
from complaints.models import Complaint
from complaints.services.deadlines import local_day
from complaints.services.intake import Facts, SealedName, Submitted, submit_complaint
from complaints.services.names import keys_for_report, take_sealed_name
from complaints.services.receipts import PreparedReceipt
from complaints.services.uploads import open_upload_session
from complaints.services.vault import SealingKeys
from complaints.states import REPORT_LANES, Lane

RELAY_LANES = frozenset({Lane.TIP, Lane.OPEN, Lane.SEALED})


@dataclass(frozen=True, repr=False)
class Told:
    """What a reporter told an office. ``sealed`` is the ciphertext of their name as JSON values.

    ``card_key`` is what their identity card is sealed to, 64 hex digits or "". ``keep_from`` are codes of
    the regions whose offices must not see it. The repr is empty.
    """

    facts: Facts
    lane: Lane
    keep_from: Sequence[str] = ()
    sealed: Mapping[str, Any] | None = None
    card_key: str = ""
    has_files: bool = False

    def __repr__(self) -> str:
        return "Told(…)"


@dataclass(frozen=True, repr=False)
class Relayed:
    """What the office gets for it. ``complaint`` is None where it may not know the record.

    ``receipt`` are the twenty digits for the reporter, ``upload_token`` what lets their files come.
    """

    lane: Lane
    received_on: date
    due_on: date | None
    receipt: str
    complaint: Complaint | None = None
    upload_token: str = field(default="")

    def __repr__(self) -> str:
        return "Relayed(…)"


def keys_for_relay(
    *, region: Region, lane: Lane, keep_from: Sequence[str], at: datetime
) -> SealingKeys:
    """Return the certified keys a name is sealed to for a report from there. Raises KeysMissingError."""
    return keys_for_report(
        region=region, lane=lane, keep_from=_offices_away(region, keep_from), at=at
    )


def relay_complaint(
    *, told: Told, system: User, prepared: PreparedReceipt, at: datetime
) -> Relayed:
    """Take in what a reporter told an office, by the rules and the service of the form.

    ``prepared`` is made before any transaction: its hash is slow. Raises DomainError as
    ``submit_complaint`` does, IdentityMissingError for a ciphertext that does not fit.
    """
    keep_from = _offices_away(told.facts.region, told.keep_from)
    public_id, name = _sealed_name(told, at=at)
    try:
        # A savepoint: an id that is taken undoes this report and nothing of the caller's.
        with (
            beyond("what an office sends on goes to the desk that the rules name"),
            transaction.atomic(),
        ):
            submitted = submit_complaint(
                facts=told.facts,
                lane=told.lane,
                at=at,
                public_id=public_id,
                name=name,
                keep_from=keep_from,
                prepared=prepared,
            )
    except IntegrityError as error:
        with beyond("an id that any record of the country has is taken"):
            known = public_id and Complaint.objects.filter(public_id=public_id).exists()
        if not known:
            raise
        raise IdentityMissingError(
            _("Nama ini sudah terkunci untuk laporan lain."), field="identity"
        ) from error
    return _relayed(told, submitted, system=system, at=at)


def _offices_away(region: Region, codes: Sequence[str]) -> list[int]:
    """Return the offices of those regions. Raises DomainError for one that cannot be kept away."""
    if not codes:
        return []
    near = {
        region.code: registry.office_for(region=region).pk,
        region.province_code: registry.province_office(region=region).pk,
    }
    if not near.keys() >= set(codes):
        raise DomainError(
            _("Hanya kantor kabupaten atau provinsi tempat kejadian yang dapat dikecualikan."),
            field="keep_from",
        )
    return sorted(near[code] for code in set(codes))


def _sealed_name(told: Told, *, at: datetime) -> tuple[UUID | None, SealedName | None]:
    """Return the id the report is sealed for and its name. Raises IdentityMissingError."""
    if told.lane not in REPORT_LANES:
        if told.sealed is not None or told.card_key:
            raise IdentityMissingError(
                _("Laporan tanpa nama tidak memuat identitas."), field="identity"
            )
        return None, None
    if told.sealed is None:
        raise IdentityMissingError(
            _("Laporan ini memerlukan identitas yang sudah dikunci."), field="identity"
        )
    try:
        report = UUID(hex=str(told.sealed.get("report")))
    except ValueError as error:
        raise IdentityMissingError(
            _("Identitas tidak terkunci dengan benar."), field="identity"
        ) from error
    keys = keys_for_relay(region=told.facts.region, lane=told.lane, keep_from=told.keep_from, at=at)
    try:
        name = take_sealed_name(
            sealed=told.sealed,
            report=report.hex,
            lane=told.lane,
            keys=keys,
            card_key=told.card_key,
        )
    except IdentityMissingError as error:
        raise IdentityMissingError(error.message, field="identity") from error
    return report, name


def _relayed(told: Told, submitted: Submitted, *, system: User, at: datetime) -> Relayed:
    complaint = submitted.complaint
    due_at = complaint.due_at
    return Relayed(
        lane=told.lane,
        received_on=complaint.received_on,
        due_on=local_day(due_at, complaint.office) if due_at else None,
        receipt=" ".join(submitted.code),
        complaint=complaint if _may_know(complaint, told.lane, system) else None,
        upload_token=open_upload_session(complaint=complaint, at=at, brought_by=None)
        if told.has_files
        else "",
    )


def _may_know(complaint: Complaint, lane: Lane, system: User) -> bool:
    """Say whether the office may read the record it just sent. No query, one at first."""
    if lane != Lane.OPEN or system.office_id in complaint.excluded_offices:
        return False
    scope = system.scope_office_ids
    return scope is None or complaint.office_id in scope
