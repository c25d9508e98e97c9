"""The self-check as a table: act × object × circumstance × stage → verdict, why, rules, sanctions.

Plain values, read once (:mod:`complaints.selectors.guide`) and shared by all threads.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import (
    ActRule,
    Confidence,
    Employment,
    SanctionClass,
    Stage,
    Verdict,
    ViolationRule,
)

STAGES = (Stage.BEFORE_DETERMINATION, Stage.AFTER_DETERMINATION)

OUTDATED_AFTER = dt.timedelta(days=365)
"""An answer reviewed longer ago than this carries a warning."""


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages; as a string it is that of the page's language."""

    indonesian: str
    english: str

    def __str__(self) -> str:
        """Return the English text on an English page, where there is one."""
        if self.english and (get_language() or "").startswith("en"):
            return self.english
        return self.indonesian

    def __bool__(self) -> bool:
        return bool(self.indonesian)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer the checker offers: an act, an object or a circumstance."""

    code: str
    label: Words
    note: Words
    group: str | Promise = ""
    employment: str = Employment.PNS

    @property
    def value(self) -> str:
        """The code as it stands in an address."""
        return self.code.lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a reader sees it; ``when`` says in which case it is this one and not the first."""

    code: str
    title: Words
    bases: tuple[str, ...]
    criminal: tuple[str, ...]
    sanction_class: SanctionClass
    confidence: Confidence
    when: str


@dataclass(frozen=True, slots=True)
class Sanctions:
    """One class and what a PPK may choose from in it."""

    sanction_class: SanctionClass
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The cell of one stage. Sanctions run from the lightest class to the heaviest."""

    stage: Stage
    case: "Case"
    verdict: Verdict
    rules: tuple[Rule, ...]
    sanctions: tuple[Sanctions, ...]

    @property
    def range(self) -> tuple[SanctionClass, ...]:
        """The lightest and the heaviest class, one where they are the same."""
        classes = [entry.sanction_class for entry in self.sanctions]
        return tuple(dict.fromkeys((classes[0], classes[-1]))) if classes else ()

    @property
    def criminal(self) -> tuple[str, ...]:
        """Criminal provisions worth a look, each once."""
        return tuple(dict.fromkeys(text for rule in self.rules for text in rule.criminal))

    def same_as(self, other: "Outcome") -> bool:
        """Whether the stage makes no difference."""
        return (self.verdict, self.case, [rule.code for rule in self.rules]) == (
            other.verdict,
            other.case,
            [rule.code for rule in other.rules],
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A line of the table; empty sets mean every one."""

    code: str
    acts: frozenset[str]
    targets: frozenset[str]
    circumstances: frozenset[str]
    stage: Stage
    verdict: str
    rules: tuple[str, ...]
    why: Words
    instead: Words
    confidence: Confidence
    source: str
    reviewed_on: dt.date

    def fits(self, act: str, about: str, circumstance: str, stage: Stage) -> bool:
        """Whether the cell is one of this line's."""
        return (
            self.stage in {Stage.ANY, stage}
            and (not self.acts or act in self.acts)
            and (not self.targets or about in self.targets)
            and (not self.circumstances or circumstance in self.circumstances)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader is told about act × object × circumstance, in one stage or in both.

    ``outcomes`` holds one entry where the stage makes no difference.
    """

    act: Choice
    about: Choice
    circumstance: Choice
    outcomes: tuple[Outcome, ...]
    chosen_stage: Stage | None
    why: Words
    instead: Words
    reviewed_on: dt.date
    is_outdated: bool

    @property
    def leading(self) -> Outcome:
        """The outcome that gives the verdict: of the chosen stage, else the strictest."""
        for outcome in self.outcomes:
            if outcome.stage == self.chosen_stage:
                return outcome
        return min(self.outcomes, key=lambda outcome: outcome.verdict.strictness)

    @property
    def verdict(self) -> Verdict:
        """The verdict the page carries."""
        return self.leading.verdict

    @property
    def differs_by_stage(self) -> bool:
        """Whether the determination of candidates changes anything."""
        return len(self.outcomes) > 1

    @property
    def verdicts_differ(self) -> bool:
        """Whether it changes the verdict itself, not only the sanction."""
        return len({outcome.verdict for outcome in self.outcomes}) > 1

    @property
    def is_forbidden(self) -> bool:
        """Whether seeing it is worth a report."""
        return self.verdict is Verdict.NO

    @property
    def is_contract(self) -> bool:
        """Whether the person is no civil servant and sanctioned by contract."""
        return self.circumstance.employment == Employment.PPNPN


@dataclass(frozen=True, slots=True)
class Question:
    """A question people ask with its answer."""

    slug: str
    situation: str
    top: int | None
    question: Words
    sentence: Words
    violating: Words
    allowed: Words
    keywords: str
    answer: Answer

    @property
    def verdict(self) -> Verdict:
        """The verdict of its cell."""
        return self.answer.verdict


@dataclass(frozen=True, slots=True)
class Situation:
    """A heading with its questions."""

    code: str
    label: Words
    note: Words
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """Everything the public pages need for a day. Nothing of it asks the database again."""

    on: dt.date
    acts: Mapping[str, Choice]
    targets: Mapping[str, Choice]
    circumstances: Mapping[str, Choice]
    cases: tuple[Case, ...]
    rules: Mapping[str, ViolationRule]
    act_rules: tuple[ActRule, ...]
    act_codes: Mapping[int, str]
    sanction_types: Mapping[str, tuple[str, ...]]
    situations: tuple[Situation, ...] = ()

    @property
    def questions(self) -> Iterator[Question]:
        """Every question in reading order."""
        return (question for situation in self.situations for question in situation.questions)

    @property
    def most_asked(self) -> list[Question]:
        """The twelve of the first page and of the poster."""
        asked = [(question.top, question) for question in self.questions if question.top]
        return [question for _top, question in sorted(asked, key=lambda pair: pair[0])]

    def question(self, slug: str) -> Question | None:
        """Return the question of an address."""
        return next((question for question in self.questions if question.slug == slug), None)

    def questions_about(self, act: str) -> list[Question]:
        """Return the questions on one act."""
        return [question for question in self.questions if question.answer.act.code == act]

    def outcome(self, act: str, about: str, circumstance: str, stage: Stage) -> Outcome:
        """Return one cell of the table. Raises LookupError where no line fits (a test says none)."""
        case = next(
            (case for case in self.cases if case.fits(act, about, circumstance, stage)), None
        )
        if case is None:
            raise LookupError(f"{act} {about} {circumstance} {stage}")
        employment = self.circumstances[circumstance].employment
        rules = tuple(self._rules_of(case, act, stage, employment))
        verdict = (
            Verdict(case.verdict) if case.verdict else Verdict.NO if rules else Verdict.UNCLEAR
        )
        return Outcome(stage, case, verdict, rules, tuple(self._sanctions_of(rules)))

    def answer(self, act: str, about: str, circumstance: str, stage: Stage | None = None) -> Answer:
        """Return the answer for one stage, or for both where the reader does not know it.

        Raises KeyError for a code the guide does not have.
        """
        both = tuple(self.outcome(act, about, circumstance, each) for each in STAGES)
        outcomes = both[:1] if both[0].same_as(both[1]) else both
        told = Answer(
            act=self.acts[act],
            about=self.targets[about],
            circumstance=self.circumstances[circumstance],
            outcomes=outcomes,
            chosen_stage=stage if len(outcomes) > 1 else None,
            why=Words("", ""),
            instead=Words("", ""),
            reviewed_on=self.on,
            is_outdated=False,
        )
        case = told.leading.case
        return reviewed(told, case.why, case.instead, case.reviewed_on, self.on)

    def _rules_of(self, case: Case, act: str, stage: Stage, employment: str) -> Iterator[Rule]:
        """Yield the rules of the case, or of the act, that hold in the stage and reach the person."""
        mapped = [
            mapping
            for mapping in self.act_rules
            if self.act_codes[mapping.act_id] == act and mapping.stage in {Stage.ANY, stage}
        ]
        reasons = {mapping.rule_code: mapping.reason for mapping in mapped}
        for code in case.rules or reasons:
            rule = self.rules.get(code)
            if (
                rule is not None
                and rule.stage in {Stage.ANY, stage}
                and employment in rule.applies_to
            ):
                yield Rule(
                    code=code,
                    title=Words(rule.title_id, rule.title_en),
                    bases=tuple(rule.legal_bases),
                    criminal=tuple(rule.criminal_overlap),
                    sanction_class=SanctionClass(rule.sanction_class),
                    confidence=Confidence(rule.confidence),
                    when=reasons.get(code, ""),
                )

    def _sanctions_of(self, rules: Iterable[Rule]) -> Iterator[Sanctions]:
        classes = {rule.sanction_class for rule in rules}
        for each in sorted(classes, key=lambda sanction_class: sanction_class.rank):
            yield Sanctions(each, self.sanction_types.get(each, ()))


def reviewed(
    answer: Answer, why: Words, instead: Words, reviewed_on: dt.date, on: dt.date
) -> Answer:
    """Return the answer with its words and the day they were reviewed."""
    return replace(
        answer,
        why=why,
        instead=instead,
        reviewed_on=reviewed_on,
        is_outdated=on - reviewed_on > OUTDATED_AFTER,
    )


SENTENCES = {
    Verdict.NO: _("Perbuatan ini termasuk pelanggaran netralitas."),
    Verdict.UNCLEAR: _("Aturan tidak menyebutnya dengan jelas. Yang aman: jangan."),
    Verdict.BETTER_NOT: _("Aturannya bisa menjangkau perbuatan ini."),
    Verdict.CONDITION: _("Boleh hanya bila syaratnya dipenuhi."),
    Verdict.YES: _("Tidak ada aturan yang melarang, selama tidak memihak."),
}
"""The sentence under a verdict of the checker; questions have their own."""
