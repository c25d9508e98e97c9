"""A state machine is a table keyed by action. Pure: no database, no framework beyond enumerations."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

S = TypeVar("S", bound=Enum)
A = TypeVar("A", bound=Enum)


class IllegalTransitionError(Exception):
    """The action does not exist in this state. Carries both, changes nothing."""

    def __init__(self, state: Enum, action: Enum) -> None:
        super().__init__(f"{action.value} is not possible in {state.value}")
        self.state = state
        self.action = action


@dataclass(frozen=True)
class Transition(Generic[S]):
    """One row of the table: from where, to where, by whom, and what it demands.

    ``roles`` holds role codes; an empty set means that only the system itself takes the step.
    ``second_person`` names earlier actions (space-separated); whoever took the latest of them may
    not take this one.
    ``article`` is the legal source, shown to people beside the button.
    """

    sources: frozenset[S]
    target: S
    roles: frozenset[str] = frozenset()
    needs_reason: bool = False
    second_person: str = ""
    article: str = ""


class StateMachine(Generic[S, A]):
    """The declared table of one machine. Every door, test and diagram asks this object."""

    def __init__(self, initial: S, table: Mapping[A, Transition[S]]) -> None:
        self.initial = initial
        self.table = dict(table)

    def step(self, state: S, action: A) -> Transition[S]:
        """Return the row for ``action`` in ``state`` or raise :class:`IllegalTransitionError`."""
        row = self.table.get(action)
        if row is None or state not in row.sources:
            raise IllegalTransitionError(state, action)
        return row

    def permits(self, state: S, action: A, roles: Collection[str] | None) -> bool:
        """Say whether somebody with ``roles`` may take ``action`` in ``state``; None is the system.

        The system takes what no role takes, and nothing else.
        """
        row = self.table.get(action)
        if row is None or state not in row.sources:
            return False
        if roles is None:
            return not row.roles
        return not row.roles.isdisjoint(roles)

    def actions(self, state: S) -> tuple[A, ...]:
        """Return the actions that exist in ``state``, in the order of the table."""
        return tuple(action for action, row in self.table.items() if state in row.sources)

    def cells(self) -> Iterator[tuple[S, A, S]]:
        """Yield every permitted (state, action, target)."""
        for action, row in self.table.items():
            for source in sorted(row.sources, key=lambda state: str(state.value)):
                yield source, action, row.target

    def reachable(self) -> frozenset[S]:
        """Return the states that can be reached from the initial one, itself included."""
        found = {self.initial}
        grew = True
        while grew:
            grew = False
            for source, _action, target in self.cells():
                if source in found and target not in found:
                    found.add(target)
                    grew = True
        return frozenset(found)
