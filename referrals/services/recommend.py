"""From a decided case to a proposed referral: what the rules say of each allegation, explained.

Rule by event date and phase, legal bases, sanction class and types, recipient body valid on the day of
referral, and the PPK of that day (``referrals/rules``). An officer may depart with a reason. Written as
data, a version at a time; a second person approves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency, Contest, RecipientKind
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from complaints.models import Allegation, Case
from complaints.services.cases import complete_official, correct_allegation, is_recommended
from complaints.services.deadlines import end_deadline, local_day
from complaints.services.transitions import move_case
from complaints.states import CaseAction, CaseStatus
from referrals.errors import DepartureError, IncompletePacketError
from referrals.models import PpkCandidacy, Referral, ReferralItem
from referrals.rules.departure import Departure, Outcome, Problem, depart
from referrals.selectors.proposals import ProposedItem, Recommendation, recommendation_for
from referrals.services.delivery import ISSUE, outbox_subject
from referrals.services.missing_items import checked_answers, keep_answers
from referrals.services.packets import approve_draft, hold_version, refuse_leaks
from referrals.services.transitions import move_referral, open_referral_history
from referrals.services.versions import keep_version
from referrals.states import (
    PROPOSERS,
    REFERRAL_LIFECYCLE,
    ReferralAction,
    ReferralStatus,
)

Departures = Mapping[int, Departure]
"""What an officer puts instead, by the key of the allegation."""


def _in_words_of_the_record(case: Case, at: datetime, kind: RecipientKind) -> Recommendation:
    """Return the recommendation as it is kept: in Indonesian, whatever the officer reads."""
    with translation.override("id"):
        return recommendation_for(case=case, on=local_day(at, case.office), kind=kind)


def _outcomes(proposal: Recommendation, departures: Departures) -> list[Outcome]:
    """Return what stands for each item. Raises DepartureError with every problem at once."""
    outcomes: list[Outcome] = []
    problems: dict[int, Problem] = {}
    for item in proposal.items:
        departure = departures.get(item.allegation.pk, Departure())
        found = depart(item.recommended, departure, possible=item.possible)
        if isinstance(found, Problem):
            problems[item.allegation.pk] = found
        else:
            outcomes.append(found)
    if problems:
        raise DepartureError(problems)
    return outcomes


def _lines_of(
    referral: Referral, proposal: Recommendation, outcomes: list[Outcome], kind: RecipientKind
) -> list[ReferralItem]:
    return [
        _line_of(referral, item, outcome, kind)
        for item, outcome in zip(proposal.items, outcomes, strict=True)
    ]


def _line_of(
    referral: Referral, item: ProposedItem, outcome: Outcome, kind: RecipientKind
) -> ReferralItem:
    told = item.recommended
    # what is asked of the criminal check rests on the criminal articles alone
    is_crime = kind is RecipientKind.CRIME_CHECK
    return ReferralItem(
        referral=referral,
        version=referral.version,
        allegation=item.allegation,
        official=item.official,
        rule=item.rule,
        legal_bases=list(told.criminal_articles if is_crime else outcome.bases),
        sanction_class=outcome.sanction_class,
        sanction_types=[] if is_crime else [each.stored for each in outcome.types],
        agency=item.agency,
        ppk_title=item.ppk_title,
        ppk_conflict=item.ppk_conflict,
        copy_title=item.copy_title,
        tracks=[track.stored for track in told.tracks],
        proposed={
            "class": told.sanction_class.value,
            "types": [each.stored for each in told.types],
            "bases": list(told.bases),
        },
        criminal_articles=list(told.criminal_articles),
        confidence=told.confidence,
        explanation=item.explanation,
        is_departure=outcome.is_departure,
        departure_reason=outcome.reason,
    )


def _gate_of(proposal: Recommendation) -> list[list[str]]:
    return [[line.words, line.met.value, line.told] for line in proposal.gate]


def _refuse_incomplete(proposal: Recommendation) -> None:
    if proposal.missing:
        raise IncompletePacketError(
            _("Belum lengkap: %(what)s") % {"what": "; ".join(proposal.missing)},
            missing=proposal.missing,
        )


@transaction.atomic
def propose_referral(
    *,
    case: Case,
    officer: User,
    at: datetime,
    departures: Departures | None = None,
    kind: RecipientKind = RecipientKind.CIVIL_SERVICE,
) -> Referral:
    """Write the recommendation down as a proposal that a second person must approve.

    With ``kind`` CRIME_CHECK the second referral of the same case, to whom looks at the crime. Raises
    DomainError before the plenary decided, once the case is closed and where the plenary decided on no
    recommendation, IncompletePacketError, NoRuleError, DepartureError.
    """
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    # two proposals at once would meet at the unique key; the second shall read a sentence instead
    held = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if held.status not in {CaseStatus.DECIDED, CaseStatus.REFERRED}:
        raise DomainError(_("Pleno belum memutuskan perkara ini diteruskan."), code="not_decided")
    if kind is RecipientKind.CIVIL_SERVICE and not is_recommended(held):
        raise DomainError(
            _("Pleno tidak memutuskan rekomendasi ke instansi untuk perkara ini."),
            code="decided_otherwise",
        )
    proposal = _in_words_of_the_record(case, at, kind)
    _refuse_incomplete(proposal)
    if (
        Referral.objects.filter(case=case, recipient=proposal.recipient)
        .exclude(status=ReferralStatus.WITHDRAWN)
        .exists()
    ):
        raise DomainError(_("Rujukan untuk penerima ini sudah ada."), code="exists")
    # no sanction is recommended to whom looks at the crime, so there is none to depart from
    chosen = departures if departures and kind is not RecipientKind.CRIME_CHECK else {}
    outcomes = _outcomes(proposal, chosen)
    referral = Referral.objects.create(
        case=case,
        office_id=case.office_id,
        recipient=proposal.recipient,
        status=REFERRAL_LIFECYCLE.initial,
        status_at=at,
        summary=case.summary,
    )
    ReferralItem.objects.bulk_create(_lines_of(referral, proposal, outcomes, kind))
    keep_version(referral=referral, officer=officer, at=at, gate=_gate_of(proposal))
    open_referral_history(referral=referral, actor=officer, at=at)
    return referral


@transaction.atomic
def approve_referral(
    *,
    referral: Referral,
    approver: User,
    at: datetime,
    seen: str = "",
    acknowledged: Collection[str] = (),
) -> None:
    """Let a second person approve; the letter is promised to the outbox in this transaction.

    ``seen`` is the digest of the draft that they read, ``acknowledged`` the warnings they took note of.
    Raises what :func:`approve_draft` raises.
    """
    approve_draft(referral=referral, approver=approver, at=at, seen=seen, acknowledged=acknowledged)
    move_referral(referral=referral, action=ReferralAction.APPROVE, actor=approver, at=at)
    if referral.case.status == CaseStatus.DECIDED:
        move_case(case=referral.case, action=CaseAction.REFER, actor=None, at=at)
    publish(topic=ISSUE, subject_id=outbox_subject(referral))


@transaction.atomic
def withdraw_proposal(*, referral: Referral, officer: User, at: datetime, reason: str) -> None:
    """Refuse a proposal; a new one may follow. What a recipient holds is corrected, never refused away."""
    left = referral.events.filter(
        action__in=[
            ReferralAction.RETURN,
            ReferralAction.RETURN_BY_LINE,
            ReferralAction.CORRECT,
            ReferralAction.REROUTE,
        ]
    ).order_by("pk")
    if left.values_list("action", flat=True).last() == ReferralAction.CORRECT:
        raise DomainError(
            _("Penerima memegang versi sebelumnya. Ajukan versi yang benar."), code="delivered"
        )
    move_referral(
        referral=referral, action=ReferralAction.WITHDRAW, actor=officer, at=at, reason=reason
    )


@transaction.atomic
def resubmit_referral(
    *,
    referral: Referral,
    officer: User,
    at: datetime,
    reason: str,
    summary: str,
    departures: Departures | None = None,
    answers: Mapping[int, str] | None = None,
    seen: str = "",
) -> None:
    """Answer a return: the next version goes to a second person again and keeps its number.

    ``answers`` says by the key of each row the recipient named as missing what became of it; all of
    them, before anything moves (:func:`checked_answers`).

    What was completed since is taken over: the lines are worked out anew for today, those of the version
    before stay as they were. Without ``departures`` an officer's earlier word holds where it still fits.
    ``seen`` is the number of the version that the officer had before them, "" for a caller that shows none.
    Raises IncompletePacketError, NoRuleError, DepartureError, ConflictError when another version stands by
    now, and DomainError when another body receives referrals now.
    """
    _same_version(referral, seen)
    told = checked_answers(referral=referral, answers=answers or {}, reason=reason)
    _next_version(
        referral, ReferralAction.RESUBMIT, officer, at, (reason, summary), departures=departures
    )
    keep_answers(referral=referral, officer=officer, at=at, told=told)


@transaction.atomic
def correct_referral(
    *, referral: Referral, officer: User, at: datetime, reason: str, summary: str, seen: str = ""
) -> None:
    """Replace what the recipient already holds, after a correction (PB7 ps 51(3)b).

    The next version goes to a second person; the recipient's clock ends and begins anew when it
    arrives. Errors as in :func:`resubmit_referral`; ConflictError once the recipient has decided.
    """
    _same_version(referral, seen)
    _next_version(referral, ReferralAction.CORRECT, officer, at, (reason, summary))
    end_deadline(
        referral.deadlines.filter(kind="recipient_review"), on=local_day(at, referral.case.office)
    )
    referral.due_at = None
    referral.save(update_fields=["due_at"])


def _same_version(referral: Referral, seen: str) -> None:
    """Refuse what was written of another version; :func:`hold_version` holds the one that is named here."""
    if seen and seen != str(referral.version):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))


def _next_version(
    referral: Referral,
    action: ReferralAction,
    officer: User,
    at: datetime,
    words: tuple[str, str],
    *,
    departures: Departures | None = None,
) -> None:
    reason, summary = words
    case, kind = referral.case, RecipientKind(referral.recipient.kind)
    proposal = _in_words_of_the_record(case, at, kind)
    if proposal.recipient.pk != referral.recipient_id:
        raise DomainError(
            _("Lembaga penerima sudah berganti. Usulkan rujukan baru."), code="recipient_changed"
        )
    _refuse_incomplete(proposal)
    chosen = departures if departures is not None else _kept_departures(referral, proposal)
    outcomes = _outcomes(proposal, chosen)
    hold_version(referral)
    refuse_leaks(referral=referral, texts={"summary": summary})
    move_referral(
        referral=referral,
        action=action,
        actor=officer,
        at=at,
        reason=reason,
        also={"version": referral.version + 1, "summary": summary.strip() or referral.summary},
    )
    ReferralItem.objects.bulk_create(_lines_of(referral, proposal, outcomes, kind))
    keep_version(referral=referral, officer=officer, at=at, reason=reason, gate=_gate_of(proposal))


def _kept_departures(referral: Referral, proposal: Recommendation) -> Departures:
    """Return what an officer put instead in the newest version, where the rules still offer it."""
    kept: dict[int, Departure] = {}
    items = {item.allegation.pk: item for item in proposal.items}
    for line in referral.lines().filter(is_departure=True):
        item = items.get(line.allegation_id)
        if item is None:
            continue
        types = [each["code"] for each in line.sanction_types]
        departure = Departure(
            reason=line.departure_reason,
            sanction_class=line.sanction_class,
            types=tuple(types),
            bases=tuple(line.legal_bases if line.legal_bases != line.proposed["bases"] else ()),
        )
        found = depart(item.recommended, departure, possible=item.possible)
        if isinstance(found, Outcome) and found.is_departure:
            kept[line.allegation_id] = departure
    return kept


@transaction.atomic
def note_candidacy(
    *, agency: Agency, contest: Contest, source: str, officer: User, at: datetime
) -> PpkCandidacy:
    """Note that an agency's PPK stands in a contest: its cases go to the authority above from now on.

    Raises DomainError without a source and ConflictError when it is noted already.
    """
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not source.strip():
        raise DomainError(_("Tulis sumbernya, misalnya keputusan penetapan calon"), field="source")
    noted, created = PpkCandidacy.objects.get_or_create(
        agency=agency,
        contest=contest,
        ended_on=None,
        defaults={
            "source": source.strip(),
            "noted_by": officer,
            "noted_on": local_day(at, officer.office) if officer.office else at.date(),
        },
    )
    if not created:
        raise ConflictError(_("PPK instansi ini sudah dicatat sebagai calon."))
    return noted


@transaction.atomic
def end_candidacy(*, candidacy: PpkCandidacy, officer: User, at: datetime) -> None:
    """Take the note back; it stays as a row. Raises ConflictError when somebody was faster."""
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    day = local_day(at, officer.office) if officer.office else at.date()
    open_rows = PpkCandidacy.objects.filter(pk=candidacy.pk, ended_on__isnull=True)
    if not open_rows.update(ended_on=day, ended_by=officer):
        raise ConflictError(_("Catatan ini sudah diakhiri."))


@dataclass(frozen=True)
class Details:
    """What an officer can still complete of one allegation before the letter goes out.

    The two ``seen`` digests are those of the rows the person started from.
    """

    name: str
    position: str
    grade: str
    unit: str
    nip: str
    agency: Agency | None
    place: str
    seen_official: str = ""
    seen_allegation: str = ""


@transaction.atomic
def complete_allegation(
    *, case: Case, allegation: Allegation, details: Details, officer: User
) -> None:
    """Fill in what the completeness gate or a returning recipient asks for (domain.md §4).

    Refused while a referral of the case is on its way: what a recipient reads must not change.
    Raises ConflictError when somebody wrote since ``seen``.
    """
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    # a proposal locks the case, too: what it takes over is whole
    if not may_be_completed(case=Case.objects.select_for_update(no_key=True).get(pk=case.pk)):
        raise DomainError(_("Data ini tidak dapat diubah sekarang."), code="too_late")
    complete_official(
        case=case,
        official=allegation.official,
        officer=officer,
        seen=details.seen_official,
        name=details.name,
        position=details.position,
        grade=details.grade,
        unit=details.unit,
        nip=details.nip,
        agency=details.agency,
    )
    correct_allegation(
        case=case,
        allegation=allegation,
        officer=officer,
        acts=allegation.acts,
        event_on=allegation.event_on,
        place=details.place,
        description=allegation.description,
        seen=details.seen_allegation,
    )


def may_be_completed(*, case: Case) -> bool:
    """Say whether the people of a decided case may still be completed. One query at most."""
    if case.status not in {CaseStatus.DECIDED, CaseStatus.REFERRED}:
        return False
    settled = [ReferralStatus.RETURNED, ReferralStatus.WITHDRAWN]
    return not Referral.objects.filter(case=case).exclude(status__in=settled).exists()
