"""What is compared: the facts of one report, without its reporter."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from complaints.matching.words import Reading

IMAGE_BITS = 64
BAND_BITS = 16
FLAT_BITS = 8


class Precision(StrEnum):
    """How exactly the day of an event is known; the values of ``Complaint.DatePrecision``."""

    DAY = "day"
    MONTH = "month"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Person:
    """A reported person, as much of them as is known."""

    name: str = ""
    nip: str = ""
    position: str = ""
    unit: str = ""
    agency: str = ""
    account: str = ""


@dataclass(frozen=True)
class Record:
    """One report's facts. ``region`` and ``province`` are codes; a province's own report has no region.

    ``posts`` are canonical keys of posts, ``images`` perceptual hashes of 64 bits. ``reading`` is of the
    words that may be opened, or of the verifier's summary.
    """

    people: tuple[Person, ...] = ()
    region: str = ""
    province: str = ""
    event_on: date | None = None
    precision: Precision = Precision.UNKNOWN
    received_on: date | None = None
    acts: frozenset[str] = frozenset()
    platform: str = ""
    place: str = ""
    posts: frozenset[str] = frozenset()
    images: tuple[int, ...] = ()
    reading: Reading = field(default_factory=Reading, repr=False)


def image_distance(one: int, other: int) -> int:
    """Return in how many of the 64 bits two image hashes differ; signed numbers are fine."""
    return ((one ^ other) & ((1 << IMAGE_BITS) - 1)).bit_count()


def is_telling(image: int) -> bool:
    """Say whether a hash tells one picture from others: a blank page or a black screen has no bits to."""
    return FLAT_BITS <= (image & ((1 << IMAGE_BITS) - 1)).bit_count() <= IMAGE_BITS - FLAT_BITS


def image_bands(images: tuple[int, ...]) -> list[int]:
    """Return the keys by which close images are looked up.

    Four bands of 16 bits, each with its place: two hashes that differ in at most three bits share one
    at least.
    """
    bands = {
        (place << BAND_BITS) | ((image >> (BAND_BITS * place)) & ((1 << BAND_BITS) - 1))
        for image in filter(is_telling, images)
        for place in range(IMAGE_BITS // BAND_BITS)
    }
    return sorted(bands)
