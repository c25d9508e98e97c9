"""The visit code (*kode temu*): twelve digits with which a reporter shows their card at any office.

Derived from the mailbox's key, so that the return page can show it again and no row holds it; drawn anew
with another ``serial``. It opens no mailbox: whoever sees it at a counter learns nothing with it.
"""

import re

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from complaints.receipts.code import CodeTypoError, check_digit

VISIT_DIGITS = 12
_DRAWN_DIGITS = VISIT_DIGITS - 1
_DRAWN_BYTES = 16
_GROUP = 4


def visit_code(mailbox_key: bytes, *, report: str, serial: int) -> str:
    """Return the digits: eleven that are as good as random, and Damm's check digit.

    ``report`` is the record's public id as 32 hex digits. The same for the same three.
    """
    drawn = HKDF(
        algorithm=SHA256(),
        length=_DRAWN_BYTES,
        salt=None,
        info=f"visit-code:{report}:{serial}".encode(),
    ).derive(mailbox_key)
    digits = f"{int.from_bytes(drawn, 'big') % 10**_DRAWN_DIGITS:0{_DRAWN_DIGITS}d}"
    return digits + check_digit(digits)


def format_visit_code(digits: str) -> tuple[str, str, str]:
    """Return the three groups of four that a person writes down."""
    first, second, third = (
        digits[start : start + _GROUP] for start in range(0, VISIT_DIGITS, _GROUP)
    )
    return first, second, third


def parse_visit_code(typed: str) -> str:
    """Read what was typed; spaces, dots and dashes do not matter. Raises CodeTypoError."""
    digits = re.sub(r"[\s.\-‐-―]", "", typed)
    if len(digits) != VISIT_DIGITS or not digits.isascii() or not digits.isdigit():
        raise CodeTypoError
    if check_digit(digits[:-1]) != digits[-1]:
        raise CodeTypoError
    return digits
