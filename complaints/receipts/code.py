"""Making, printing and reading the 20 digits.

The check digit is Damm's (M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004): it catches
every single wrong digit and every swap of neighbours, so a typo is told from a wrong code locally.
"""

import re
import secrets
from dataclasses import dataclass

HANDLE_DIGITS = 5
SECRET_DIGITS = 14
CODE_DIGITS = HANDLE_DIGITS + SECRET_DIGITS + 1

# Damm's totally anti-symmetric quasigroup of order 10.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class CodeTypoError(ValueError):
    """The digits cannot be a code: wrong count or wrong check digit. Tells nothing of any record."""


@dataclass(frozen=True)
class ReceiptCode:
    """The two halves: ``handle`` finds candidates, ``secret`` proves. The repr hides the secret."""

    handle: str
    secret: str

    def __repr__(self) -> str:
        return "ReceiptCode(…)"


def check_digit(digits: str) -> str:
    """Return Damm's check digit of some digits."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def new_code() -> ReceiptCode:
    """Return a fresh code from the operating system's randomness (46.5 bits of secret)."""
    return ReceiptCode(
        handle=f"{secrets.randbelow(10**HANDLE_DIGITS):0{HANDLE_DIGITS}d}",
        secret=f"{secrets.randbelow(10**SECRET_DIGITS):0{SECRET_DIGITS}d}",
    )


def format_code(code: ReceiptCode) -> tuple[str, str, str, str, str]:
    """Return the five groups of four that a person writes down."""
    digits = code.handle + code.secret
    digits += check_digit(digits)
    first, second, third, fourth, fifth = (
        digits[start : start + 4] for start in range(0, CODE_DIGITS, 4)
    )
    return first, second, third, fourth, fifth


def parse_code(typed: str) -> ReceiptCode:
    """Read what a person typed or pasted; spaces, dots and dashes do not matter.

    Raises CodeTypoError when it cannot be a code.
    """
    digits = re.sub(r"[\s.\-‐-―]", "", typed)
    if len(digits) != CODE_DIGITS or not digits.isascii() or not digits.isdigit():
        raise CodeTypoError
    if check_digit(digits[:-1]) != digits[-1]:
        raise CodeTypoError
    return ReceiptCode(
        handle=digits[:HANDLE_DIGITS], secret=digits[HANDLE_DIGITS : CODE_DIGITS - 1]
    )
