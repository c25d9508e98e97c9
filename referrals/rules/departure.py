"""When an officer recommends something else than the rules: allowed, said aloud, and with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import SanctionClass
from referrals.rules.recommendation import Recommended
from referrals.rules.sanctions import AdmissibleType

SHORTEST_REASON = 20
"""Characters. Fewer say nothing that a second person could judge."""
LONGEST_BASIS = 250
MOST_BASES = 12


@dataclass(frozen=True, slots=True)
class Departure:
    """What an officer puts instead; an empty field leaves what the rules say.

    ``types`` are codes of admissible types: of the class chosen here or, without one, of the proposed class.
    """

    reason: str = ""
    sanction_class: str = ""
    types: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed and nothing was said."""
        return not (self.reason.strip() or self.sanction_class or self.types or self.bases)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the line recommends in the end, and what an officer changed of it."""

    sanction_class: SanctionClass
    types: tuple[AdmissibleType, ...]
    bases: tuple[str, ...]
    changed: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_departure(self) -> bool:
        """Whether the rules say something else."""
        return bool(self.changed)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a departure cannot stand, and at which field."""

    field: str
    text: str


def depart(
    recommended: Recommended,
    departure: Departure,
    *,
    possible: Mapping[str, tuple[AdmissibleType, ...]],
) -> Outcome | Problem:
    """Return what stands after the officer's word, or what is wrong with it.

    ``possible`` are the admissible types by class for this person on the day. Saying what the rules say
    already is no departure.
    """
    plain = Outcome(recommended.sanction_class, recommended.types, recommended.bases)
    if departure.is_empty:
        return plain
    chosen = SanctionClass(departure.sanction_class or recommended.sanction_class)
    offered = possible.get(chosen, ())
    bases = tuple(dict.fromkeys(" ".join(each.split()) for each in departure.bases if each.strip()))
    types = tuple(each for each in offered if each.code in departure.types)
    meant = Outcome(
        chosen,
        types or (plain.types if chosen == plain.sanction_class else offered),
        bases or plain.bases,
        reason=departure.reason.strip(),
    )
    changed = tuple(
        name
        for name, differs in (
            ("class", meant.sanction_class != plain.sanction_class),
            ("types", meant.types != plain.types),
            ("bases", meant.bases != plain.bases),
        )
        if differs
    )
    return _problem(departure, meant, changed, offered) or replace(meant, changed=changed)


def _problem(
    departure: Departure,
    meant: Outcome,
    changed: tuple[str, ...],
    offered: tuple[AdmissibleType, ...],
) -> Problem | None:
    unfit = sorted(set(departure.types) - {each.code for each in offered})
    if unfit:
        words = _("Jenis %(codes)s tidak termasuk golongan %(sanction)s")
        told = {"codes": ", ".join(unfit), "sanction": meant.sanction_class.label}
        return Problem("types", words % told)
    if len(meant.bases) > MOST_BASES or any(len(each) > LONGEST_BASIS for each in meant.bases):
        words = _("Paling banyak %(most)d dasar, masing-masing paling panjang %(longest)d huruf")
        return Problem("bases", words % {"most": MOST_BASES, "longest": LONGEST_BASIS})
    if not changed:
        words = _("Pilih apa yang berbeda dari usulan, atau kosongkan alasannya")
        return Problem("reason", words) if meant.reason else None
    if len(meant.reason) < SHORTEST_REASON:
        words = _("Tulis alasan menyimpang, paling sedikit %(count)d huruf")
        return Problem("reason", words % {"count": SHORTEST_REASON})
    return None
