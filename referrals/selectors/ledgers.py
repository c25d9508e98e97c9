"""One follow-up in full: its ledger as a timeline, what holds, the ladder and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import SanctionClass
from referrals.models import FollowUp, FollowUpAnswer, LedgerEntry, ReferralItem
from referrals.rules.standing import Standing, standing
from referrals.selectors.follow_ups import gap_tag, ladder_of, next_words, recommended_items
from referrals.selectors.wording import (
    FOLLOW_UP_STATE,
    moment,
    running_clock,
    short_day,
)
from referrals.states import EntryKind, FollowUpStatus, HoldKind, Rung

CLOCKS = ("ppk_answer", "ppk_more_time", "appeal_objection", "appeal_bpasn")


@dataclass(frozen=True)
class FollowUpSheet:
    """One follow-up with its answers, newest last; the last one is what is judged.

    ``facts`` tell of the day ``as_of``, of now when None; ``standing`` is always what holds now.
    """

    answers: Sequence[FollowUpAnswer]
    items: Sequence[ReferralItem]
    ledger: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    standing: Standing
    clock: Any
    state: str
    next: str
    is_stopped: bool
    as_of: date | None


def follow_up_sheet(
    follow_up: FollowUp, *, at: datetime, as_of: date | None = None, with_names: bool = False
) -> FollowUpSheet:
    """Return everything of one follow-up. Six queries.

    ``with_names``: who of the own house did what, and why a ladder was stopped.
    """
    entries = list(
        follow_up.ledger.select_related(
            "sanction_type", "agency", "recorded_by", "replaced_by"
        ).order_by("pk")
    )
    answers = list(
        follow_up.answers.select_related("sanction_type", "answered_by", "new_agency").order_by(
            "pk"
        )
    )
    ladder = ladder_of(follow_up)
    held = standing(entries)
    return FollowUpSheet(
        answers=numbered_proofs(answers),
        items=recommended_items(follow_up),
        ledger=_timeline(follow_up, entries, at=at, with_names=with_names),
        facts=standing_facts(standing(entries, on=as_of)),
        standing=held,
        clock=running_clock(follow_up.deadlines.all(), kind=CLOCKS, at=at),
        state=FOLLOW_UP_STATE[FollowUpStatus(follow_up.status)],
        next=next_words(ladder) if ladder else "",
        is_stopped=bool(ladder and ladder.is_stopped),
        as_of=as_of,
    )


def numbered_proofs(answers: Sequence[FollowUpAnswer]) -> Sequence[FollowUpAnswer]:
    """Give each answer with a file the number its address has. No query."""
    number = 0
    for answer in answers:
        number += bool(answer.proof_name)
        answer.proof_number = number if answer.proof_name else None  # type: ignore[attr-defined]
    return answers


def standing_facts(held: Standing) -> list[dict[str, Any]]:
    """Return what holds as facts: recommended, imposed, gap, verified, remedy. No query when loaded."""
    imposed = held.imposed if isinstance(held.imposed, LedgerEntry) else None
    facts = [{"term": _("Direkomendasikan"), "value": _class_words(held.recommended)}]
    if imposed is not None:
        note = f"{imposed.decree_number} · {short_day(imposed.happened_on)}"
        name = imposed.sanction_type.name if imposed.sanction_type else ""
        facts.append({"term": _("Dijatuhkan"), "value": name, "note": note})
    elif held.is_annulled:
        facts.append({"term": _("Dijatuhkan"), "value": _("Dibatalkan")})
    tag = gap_tag(held.gap or "")
    if tag is not None:
        facts.append({"term": _("Selisih sanksi"), "value": tag["text"]})
    if held.gap is not None:
        checked = _("Sudah, oleh orang kedua") if held.is_verified else _("Belum")
        facts.append({"term": _("Bukti diperiksa"), "value": checked})
    if held.is_appealed:
        facts.append({"term": _("Upaya administratif"), "value": _("Sedang berjalan")})
    return facts


def _class_words(code: str) -> str:
    return str(SanctionClass(code).label) if code else "–"


def _timeline(
    follow_up: FollowUp, entries: Sequence[LedgerEntry], *, at: datetime, with_names: bool
) -> list[dict[str, Any]]:
    """Return rows of the ledger, rungs and holds in one line of time; what comes next stands last."""
    zone = follow_up.referral.case.office.time_zone
    lines = [
        (entry.recorded_at, 0, entry.pk, _entry_line(entry, zone, with_names)) for entry in entries
    ]
    for step in follow_up.steps.select_related("letter"):
        line = {
            "title": str(Rung(step.rung).label),
            "when": short_day(step.taken_on),
            "note": _("Kepada %(whom)s") % {"whom": step.addressee},
            "state": "done",
            "letter": (step.round, step.rung) if hasattr(step, "letter") else None,
        }
        lines.append((step.taken_at, 1, step.pk, line))
    for hold in follow_up.holds.select_related("by"):
        line = {
            "title": str(HoldKind(hold.kind).label),
            "when": _when(hold.at, zone, hold.by.name if with_names else ""),
            "quote": hold.reason if with_names else "",
            "state": "stop" if hold.kind == HoldKind.STOP else "done",
        }
        lines.append((hold.at, 2, hold.pk, line))
    told = [line for _at, _order, _pk, line in sorted(lines, key=lambda each: each[:3])]
    ladder = ladder_of(follow_up)
    if ladder is not None and ladder.next_on is not None:
        is_late = ladder.next_on <= at.astimezone(ZoneInfo(zone)).date()
        told.append(
            {"title": next_words(ladder), "when": "", "state": "now" if is_late else "next"}
        )
    return told


def _entry_line(entry: LedgerEntry, zone: str, with_names: bool) -> dict[str, Any]:  # noqa: FBT001
    who = entry.recorded_by.name if with_names and entry.recorded_by else ""
    replaced = hasattr(entry, "replaced_by")
    parts = [
        entry.sanction_type.name if entry.sanction_type else entry.get_sanction_class_display(),
        entry.get_remedy_display(),
        entry.get_outcome_display(),
        entry.decree_number,
        short_day(entry.happened_on) if entry.happened_on != entry.recorded_on else "",
        entry.agency.short_name if entry.kind == EntryKind.MOVED else "",
        _("Diperbaiki oleh baris yang lebih baru") if replaced else "",
    ]
    title = str(EntryKind(entry.kind).label)
    if entry.replaces_id is not None:
        title = _("%(what)s (perbaikan)") % {"what": title}
    # the recommendation's words stand in their own pane
    quote = "" if entry.kind == EntryKind.RECOMMENDED else entry.note
    return {
        "title": title,
        "when": _when(entry.recorded_at, zone, who),
        "note": " · ".join(part for part in parts if part),
        "quote": quote,
        "state": "stop" if replaced else "done",
    }


def _when(at: datetime, zone: str, who: str) -> str:
    when = moment(at, zone)
    return f"{when} · {who}" if who else when
