"""When a report may be refused or kept as a tip: what the record says against what the law asks.

Perbawaslu 7/2022 (PB7) ps 14, 23 and 24. No database here: a selector reads the :class:`Review`. Whether a
matter was settled elsewhere, or is no violation at all, stands nowhere on the record: the plenary judges it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.states import (
    FORMAL_REQUIREMENTS,
    MATERIAL_REQUIREMENTS,
    ComplaintAction,
    RefusalGround,
    Requirement,
)

Text = str | Promise

AS_TIP = ComplaintAction.KEEP_AS_TIP.value
"""Stands for a ground where a refusal is proposed so that the content goes on as a tip (ps 24(8))."""

CHANCE_IS_SPENT = _(
    "Pelapor sudah mendapat satu kesempatan melengkapi laporan ini "
    "(Perbawaslu 7/2022 ps 24 ayat (4) dan (7))."
)
"""Why nobody asks a second time: the law knows one notice and one term, not a row of them."""


@dataclass(frozen=True)
class Review:
    """What stands on the record: answers to the requirements by code, and what its reporter did.

    ``chance_is_spent``: its reporter was asked to complete it, and answered or let the time pass.
    ``is_withdrawn``: its reporter took it back and did not give a name again.
    """

    checks: Mapping[str, bool]
    chance_is_spent: bool
    is_withdrawn: bool

    @property
    def is_late(self) -> bool:
        """Whether it was found to have come too late, which nobody can repair (ps 24(3))."""
        return self.checks.get(Requirement.IN_TIME) is False

    @property
    def lacks_something(self) -> bool:
        """Whether a requirement that its reporter could complete was found unmet."""
        return any(
            not is_met for code, is_met in self.checks.items() if code != Requirement.IN_TIME
        )

    @property
    def is_owed_a_chance(self) -> bool:
        """Whether the desk must ask its reporter first (ps 24(1))."""
        return self.lacks_something and not self.is_late and not self.chance_is_spent


_ASK_FIRST = _(
    "Pelapor belum diberi kesempatan melengkapi laporan. Minta dilengkapi dahulu "
    "(Perbawaslu 7/2022 ps 24 ayat (1) dan (7))."
)
_NOTHING_LACKS = _(
    "Tidak ada syarat yang dapat dilengkapi tercatat belum terpenuhi "
    "(Perbawaslu 7/2022 ps 24 ayat (1) dan (7))."
)
_ALSO_LATE = _(
    "Laporan ini lewat waktu, jadi tidak dapat dilengkapi: pilih dasar lewat waktu "
    "(Perbawaslu 7/2022 ps 24 ayat (3))."
)
_NOT_LATE = _(
    "Syarat waktu tidak tercatat gagal: lewat waktu belum dapat menjadi dasar "
    "(Perbawaslu 7/2022 ps 24 ayat (3))."
)
_NOT_WITHDRAWN = _(
    "Pelapor tidak mencabut laporan ini. Pencabutan tercatat sendiri begitu pelapor melakukannya "
    "(Perbawaslu 7/2022 ps 14 dan ps 23)."
)
_NOT_A_TIP = _(
    "Hanya laporan yang tidak memenuhi syarat formal tetapi memenuhi semua syarat materiel menjadi "
    "informasi awal (Perbawaslu 7/2022 ps 24 ayat (8))."
)


def why_not_on(ground: str, review: Review) -> Text:
    """Return why a report may not be refused on this ground, "" where it may.

    ``ground`` "" is a proposal in an officer's own words (many records at once): only the chance that is
    owed holds it up, the plenary names the ground.
    """
    if ground == RefusalGround.LATE:
        return "" if review.is_late else _NOT_LATE
    if ground == RefusalGround.WITHDRAWN:
        return "" if review.is_withdrawn else _NOT_WITHDRAWN
    if ground == RefusalGround.INCOMPLETE:
        if not review.lacks_something:
            return _NOTHING_LACKS
        if review.is_late and not review.chance_is_spent:
            return _ALSO_LATE
    if ground in {"", RefusalGround.INCOMPLETE} and review.is_owed_a_chance:
        return _ASK_FIRST
    return ""


def why_not_a_tip(review: Review) -> Text:
    """Return why a report may not go on as a tip without its reporter's name, "" where it may.

    Whoever could still complete it keeps the name until asked: erasing it cannot be taken back.
    """
    formal = any(review.checks.get(item) is False for item in FORMAL_REQUIREMENTS)
    material = all(review.checks.get(item) is True for item in MATERIAL_REQUIREMENTS)
    if not formal or not material:
        return _NOT_A_TIP
    return _ASK_FIRST if review.is_owed_a_chance else ""
