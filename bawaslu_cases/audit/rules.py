"""Checks of the log that other apps know about: registered by them, run by ``audit_verify``.

The log knows nothing of complaints; that every opening of an identity has its request and its release
by different units is for the app that opens identities to check.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bawaslu_cases.audit.chain import Entry


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; ``seq`` is 0 when it is about no single entry."""

    code: str
    text: str
    seq: int = 0
    tampering: bool = True
    """False for what has an innocent explanation too, such as a clock that was set back."""


class Rule(Protocol):
    """Sees every entry from the first to the last, then says what it found."""

    def see(self, entry: Entry) -> None:
        """Take one entry into account."""
        ...

    def findings(self) -> list[Finding]:
        """Return what is wrong, after the last entry."""
        ...


_RULES: dict[str, Callable[[], Rule]] = {}


def register(name: str, make: Callable[[], Rule]) -> None:
    """Add a rule under a name; ``make`` returns a fresh one for each run."""
    _RULES[name] = make


def fresh_rules() -> list[Rule]:
    """Return one of each registered rule."""
    return [make() for _name, make in sorted(_RULES.items())]
