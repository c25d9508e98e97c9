"""What the domain may answer instead of doing what was asked.

A door turns these into a message; it never inspects their text.
"""

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal with a stable code and a message in the person's language. Nothing was changed."""

    code = "refused"

    def __init__(
        self, message: "str | Promise", *, code: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field


class ConflictError(DomainError):
    """Somebody was faster: the row is no longer in the state the person saw."""

    code = "conflict"


class NotPermittedError(DomainError):
    """The person's role does not carry this action."""

    code = "not_permitted"


class SamePersonError(NotPermittedError):
    """The action needs a second person and the same one tried (four-eyes rule)."""

    code = "second_person_needed"


class ReasonNeededError(DomainError):
    """The action must be explained in writing and was not."""

    code = "reason_needed"
