"""Official numbers in the formats of Perbawaslu 7/2022, Lampiran, *Format Penomoran*: pure.

The month and year are those of the office's own date. Pilkada numbers (PB, PG, PW) write "PL"
(*penyampaian laporan*) where Pemilu numbers write "LP"; that variant is not in the regulation, it
is taken from real numbers of 2020 and 2024.
"""

import re
from datetime import date
from enum import StrEnum

_ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_LEVEL = re.compile(r"RI|Prov|Kab|Kota|Kec-[^/]+|PLN-[^/]+")
_REGION = re.compile(r"[0-9]{2}\.[0-9]{2}|[A-Za-z][A-Za-z ]*")
_SEQUENCES = range(1, 10_000)
_YEARS = range(2000, 2100)


class ElectionCode(StrEnum):
    """Kind of election, component (3) of a submission number."""

    LEGISLATIVE = "PL"
    PRESIDENT = "PP"
    GOVERNOR = "PG"
    REGENT = "PB"
    MAYOR = "PW"


class SourceCode(StrEnum):
    """Where a case comes from: *temuan* (a supervisor's finding) or *laporan* (a report)."""

    FINDING = "TM"
    REPORT = "LP"


class OutcomeCode(StrEnum):
    """What the assessment led to, component (2) of a recommendation number."""

    ADMINISTRATIVE = "Rekom-Adm"
    ORGANISER_ETHICS = "Rekom-KE"
    OTHER_LAW = "Rekom-DPPL"
    CRIME = "Terus-TPP"


_PILKADA = frozenset({ElectionCode.GOVERNOR, ElectionCode.REGENT, ElectionCode.MAYOR})


class OfficialNumberError(ValueError):
    """A part that the official format cannot carry."""


def submission_number(*, sequence: int, election: str, level: str, region: str, on: date) -> str:
    """Return a *tanda bukti penyampaian laporan* number: ``001/LP/PL/Prov/02.00/IX/2022``."""
    code = _election(election)
    kind = "PL" if code in _PILKADA else "LP"
    return _joined(sequence, (kind, code), level, region, on)


def register_number(
    *, sequence: int, source: str, election: str, level: str, region: str, on: date
) -> str:
    """Return a register number of a finding or report: ``005/Reg/LP/PL/Kab/16.28/I/2023``."""
    parts = ("Reg", _source(source), _election(election))
    return _joined(sequence, parts, level, region, on)


def recommendation_number(
    *,
    sequence: int,
    source: str,
    election: str,
    level: str,
    region: str,
    on: date,
    kind: str = OutcomeCode.OTHER_LAW,
) -> str:
    """Return a recommendation or forwarding number: ``009/Rekom-DPPL/TM/PP/Kab/32.04/II/2023``.

    A breach of civil-service neutrality is one of other law, hence the default kind.
    """
    try:
        outcome = OutcomeCode(kind)
    except ValueError as error:
        raise OfficialNumberError("unknown outcome code") from error
    parts = (outcome, _source(source), _election(election))
    return _joined(sequence, parts, level, region, on)


def correction_number(
    *, sequence: int, source: str, election: str, level: str, region: str, on: date
) -> str:
    """Return a *koreksi* number: ``001/K/LP/PL/RI/00.00/XII/2022``.

    Only Bawaslu RI and provinces correct. A province without a code of its own is written in words,
    as elsewhere, though the regulation shows codes only.
    """
    if level not in {"RI", "Prov"}:
        raise OfficialNumberError("only RI and Prov give correction numbers")
    parts = ("K", _source(source), _election(election))
    return _joined(sequence, parts, level, region, on)


def _joined(sequence: int, parts: tuple[str, ...], level: str, region: str, on: date) -> str:
    if sequence not in _SEQUENCES:
        raise OfficialNumberError("a sequence lies between 1 and 9999")
    if not _LEVEL.fullmatch(level):
        raise OfficialNumberError("unknown level code")
    if not _REGION.fullmatch(region):
        raise OfficialNumberError("a region is a code such as 16.28, or words")
    if on.year not in _YEARS:
        raise OfficialNumberError("a year lies between 2000 and 2099")
    month = _ROMAN_MONTHS[on.month - 1]
    return "/".join((f"{sequence:03d}", *parts, level, region, month, str(on.year)))


def _election(code: str) -> ElectionCode:
    try:
        return ElectionCode(code)
    except ValueError as error:
        raise OfficialNumberError("unknown election code") from error


def _source(code: str) -> SourceCode:
    try:
        return SourceCode(code)
    except ValueError as error:
        raise OfficialNumberError("unknown source code") from error
