"""A first guess at how a reported person is employed."""

import re

from bawaslu_cases.registry.models import Employment, HintField, PositionHint, Region
from bawaslu_cases.registry.remembered import remembered


@remembered
def _hints() -> list[PositionHint]:
    """Return every hint in its order. One query, none when remembered."""
    return list(PositionHint.objects.all())


def position_hint(
    position: str, text: str = "", *, region: Region | None = None
) -> PositionHint | None:
    """Return the first hint that matches the position or, failing that, the story.

    One query, none when remembered.

    ``region`` is where the person works: the same title means different things in different
    places (lurah in Yogyakarta).
    """
    place = region.code if region is not None else ""
    read = {HintField.POSITION: position.strip().lower(), HintField.TEXT: text.lower()}
    hints = [
        hint for hint in _hints() if not hint.region_prefix or place.startswith(hint.region_prefix)
    ]
    for field, words in read.items():
        for hint in hints:
            if hint.reads == field and re.search(hint.pattern, words):
                return hint
    return None


def employment_of(position: str, text: str = "", *, region: Region | None = None) -> Employment:
    """How the person is probably employed; UNKNOWN when nothing tells. One query at most.

    Soft on purpose: it tells village heads and contract staff apart before a referral is
    proposed, and an officer may overrule it.
    """
    hint = position_hint(position, text, region=region)
    return Employment.UNKNOWN if hint is None else Employment(hint.employment)
