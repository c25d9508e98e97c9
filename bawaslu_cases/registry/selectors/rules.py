"""From acts on a day to the rule that covers them, with each step said aloud."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import (
    ActGroup,
    ActKind,
    ActRule,
    Category,
    Confidence,
    Contest,
    Employment,
    Regime,
    SanctionClass,
    SanctionType,
    Stage,
    ViolationRule,
)
from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.registry.selectors.elections import determination_before

# Criminal provisions name their statute; only those of the contest's own law are worth a check.
_CRIMINAL_LAW = {Regime.PEMILU: "UU 7/2017", Regime.PILKADA: "UU 10/2016"}


@dataclass(frozen=True, slots=True)
class RuleProposal:
    """Return the rule the strongest act falls under. A proposal: an officer decides, a second approves.

    ``explanation`` holds (text, article) pairs in reading order; an article may be empty. ``covering`` are
    the other acts with the row each falls under, ``reason`` the remark of the leading act's row, and
    ``determined_on`` the day candidates were determined before the event, if they were.
    """

    rule: ViolationRule
    act: ActKind
    stage: Stage
    explanation: list[tuple[str, str]]
    alternatives: list[ViolationRule]
    covering: list[tuple[ActKind, ViolationRule]] = field(default_factory=list)
    reason: str = ""
    determined_on: dt.date | None = None

    @property
    def category(self) -> Category:
        """Ethics or discipline."""
        return Category(self.rule.category)

    @property
    def sanction_class(self) -> SanctionClass:
        """The class of sanction the rule leads to."""
        return SanctionClass(self.rule.sanction_class)


def rules_in_force(on: dt.date) -> QuerySet[ViolationRule]:
    """Return every violation rule as it stood on the day, by code. One query."""
    return ViolationRule.objects.in_force(on)


def paired_rules(codes: Iterable[str]) -> list[ViolationRule]:
    """Return every version of the rows of these codes (:attr:`ViolationRule.pair_code`). One query."""
    return list(ViolationRule.objects.filter(code__in=set(codes)))


def types_in_force(on: dt.date) -> list[SanctionType]:
    """Return the sanctions of every class a PPK could impose on the day, lightest first. One query."""
    return list(SanctionType.objects.in_force(on))


def sanction_types(*, sanction_class: str, on: dt.date) -> QuerySet[SanctionType]:
    """Return the sanctions of one class a PPK could impose on the day. One query."""
    return SanctionType.objects.in_force(on).filter(sanction_class=sanction_class)


def sanction_types_on(on: dt.date) -> QuerySet[SanctionType]:
    """Return every sanction a PPK could impose on the day, the lightest first. One query."""
    return SanctionType.objects.in_force(on)


def intake_acts() -> QuerySet[ActKind]:
    """Return the twelve acts and "other" of the public form, in its order. One query."""
    return ActKind.objects.for_reporters()


@remembered
def acts_by_code() -> Mapping[str, ActKind]:
    """Return every act, in the order of the form. One query, none when remembered."""
    return {act.code: act for act in ActKind.objects.order_by("order")}


def act_named(alias: str) -> ActKind | None:
    """Return the act a foreign word or our own code means; None when unknown. One query."""
    return (
        ActKind.objects.filter(code=alias).first()
        or ActKind.objects.filter(aliases__alias=alias).first()
    )


def violation_rule_for(
    *,
    acts: Iterable[str],
    contest: Contest | None,
    event_on: dt.date,
    employment: str = Employment.UNKNOWN,
) -> RuleProposal | None:
    """Return the rule for the acts (codes of :class:`ActKind`) of one person on one day.

    The law is that of the event's day. Whether candidates were determined decides between ethics
    and discipline. Of several acts the one with the heaviest sanction class leads; of equals, the
    first in the order of the form; "other" leads only when alone. None when no rule reaches the
    person or covers the acts. Three queries, none when remembered or for somebody who is no civil
    servant.
    """
    kind = Employment(employment)
    if kind is Employment.NON_ASN:
        return None
    determined_on = determination_before(contest, event_on) if contest else None
    stage = _stage(determined_on)
    named = tuple(acts)
    mappings = [
        each
        for each in _every_act_rule()
        if each.act.code in named and each.stage in {stage, Stage.ANY} and _holds(each, event_on)
    ]
    codes = {mapping.rule_code for mapping in mappings}
    rules = {
        rule.code: rule
        for rule in _every_violation_rule()
        if rule.code in codes and _counted_as(kind) in rule.applies_to and _holds(rule, event_on)
    }
    return _proposal(mappings, rules, kind, Deed(named, event_on, kind), contest, determined_on)


@remembered
def _every_act_rule() -> tuple[ActRule, ...]:
    """Return which act falls under which rule, of all times: some dozens of rows. One query."""
    return tuple(ActRule.objects.select_related("act").order_by("rank", "act__order"))


@remembered
def _every_violation_rule() -> tuple[ViolationRule, ...]:
    """Return the rules of all times: some dozens of rows. One query."""
    return tuple(ViolationRule.objects.all())


@dataclass(frozen=True, slots=True)
class Deed:
    """What one person is said to have done on one day, and how they are employed."""

    acts: tuple[str, ...]
    event_on: dt.date
    employment: str = Employment.UNKNOWN


def violation_rules_for(
    deeds: Iterable[Deed], *, contest: Contest | None
) -> dict[Deed, RuleProposal | None]:
    """Return the rule for each deed as :func:`violation_rule_for` would. Three queries for all of them."""
    asked = set(deeds)
    if not asked:
        return {}
    if contest is not None:
        prefetch_related_objects([contest], "phases")
    codes = {code for deed in asked for code in deed.acts}
    all_mappings = list(
        ActRule.objects.filter(act__code__in=codes)
        .select_related("act")
        .order_by("rank", "act__order")
    )
    all_rules = list(
        ViolationRule.objects.filter(code__in={mapping.rule_code for mapping in all_mappings})
    )
    found: dict[Deed, RuleProposal | None] = {}
    for deed in asked:
        kind, on = Employment(deed.employment), deed.event_on
        determined_on = determination_before(contest, on) if contest else None
        mappings = [
            each
            for each in all_mappings
            if each.act.code in deed.acts
            and each.stage in {_stage(determined_on), Stage.ANY}
            and _holds(each, on)
        ]
        codes_here = {each.rule_code for each in mappings}
        rules = {
            rule.code: rule
            for rule in all_rules
            if rule.code in codes_here and _counted_as(kind) in rule.applies_to and _holds(rule, on)
        }
        found[deed] = (
            None
            if kind is Employment.NON_ASN
            else _proposal(mappings, rules, kind, deed, contest, determined_on)
        )
    return found


def _stage(determined_on: dt.date | None) -> Stage:
    return Stage.BEFORE_DETERMINATION if determined_on is None else Stage.AFTER_DETERMINATION


def _counted_as(kind: Employment) -> Employment:
    # Nobody knows yet how the person is employed: the rules for civil servants, until checked.
    return Employment.PNS if kind is Employment.UNKNOWN else kind


def _holds(row: ActRule | ViolationRule, on: dt.date) -> bool:
    return (row.valid_from or dt.date.min) <= on <= (row.valid_to or dt.date.max)


def _proposal(
    mappings: list[ActRule],
    rules: Mapping[str, ViolationRule],
    kind: Employment,
    deed: Deed,
    contest: Contest | None,
    determined_on: dt.date | None,
) -> RuleProposal | None:
    covered = [mapping for mapping in mappings if mapping.rule_code in rules]
    leading = max(
        (mapping for mapping in covered if mapping.rank == 0),
        key=lambda mapping: (
            # "other" says nothing yet, so it never outweighs an act that was named
            mapping.act.group != ActGroup.OTHER,
            _weight(rules[mapping.rule_code]),
            -mapping.act.order,
        ),
        default=None,
    )
    if leading is None:
        return None
    rule = rules[leading.rule_code]
    others = sorted(
        (each for each in rules.values() if each.code != rule.code),
        key=lambda each: (-_weight(each), each.code),
    )
    return RuleProposal(
        rule=rule,
        act=leading.act,
        stage=_stage(determined_on),
        explanation=[
            *_act_lines(leading, covered),
            _stage_line(contest, deed.event_on, determined_on),
            *_rule_lines(rule),
            *_employment_lines(kind),
            *_criminal_lines(rule, contest),
        ],
        alternatives=others,
        covering=[
            (mapping.act, rules[mapping.rule_code])
            for mapping in covered
            if mapping.rank == 0 and mapping.act_id != leading.act_id
        ],
        reason=leading.reason,
        determined_on=determined_on,
    )


def _weight(rule: ViolationRule) -> int:
    return SanctionClass(rule.sanction_class).rank


def _act_lines(leading: ActRule, covered: list[ActRule]) -> list[tuple[str, str]]:
    lines = [(_("Perbuatan: %(act)s") % {"act": leading.act}, leading.reason)]
    lines += [
        (_("Perbuatan lain, sanksinya tidak lebih berat: %(act)s") % {"act": mapping.act}, "")
        for mapping in covered
        if mapping.rank == 0 and mapping.act_id != leading.act_id
    ]
    return lines


def _stage_line(
    contest: Contest | None, event_on: dt.date, determined_on: dt.date | None
) -> tuple[str, str]:
    day = f"{event_on:%d-%m-%Y}"
    if contest is None:
        text = _("Peristiwa %(day)s di luar tahapan pemilihan: belum ada calon yang ditetapkan")
        return text % {"day": day}, ""
    if determined_on is None:
        text = _("Peristiwa %(day)s sebelum penetapan calon (%(contest)s)")
        return text % {"day": day, "contest": contest}, contest.source
    text = _("Peristiwa %(day)s sesudah penetapan calon %(determined)s (%(contest)s)")
    told = {"day": day, "determined": f"{determined_on:%d-%m-%Y}", "contest": contest}
    return text % told, contest.source


def _rule_lines(rule: ViolationRule) -> list[tuple[str, str]]:
    lines = [
        (
            _("Aturan %(code)s: %(title)s") % {"code": rule.code, "title": rule.title_id},
            "; ".join(rule.legal_bases),
        ),
        (
            _("%(category)s, %(sanction)s")
            % {
                "category": rule.get_category_display(),
                "sanction": rule.get_sanction_class_display(),
            },
            "",
        ),
    ]
    if rule.confidence in {Confidence.BACKGROUND, Confidence.GAP}:
        lines.append((_("Dasar hukum untuk tanggal ini perlu diperiksa"), rule.source))
    if rule.note:
        lines.append((rule.note, ""))
    return lines


def _employment_lines(kind: Employment) -> list[tuple[str, str]]:
    if kind is Employment.UNKNOWN:
        return [(_("Status kepegawaian belum diketahui; dianggap ASN sampai diperiksa"), "")]
    if kind is Employment.PPNPN:
        text = _("Bukan ASN: sanksi menurut kontrak, disampaikan kepada pimpinan instansi")
        return [(text, "SE MenPANRB 1/2023")]
    return []


def _criminal_lines(rule: ViolationRule, contest: Contest | None) -> list[tuple[str, str]]:
    if contest is None:
        return []
    law = _CRIMINAL_LAW[Regime(contest.regime)]
    return [
        (_("Periksa unsur pidana bersama Gakkumdu"), article)
        for article in rule.criminal_overlap
        if article.startswith(law)
    ]
