"""The self-check "Bolehkah ASN…?": the guide of a day, read once, held in memory, and its search.

An answer is put together, not stored: the case that fits says what is left to judgement and why; rule,
articles and sanctions are those the registry names for the act in each stage. The same table serves
the questions of the index, the checker and the posters.
"""

import datetime as dt
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from django.contrib.postgres.search import (
    SearchQuery,
    SearchRank,
    SearchVector,
    TrigramWordSimilarity,
)
from django.db import DatabaseError
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Greatest

from bawaslu_cases.registry.freshness import version
from bawaslu_cases.registry.models import (
    ActGroup,
    ActKind,
    ActRule,
    Confidence,
    GuideCase,
    GuideCircumstance,
    GuideObject,
    GuideQuestion,
    GuideSituation,
    SanctionType,
    Stage,
)
from bawaslu_cases.registry.selectors import rules_in_force
from complaints.selectors.guide_table import (
    Case,
    Choice,
    Guide,
    Question,
    Situation,
    Words,
    reviewed,
)

KEPT_SECONDS = 600
"""How long a guide is kept without being read anew; bounds what a correction by hand may wait."""

MAX_QUERY = 100
MAX_WORDS = 8
CLOSE_ENOUGH = 0.6
"""Trigram similarity of a typed word to the nearest word of a question: "stikr" finds "stiker"."""


@dataclass(frozen=True, slots=True)
class _Kept:
    guide: Guide
    version: str | None
    read_at: float


_kept: _Kept | None = None


def current_guide(on: dt.date) -> Guide:
    """Return the guide of the day. No query while this process's copy is current, else twelve.

    It is read anew when the registry was loaded, when the day changes and every ten minutes. With the
    database gone the last copy still answers; raises DatabaseError only when there is none.
    """
    global _kept  # noqa: PLW0603 -- one copy a process, replaced as a whole
    known, now, kept = version(), time.monotonic(), _kept
    if (
        kept is not None
        and kept.guide.on == on
        and known in {None, kept.version}
        and now - kept.read_at < KEPT_SECONDS
    ):
        return kept.guide
    try:
        guide = read_guide(on)
    except DatabaseError:
        if kept is None:
            raise
        return kept.guide
    _kept = _Kept(guide, known, now)
    return guide


def read_guide(on: dt.date) -> Guide:
    """Read the guide as it stood on a day. Twelve queries."""
    acts = {
        act.pk: Choice(
            act.code, Words(act.label_id, act.label_en), Words("", ""), ActGroup(act.group).label
        )
        for act in ActKind.objects.all()
    }
    targets = {
        row.pk: Choice(row.code, Words(row.label_id, row.label_en), Words(row.note_id, row.note_en))
        for row in GuideObject.objects.all()
    }
    circumstances = {
        row.pk: Choice(
            row.code,
            Words(row.label_id, row.label_en),
            Words(row.note_id, row.note_en),
            employment=row.employment,
        )
        for row in GuideCircumstance.objects.all()
    }
    types: dict[str, tuple[str, ...]] = {}
    for kind in SanctionType.objects.in_force(on):
        types[kind.sanction_class] = (*types.get(kind.sanction_class, ()), kind.name)
    table = Guide(
        on=on,
        acts={choice.code: choice for choice in acts.values()},
        targets={choice.code: choice for choice in targets.values()},
        circumstances={choice.code: choice for choice in circumstances.values()},
        cases=tuple(
            _case(row)
            for row in GuideCase.objects.in_force(on).prefetch_related(
                "acts", "objects_named", "circumstances"
            )
        ),
        rules={rule.code: rule for rule in rules_in_force(on)},
        act_rules=tuple(ActRule.objects.in_force(on).order_by("act", "rank")),
        act_codes={pk: choice.code for pk, choice in acts.items()},
        sanction_types=types,
    )
    questions = [
        _question(table, row, acts[row.act_id], targets[row.about_id], circumstances)
        for row in GuideQuestion.objects.in_force(on).select_related("situation")
    ]
    situations = tuple(
        Situation(
            row.code,
            Words(row.label_id, row.label_en),
            Words(row.note_id, row.note_en),
            tuple(question for question in questions if question.situation == row.code),
        )
        for row in GuideSituation.objects.all()
    )
    return replace(table, situations=situations)


def search_questions(guide: Guide, typed: str) -> list[Question]:
    """Return the questions that share a stem or nearly a word with what was typed, best first.

    One query over the few dozen rows, none for an empty search. Without the database the words are
    looked up as they stand. What was typed is kept nowhere.
    """
    words = re.findall(r"\w{2,}", typed[:MAX_QUERY].lower())[:MAX_WORDS]
    if not words:
        return []
    by_slug = {question.slug: question for question in guide.questions}
    try:
        found = list(_search(words, guide.on))
    except DatabaseError:
        found = [slug for slug, each in by_slug.items() if set(words) & set(_plain(each))]
    return [by_slug[slug] for slug in found if slug in by_slug]


def _search(words: list[str], on: dt.date) -> Iterable[str]:
    # Words like "boleh" and "ASN" stand in every question's heading and tell none apart.
    telling = [word for word in words if word not in _IN_EVERY_QUESTION] or words
    asked = reduce(or_, (SearchQuery(word, config="indonesian") for word in telling))
    asked |= reduce(or_, (SearchQuery(word, config="english") for word in telling))
    vector = (
        SearchVector("question_id", "keywords", config="indonesian", weight="A")
        + SearchVector("question_en", config="english", weight="A")
        + SearchVector("answer_id", "violating_id", "allowed_id", config="indonesian", weight="C")
    )
    text = Concat("question_id", Value(" "), "keywords", Value(" "), "question_en")
    close = [TrigramWordSimilarity(word, text) for word in telling if len(word) > 3]  # noqa: PLR2004
    close_to = Greatest(Value(0.0), *close) if close else Value(0.0)
    return (
        GuideQuestion.objects.in_force(on)
        .annotate(rank=SearchRank(vector, asked), close=close_to)
        .filter(Q(rank__gt=0) | Q(close__gte=CLOSE_ENOUGH))
        .order_by((F("rank") + F("close") / 10).desc(), "order")
        .values_list("slug", flat=True)
    )


_IN_EVERY_QUESTION = frozenset({"apakah", "asn", "bisa", "boleh", "bolehkah", "dilarang", "pns"})


def _plain(question: Question) -> list[str]:
    return re.findall(r"\w{2,}", f"{question.question.indonesian} {question.keywords}".lower())


def _case(row: GuideCase) -> Case:
    return Case(
        code=row.code,
        acts=frozenset(act.code for act in row.acts.all()),
        targets=frozenset(each.code for each in row.objects_named.all()),
        circumstances=frozenset(each.code for each in row.circumstances.all()),
        stage=Stage(row.stage),
        verdict=row.verdict,
        rules=tuple(row.rules),
        why=Words(row.why_id, row.why_en),
        instead=Words(row.instead_id, row.instead_en),
        confidence=Confidence(row.confidence),
        source=row.source,
        reviewed_on=row.reviewed_on,
    )


def _question(
    guide: Guide,
    row: GuideQuestion,
    act: Choice,
    about: Choice,
    circumstances: Mapping[int, Choice],
) -> Question:
    answer = guide.answer(act.code, about.code, circumstances[row.circumstance_id].code)
    return Question(
        slug=row.slug,
        situation=row.situation.code,
        top=row.top,
        question=Words(row.question_id, row.question_en),
        sentence=Words(row.answer_id, row.answer_en),
        violating=Words(row.violating_id, row.violating_en),
        allowed=Words(row.allowed_id, row.allowed_en),
        keywords=row.keywords,
        answer=reviewed(
            answer,
            Words(row.why_id, row.why_en) if row.why_id else answer.why,
            Words(row.instead_id, row.instead_en) if row.instead_id else answer.instead,
            min(row.reviewed_on, answer.reviewed_on),
            guide.on,
        ),
    )
