"""How rows of this app are told to people: history lines, tones, time left. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.registry.models import TimeZone
from bawaslu_cases.shared.events import TransitionEvent
from complaints.selectors.clocks import Clock, clock, short_time_left
from referrals.models import ReferralDeadline
from referrals.states import (
    FollowUpAction,
    FollowUpStatus,
    ReferralAction,
    ReferralStatus,
)

REFERRAL_STATE = {
    ReferralStatus.PROPOSED: "waiting",
    ReferralStatus.APPROVED: "working",
    ReferralStatus.ISSUED: "sent",
    ReferralStatus.DELIVERED: "sent",
    ReferralStatus.ACCEPTED: "working",
    ReferralStatus.DRAFTED: "working",
    ReferralStatus.RETURNED: "late",
    ReferralStatus.RECOMMENDED: "waiting",
    ReferralStatus.NOT_PROVEN: "stopped",
    ReferralStatus.WITHDRAWN: "stopped",
    ReferralStatus.CLOSED: "done",
}
"""Status → the look of its tag (components/status_tag.html)."""

FOLLOW_UP_STATE = {
    FollowUpStatus.AWAITING: "waiting",
    FollowUpStatus.ACCEPTED: "working",
    FollowUpStatus.OBJECTED: "late",
    FollowUpStatus.ANSWERED: "new",
    FollowUpStatus.APPEALED: "working",
    FollowUpStatus.VERIFIED: "done",
    FollowUpStatus.DROPPED: "stopped",
}

DEADLINE_NAMES: dict[str, str | Promise] = {
    "recipient_review": gettext_lazy("Pemeriksaan oleh lembaga penerima"),
    "ppk_answer": gettext_lazy("Tindak lanjut PPK"),
    "ppk_more_time": gettext_lazy("Tambahan waktu PPK"),
    "appeal_objection": gettext_lazy("Putusan keberatan"),
    "appeal_bpasn": gettext_lazy("Putusan banding BPASN"),
}

REFERRAL_HISTORY: dict[str, str | Promise] = {
    "create": gettext_lazy("Diusulkan"),
    ReferralAction.APPROVE: gettext_lazy("Disetujui orang kedua"),
    ReferralAction.WITHDRAW: gettext_lazy("Usulan ditolak"),
    ReferralAction.ISSUE: gettext_lazy("Surat terbit"),
    ReferralAction.DELIVER: gettext_lazy("Sampai di penerima"),
    ReferralAction.ACCEPT: gettext_lazy("Diterima untuk ditelaah"),
    ReferralAction.RETURN: gettext_lazy("Dikembalikan"),
    ReferralAction.RESUBMIT: gettext_lazy("Diajukan lagi"),
    ReferralAction.DRAFT: gettext_lazy("Rekomendasi disusun, menunggu tanda tangan kedua"),
    ReferralAction.DRAFT_BY_LINE: gettext_lazy("Rancangan diterima lewat sambungan"),
    ReferralAction.WITHDRAW_DRAFT: gettext_lazy("Rancangan ditarik"),
    ReferralAction.RECOMMEND: gettext_lazy("Direkomendasikan ke PPK"),
    ReferralAction.FIND_NOT_PROVEN: gettext_lazy("Dinyatakan tidak terbukti"),
    ReferralAction.CLOSE: gettext_lazy("Selesai"),
    ReferralAction.RETURN_BY_LINE: gettext_lazy("Dikembalikan lewat sambungan"),
    ReferralAction.REROUTE: gettext_lazy("Dialihkan ke lembaga penerus"),
    ReferralAction.CORRECT: gettext_lazy("Versi yang diperbaiki diajukan"),
}
"""What each event of a referral is called once it has happened."""

FOLLOW_UP_HISTORY: dict[str, str | Promise] = {
    "create": gettext_lazy("Direkomendasikan"),
    FollowUpAction.ACCEPT: gettext_lazy("Rekomendasi diterima PPK"),
    FollowUpAction.ASK_TIME: gettext_lazy("Tambahan waktu diberikan"),
    FollowUpAction.OBJECT: gettext_lazy("PPK berkeberatan"),
    FollowUpAction.ANSWER: gettext_lazy("Dijawab"),
    FollowUpAction.RETURN_ANSWER: gettext_lazy("Jawaban dikembalikan"),
    FollowUpAction.MOVE: gettext_lazy("Beralih ke PPK yang baru"),
    FollowUpAction.VERIFY: gettext_lazy("Bukti terverifikasi"),
    FollowUpAction.CORRECT: gettext_lazy("Catatan sanksi diperbaiki"),
    FollowUpAction.FILE_APPEAL: gettext_lazy("Upaya administratif diajukan"),
    FollowUpAction.DECIDE_APPEAL: gettext_lazy("Upaya administratif diputus"),
    FollowUpAction.UPHOLD: gettext_lazy("Rekomendasi dipertahankan"),
    FollowUpAction.DROP: gettext_lazy("Rekomendasi dicabut"),
}
"""What each event of a follow-up is called once it has happened."""


def moment(at: datetime, time_zone: str) -> str:
    """Return ``7 Okt 2024, 10.00 WIB`` in the zone of the office."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{dateformat.format(local, 'j M Y, H.i')} {TimeZone(time_zone).label}"


def short_day(day: date) -> str:
    """Return ``7 Okt 2024``."""
    return dateformat.format(day, "j M Y")


def history_lines(
    events: Iterable[TransitionEvent],
    *,
    words: Mapping[str, str | Promise],
    time_zone: str,
    with_names: bool,
) -> list[dict[str, Any]]:
    """Return timeline entries; names of people only inside the own house."""
    lines = []
    for event in events:
        who = event.actor.name if with_names and event.actor is not None else ""
        if event.actor_kind == TransitionEvent.ActorKind.SYSTEM:
            who = _("sistem")
        when = moment(event.at, time_zone)
        lines.append(
            {
                "title": str(words[event.action]),
                "when": f"{when} · {who}" if who else when,
                "quote": event.reason,
                "state": "done",
            }
        )
    return lines


def running_clock(
    deadlines: Iterable[ReferralDeadline], *, kind: str | tuple[str, ...], at: datetime
) -> Clock | None:
    """Return the running clock of a kind in words, or None. One query when given a queryset."""
    kinds = (kind,) if isinstance(kind, str) else kind
    for deadline in deadlines:
        if deadline.kind in kinds and deadline.status == ReferralDeadline.Status.OPEN:
            return clock(
                kind=str(DEADLINE_NAMES[deadline.kind]),
                due_at=deadline.due_at,
                time_zone=deadline.time_zone,
                explanation=deadline.explanation,
                at=at,
            )
    return None


def time_left(row: Any, time_zone: str, at: datetime) -> tuple[str, str]:
    """Return time left and its tone for a row read with ``with_days``; blanks without a deadline."""
    text, tone, _percent = short_time_left(
        due_at=row.due_at, time_zone=time_zone, explanation=row.days_told, at=at
    )
    return text, tone
