"""The receipt code: 20 digits in five groups of four, looking like a prepaid-electricity token.

5-digit handle · 14-digit secret · 1 check digit. Pure: no Django, no database.
"""

from complaints.receipts.code import (
    CodeTypoError,
    ReceiptCode,
    format_code,
    new_code,
    parse_code,
)
from complaints.receipts.derivation import Cost, matches, new_salt, verifier_of

__all__ = [
    "CodeTypoError",
    "Cost",
    "ReceiptCode",
    "format_code",
    "matches",
    "new_code",
    "new_salt",
    "parse_code",
    "verifier_of",
]
