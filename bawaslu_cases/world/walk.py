"""Leading a record through the product's own services, one step after the other.

Every step looks at the state the record is in and takes the next one, so a walk that was broken off
goes on where it stood. A little longer than a module should be: it is one way from the first word to the
proof, a step after the other, and reads from top to bottom. Who acts is found in the right unit
(:mod:`bawaslu_cases.world.staff`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

import pikepdf
from django.db import transaction
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import RecipientKind, SanctionType
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from bawaslu_cases.world import staff
from complaints.models import Case, Complaint
from complaints.services import cases, triage
from complaints.services.checklist import tick_requirement
from complaints.services.deadlines import local_day
from complaints.services.intake import Facts, ReportedPerson
from complaints.services.plenary import unanimous
from complaints.services.viewings import note_all_viewings
from complaints.states import (
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Requirement,
    requirements_of,
)
from referrals.errors import NoRuleError
from referrals.models import FollowUp, Referral
from referrals.selectors.proposals import recommendation_for
from referrals.services import appeals, recommend, review, signing
from referrals.services import follow_up as follow_ups
from referrals.services.delivery import issue_referral, outbox_subject
from referrals.services.dispatches import deliver_referral
from referrals.services.packets import review_draft
from referrals.states import OWED, AnswerKind, FollowUpStatus, ReferralStatus


def invented_nip(number: int) -> str:
    """Return eighteen digits in the form of a NIP that nobody bears: the serial is the row's."""
    return f"19700101{2000 + number // 1000 % 20}011{number % 1000:03d}"


class Stage(StrEnum):
    """How far a record is led."""

    RECEIVED = "received"
    PROPOSED = "proposed"
    TRACING = "tracing"
    FINDING = "finding"
    CASE = "case"
    ASSESSED = "assessed"
    DECIDED = "decided"
    PROPOSED_REFERRAL = "proposed_referral"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    RECOMMENDED = "recommended"
    ANSWERED = "answered"
    VERIFIED = "verified"

    @property
    def position(self) -> int:
        """0 for the first stage."""
        return list(Stage).index(self)


class StuckError(Exception):
    """The walk cannot go on; the text says at which state and why."""


@dataclass
class Walk:
    """One record on its way.

    ``facts`` are the officer's when a tip is confirmed. ``clock`` gives the moment
    of the step that is taken at a stage.
    ``deliver_inline`` renders and delivers letters here instead of waiting for a worker.
    """

    complaint: Complaint
    facts: Facts
    clock: Callable[[Stage], datetime]
    deliver_inline: bool = True

    def to(self, stage: Stage) -> Stage:
        """Take steps until ``stage`` is reached or the record ends earlier; return where it stands.

        A record ends earlier when the plenary stops it: no rule covers the reported people.
        """
        while True:
            here = self.stage()
            if here.position >= stage.position or self.has_ended():
                return here
            self.take(here)
            if self.stage() == here and not self.has_ended():
                raise StuckError(f"the record stays at {here}")

    def finding(self) -> Complaint:
        """Return the record that is or becomes the finding."""
        if self.complaint.lane == Lane.FINDING:
            return self.complaint
        return Complaint.objects.filter(traced_from=self.complaint).first() or self.complaint

    def case(self) -> Case | None:
        """Return the case of the finding."""
        return (
            Case.objects.filter(complaints=self.finding())
            .select_related("office__region", "contest")
            .first()
        )

    def referral(self) -> Referral | None:
        """Return the live referral of the case to a civil-service body."""
        return (
            Referral.objects.filter(case=self.case(), recipient__kind=RecipientKind.CIVIL_SERVICE)
            .exclude(status=ReferralStatus.WITHDRAWN)
            .select_related("case__office__region", "case__contest", "recipient")
            .first()
        )

    def has_ended(self) -> bool:
        """Say whether nothing can follow."""
        case = self.case()
        if case is None:
            return self.complaint.status == ComplaintStatus.ARCHIVED
        return case.status in {CaseStatus.STOPPED, CaseStatus.CLOSED}

    def stage(self) -> Stage:
        """Return how far the record has come, from its own rows."""
        case = self.case()
        if case is None:
            return {
                ComplaintStatus.RECEIVED: Stage.RECEIVED,
                ComplaintStatus.PROPOSED: Stage.PROPOSED,
                ComplaintStatus.TRACING: Stage.TRACING,
            }.get(ComplaintStatus(self.complaint.status), Stage.FINDING)
        referral = self.referral()
        if referral is None:
            return {
                CaseStatus.REGISTERED: Stage.CASE,
                CaseStatus.ASSESSED: Stage.ASSESSED,
            }.get(CaseStatus(case.status), Stage.DECIDED)
        if referral.status == ReferralStatus.RECOMMENDED:
            states = set(referral.follow_ups.values_list("status", flat=True))
            return Stage.RECOMMENDED if states & OWED else Stage.ANSWERED
        return {
            ReferralStatus.DELIVERED: Stage.DELIVERED,
            ReferralStatus.ACCEPTED: Stage.ACCEPTED,
            ReferralStatus.DRAFTED: Stage.ACCEPTED,
            ReferralStatus.CLOSED: Stage.VERIFIED,
        }.get(ReferralStatus(referral.status), Stage.PROPOSED_REFERRAL)

    def now(self) -> datetime:
        """Return the moment of the step taken now."""
        return self.clock(self.stage())

    def take(self, here: Stage) -> None:
        """Take the one step that follows ``here``."""
        steps: dict[Stage, Callable[[], None]] = {
            Stage.RECEIVED: self.propose,
            Stage.PROPOSED: self.approve_tracing,
            Stage.TRACING: self.confirm,
            Stage.FINDING: self.register,
            Stage.CASE: self.assess,
            Stage.ASSESSED: self.decide,
            Stage.DECIDED: self.propose_referral,
            Stage.PROPOSED_REFERRAL: self.approve_and_deliver,
            Stage.DELIVERED: self.accept,
            Stage.ACCEPTED: self.recommend,
            Stage.RECOMMENDED: self.answer,
            Stage.ANSWERED: self.verify,
        }
        steps[here]()

    # --- who --------------------------------------------------------------------------------------

    def officer(self, role: Role = Role.CASE_OFFICER, *, number: int = 1) -> User:
        """Return somebody of the office that handles the record."""
        return staff.office_staff(self.finding().office, role, number=number)

    def current_referral(self) -> Referral:
        """Return the referral that must exist by now."""
        referral = self.referral()
        if referral is None:
            raise StuckError("the case has no referral")
        return referral

    def current_case(self) -> Case:
        """Return the case that must exist by now."""
        case = self.case()
        if case is None:
            raise StuckError("the finding has no case")
        return case

    # --- steps ------------------------------------------------------------------------------------

    @transaction.atomic
    def propose(self, action: ComplaintAction = ComplaintAction.PROPOSE_TRACING) -> None:
        """Look at every requirement, then lay the tip before the plenary."""
        officer, at = self.officer(Role.INTAKE_OFFICER), self.now()
        note_all_viewings(complaint=self.complaint, viewer=officer, at=at)
        for requirement in requirements_of(self.complaint.lane):
            tick_requirement(
                complaint=self.complaint,
                requirement=requirement,
                is_met=_is_met(requirement, self.facts),
                officer=officer,
                at=at,
            )
        reason = "Uraian terlalu umum" if action == ComplaintAction.PROPOSE_ARCHIVE else ""
        triage.propose(
            complaint=self.complaint, action=action, officer=officer, at=at, reason=reason
        )

    def approve_tracing(self) -> None:
        """Let the plenary agree."""
        self.decide_on_tip(ComplaintAction.APPROVE_TRACING)

    def decide_on_tip(self, action: ComplaintAction, *, reason: str = "") -> None:
        """Let the plenary decide on the tip."""
        at = self.now()
        day = local_day(at, self.complaint.office)
        triage.decide_on_tip(
            complaint=self.complaint,
            action=action,
            member=self.officer(Role.PLENARY_MEMBER),
            at=at,
            minutes_number=f"BA-{self.complaint.pk}/{day:%m/%Y}",
            decided_on=day,
            votes=unanimous(staff.plenary_of(self.complaint.office)),
            reason=reason,
        )

    def confirm(self) -> None:
        """Turn the traced tip into a finding with the officer's own facts."""
        triage.confirm_tip(
            complaint=self.complaint, facts=self.facts, officer=self.officer(), at=self.now()
        )

    def register(self) -> None:
        """Enter the finding in the register."""
        cases.register_finding(complaint=self.finding(), officer=self.officer(), at=self.now())

    @transaction.atomic
    def assess(self) -> None:
        """Complete what recipients ask for, write the assessment, lay it before the plenary."""
        case, officer = self.current_case(), self.officer()
        for allegation in case.allegations.select_related("official"):
            official = allegation.official
            missing = {
                name: text
                for name, text in (
                    ("name", f"Terlapor Contoh {official.pk}"),
                    ("position", "Staf"),
                    ("grade", "III/d"),
                    ("unit", "Bagian Umum Contoh"),
                    ("nip", invented_nip(official.pk)),
                )
                if not getattr(official, name)
            }
            if missing:
                cases.complete_official(case=case, official=official, officer=officer, **missing)
        cases.write_assessment(
            case=case,
            summary=f"{case.title}. Peristiwa di {self.complaint.region.name}.",
            assessment="Unsur terlapor, perbuatan, waktu, dan tempat diperiksa satu per satu.",
            officer=officer,
        )
        cases.submit_assessment(case=case, officer=officer, at=self.now())

    def decide(self) -> None:
        """Let the plenary refer the case, or stop it where no rule reaches the reported people."""
        case = self.current_case()
        try:
            recommendation_for(case=case, on=timezone.localdate())
        except NoRuleError:
            self.decide_on_case(
                CaseAction.DECIDE_STOP,
                reason="Tidak ada aturan yang mencakup terlapor atau perbuatan",
            )
        else:
            self.decide_on_case(CaseAction.DECIDE_REFER)

    def decide_on_case(self, action: CaseAction, *, reason: str = "") -> None:
        """Let the plenary decide on the case."""
        case, at = self.current_case(), self.now()
        day = local_day(at, case.office)
        cases.decide_on_case(
            case=case,
            action=action,
            member=self.officer(Role.PLENARY_MEMBER),
            at=at,
            minutes_number=f"BA-K{case.pk}/{day:%m/%Y}",
            decided_on=day,
            votes=unanimous(staff.plenary_of(case.office)),
            reason=reason,
        )

    def propose_referral(self) -> None:
        """Write the rules' recommendation down."""
        recommend.propose_referral(case=self.current_case(), officer=self.officer(), at=self.now())

    def approve_and_deliver(self) -> None:
        """Let a second person approve; then the letter is rendered and delivered.

        Inline, the outbox's handlers run here with the walk's clock; the messages stay and find
        their work done. Otherwise the worker has it and the walk ends at the proposal.
        """
        referral = self.current_referral()
        if referral.status == ReferralStatus.RETURNED:
            raise StuckError("the recipient sent the referral back")
        if referral.status == ReferralStatus.PROPOSED:
            draft = review_draft(referral=referral, at=self.now())
            recommend.approve_referral(
                referral=referral,
                approver=self.officer(Role.CHAIR),
                at=self.now(),
                seen=draft.digest,
                acknowledged=[each.key for each in draft.warnings],
            )
        if not self.deliver_inline:
            raise StuckError("a worker must deliver the letter")
        subject = outbox_subject(referral)
        issue_referral(subject_id=subject, destination="", at=self.now())
        deliver_referral(subject_id=subject, destination="inbox", at=self.now())

    def accept(self) -> None:
        """Take the referral into review at the recipient."""
        referral = self.current_referral()
        review.accept_referral(
            referral=referral, reviewer=staff.reviewer_of(referral.recipient), at=self.now()
        )

    def return_referral(self, reason: str) -> None:
        """Send the referral back from the recipient."""
        referral = self.current_referral()
        review.return_referral(
            referral=referral,
            reviewer=staff.reviewer_of(referral.recipient),
            at=self.now(),
            reason=reason,
        )

    def find_not_proven(self, reason: str) -> None:
        """State at the recipient that nothing is proven."""
        referral = self.current_referral()
        review.find_not_proven(
            referral=referral,
            reviewer=staff.reviewer_of(referral.recipient),
            at=self.now(),
            reason=reason,
        )

    def recommend(self) -> None:
        """Recommend sanctions to the employing officials: one reviewer writes, another signs."""
        referral = self.current_referral()
        draft = signing.draft_recommendation(
            referral=referral,
            reviewer=staff.reviewer_of(referral.recipient),
            at=self.now(),
            text="Agar dijatuhi sanksi sesuai jenis yang direkomendasikan.",
        )
        signing.sign_recommendation(
            referral=referral,
            reviewer=staff.reviewer_of(referral.recipient, number=2),
            at=self.now(),
            seen=draft.sha256,
        )

    def answer(self, kind: AnswerKind = AnswerKind.SANCTION, *, code: str = "") -> None:
        """Let each employing official answer with a decree and its proof; ``code`` names the sanction."""
        at = self.now()
        for follow_up in self._follow_ups(*OWED):
            day = local_day(at, follow_up.referral.case.office)
            answer = follow_ups.Answer(kind, proof_page(), explanation="Hasil pemeriksaan PPK.")
            if kind == AnswerKind.SANCTION:
                answer = follow_ups.Answer(
                    kind,
                    proof_page(),
                    sanction_type=_sanction_type(follow_up, code),
                    decree_number=f"800/{follow_up.pk}/{day.year}",
                    decree_on=day,
                )
            follow_ups.answer_follow_up(
                follow_up=follow_up,
                answer=answer,
                staff=staff.ppk_staff_of(follow_up.agency),
                at=at,
            )

    def say(self, kind: AnswerKind, words: str) -> None:
        """Let each employing official say what will come, without a decree."""
        at = self.now()
        for follow_up in self._follow_ups(*OWED):
            follow_ups.answer_follow_up(
                follow_up=follow_up,
                answer=follow_ups.Answer(kind, explanation=words),
                staff=staff.ppk_staff_of(follow_up.agency),
                at=at,
            )

    def drop(self, reason: str) -> None:
        """Follow the objections: nothing is recommended any more."""
        at = self.now()
        for follow_up in self._follow_ups(FollowUpStatus.OBJECTED):
            follow_ups.drop_recommendation(
                follow_up=follow_up, officer=self.officer(), at=at, reason=reason
            )

    def appeal(self) -> None:
        """Record that the punished officials filed their remedies, on the day of recording."""
        at = self.now()
        for follow_up in self._follow_ups(FollowUpStatus.VERIFIED):
            day = local_day(at, follow_up.referral.case.office)
            appeals.file_appeal(
                follow_up=follow_up,
                officer=self.officer(),
                at=at,
                received_on=day,
                filed_on=day,
            )

    def return_answer(self, reason: str) -> None:
        """Send the answers back to the employing officials."""
        at = self.now()
        for follow_up in self._follow_ups(FollowUpStatus.ANSWERED):
            follow_ups.return_answer(
                follow_up=follow_up, officer=self.officer(), at=at, reason=reason
            )

    def verify(self) -> None:
        """State that the proofs show what was reported; the last one closes the case."""
        at = self.now()
        for follow_up in self._follow_ups(FollowUpStatus.ANSWERED):
            follow_ups.verify_answer(follow_up=follow_up, officer=self.officer(), at=at)

    def _follow_ups(self, *statuses: FollowUpStatus) -> list[FollowUp]:
        return list(
            self.current_referral()
            .follow_ups.filter(status__in=statuses)
            .select_related("agency", "official", "referral__case__office")
        )


def deliver_pending() -> int:
    """Carry out every pending outbox message in this process; return how many were looked at."""
    ids = list(
        OutboxMessage.objects.filter(status=OutboxMessage.Status.PENDING)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for message_id in ids:
        deliver(message_id)
    return len(ids)


def proof_page() -> bytes:
    """Return a one-page PDF that stands for a scanned decree."""
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        content = BytesIO()
        document.save(content)
    return content.getvalue()


def officers_facts(facts: Facts) -> Facts:
    """Return what the officer writes when confirming: the same facts in his own neutral words."""
    people = [
        ReportedPerson(
            name=person.name,
            position=person.position,
            unit=person.unit,
            unit_kind=person.unit_kind,
            agency=person.agency,
            agency_text=person.agency_text,
            account=person.account,
            nip=person.nip,
            employment=person.employment,
        )
        for person in facts.people
    ]
    return Facts(
        acts=facts.acts,
        people=people,
        region=facts.region,
        story="Penelusuran petugas membenarkan perbuatan, waktu, dan tempat kejadian.",
        event_on=facts.event_on,
        event_precision=facts.event_precision,
        known_on=facts.known_on,
        place=facts.place or facts.region.name,
        platform=facts.platform,
        other_act=facts.other_act,
        reporter_kind=Complaint.ReporterKind.OFFICER,
        contest=facts.contest,
    )


def _is_met(requirement: Requirement, facts: Facts) -> bool:
    if requirement == Requirement.TIME_PLACE:
        return facts.event_on is not None
    if requirement == Requirement.EVIDENCE:
        return bool(facts.links)
    return True


def _sanction_type(follow_up: FollowUp, code: str = "") -> SanctionType:
    wanted = {"code": code} if code else {"sanction_class": follow_up.recommended_class}
    found = SanctionType.objects.in_force(follow_up.recommended_on).filter(**wanted).first()
    if found is None:
        raise StuckError(f"no sanction type of class {follow_up.recommended_class} is in force")
    return found
