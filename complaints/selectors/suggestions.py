"""What the program can already say of a record: answers to the checklist with their reasons, a rule.

Suggestions only: the officer's own tick is what counts, and carries the officer's name.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.utils import dateformat
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Category, Office, Stage, TimeLimit
from bawaslu_cases.shared.nip import nip_remark
from bawaslu_cases.shared.working_days import DayCount, Unit, WorkingCalendar, count_days
from complaints.deadlines import DEFAULT_REGIME, REPORT_WINDOW
from complaints.models import Complaint
from complaints.selectors.case_file import OpenedStatement
from complaints.states import Requirement

SHORT_STORY = 60
"""Letters below which a description is suggested as too thin."""

CALENDAR_SECONDS = 60
"""A suggestion may lag a changed calendar by this much; statutory deadlines never use this copy."""


@dataclass(frozen=True)
class Suggestion:
    """One suggested answer; None where the program cannot tell.

    ``is_provable``: nobody's judgement is needed, the system ticks it with the proposal.
    """

    is_met: bool | None
    why: str
    is_provable: bool = False


def report_window(complaint: Complaint) -> tuple[TimeLimit, DayCount] | None:
    """Return the limit for reporting and its count from the day it became known, if that is known.

    Three queries at most, none while the office's calendar is at hand.
    """
    if complaint.known_on is None:
        return None
    limit, calendar = _limit_and_calendar(
        complaint.office,
        complaint.contest.regime if complaint.contest else DEFAULT_REGIME,
        complaint.known_on,
    )
    count = count_days(
        start=complaint.known_on, days=limit.value, unit=Unit(limit.unit), calendar=calendar
    )
    return limit, count


def _limit_and_calendar(office: Office, regime: str, on: date) -> tuple[TimeLimit, WorkingCalendar]:
    key = f"desk:report-window:{office.pk}:{regime}:{on:%Y%m%d}"
    held: tuple[TimeLimit, WorkingCalendar] | None = None
    # the copy only saves queries: without the cache the record's page asks the registry
    with suppress(RedisError, OSError):
        held = cache.get(key)
    if held is None:
        held = (
            registry.time_limit(code=REPORT_WINDOW, regime=regime, on=on),
            registry.working_calendar(office=office),
        )
        with suppress(RedisError, OSError):
            cache.set(key, held, CALENDAR_SECONDS)
    return held


def suggestions_for(
    *,
    complaint: Complaint,
    officials: Sequence[dict[str, Any]],
    statement: OpenedStatement,
    unviewed: int = 0,
) -> dict[Requirement, Suggestion]:
    """Return a suggested answer and its reason for each requirement. Queries: see report_window.

    Nothing is suggested of evidence while ``unviewed`` pieces of it were not opened.
    """
    return {
        Requirement.REPORTED_PARTY: _reported_party(complaint, officials),
        Requirement.IN_TIME: _in_time(complaint),
        Requirement.TIME_PLACE: _time_place(complaint),
        Requirement.DESCRIPTION: _description(statement),
        Requirement.EVIDENCE: _evidence(complaint, statement, unviewed),
    }


def provable_answers(complaint: Complaint) -> dict[Requirement, Suggestion]:
    """Return what needs nobody's judgement, with its reason: met, and provably so. Four queries at most.

    A day inside the reporting window; a first official whom the directory of agencies knows and whose
    number has the shape of a civil servant's. Everything else is an officer's to say.
    """
    found = {}
    window = _in_time(complaint)
    if window.is_met:
        found[Requirement.IN_TIME] = window
    named = complaint.official_links.select_related("official__agency").order_by("pk").first()
    if named is not None:
        first = named.official
        known = _in_directory(
            name=first.name,
            is_listed=first.agency is not None,
            nip=first.nip,
            on=complaint.received_on,
        )
        if known is not None:
            found[Requirement.REPORTED_PARTY] = known
    return found


def _in_directory(*, name: str, is_listed: bool, nip: str, on: date) -> Suggestion | None:
    """Return the proof that a person is clearly named, where there is one. No query."""
    remark = nip_remark(nip, on=on)
    if not (name and is_listed and remark is not None and remark.fits):
        return None
    why = _("Instansi ada di direktori, %(number)s") % {"number": remark.text}
    return Suggestion(is_met=True, why=why, is_provable=True)


def _reported_party(complaint: Complaint, officials: Sequence[dict[str, Any]]) -> Suggestion:
    if not officials:
        return Suggestion(is_met=False, why=_("Tidak ada terlapor"))
    first = officials[0]
    proof = _in_directory(
        name=first["name"],
        is_listed=bool(first["agency"]),
        nip=first["nip"],
        on=complaint.received_on,
    )
    if proof is not None:
        return proof
    known = [
        label
        for label, value in (
            (_("nama"), first["name"]),
            (_("jabatan"), first["position"]),
            (_("instansi"), first["agency"] or first["agency_text"]),
            (_("akun"), first["account"]),
        )
        if value
    ]
    clear = bool(first["name"] or (first["position"] and (first["agency"] or first["unit"])))
    return Suggestion(
        is_met=clear, why=_("Disebut: %(known)s") % {"known": ", ".join(map(str, known))}
    )


def _in_time(complaint: Complaint) -> Suggestion:
    window = report_window(complaint)
    if window is None or complaint.known_on is None:
        return Suggestion(is_met=None, why=_("Tanggal tahu tidak diisi"))
    limit, count = window
    days = {
        "known": dateformat.format(complaint.known_on, "j M"),
        "received": dateformat.format(complaint.received_on, "j M"),
        "limit": limit.value,
        "unit": limit.get_unit_display(),
    }
    if count.due_on is not None and complaint.received_on <= count.due_on:
        return Suggestion(
            is_met=True,
            why=_("Diketahui %(known)s, masuk %(received)s: dalam %(limit)d %(unit)s") % days,
            is_provable=True,
        )
    return Suggestion(
        is_met=False,
        why=_("Diketahui %(known)s, masuk %(received)s: lewat %(limit)d %(unit)s") % days,
    )


def _time_place(complaint: Complaint) -> Suggestion:
    has_day = complaint.event_on is not None and complaint.event_precision != "unknown"
    if has_day and complaint.place:
        return Suggestion(is_met=True, why=_("Tanggal dan tempat diisi"))
    if has_day and complaint.platform:
        return Suggestion(is_met=True, why=_("Tanggal diisi, terjadi di media sosial"))
    missing = _("Tempat tidak diisi") if has_day else _("Tanggal tidak diketahui")
    return Suggestion(is_met=False, why=missing)


def _description(statement: OpenedStatement) -> Suggestion:
    if statement.is_sealed:
        return Suggestion(is_met=None, why=_("Uraian tersegel untuk meja verifikasi"))
    length = len(statement.story)
    return Suggestion(
        is_met=length >= SHORT_STORY, why=_("Uraian %(length)d huruf") % {"length": length}
    )


def _evidence(complaint: Complaint, statement: OpenedStatement, unviewed: int) -> Suggestion:
    if unviewed:
        return Suggestion(is_met=None, why=_("%(count)d bukti belum dibuka") % {"count": unviewed})
    files = getattr(complaint, "evidence_count", 0)
    if files:
        return Suggestion(is_met=True, why=_("%(count)d berkas bukti") % {"count": files})
    if statement.is_sealed and not complaint.witness_known:
        return Suggestion(is_met=None, why=_("Tautan tersegel untuk meja verifikasi"))
    if statement.links:
        return Suggestion(
            is_met=True, why=_("%(count)d tautan disebut") % {"count": len(statement.links)}
        )
    if complaint.witness_known:
        return Suggestion(is_met=True, why=_("Ada saksi yang disebut"))
    return Suggestion(is_met=False, why=_("Tidak ada tautan atau saksi"))


@dataclass(frozen=True)
class RuleSuggestion:
    """The rule the acts would fall under, in the words of the desk; ``lines`` say why."""

    title: str
    verdict: str
    lines: list[dict[str, Any]]


def rule_suggestion(
    complaint: Complaint, *, employment: str, event_on: date | None = None
) -> RuleSuggestion | None:
    """Return the rule for the record's acts on the day of the event, or None.

    Three queries, none while the registry is remembered.
    """
    proposal = registry.violation_rule_for(
        acts=complaint.acts,
        contest=complaint.contest,
        event_on=event_on or complaint.event_on or complaint.received_on,
        employment=employment,
    )
    if proposal is None:
        return None
    if proposal.rule.stage == Stage.ANY:
        why = _("berlaku di setiap tahapan")
    elif proposal.stage == Stage.AFTER_DETERMINATION:
        why = _("karena calon sudah ditetapkan")
    else:
        why = _("karena calon belum ditetapkan")
    return RuleSuggestion(
        title=f"{proposal.rule.code} · {proposal.rule.title_id}",
        verdict=f"{Category(proposal.rule.category).label}, {why}",
        lines=[
            {"counted": True, "label": text, "note": article, "number": None}
            for text, article in proposal.explanation
        ],
    )
