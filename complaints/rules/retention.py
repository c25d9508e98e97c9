"""How long evidence is kept after its record has ended, and of which day a record has ended.

No term is built in. Evidence is an archive of state: it is destroyed by the archive retention schedule
(UU 43/2009 ps 49-53; UU 27/2022 ps 42-44 says the same of personal data), and Bawaslu's schedule for it
was not found. Whoever runs the product sets the terms of the schedule that binds it in
``EVIDENCE_KEPT_DAYS``; until then nothing is erased by itself, only by name (``evidence_erase``).
"""

from django.core.exceptions import ImproperlyConfigured
from django.db.models import TextChoices


class Ending(TextChoices):
    """How a record ended; its word in ``EVIDENCE_KEPT_DAYS``."""

    ARCHIVED = "archived"
    REFUSED = "refused"
    STOPPED = "stopped"
    CLOSED = "closed"


class ErasureReason(TextChoices):
    """Why evidence is erased; the code stands in its history and in the audit log."""

    TERM = "term"
    ORDER = "order"
    SUBJECT = "subject"


def kept_days(words: list[str]) -> dict[Ending, int]:
    """Read ``["archived:1825", …]``. Raises ImproperlyConfigured for anything else."""
    terms = {}
    for word in words:
        ending, _colon, days = word.partition(":")
        if ending not in Ending.values or not days.isdigit() or int(days) == 0:
            known = ", ".join(Ending.values)
            raise ImproperlyConfigured(
                f"EVIDENCE_KEPT_DAYS: {word!r} is not <{known}>:<days>, for instance closed:1825"
            )
        terms[Ending(ending)] = int(days)
    return terms
