"""Tables of the database ``keyring``. Every column is bytes, an id, a number, a day or a choice."""

from bawaslu_cases.keyring.models.keys import (
    GroupEpoch,
    KeyBundle,
    KeyGroup,
    MemberWrap,
    OfficerCertificate,
    OutsideKey,
    RevocationList,
)
from bawaslu_cases.keyring.models.wraps import Erasure, ReportWraps, WrapsRound

__all__ = [
    "Erasure",
    "GroupEpoch",
    "KeyBundle",
    "KeyGroup",
    "MemberWrap",
    "OfficerCertificate",
    "OutsideKey",
    "ReportWraps",
    "RevocationList",
    "WrapsRound",
]
