"""Laying a version of a referral down, so that a superseded one stays readable."""

from collections.abc import Sequence
from datetime import datetime

from bawaslu_cases.accounts.models import User
from referrals.models import Referral, ReferralVersion


def keep_version(
    *,
    referral: Referral,
    officer: User | None,
    at: datetime,
    reason: str = "",
    gate: Sequence[Sequence[str]] = (),
) -> ReferralVersion:
    """Write down what the newest version was laid down with; call in the transaction that makes it.

    ``officer`` is None where the system did. Once per version: the database refuses a second.
    """
    return ReferralVersion.objects.create(
        referral=referral,
        version=referral.version,
        summary=referral.summary,
        reason=reason.strip(),
        gate=[list(line) for line in gate],
        written_by=officer,
        written_at=at,
    )
