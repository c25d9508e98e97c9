"""Two records compared: what speaks for one event, what against, and the verdict.

Each comparison gives points, natural logarithms of how much likelier it is among reports of one event
than among reports of two, set by hand in half steps and checked by cross-validation. They add up as if
they were independent, which they are not; the thresholds are set for that, and ``same`` needs more than
a sum: nothing may contradict it (who, when, which post).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from complaints.matching.names import compare_names
from complaints.matching.positions import compare_positions, position_words
from complaints.matching.records import (
    IMAGE_BITS,
    Person,
    Precision,
    Record,
    image_distance,
    is_telling,
)
from complaints.matching.words import compare_words


class Verdict(StrEnum):
    """What is offered to the officer."""

    SAME = "same"
    RELATED = "related"
    NONE = "none"


class Reason(StrEnum):
    """Why two records were brought together, or what holds them apart."""

    SAME_NIP = "same_nip"
    SAME_NAME = "same_name"
    CLOSE_NAME = "close_name"
    SAME_ACCOUNT = "same_account"
    SAME_POST = "same_post"
    CLOSE_IMAGE = "close_image"
    SAME_POSITION = "same_position"
    SAME_AGENCY = "same_agency"
    SAME_PLACE = "same_place"
    SAME_REGION = "same_region"
    SAME_DAY = "same_day"
    CLOSE_DAYS = "close_days"
    SAME_ACTS = "same_acts"
    SAME_WORDS = "same_words"
    OTHER_NIP = "other_nip"
    OTHER_NAME = "other_name"
    OTHER_POSITION = "other_position"
    OTHER_DAY = "other_day"
    OTHER_REGION = "other_region"
    OTHER_ACTS = "other_acts"
    OTHER_CANDIDATE = "other_candidate"
    SAYS_OTHER = "says_other"


AGAINST = frozenset(reason for reason in Reason if reason.value.startswith(("other_", "says_")))
"""Reasons that hold two records apart."""


@dataclass(frozen=True)
class Match:
    """How two records compare. ``reasons`` the weightiest first, for and against."""

    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]


SAME_FROM = 5.0
RELATED_FROM = 2.0
IMAGE_BITS_CLOSE = 6
SURE_NAME = 0.9
DAYS_APART = 3
"""Days between two exactly known days from which they are two events, unless a post or image says else."""

_REACTIONS = frozenset({"LIKE_COMMENT", "JOIN_GROUP"})
"""Acts that many people do to one post: the post alone does not make two reports one."""

_KIN = (
    frozenset({"POST_SUPPORT", "LIKE_COMMENT"}),
    frozenset({"POST_SUPPORT", "PHOTO_SYMBOL"}),
    frozenset({"POST_SUPPORT", "ENDORSE_IN_SPEECH"}),
    frozenset({"PRESSURE_OTHERS", "PRESSURE_SUBORDINATES"}),
    frozenset({"PRESSURE_OTHERS", "ENDORSE_IN_SPEECH"}),
    frozenset({"ATTEND_EVENT", "CAMPAIGN_TEAM"}),
    frozenset({"ATTEND_EVENT", "WEAR_ATTRIBUTES"}),
    frozenset({"ATTEND_EVENT", "PHOTO_SYMBOL"}),
    frozenset({"PHOTO_SYMBOL", "DISPLAY_MATERIAL"}),
    frozenset({"PHOTO_SYMBOL", "WEAR_ATTRIBUTES"}),
    frozenset({"DISPLAY_MATERIAL", "GIVE_GOODS"}),
    frozenset({"JOIN_GROUP", "POST_SUPPORT"}),
    frozenset({"JOIN_GROUP", "PRESSURE_SUBORDINATES"}),
)
"""Acts that two citizens choose for one event."""

_OFFLINE = frozenset({"", "offline", "other", "audio"})


class _Tally:
    """Adds up points and keeps their reasons."""

    def __init__(self) -> None:
        self.score = 0.0
        self.points: dict[Reason, float] = {}
        self.is_barred = False

    def add(self, points: float, reason: Reason | None = None) -> None:
        self.score += points
        if reason is not None:
            self.points[reason] = self.points.get(reason, 0.0) + points

    def bar(self) -> None:
        """Whatever the sum, these are not the same."""
        self.is_barred = True


def compare(one: Record, other: Record) -> Match:
    """Return whether two records tell of one event, with the reasons; the order of the two is no matter."""
    tally = _Tally()
    same_post = bool(one.posts & other.posts)
    same_image = _closest_image(one, other) <= IMAGE_BITS_CLOSE
    reacts = bool(one.acts & _REACTIONS) and bool(other.acts & _REACTIONS)
    if same_post:
        tally.add(2.5 if reacts else 5.0, Reason.SAME_POST)
    elif one.posts and other.posts:
        tally.add(-1.0)
    if same_image:
        tally.add(4.5, Reason.CLOSE_IMAGE)
    known = _people(one, other, tally)
    by_trace = (same_post and not reacts) or same_image
    _where(one, other, tally, by_trace=by_trace)
    _when(one, other, tally, by_trace=by_trace)
    _what(one, other, tally)
    if not (by_trace or known or Reason.SAME_WORDS in tally.points):
        # Post, agency, day and act alone fit every camat's appearance at that rally.
        tally.bar()
    return Match(round(tally.score, 2), _verdict(tally, known, by_trace), _reasons(tally))


def _verdict(tally: _Tally, known: bool, by_trace: bool) -> Verdict:  # noqa: FBT001 -- private
    if tally.score >= SAME_FROM and not tally.is_barred:
        return Verdict.SAME
    if tally.score >= RELATED_FROM or known or by_trace or Reason.SAME_POST in tally.points:
        return Verdict.RELATED
    return Verdict.NONE


def _reasons(tally: _Tally) -> tuple[Reason, ...]:
    told = [(reason, points) for reason, points in tally.points.items() if abs(points) >= 0.2]  # noqa: PLR2004
    return tuple(reason for reason, points in sorted(told, key=lambda item: -abs(item[1])))


def _people(one: Record, other: Record, tally: _Tally) -> bool:
    """Score the best pair of people; return whether it is surely one person."""
    best: _Tally | None = None
    for mine in one.people or (Person(),):
        for theirs in other.people or (Person(),):
            pair = _Tally()
            _pair(mine, theirs, pair)
            if best is None or pair.score > best.score:
                best = pair
    assert best is not None  # noqa: S101 -- there is always a pair
    if not {Reason.SAME_NIP, Reason.SAME_NAME, Reason.OTHER_NAME, Reason.OTHER_NIP} & set(
        best.points
    ):
        _named_in_words(one, other, best)
    tally.score += best.score
    tally.points |= best.points
    tally.is_barred |= best.is_barred
    return bool({Reason.SAME_NIP, Reason.SAME_NAME, Reason.SAME_ACCOUNT} & set(best.points))


def _pair(mine: Person, theirs: Person, tally: _Tally) -> None:
    names = compare_names(mine.name, theirs.name)
    if mine.nip and mine.nip == theirs.nip:
        tally.add(5.0, Reason.SAME_NIP)
    else:
        if mine.nip and theirs.nip:
            tally.add(-1.5, Reason.OTHER_NIP)
            # A number copied wrong by a digit or two beside the same name stays one person.
            if names is None or names < SURE_NAME or _digits_apart(mine.nip, theirs.nip) > 2:  # noqa: PLR2004
                tally.bar()
        _score_names(names, tally)
    _score_accounts(mine, theirs, names, tally)
    _score_positions(mine, theirs, tally)
    if mine.agency and theirs.agency:
        if mine.agency == theirs.agency:
            tally.add(0.4, Reason.SAME_AGENCY)
        else:
            tally.add(-0.8)
    _score_units(mine, theirs, tally)


def _score_accounts(mine: Person, theirs: Person, names: float | None, tally: _Tally) -> None:
    account, their_account = _account(mine.account), _account(theirs.account)
    if not account or not their_account:
        return
    if account == their_account:
        tally.add(3.0, Reason.SAME_ACCOUNT)
        return
    tally.add(-1.0, Reason.OTHER_NAME)
    if names is None or names < SURE_NAME:
        tally.bar()


def _score_positions(mine: Person, theirs: Person, tally: _Tally) -> None:
    position = compare_positions(mine.position, theirs.position)
    if position is None:
        if bool(position_words(mine.position)) != bool(position_words(theirs.position)):
            tally.add(-0.2)
        elif mine.position and theirs.position:
            tally.add(0.2)
    elif position >= 0.8:  # noqa: PLR2004 -- the same or a fuller name of it
        tally.add(1.0, Reason.SAME_POSITION)
    elif position == 0.0:
        tally.add(-1.0 if Reason.SAME_NIP in tally.points else -2.0, Reason.OTHER_POSITION)
    elif position < 0.2:  # noqa: PLR2004 -- of one rank, in two offices
        tally.add(-1.5, Reason.OTHER_POSITION)
        if not {Reason.SAME_NIP, Reason.SAME_NAME} & set(tally.points):
            tally.bar()
    else:
        tally.add(-0.3)


def _score_units(mine: Person, theirs: Person, tally: _Tally) -> None:
    units = position_words(mine.unit), position_words(theirs.unit)
    if not all(units):
        return
    unlike = (units[0] - units[1]) and (units[1] - units[0])
    if unlike:
        tally.add(-2.0, Reason.OTHER_POSITION)
        if Reason.SAME_NIP not in tally.points and Reason.SAME_NAME not in tally.points:
            tally.bar()
    else:
        tally.add(0.8, Reason.SAME_POSITION)


def _score_names(names: float | None, tally: _Tally) -> None:
    if names is None:
        return
    if names >= SURE_NAME:
        tally.add(3.5, Reason.SAME_NAME)
    elif names >= 0.5:  # noqa: PLR2004
        tally.add(1.2, Reason.CLOSE_NAME)
    else:
        tally.add(-3.0, Reason.OTHER_NAME)
        tally.bar()


def _named_in_words(one: Record, other: Record, tally: _Tally) -> None:
    """Names that stand in a story or in one's field: they can bring together and, if both, hold apart."""
    mine = [*(p.name for p in one.people if p.name), *one.reading.names]
    theirs = [*(p.name for p in other.people if p.name), *other.reading.names]
    scores = [s for a in mine for b in theirs if (s := compare_names(a, b)) is not None]
    if not scores:
        return
    if max(scores) >= 0.5:  # noqa: PLR2004
        tally.add(1.5, Reason.CLOSE_NAME)
    else:
        tally.add(-1.5, Reason.OTHER_NAME)
        tally.bar()


def _account(account: str) -> str:
    return account.strip().lower().removeprefix("@")


def _digits_apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _closest_image(one: Record, other: Record) -> int:
    mine, theirs = filter(is_telling, one.images), list(filter(is_telling, other.images))
    return min((image_distance(a, b) for a in mine for b in theirs), default=IMAGE_BITS)


def _where(one: Record, other: Record, tally: _Tally, *, by_trace: bool) -> None:
    if one.region and one.region == other.region:
        tally.add(0.6, Reason.SAME_REGION)
    elif one.province != other.province:
        tally.add(-1.0 if by_trace else -3.0, Reason.OTHER_REGION)
        if not by_trace:
            tally.bar()
    elif one.region and other.region:
        tally.add(-0.5 if by_trace else -2.5, Reason.OTHER_REGION)
        if not by_trace and Reason.SAME_NIP not in tally.points:
            tally.bar()
    else:
        tally.add(0.3)
    mine, theirs = position_words(one.place), position_words(other.place)
    if mine and theirs:
        if mine <= theirs or theirs <= mine:
            tally.add(1.2, Reason.SAME_PLACE)
        elif not mine & theirs:
            tally.add(-0.3 if by_trace else -0.8)


def _when(one: Record, other: Record, tally: _Tally, *, by_trace: bool) -> None:
    gap, exact = days_between(one, other)
    if gap is None:
        return
    if exact:
        if gap == 0:
            tally.add(1.8, Reason.SAME_DAY)
        elif gap < DAYS_APART:
            tally.add(0.6, Reason.CLOSE_DAYS)
        else:
            tally.add(-1.0 if by_trace else -2.0 if gap <= 7 else -3.0, Reason.OTHER_DAY)  # noqa: PLR2004
            if not by_trace:
                tally.bar()
    elif gap <= 3:  # noqa: PLR2004 -- told of within days of each other
        tally.add(1.2, Reason.CLOSE_DAYS)
    elif gap <= 10:  # noqa: PLR2004
        tally.add(0.4, Reason.CLOSE_DAYS)
    elif gap <= 31:  # noqa: PLR2004
        tally.add(-0.7)
    else:
        tally.add(-1.0 if by_trace else -2.0, Reason.OTHER_DAY)
        if not by_trace:
            tally.bar()


def days_between(one: Record, other: Record) -> tuple[int | None, bool]:
    """Return how many days lie between two events at least, and whether both are known to the day.

    A day that a text names counts as well as the one in the field. Where a day is not known, the day of
    receipt stands for it.
    """
    mine, my_exact = _days_of(one)
    theirs, their_exact = _days_of(other)
    if not mine or not theirs:
        return None, False
    gap = min(abs((a - b).days) for a in mine for b in theirs)
    return gap, (my_exact and their_exact) or (
        gap == 0 and (my_exact or their_exact) and _told(one, other)
    )


def _told(one: Record, other: Record) -> bool:
    """Say whether the day of either stands in the other's text."""
    mine, theirs = _days_of(one)[0], _days_of(other)[0]
    return any((d.month, d.day) in other.reading.days for d in mine) or any(
        (d.month, d.day) in one.reading.days for d in theirs
    )


def _days_of(record: Record) -> tuple[set[date], bool]:
    days: set[date] = set()
    anchor = record.event_on or record.received_on
    if anchor is None:
        return days, False
    exact = record.event_on is not None and record.precision == Precision.DAY
    days |= {near for month, day in record.reading.days if (near := _nearest(month, day, anchor))}
    if exact or not days:
        days.add(anchor)
    if not exact and record.event_on is not None and record.precision == Precision.MONTH:
        # A month is all that is known: the receipt says more, when it is of the same weeks.
        received = record.received_on or anchor
        if timedelta(0) <= received - anchor <= timedelta(days=31):
            days.add(received)
    return days, exact or bool(record.reading.days)


def _nearest(month: int, day: int, anchor: date) -> date | None:
    """Return that day of the year nearest to the anchor and not after it by more than a day."""
    for year in (anchor.year, anchor.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found <= anchor + timedelta(days=1):
            return found
    return None


def _what(one: Record, other: Record, tally: _Tally) -> None:
    mine, theirs = one.acts - {"OTHER"}, other.acts - {"OTHER"}
    if mine and theirs:
        if mine == theirs:
            tally.add(1.0, Reason.SAME_ACTS)
        elif mine & theirs:
            tally.add(0.5, Reason.SAME_ACTS)
        elif any({a, b} in _KIN for a in mine for b in theirs):
            tally.add(-0.2)
        else:
            tally.add(-1.8, Reason.OTHER_ACTS)
    if one.platform not in _OFFLINE and other.platform not in _OFFLINE:
        tally.add(0.4 if one.platform == other.platform else -0.6)
    if one.reading and other.reading:
        alike = compare_words(one.reading, other.reading)
        points = max(-1.0, min(4.0, (alike - WORDS_NEUTRAL) * WORDS_SLOPE))
        tally.add(points, Reason.SAME_WORDS if points > 0.5 else None)  # noqa: PLR2004
        candidates = one.reading.candidates, other.reading.candidates
        if all(candidates) and not candidates[0] & candidates[1]:
            tally.add(-1.5, Reason.OTHER_CANDIDATE)
            tally.bar()
        elif all(candidates):
            tally.add(0.4)
    if one.reading.says_other_one or other.reading.says_other_one:
        tally.add(-1.5, Reason.SAYS_OTHER)
        tally.bar()


WORDS_NEUTRAL = 0.16
WORDS_SLOPE = 12.0
