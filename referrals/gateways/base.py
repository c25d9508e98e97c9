"""The contract of a channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError

Address = Mapping[str, Any]


class AddressError(DomainError):
    """An address that no channel can reach; ``field`` is the part at fault."""

    def __init__(self, field: str, message: str = "") -> None:
        super().__init__(message or str(_("Alamat tidak dapat dipakai.")), field=field)


@dataclass(frozen=True)
class Parcel:
    """What travels: ``key`` names it at every attempt, ``content`` is closed for the recipient.

    ``link`` is where a notice leads; a file name tells nothing but the key's first letters.
    """

    key: str
    file_name: str
    content: bytes
    link: str
    at: datetime


@dataclass(frozen=True)
class Handed:
    """What the channel said: what the other side calls it; whether a person must carry it."""

    receipt: str = ""
    by_person: bool = False


class Gateway(Protocol):
    """Hands one version of a referral over.

    MUST be harmless when called twice with the same key, MUST raise when it could not hand over
    (``PermanentError`` when asking again cannot help), MUST NOT write to the database and MUST NOT put
    anything of the content into an error: the caller writes the state.
    """

    carries: bool
    """Whether it takes ``Parcel.content`` along; the rest is told that something waits."""
    fields: tuple[str, ...]
    """The parts of its address, in the order of the page."""

    def checked(self, address: Address) -> dict[str, Any]:
        """Return a tidy address. Raises AddressError with the part at fault."""
        ...

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:
        """Hand over."""
        ...
