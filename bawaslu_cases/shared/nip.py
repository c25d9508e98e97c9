"""Employee numbers of civil servants (NIP, NI PPPK): normalised, masked, checked softly. Pure.

Eighteen digits: birth date, then for a PNS the year and month of appointment, for a PPPK the year of
the first contract and its number (21, 22, …), then 1 or 2 for man or woman, then a serial. There is no
check digit, so a wrong number is remarked on and never refused; and a number never tells the employer
(Perka BKN 22/2007).
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

LENGTH = 18
_PNS_MONTHS = range(1, 13)
_PPPK_CONTRACTS = range(21, 30)
_FIRST_PPPK_YEAR = 2019
_WORKING_AGES = range(18, 71)


@dataclass(frozen=True)
class NipRemark:
    """What the digits say: whether they fit together, and the sentence for the officer."""

    fits: bool
    text: str


def normal_nip(text: str) -> str:
    """Return the digits of a number typed with a label, spaces, dots or dashes; else the text."""
    bare = re.sub(r"(?i)^\s*(NIPPPK|NI\s*PPPK|NIP)\W*", "", text)
    digits = re.sub(r"[\s.\-\u00a0]", "", bare)
    return digits if digits.isascii() and digits.isdigit() else text.strip()


def masked_nip(nip: str) -> str:
    """Return the number with its middle hidden: enough to recognise, too little to copy."""
    return f"{nip[:4]}{'•' * (len(nip) - 8)}{nip[-4:]}" if len(nip) == LENGTH else nip


def nip_remark(nip: str, *, on: date) -> NipRemark | None:
    """Return what is odd or right about a number as of a day; None for an empty one."""
    if not nip:
        return None
    if not (nip.isascii() and nip.isdigit() and len(nip) == LENGTH):
        return NipRemark(fits=False, text=_("bukan 18 angka"))
    try:
        born = date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        return NipRemark(fits=False, text=_("tanggal lahir di dalamnya tidak ada"))
    year, month = int(nip[8:12]), int(nip[12:14])
    if nip[14] not in "12" or not _kind_fits(year, month):
        return NipRemark(fits=False, text=_("susunan angkanya tidak wajar"))
    if on.year - born.year not in _WORKING_AGES or not born.year + 18 <= year <= on.year:
        return NipRemark(fits=False, text=_("umur atau tahun pengangkatan tidak wajar"))
    kind = "PPPK" if month in _PPPK_CONTRACTS else "PNS"
    return NipRemark(fits=True, text=_("susunan angka wajar (%(kind)s)") % {"kind": kind})


def _kind_fits(year: int, month: int) -> bool:
    return month in _PNS_MONTHS or (month in _PPPK_CONTRACTS and year >= _FIRST_PPPK_YEAR)
