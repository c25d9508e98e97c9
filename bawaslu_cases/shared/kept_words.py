"""What somebody typed into a form that is not drawn any more, because somebody else was faster."""

import re
from collections.abc import Mapping

_NEVER = frozenset({"csrfmiddlewaretoken", "action", "do", "go", "seen"})
_CODE = re.compile(r"[a-z_]{0,40}|[0-9a-f-]{32,64}|[0-9]{1,4}")
"""What a form carries without anybody writing it: codes of choices, ids, digests, parts of a date."""


def kept_words(posted: Mapping[str, str], *, prefix: str = "") -> list[str]:
    """Return the texts of a posted form in its order, so that a page can show them to be copied.

    ``prefix`` is the form's own, "" for a form without one. Choices are left out: they are made again
    sooner than read.
    """
    start = f"{prefix}-" if prefix else ""
    typed = (
        text.strip()
        for name, text in posted.items()
        if name.startswith(start) and name.removeprefix(start) not in _NEVER
    )
    return [text for text in typed if not _CODE.fullmatch(text)]
