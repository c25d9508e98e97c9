"""Which rows of the SKB apply together, and on which legal bases.

An act can breach the code of ethics and the discipline at once: a referral of February 2023 cited row A.6
with PP 42/2004 ps 11 huruf c and PP 94/2021 ps 5 huruf n (domain.md §1B). Both are cited where a row of
the other track covers the same act, or the row's own pair, in the same phase and on the same day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bawaslu_cases.registry.models import Category, Employment, SanctionClass, Stage, ViolationRule

BY_EMPLOYMENT = {
    Employment.PPPK: "PP 49/2018 ps 51-52",
    Employment.PPNPN: "SE MenPANRB 1/2023",
}
"""What makes the rows written for PNS hold for somebody else."""


@dataclass(frozen=True, slots=True)
class Track:
    """One row that applies: ethics or discipline, its class and its bases."""

    category: str
    code: str
    title: str
    sanction_class: str
    bases: tuple[str, ...]
    confidence: str

    @property
    def stored(self) -> dict[str, Any]:
        """The row as a record keeps it."""
        return asdict(self) | {"bases": list(self.bases)}


def track_of(rule: ViolationRule) -> Track:
    """Return a row of the registry as a track."""
    return Track(
        category=rule.category,
        code=rule.code,
        title=rule.title_id,
        sanction_class=rule.sanction_class,
        bases=tuple(rule.legal_bases),
        confidence=rule.confidence,
    )


def tracks_that_apply(
    *,
    leading: ViolationRule,
    covering: Iterable[ViolationRule],
    pair: ViolationRule | None,
    stage: str,
) -> tuple[Track, ...]:
    """Return the leading row and, where there is one, the row of the other track that holds beside it.

    ``covering`` are the rows of the other acts, ``pair`` the leading row's counterpart as it stood that
    day. A row of an act that was named goes before the pair, the heavier before the lighter.
    """
    named = sorted(
        (rule for rule in covering if _of_the_other(rule, leading)),
        key=lambda rule: (-SanctionClass(rule.sanction_class).rank, rule.code),
    )
    holds = pair is not None and pair.stage in {Stage.ANY, stage} and _of_the_other(pair, leading)
    second = named[0] if named else pair if holds else None
    return tuple(track_of(rule) for rule in (leading, second) if rule is not None)


def _of_the_other(rule: ViolationRule, leading: ViolationRule) -> bool:
    return bool(rule.category != leading.category)


def legal_bases(tracks: Sequence[Track], *, employment: str) -> tuple[str, ...]:
    """Return what the letter cites, each once: the rows' bases and what makes them hold for the person.

    PP 49/2018 is cited for discipline only; the circular for non-ASN staff for every row.
    """
    bases = [basis for track in tracks for basis in track.bases]
    disciplined = any(track.category == Category.DISCIPLINE for track in tracks)
    more = BY_EMPLOYMENT.get(Employment(employment))
    if more and (disciplined or employment == Employment.PPNPN):
        bases.append(more)
    return tuple(dict.fromkeys(bases))
