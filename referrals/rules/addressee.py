"""Who answers for a person, and who else must know: nobody is left to judge the own house alone.

PPK of the agency; where that official stands for election, the authority above (governor, minister); where
the accused is the regional secretary, the PPK with a copy above (domain.md §2, docs/adr/0034).
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import Agency, Confidence
from bawaslu_cases.registry.selectors import PpkDesignation
from referrals.rules.lines import Line

HIGHEST = "Presiden"
"""Above ministries and bodies; no agency of the registry."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """The agency whose official answers, by which title; ``copy_title`` is who else gets the letter."""

    agency: Agency
    title: str
    has_conflict: bool
    copy_title: str
    lines: tuple[Line, ...]


def addressee(
    *,
    designation: PpkDesignation,
    own: Agency,
    above: Agency | None,
    is_candidate: bool,
) -> Addressee:
    """Return who is asked to act. ``is_candidate``: the designated PPK stands in the contest concerned.

    ``above`` is the authority over the designated agency, None where that is the President.
    """
    found = Line(designation.reason, designation.legal_basis)
    higher = above.ppk_title if above is not None else HIGHEST
    if is_candidate:
        words = _(
            "PPK (%(title)s) adalah calon dalam pemilihan ini: surat ditujukan kepada %(higher)s."
        )
        line = Line(
            words % {"title": designation.title, "higher": higher},
            "UU 23/2014 ps 91; UU 10/2016 ps 71",
            Confidence.BACKGROUND,
        )
        return Addressee(
            agency=above or designation.agency,
            title=higher,
            has_conflict=True,
            copy_title="",
            lines=(found, line),
        )
    if designation.conflict and designation.agency == own:
        words = _("PPK dibantu terlapor: tembusan disampaikan kepada %(higher)s.")
        line = Line(words % {"higher": higher}, designation.legal_basis, Confidence.BACKGROUND)
        return Addressee(own, designation.title, True, higher, (found, line))  # noqa: FBT003 -- a plain record
    return Addressee(
        agency=designation.agency,
        title=designation.title,
        has_conflict=designation.conflict,
        copy_title="",
        lines=(found,),
    )
