"""One line of an import file: its fields, their other names, and what is wrong with them.

Nothing here writes. docs/import.md describes the format for people.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    ActAlias,
    ActKind,
    Agency,
    Contest,
    Employment,
    Office,
    Region,
    UnitKind,
)
from complaints.models import Complaint
from complaints.services.intake import Facts, ReportedPerson
from complaints.states import Lane

Precision = Complaint.DatePrecision

ALIASES = {
    "id": "external_id",
    "date": "event_on",
    "act_types": "acts",
    "narrative_id": "story",
    "evidence_urls": "links",
    "official_position": "position",
    "agency_code": "agency",
    "election": "regime",
    "regency_code": "region",
}
"""Names of other files → ours. ``province_code`` fills ``region`` where that is empty."""

PERSON_FIELDS = (
    "name",
    "position",
    "unit",
    "unit_kind",
    "agency",
    "agency_text",
    "account",
    "nip",
    "employment",
)

OWN_FIELDS = frozenset(
    {
        "external_id",
        "lane",
        "office",
        "acts",
        "other_act",
        "people",
        *PERSON_FIELDS,
        "region",
        "province_code",
        "contest",
        "regime",
        "event_on",
        "event_precision",
        "date_basis",
        "known_on",
        "received_on",
        "place",
        "platform",
        "story",
        "links",
        "witness",
        "reporter_kind",
    }
)

IGNORED_FIELDS = frozenset(
    {
        "province",
        "regency",
        "election_year",
        "phase",
        "agency_kind",
        "expected_violation_category",
        "expected_duplicates",
        "near_miss_of",
        "variant",
        "outcome",
    }
)
"""Known fields that say nothing the intake asks for; any other unknown field is refused."""

EXPECTED_CATEGORY = "expected_violation_category"

PRECISION_OF_BASIS = {
    "incident": Precision.DAY,
    "invented": Precision.DAY,
    "approx": Precision.MONTH,
    "report": Precision.UNKNOWN,
}
"""What a file says of its date → how exactly the day of the event is known."""

RECEIVED_AT = time(9, 30)
MAX_LAG_DAYS = 3


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of a line."""

    field: str
    reason: str


class LineError(Exception):
    """A line that cannot be imported, with everything found wrong."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.reason}" for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Line:
    """A line understood: what the intake service takes, and how to recognise it again."""

    number: int
    external_id: str
    lane: Lane
    office: Office | None
    facts: Facts
    received_at: datetime
    expected_category: str


@dataclass
class Lexicon:
    """The registry's words, read once for a whole file: five queries."""

    acts: dict[str, str]
    agencies: dict[str, Agency]
    regions: dict[str, Region]
    offices: dict[str, Office]
    contests: dict[str, Contest]

    @classmethod
    def load(cls) -> "Lexicon":
        """Read every word the registry knows."""
        acts = {code: code for code in ActKind.objects.values_list("code", flat=True)}
        acts |= dict(ActAlias.objects.values_list("alias", "act__code"))
        return cls(
            acts=acts,
            agencies={agency.code: agency for agency in Agency.objects.select_related("region")},
            regions={
                region.code: region for region in Region.objects.select_related("parent", "office")
            },
            offices={
                key: office
                for office in Office.objects.select_related("region")
                for key in (office.code, office.path, office.region.code if office.region else "")
                if key
            },
            contests={contest.code: contest for contest in Contest.objects.all()},
        )


def read_line(text: str, *, number: int, words: Lexicon, today: date) -> Line:
    """Understand one line of JSON; at most three queries a person.

    Raises LineError with every fault found.
    """
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise LineError([FieldError("line", f"not JSON: {error.msg}")]) from error
    if not isinstance(raw, dict):
        raise LineError([FieldError("line", "not a JSON object")])
    return _Reader(raw, words=words, number=number, today=today).line()


class _Reader:
    """Collects what is wrong while reading, so that a person sees all of it at once."""

    def __init__(self, raw: Mapping[str, Any], *, words: Lexicon, number: int, today: date) -> None:
        self.words = words
        self.number = number
        self.today = today
        self.errors: list[FieldError] = []
        self.expected = str(raw.get(EXPECTED_CATEGORY) or "").upper()
        self.values: dict[str, Any] = {}
        for name, value in raw.items():
            own = ALIASES.get(name, name)
            if own in OWN_FIELDS:
                self.values.setdefault(own, value)
            elif name not in IGNORED_FIELDS:
                self.refuse(name, "unknown field")

    def refuse(self, name: str, reason: str) -> None:
        """Note a fault."""
        self.errors.append(FieldError(name, reason))

    def line(self) -> Line:
        """Return the line or raise LineError."""
        external_id = self.text("external_id", limit=120)
        if not external_id:
            self.refuse("external_id", "missing")
        region = self.region()
        lane = self.choice("lane", Lane, Lane.TIP)
        office = self.known("office", self.words.offices)
        precision, event_on = self.event()
        known_on = self.day("known_on") or (event_on if precision == Precision.DAY else None)
        received_on = self.received_on(external_id, known_on or self.day("event_on"))
        story = self.text("story", limit=100_000)
        facts_of = {
            "acts": self.acts(),
            "people": self.people(story, region),
            "links": tuple(self.texts("links")),
            "contest": self.contest(received_on if event_on is None else event_on, region),
            "place": self.text("place", limit=200),
            "platform": self.text("platform", limit=20),
            "other_act": self.text("other_act", limit=200),
            "witness": self.text("witness", limit=500),
            "reporter_kind": self.choice(
                "reporter_kind", Complaint.ReporterKind, Complaint.ReporterKind.UNDISCLOSED
            ),
        }
        if self.errors or region is None:
            raise LineError(self.errors)
        zone = ZoneInfo(region.time_zone)
        return Line(
            number=self.number,
            external_id=external_id,
            lane=lane,
            office=office,
            facts=Facts(
                region=region,
                story=story,
                event_on=event_on,
                event_precision=precision,
                known_on=known_on,
                **facts_of,
            ),
            received_at=datetime.combine(received_on, RECEIVED_AT, tzinfo=zone).astimezone(UTC),
            expected_category=self.expected,
        )

    def text(self, name: str, *, limit: int, source: Mapping[str, Any] | None = None) -> str:
        """Return a text, trimmed; nothing is the empty text."""
        value = (self.values if source is None else source).get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(name, "must be a text")
            return ""
        if len(value) > limit:
            self.refuse(name, f"longer than {limit} characters")
        return value.strip()

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(name, "must be a list of texts")
            return []
        return value

    def day(self, name: str) -> date | None:
        """Return a day written YYYY-MM-DD."""
        value = self.values.get(name)
        if value in {None, ""}:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            if all(error.field != name for error in self.errors):
                self.refuse(name, "must be a day written YYYY-MM-DD")
            return None

    def choice(self, name: str, choices: Any, default: Any, source: Any = None) -> Any:
        """Return a member of a choice list, in any case."""
        value = self.text(name, limit=40, source=source)
        if not value:
            return default
        for member in choices:
            if member.value.lower() == value.lower():
                return member
        self.refuse(name, f"unknown; known are {', '.join(choices.values)}")
        return default

    def known(self, name: str, table: Mapping[str, Any], source: Any = None) -> Any:
        """Return the registry's row of a code."""
        code = self.text(name, limit=60, source=source)
        if not code:
            return None
        if code not in table:
            self.refuse(name, f"unknown code {code}")
            return None
        return table[code]

    def region(self) -> Region | None:
        """Return the region of ``region``, else of ``province_code``."""
        name = "region" if self.values.get("region") else "province_code"
        region: Region | None = self.known(name, self.words.regions)
        if region is None and not self.values.get(name):
            self.refuse("region", "missing")
        return region

    def event(self) -> tuple[str, date | None]:
        """Return how exactly the day is known, and the day unless it is unknown."""
        day = self.day("event_on")
        basis = self.text("date_basis", limit=20)
        if basis and basis not in PRECISION_OF_BASIS:
            self.refuse("date_basis", f"unknown; known are {', '.join(PRECISION_OF_BASIS)}")
        default = PRECISION_OF_BASIS.get(basis, Precision.DAY if day else Precision.UNKNOWN)
        precision: str = self.choice("event_precision", Precision, default)
        if day is None and precision != Precision.UNKNOWN:
            self.refuse("event_on", "missing; or say event_precision: unknown")
        if day and day > self.today:
            self.refuse("event_on", "lies after today")
        return precision, None if precision == Precision.UNKNOWN else day

    def received_on(self, external_id: str, earliest: date | None) -> date:
        """Return the file's day of receipt, else a day chosen from the id (see docs/import.md)."""
        given = self.day("received_on")
        if given is not None:
            if given > self.today:
                self.refuse("received_on", "lies after today")
            return given
        if earliest is None:
            return self.today
        exact = self.values.get("date_basis") != "report"
        lag = zlib.crc32(external_id.encode()) % (MAX_LAG_DAYS + 1) if exact else 0
        return min(earliest + timedelta(days=lag), self.today)

    def acts(self) -> list[str]:
        """Return our codes of the acts, in the file's order, once each."""
        acts: list[str] = []
        for word in self.texts("acts"):
            code = self.words.acts.get(word)
            if code is None:
                known = ", ".join(sorted(self.words.acts))
                self.refuse("acts", f"unknown act {word}; known are {known}")
            elif code not in acts:
                acts.append(code)
        if not acts and not self.errors:
            self.refuse("acts", "missing")
        return acts

    def people(self, story: str, region: Region | None) -> list[ReportedPerson]:
        """Return the reported people: ``people``, or the one person of the line itself."""
        given = self.values.get("people")
        if given is None:
            given = [{name: self.values.get(name) for name in PERSON_FIELDS}]
        if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
            self.refuse("people", "must be a list of objects")
            return []
        return [self.person(item, story, region) for item in given]

    def person(
        self, source: Mapping[str, Any], story: str, region: Region | None
    ) -> ReportedPerson:
        """Return one reported person; employment is guessed from position and story if not said."""
        for name in source:
            if name not in PERSON_FIELDS:
                self.refuse(f"people.{name}", "unknown field")
        limits = {"name": 200, "position": 120, "unit": 160, "agency_text": 200, "account": 120}
        texts = {name: self.text(name, limit=top, source=source) for name, top in limits.items()}
        employment = self.choice("employment", Employment, None, source)
        if employment is None:
            employment = registry.employment_of(
                position=texts["position"],
                text=story,
                region=region,
            )
        return ReportedPerson(
            **texts,
            nip=self.text("nip", limit=18, source=source),
            unit_kind=self.choice("unit_kind", UnitKind, UnitKind.GENERAL, source),
            agency=self.known("agency", self.words.agencies, source),
            employment=employment,
        )

    def contest(self, on: date, region: Region | None) -> Contest | None:
        """Return the contest by code or by regime; none lets the intake look by day."""
        by_code: Contest | None = self.known("contest", self.words.contests)
        if by_code is not None or region is None:
            return by_code
        regime = self.text("regime", limit=10).upper()
        if not regime:
            return None
        return registry.contest_for(on=on, regime=regime, region=region)
