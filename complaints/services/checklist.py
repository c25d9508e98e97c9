"""The checklist of a record (PB7 ps 15): what an officer ticks, what the system can prove, its clock.

A tick carries the name of whoever looked. The system ticks alone what needs no judgement: a day inside the
reporting window, a person whom the directory of agencies knows. The evidence is judged only after all of it
was opened at the office that handles the record.
"""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.deadlines import DeadlineKind
from complaints.errors import RequirementsOpenError
from complaints.models import Complaint, Deadline, RequirementCheck, WorkAction, WorkEvent
from complaints.selectors.refusals import had_its_chance
from complaints.selectors.suggestions import provable_answers
from complaints.selectors.viewings import unviewed_count
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    refresh_complaint_due,
    start_complaint_deadline,
)
from complaints.states import (
    OFFICERS,
    REPORT_LANES,
    ComplaintStatus,
    Requirement,
    requirements_of,
)

OPEN_TO_TICKS = frozenset({ComplaintStatus.RECEIVED, ComplaintStatus.RECORDED})
ANSWERS = {None: "open", True: "met", False: "unmet"}
"""How a requirement stands, as forms carry it."""


@transaction.atomic
def tick_requirement(
    *,
    complaint: Complaint,
    requirement: Requirement,
    is_met: bool,
    officer: User,
    at: datetime,
    note: str = "",
    seen: str = "",
) -> RequirementCheck:
    """Record what the officer found; the last look counts and carries the officer's name.

    ``seen`` is how the requirement stood on the page ("open", "met", "unmet"; "" asks nothing): ConflictError
    when somebody ticked it meanwhile. RequirementsOpenError while evidence was not opened by the office.
    """
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if requirement == Requirement.REPORTER or requirement not in requirements_of(complaint.lane):
        # Who reported is not for an officer to look up: a verifier attests to it.
        raise DomainError(_("Syarat ini tidak diperiksa di sini."), code="not_ticked_here")
    held = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.pk)
    if held.status not in OPEN_TO_TICKS:
        raise DomainError(_("Syarat hanya diperiksa sebelum diusulkan."), code="too_late")
    was = complaint.checks.filter(requirement=requirement).values_list("is_met", flat=True).first()
    if seen and seen != ANSWERS[was]:
        raise ConflictError(_("Syarat ini baru diperiksa orang lain. Muat ulang halaman."))
    if requirement == Requirement.EVIDENCE and (left := unviewed_count(complaint)):
        raise RequirementsOpenError(
            _("%(count)d bukti belum dibuka.") % {"count": left},
            codes=(Requirement.EVIDENCE.value,),
        )
    check, _created = RequirementCheck.objects.update_or_create(
        complaint=complaint,
        requirement=requirement,
        defaults={
            "is_met": is_met,
            "note": note.strip(),
            "checked_by": officer,
            "checked_at": at,
        },
    )
    _keep_tick(complaint, requirement, was=was, now=is_met, officer=officer, at=at)
    follow_repair_notice(complaint=complaint, at=at)
    return check


@transaction.atomic
def untick_requirement(
    *,
    complaint: Complaint,
    requirement: Requirement,
    was: bool | None,
    officer: User,
    at: datetime,
) -> None:
    """Put a requirement back to how it stood before the officer's own tick (``was``)."""
    held = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.pk)
    if held.status not in OPEN_TO_TICKS:
        raise DomainError(_("Syarat hanya diperiksa sebelum diusulkan."), code="too_late")
    check = complaint.checks.filter(requirement=requirement, checked_by=officer).first()
    if check is None:
        raise ConflictError(_("Syarat ini baru diperiksa orang lain. Muat ulang halaman."))
    now = check.is_met
    if was is None:
        check.delete()
    else:
        check.is_met, check.checked_at = was, at
        check.save(update_fields=["is_met", "checked_at"])
    _keep_tick(complaint, requirement, was=now, now=was, officer=officer, at=at, undone=True)
    follow_repair_notice(complaint=complaint, at=at)


def _keep_tick(
    complaint: Complaint,
    requirement: Requirement,
    *,
    was: bool | None,
    now: bool | None,
    officer: User,
    at: datetime,
    undone: bool = False,
) -> None:
    detail = {"requirement": requirement.value, "was": ANSWERS[was], "now": ANSWERS[now]}
    if undone:
        detail["undone"] = "yes"
    WorkEvent.objects.create(
        complaint=complaint, action=WorkAction.TICK, actor=officer, at=at, detail=detail
    )


def record_provable(*, complaint: Complaint, at: datetime) -> dict[str, bool]:
    """Tick, in nobody's name, what is open and provable; return all that is ticked, met or not.

    Each row says why. One query where everything was looked at, otherwise three and more. Called with the
    proposal, so that what the page showed as ticked is on the record when it goes to the plenary. What an
    officer ticked, one way or the other, stays.
    """
    checks = dict(complaint.checks.values_list("requirement", "is_met"))
    asked = [item for item in requirements_of(complaint.lane) if item.value not in checks]
    if not asked:
        return checks
    # The words are kept: in the language of the office, not of whoever happens to press.
    with translation.override("id"):
        answers = provable_answers(complaint)
    new = RequirementCheck.objects.bulk_create(
        RequirementCheck(
            complaint=complaint,
            requirement=item,
            is_met=True,
            note=answers[item].why[:200],
            checked_by=None,
            checked_at=at,
        )
        for item in asked
        if item in answers
    )
    return checks | {row.requirement: row.is_met for row in new}


def follow_repair_notice(*, complaint: Complaint, at: datetime) -> None:
    """Start or cancel the clock for telling the reporter what is missing (PB7 ps 24(1)).

    It runs while every requirement of a report was looked at and one is unmet that can be repaired.
    Lateness cannot (ps 24(3)), nor what its reporter was asked for before. Four queries at most, two
    more when it changes.
    """
    if complaint.lane not in REPORT_LANES or complaint.status != ComplaintStatus.RECEIVED:
        return
    checks = dict(complaint.checks.values_list("requirement", "is_met"))
    whole = all(item.value in checks for item in requirements_of(complaint.lane))
    late = checks.get(Requirement.IN_TIME.value) is False
    missing = any(not is_met for is_met in checks.values())
    running = complaint.deadlines.filter(
        kind=DeadlineKind.REPAIR_NOTICE, status=Deadline.Status.OPEN
    )
    day = local_day(at, complaint.office)
    if whole and missing and not late and not had_its_chance(complaint):
        if not running.exists():
            start_complaint_deadline(
                complaint=complaint, kind=DeadlineKind.REPAIR_NOTICE, starts_on=day
            )
    elif end_deadline(running, on=day, status=Deadline.Status.CANCELLED):
        refresh_complaint_due(complaint)
