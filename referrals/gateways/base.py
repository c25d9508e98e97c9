"""The contract of a channel."""

from datetime import datetime
from typing import Protocol

from referrals.models import Referral


class Gateway(Protocol):
    """Hands the current version of a referral over.

    MUST be harmless when called twice for the same version, MUST raise when it could not hand over,
    and MUST NOT change the referral: the caller writes its state.
    """

    def deliver(self, *, referral: Referral, at: datetime) -> None:
        """Hand over."""
        ...
