"""How what was imposed compares with what was recommended: a table, one row for each pair of classes.

The two tracks of the SKB of 22 September 2022 are not one scale: a moral sanction (PP 42/2004 ps 15) for
a breach of discipline is neither lighter nor heavier, it is of another kind, and so is the reverse. A
dismissal without honour rests on UU 20/2023 ps 52 and is the heaviest of the track of discipline.
"""

from collections.abc import Mapping

from bawaslu_cases.registry.models import SanctionClass
from referrals.states import Gap

_C = SanctionClass
_LIGHTER, _EQUAL, _HEAVIER, _OTHER = Gap.LIGHTER, Gap.EQUAL, Gap.HEAVIER, Gap.OTHER_KIND

GAPS: Mapping[SanctionClass, Mapping[SanctionClass, Gap]] = {
    _C.MORAL: {
        _C.MORAL: _EQUAL,
        _C.LIGHT: _OTHER,
        _C.MODERATE: _OTHER,
        _C.SEVERE: _OTHER,
        _C.DISMISSAL: _OTHER,
    },
    _C.LIGHT: {
        _C.MORAL: _OTHER,
        _C.LIGHT: _EQUAL,
        _C.MODERATE: _HEAVIER,
        _C.SEVERE: _HEAVIER,
        _C.DISMISSAL: _HEAVIER,
    },
    _C.MODERATE: {
        _C.MORAL: _OTHER,
        _C.LIGHT: _LIGHTER,
        _C.MODERATE: _EQUAL,
        _C.SEVERE: _HEAVIER,
        _C.DISMISSAL: _HEAVIER,
    },
    _C.SEVERE: {
        _C.MORAL: _OTHER,
        _C.LIGHT: _LIGHTER,
        _C.MODERATE: _LIGHTER,
        _C.SEVERE: _EQUAL,
        _C.DISMISSAL: _HEAVIER,
    },
    _C.DISMISSAL: {
        _C.MORAL: _OTHER,
        _C.LIGHT: _LIGHTER,
        _C.MODERATE: _LIGHTER,
        _C.SEVERE: _LIGHTER,
        _C.DISMISSAL: _EQUAL,
    },
}
"""Recommended class → imposed class → gap."""


def gap_between(recommended: str, imposed: str) -> Gap:
    """Return the gap. ``imposed`` empty: nothing was imposed. Raises ValueError for no class."""
    if not imposed:
        return Gap.NONE
    return GAPS[SanctionClass(recommended)][SanctionClass(imposed)]
