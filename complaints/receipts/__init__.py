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
from complaints.receipts.derivation import (
    SALT_BYTES,
    Cost,
    Root,
    RowKeys,
    derive,
    new_salt,
)

__all__ = [
    "SALT_BYTES",
    "CodeTypoError",
    "Cost",
    "ReceiptCode",
    "Root",
    "RowKeys",
    "derive",
    "format_code",
    "new_code",
    "new_salt",
    "parse_code",
]
