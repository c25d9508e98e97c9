"""The receipt code: 20 digits in five groups of four, looking like a prepaid-electricity token.

5-digit handle · 14-digit secret · 1 check digit. And the visit code that its mailbox's key gives. Pure: no
Django, no database.
"""

from complaints.receipts.code import (
    CodeTypoError,
    ReceiptCode,
    format_code,
    new_code,
    parse_code,
)
from complaints.receipts.derivation import (
    SALT_BYTES,
    Cost,
    Root,
    RowKeys,
    derive,
    new_salt,
)
from complaints.receipts.visit_code import (
    VISIT_DIGITS,
    format_visit_code,
    parse_visit_code,
    visit_code,
)

__all__ = [
    "SALT_BYTES",
    "VISIT_DIGITS",
    "CodeTypoError",
    "Cost",
    "ReceiptCode",
    "Root",
    "RowKeys",
    "derive",
    "format_code",
    "format_visit_code",
    "new_code",
    "new_salt",
    "parse_code",
    "parse_visit_code",
    "visit_code",
]
