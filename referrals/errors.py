"""Refusals of this app."""

from bawaslu_cases.shared.errors import DomainError


class IncompletePacketError(DomainError):
    """What recipients return referrals for is still missing; ``missing`` lists it in words."""

    code = "incomplete_packet"

    def __init__(self, message: object, *, missing: tuple[str, ...]) -> None:
        super().__init__(message)  # type: ignore[arg-type]
        self.missing = missing


class NoRuleError(DomainError):
    """No rule in force on the event date covers the acts, or the person is no civil servant."""

    code = "no_rule"
