"""What the rules propose for a case: every official × allegation, the gate, and what is left out.

Fetches what ``referrals/rules`` needs and asks it; reads only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    Agency,
    Confidence,
    Contest,
    Employment,
    PpkRule,
    RecipientBody,
    RecipientKind,
    SanctionType,
    ViolationRule,
)
from bawaslu_cases.registry.selectors import Deed, PpkDesignation, RuleProposal
from complaints.models import Allegation, Case, CaseDocument, Evidence, Official, PlenaryDecision
from complaints.states import DocumentStatus, EvidenceStatus
from referrals.errors import NoRuleError
from referrals.models import PpkCandidacy
from referrals.rules.completeness import (
    CaseFacts,
    GateLine,
    PersonFacts,
    case_lines,
    missing,
    number_kind,
    person_lines,
)
from referrals.rules.recommendation import NoRecommendation, Recommended, Situation, recommend
from referrals.rules.sanctions import AdmissibleType, every_type

ASSESSMENT_FORM = "B.13"
WEAK = frozenset({Confidence.BACKGROUND, Confidence.GAP})


@dataclass(frozen=True)
class ProposedItem:
    """What the rules say of one allegation, and what could be imposed instead (by class)."""

    allegation: Allegation
    recommended: Recommended
    possible: Mapping[str, tuple[AdmissibleType, ...]] = field(default_factory=dict)

    @property
    def official(self) -> Official:
        """The person concerned."""
        return self.allegation.official

    @property
    def rule(self) -> ViolationRule:
        """The leading row."""
        return self.recommended.rule

    @property
    def agency(self) -> Agency | None:
        """Whose official is asked to act; None while the agency is unknown."""
        to = self.recommended.addressee
        return to.agency if to else None

    @property
    def ppk_title(self) -> str:
        """Who is asked to act."""
        to = self.recommended.addressee
        return to.title if to else ""

    @property
    def ppk_conflict(self) -> bool:
        """Whether the person's own PPK must not judge alone."""
        to = self.recommended.addressee
        return to.has_conflict if to else False

    @property
    def copy_title(self) -> str:
        """Who else gets the letter."""
        to = self.recommended.addressee
        return to.copy_title if to else ""

    @property
    def legal_bases(self) -> list[str]:
        """What the letter cites."""
        return list(self.recommended.bases)

    @property
    def tracks(self) -> list[dict[str, Any]]:
        """The rows that apply together, as a record keeps them."""
        return [track.stored for track in self.recommended.tracks]

    @property
    def sanction_types(self) -> list[dict[str, str]]:
        """The sanctions that fit, as a record keeps them."""
        return [each.stored for each in self.recommended.types]

    @property
    def criminal_articles(self) -> list[str]:
        """The articles with a penalty."""
        return list(self.recommended.criminal_articles)

    @property
    def explanation(self) -> list[list[str]]:
        """Each line as [words, article, confidence]."""
        return [line.stored for line in self.recommended.lines]


@dataclass(frozen=True)
class LeftOut:
    """Somebody the rules say nothing of, and why."""

    allegation: Allegation
    reason: NoRecommendation


@dataclass(frozen=True)
class Recommendation:
    """The proposal for one case and recipient: items, who is left out, and the gate."""

    recipient: RecipientBody
    items: tuple[ProposedItem, ...]
    left_out: tuple[LeftOut, ...]
    gate: tuple[GateLine, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What stops the referral, in words."""
        return missing(self.gate)

    @property
    def criminal_items(self) -> tuple[ProposedItem, ...]:
        """The items whose act may be a crime as well."""
        return tuple(item for item in self.items if item.recommended.criminal_articles)


@dataclass(frozen=True)
class AtHand:
    """What is asked of the registry once for all people of a case; ``above`` fills as it is asked."""

    recipient: RecipientBody
    types: Sequence[SanctionType]
    ppk_rules: Sequence[PpkRule]
    candidates: frozenset[int]
    above: dict[int, Agency | None] = field(default_factory=dict)

    def authority_above(self, agency: Agency, on: date) -> Agency | None:
        """Return the authority over an agency, asked once for each."""
        if agency.pk not in self.above:
            self.above[agency.pk] = registry.authority_above(agency, on)
        return self.above[agency.pk]


def recommendation_for(
    *, case: Case, on: date, kind: RecipientKind = RecipientKind.CIVIL_SERVICE
) -> Recommendation:
    """Work out the recommendation of a case for a kind of recipient on a day.

    For the criminal check only what carries an article with a penalty. Raises NoRuleError when nothing is
    left to refer. Some fifteen queries whatever the number of people; the authority above an agency is one
    more for each that is not remembered.
    """
    recipient = registry.recipient_on(on, kind)
    allegations = list(case.allegations.select_related("official__agency__region"))
    found = _answers(case, allegations, recipient=recipient, on=on)
    items = tuple(each for each in found if isinstance(each, ProposedItem))
    left_out = tuple(each for each in found if isinstance(each, LeftOut))
    if kind is RecipientKind.CRIME_CHECK:
        items = tuple(item for item in items if item.recommended.criminal_articles)
    if not items:
        raise NoRuleError(_none_left(() if kind is RecipientKind.CRIME_CHECK else left_out))
    gate = (*(line for item in items for line in _person_gate(item)), *_case_gate(case))
    return Recommendation(recipient, items, left_out, gate)


def _none_left(left_out: Sequence[LeftOut]) -> str:
    reasons = "; ".join(f"{each.allegation.official}: {each.reason.label}" for each in left_out)
    if not left_out:
        return _("Tidak ada dugaan dengan unsur pidana dalam perkara ini.")
    return _("Tidak ada aturan yang mencakup perkara ini. %(reasons)s") % {"reasons": reasons}


def _answers(
    case: Case, allegations: Sequence[Allegation], *, recipient: RecipientBody, on: date
) -> list[ProposedItem | LeftOut]:
    deeds = {
        each.pk: Deed(tuple(each.acts), each.event_on, each.official.employment)
        for each in allegations
    }
    proposals = registry.violation_rules_for(deeds.values(), contest=case.contest)
    pairs = registry.paired_rules(
        proposal.rule.pair_code for proposal in proposals.values() if proposal
    )
    at_hand = AtHand(
        recipient=recipient,
        types=registry.types_in_force(on),
        ppk_rules=registry.ppk_rules(),
        candidates=_candidates(case.contest),
    )
    answers: list[ProposedItem | LeftOut] = []
    for allegation in allegations:
        proposal = proposals[deeds[allegation.pk]]
        situation = situation_of(
            deed=deeds[allegation.pk],
            proposal=proposal,
            pair=pair_of(proposal, pairs, deeds[allegation.pk]),
            official=allegation.official,
            contest=case.contest,
            on=on,
            at_hand=at_hand,
        )
        answer = recommend(situation)
        if isinstance(answer, NoRecommendation):
            answers.append(LeftOut(allegation, answer))
            continue
        possible = every_type(employment=situation.employment, types=at_hand.types)
        answers.append(ProposedItem(allegation, answer, possible))
    return answers


def situation_of(
    *,
    deed: Deed,
    proposal: RuleProposal | None,
    pair: ViolationRule | None,
    official: Official,
    contest: Contest | None,
    on: date,
    at_hand: AtHand,
) -> Situation:
    """Return what the rules need of one official and deed. Two queries at most, none remembered."""
    agency = official.agency
    designation: PpkDesignation | None = None
    above: Agency | None = None
    if agency is not None:
        designation = registry.ppk_for(
            agency=agency,
            unit_kind=official.unit_kind,
            position=official.position,
            on=on,
            rules_at_hand=at_hand.ppk_rules,
        )
        above = at_hand.authority_above(designation.agency, on)
    return Situation(
        event_on=deed.event_on,
        on=on,
        employment=Employment(deed.employment),
        contest=contest,
        proposal=proposal,
        pair=pair,
        types=at_hand.types,
        recipient=at_hand.recipient,
        own_agency=agency,
        designation=designation,
        above=above,
        is_candidate=designation is not None and designation.agency.pk in at_hand.candidates,
    )


def pair_of(
    proposal: RuleProposal | None, pairs: Iterable[ViolationRule], deed: Deed
) -> ViolationRule | None:
    """Return the leading row's counterpart as it stood on the day, if it reaches the person. No query."""
    if proposal is None:
        return None
    kind = Employment(deed.employment)
    counted = Employment.PNS if kind is Employment.UNKNOWN else kind
    return next(
        (
            rule
            for rule in pairs
            if rule.code == proposal.rule.pair_code
            and counted in rule.applies_to
            and (rule.valid_from or date.min) <= deed.event_on <= (rule.valid_to or date.max)
        ),
        None,
    )


def _candidates(contest: Contest | None) -> frozenset[int]:
    if contest is None:
        return frozenset()
    noted = PpkCandidacy.objects.filter(contest=contest, ended_on__isnull=True)
    return frozenset(noted.values_list("agency_id", flat=True))


def open_candidacies(case: Case) -> list[PpkCandidacy]:
    """Return whose PPK stands in the contest of a case. One query."""
    if case.contest_id is None:
        return []
    noted = PpkCandidacy.objects.filter(contest=case.contest_id, ended_on__isnull=True)
    return list(noted.select_related("agency", "noted_by").order_by("agency__name"))


def _person_gate(item: ProposedItem) -> list[GateLine]:
    official, allegation = item.official, item.allegation
    kind = number_kind(official.nip)
    return person_lines(
        PersonFacts(
            who=str(official),
            allegation=allegation.public_id,
            employment=official.employment,
            name=official.name,
            number=f"{kind} {official.nip}".strip(),
            position=official.position,
            grade=official.grade,
            unit=official.unit,
            agency=official.agency.name if official.agency else "",
            event=f"{allegation.event_on:%d-%m-%Y}",
            place=allegation.place,
            rule=item.rule.code,
        )
    )


def _case_gate(case: Case) -> list[GateLine]:
    """Return the gate's lines of the case itself. Four queries."""
    pieces = Evidence.objects.filter(complaint__cases=case).aggregate(
        copies=Count("pk", filter=Q(status=EvidenceStatus.READY)),
        waiting=Count("pk", filter=Q(status=EvidenceStatus.QUEUED)),
        withheld=Count(
            "pk",
            filter=Q(
                status__in=[EvidenceStatus.MANUAL, EvidenceStatus.REFUSED, EvidenceStatus.BLOCKED]
            ),
        ),
    )
    links = case.complaints.filter(links__erased_on__isnull=True).aggregate(n=Count("links"))["n"]
    decision = (
        PlenaryDecision.objects.filter(Q(case=case) | Q(complaint__cases=case))
        .order_by("-pk")
        .first()
    )
    paper = (
        CaseDocument.objects.filter(case=case, code=ASSESSMENT_FORM)
        .exclude(status__in=[DocumentStatus.DRAFT])
        .order_by("-pk")
        .first()
    )
    minutes = f"{decision.minutes_number}, {decision.decided_on:%d-%m-%Y}" if decision else ""
    return case_lines(
        CaseFacts(
            summary=case.summary,
            assessment=case.assessment,
            paper=f"{ASSESSMENT_FORM} {paper.number}".strip() if paper else "",
            copies=pieces["copies"],
            waiting=pieces["waiting"],
            withheld=pieces["withheld"],
            links=links,
            minutes=minutes,
            is_registered=case.register_number is not None,
        )
    )
