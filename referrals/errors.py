"""Refusals of this app."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

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


class DepartureError(DomainError):
    """What an officer put instead of the rules' word cannot stand; ``problems`` by allegation."""

    code = "departure"

    def __init__(self, problems: Mapping[int, Any]) -> None:
        first = next(iter(problems.values()))
        super().__init__(first.text)
        self.problems = problems


class NoSigningKeyError(DomainError):
    """The process has no key to sign packets with: PACKET_SIGNING_KEY is empty or no key."""

    code = "no_signing_key"

    def __init__(self) -> None:
        super().__init__("PACKET_SIGNING_KEY: base64 of 32 bytes")


class PacketError(ValueError):
    """A packet is not whole, or not signed by the key it should be signed by. Never shown to people."""


class DraftChangedError(DomainError):
    """What would be sent is not what the second person approved (check K07)."""

    code = "draft_changed"

    def __init__(self) -> None:
        super().__init__(_("Isi paket berubah sejak Anda melihatnya. Muat ulang lalu baca lagi."))


class LeakError(DomainError):
    """Something that must not leave stands in the draft; ``findings`` say what and where."""

    code = "leak"

    def __init__(self, findings: tuple[Any, ...], *, field: str = "summary") -> None:
        super().__init__(
            _("Belum boleh keluar: %(what)s")
            % {"what": "; ".join(dict.fromkeys(str(each.name) for each in findings))},
            field=field,
        )
        self.findings = findings


class NotAcknowledgedError(DomainError):
    """Warnings stand in the draft that the approver did not take note of."""

    code = "not_acknowledged"

    def __init__(self, count: int) -> None:
        super().__init__(
            ngettext(
                "Baca dan centang %(count)d peringatan yang tersisa.",
                "Baca dan centang %(count)d peringatan yang tersisa.",
                count,
            )
            % {"count": count},
            field="acknowledged",
        )
