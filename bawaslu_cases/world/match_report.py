"""How well reports of one event are brought together, over a file whose lines say what belongs together.

``expected_duplicates`` names the lines of the same event, ``near_miss_of`` one that only looks like it.
Every line is read as the import reads it and compared with every other; nothing is stored.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from bawaslu_cases.world.lines import Lexicon, Line, read_line
from complaints.matching.records import Person, Precision, Record
from complaints.matching.scoring import Match, Verdict, compare
from complaints.matching.words import read_words
from complaints.services.match_keys import post_keys

FIRST = 3
"""How many candidates an officer is shown."""


@dataclass(frozen=True)
class Pair:
    """Two lines that the file names, and how they compare. ``rank`` is 1 for the likeliest of all."""

    one: str
    other: str
    match: Match
    rank: int


@dataclass(frozen=True)
class Report:
    """Twins and near misses of a file, and which of the other pairs were called the same."""

    twins: Sequence[Pair]
    near_misses: Sequence[Pair]
    others_called_same: Sequence[tuple[str, str]]

    @property
    def recall(self) -> float:
        """Return the share of twins among the first three candidates of their line."""
        return _share([pair.rank <= FIRST for pair in self.twins])

    @property
    def twins_called_same(self) -> float:
        """Return the share of twins that are offered as the same."""
        return _share([pair.match.verdict == Verdict.SAME for pair in self.twins])

    @property
    def near_misses_called_same(self) -> float:
        """Return the share of near misses that are offered as the same."""
        return _share([pair.match.verdict == Verdict.SAME for pair in self.near_misses])


def match_report(texts: Iterable[str]) -> Report:
    """Compare every line with every other. Raises LineError for a line that cannot be read."""
    words, today = Lexicon.load(), timezone.localdate()
    told: dict[str, dict[str, object]] = {}
    records: dict[str, Record] = {}
    for number, text in enumerate(texts, start=1):
        if text.strip():
            line = read_line(text, number=number, words=words, today=today)
            told[line.external_id] = json.loads(text)
            records[line.external_id] = line_record(line)
    twins, near = _named(told, "expected_duplicates"), _named(told, "near_miss_of")
    known = {frozenset(pair) for pair in (*twins, *near)}
    ids = list(records)
    return Report(
        [_pair(records, *pair) for pair in twins],
        [_pair(records, *pair) for pair in near],
        [
            (one, other)
            for at, one in enumerate(ids)
            for other in ids[at + 1 :]
            if frozenset((one, other)) not in known
            and compare(records[one], records[other]).verdict == Verdict.SAME
        ],
    )


def line_record(line: Line) -> Record:
    """Return a line as it is compared once it is imported; its words are read as an officer's page does."""
    facts = line.facts
    code = facts.region.code
    return Record(
        people=tuple(
            Person(
                name=person.name,
                nip=person.nip,
                position=person.position,
                unit=person.unit,
                agency=person.agency.code if person.agency else person.agency_text.strip().lower(),
                account=person.account,
            )
            for person in facts.people
        ),
        region=code if "." in code else "",
        province=code[:2],
        event_on=facts.event_on,
        precision=Precision(facts.event_precision),
        received_on=line.received_at.date(),
        acts=frozenset(facts.acts),
        platform=facts.platform,
        place=facts.place,
        posts=frozenset(post_keys(facts.links)),
        reading=read_words(
            f"{facts.story} {facts.other_act}",
            leave_out=(facts.region.name, facts.region.short_name),
        ),
    )


def _named(told: dict[str, dict[str, object]], field: str) -> list[tuple[str, str]]:
    """Return the pairs a field names, the naming line first."""
    pairs = []
    for own, line in told.items():
        named = line.get(field) or []
        others = [named] if isinstance(named, str) else named
        assert isinstance(others, list)  # noqa: S101 -- a list of ids, by the format of the file
        pairs += [(own, other) for other in others if other in told]
    return pairs


def _pair(records: dict[str, Record], one: str, other: str) -> Pair:
    match = compare(records[one], records[other])
    better = sum(
        compare(records[one], record).score > match.score
        for name, record in records.items()
        if name not in {one, other}
    )
    return Pair(one, other, match, better + 1)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0
