"""What a reporter is told: one sentence, the next date, what happened, what can still be done.

Dates, never hours; no officer, no reported person, none of the reporter's own words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.shared.row_scopes import beyond, take_record
from complaints.models import (
    Case,
    Complaint,
    ComplaintMilestone,
    Deadline,
    PlenaryDecision,
    RepairRequest,
    StatutoryDeadline,
)
from complaints.states import REPORT_LANES, CaseAction, CaseStatus, Milestone

Text = str | Promise
_M = Milestone


@dataclass(frozen=True)
class Told:
    """The words of one milestone: page heading, line of the timeline, what comes next."""

    heading: Text
    step: Text
    coming: Text


@dataclass(frozen=True)
class Ending:
    """Why it ended, and what the reporter can still do."""

    heading: Text
    reason: Text
    still_possible: Text


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; ``state`` is done, now, next or stop."""

    title: str
    on: date | None
    state: str


@dataclass(frozen=True)
class Mailbox:
    """All a reporter sees. ``due_on`` is the day the current step ends at the latest."""

    heading: str
    coming: str
    entries: Sequence[Entry]
    due_on: date | None
    is_overdue: bool
    is_closed: bool
    reason: str
    still_possible: str
    complaint: Complaint


TOLD: Mapping[Milestone, Told] = {
    _M.RECEIVED: Told(
        _("Laporan Anda sudah diterima"),
        _("Diterima"),
        _("Petugas memeriksa kelengkapannya, lalu mengusulkan langkah berikutnya kepada pleno."),
    ),
    _M.REPAIR: Told(
        _("Laporan Anda perlu dilengkapi"),
        _("Diminta dilengkapi"),
        _("Jawab permintaan di bawah. Sesudah itu petugas memeriksa lagi laporan Anda."),
    ),
    _M.CHECKED: Told(
        _("Kelengkapan laporan Anda sudah diperiksa"),
        _("Diperiksa kelengkapannya"),
        _("Pleno Bawaslu memutuskan apakah laporan ini ditelusuri."),
    ),
    _M.NOT_REGISTERED: Told(_("Laporan Anda tidak diregistrasi"), _("Tidak diregistrasi"), ""),
    _M.WITHDRAWN: Told(
        _("Laporan Anda sudah ditarik"),
        _("Anda tarik"),
        _(
            "Nama Anda sudah dihapus. Isi laporan tetap dibaca Bawaslu sebagai informasi awal "
            "tanpa pelapor."
        ),
    ),
    _M.TRACING: Told(
        _("Laporan Anda sedang ditelusuri"),
        _("Ditelusuri"),
        _("Petugas mencari keterangan dan bukti sendiri, tanpa menyebut adanya pelapor."),
    ),
    _M.NOT_TRACED: Told(_("Laporan Anda tidak ditelusuri"), _("Tidak ditelusuri"), ""),
    _M.FINDING: Told(
        _("Laporan Anda menjadi temuan Bawaslu"),
        _("Menjadi temuan"),
        _("Temuan dicatat dalam register, lalu dikaji."),
    ),
    _M.HANDED_OVER: Told(
        _("Laporan Anda ditangani kantor Bawaslu lain"),
        _("Pindah kantor"),
        _("Kantor itu memeriksa laporan Anda dari awal. Perlindungan Anda tetap sama."),
    ),
    _M.CASE: Told(
        _("Laporan Anda sedang dikaji"),
        _("Dikaji"),
        _("Petugas menulis kajian, lalu pleno memutuskan."),
    ),
    _M.STOPPED: Told(_("Pemeriksaan dihentikan"), _("Dihentikan"), ""),
    _M.FORWARDED: Told(
        _("Laporan Anda diteruskan ke %(recipient)s"),
        _("Diteruskan ke %(recipient)s"),
        _("%(recipient)s memeriksa berkas dan memberi rekomendasi kepada instansi."),
    ),
    _M.AT_AGENCY: Told(
        _("Laporan Anda menunggu jawaban instansi"),
        _("Menunggu instansi"),
        _("Instansi menjatuhkan sanksi atau menjelaskan alasannya. Bawaslu memantau jawabannya."),
    ),
    _M.SANCTION: Told(
        _("Instansi melaporkan sanksi"),
        _("Instansi melaporkan sanksi"),
        _("Bawaslu memeriksa bukti sanksi itu."),
    ),
    _M.CLOSED: Told(_("Laporan Anda selesai"), _("Selesai"), ""),
}
"""Milestone → words. One row per milestone (a test checks it)."""

_NEW_REPORT = _(
    "Anda bisa mengirim laporan baru kalau ada keterangan atau bukti baru. "
    "Anda juga bisa bertanya di kantor Bawaslu mana pun."
)

NOT_TRACED = Ending(
    TOLD[_M.NOT_TRACED].heading,
    _("Pleno menilai keterangannya belum cukup, atau bukan kewenangan Bawaslu."),
    _NEW_REPORT,
)
NOT_REGISTERED = Ending(
    TOLD[_M.NOT_REGISTERED].heading,
    _("Pleno menilai syarat formal atau syarat materielnya belum terpenuhi."),
    _NEW_REPORT,
)
STOPPED = Ending(
    TOLD[_M.STOPPED].heading,
    _("Pleno menilai buktinya tidak cukup untuk menyatakan ada pelanggaran."),
    _NEW_REPORT,
)
SANCTIONED = Ending(
    _("Selesai: sanksi dijatuhkan"),
    _("Instansi menjatuhkan sanksi, dan Bawaslu sudah memeriksa buktinya."),
    _("Tidak ada lagi yang perlu Anda lakukan. Terima kasih."),
)
NOT_PROVEN = Ending(
    _("Selesai: tidak ada sanksi"),
    _("Lembaga yang memeriksa atau instansinya menyatakan pelanggaran tidak terbukti."),
    _NEW_REPORT,
)
ELSEWHERE = Ending(
    _("Selesai: ditangani lembaga lain"),
    _(
        "Pleno memutuskan bahwa lembaga lain yang berwenang. Bawaslu sudah meneruskannya "
        "dan menutup perkaranya."
    ),
    _NEW_REPORT,
)
NOT_ENOUGH = Ending(
    _("Ditutup: tidak cukup keterangan"),
    _("Penelusuran tidak menemukan bukti yang cukup."),
    _NEW_REPORT,
)

ROAD = (_M.RECEIVED, _M.CHECKED, _M.TRACING, _M.CASE, _M.FORWARDED, _M.AT_AGENCY, _M.CLOSED)
"""The usual way, shown ahead of what has been reached. A report is registered, not traced."""

CHECKED_REPORT = Told(
    TOLD[_M.CHECKED].heading,
    TOLD[_M.CHECKED].step,
    _("Pleno Bawaslu memutuskan apakah laporan ini diregistrasi."),
)


SENT_ELSEWHERE = Told(
    _("Laporan Anda diteruskan ke lembaga yang berwenang"),
    _("Diteruskan ke lembaga yang berwenang"),
    _("Lembaga itu memeriksa menurut aturannya sendiri."),
)
"""What stands for FORWARDED of an administrative, ethics or criminal matter: no civil-service body has it."""


def ending_of(reached: Sequence[Milestone], *, is_elsewhere: bool = False) -> Ending | None:
    """Return how the record ended, or None while it goes on.

    ``is_elsewhere``: its case was sent on otherwise than by a recommendation.
    """
    if not reached:
        return None
    refused = {_M.NOT_TRACED: NOT_TRACED, _M.NOT_REGISTERED: NOT_REGISTERED, _M.STOPPED: STOPPED}
    if reached[-1] in refused:
        return refused[reached[-1]]
    if reached[-1] != _M.CLOSED:
        return None
    if _M.SANCTION in reached:
        return SANCTIONED
    if is_elsewhere:
        return ELSEWHERE
    return NOT_PROVEN if _M.FORWARDED in reached else NOT_ENOUGH


_SENT_ELSEWHERE = (
    Case.objects.filter(
        Q(complaints=OuterRef("pk")) | Q(complaints__traced_from=OuterRef("pk")),
        status__in=[CaseStatus.REFERRED, CaseStatus.CLOSED],
    )
    .exclude(decision=CaseAction.DECIDE_REFER)
    .exclude(
        Exists(
            PlenaryDecision.objects.filter(
                case=OuterRef("pk"),
                outcome=OuterRef("decision"),
                also__contains=[CaseAction.DECIDE_REFER],
            )
        )
    )
)
"""Cases of a record that left by letter, with no recommendation to a civil-service body among them."""


def mailbox_of(*, public_id: UUID, now: datetime) -> Mailbox | None:
    """Return what the reporter of a record is told now, or None. Four queries at most."""
    rows = Complaint.objects.select_related("office", "contest", "region")
    rows = rows.defer("search", "search_text", "summary").filter(public_id=public_id)
    rows = rows.annotate(is_elsewhere=Exists(_SENT_ELSEWHERE))
    with beyond("a session that a code opened names its record by its public id"):
        complaint = rows.first()
    if complaint is None:
        return None
    take_record(complaint.pk)
    today = now.astimezone(ZoneInfo(complaint.office.time_zone)).date()
    told = list(ComplaintMilestone.objects.filter(complaint=complaint).order_by("pk"))
    days = {Milestone(row.kind): row.on for row in told}
    reached = list(days)
    recipient = _recipient(days.get(_M.FORWARDED, today))
    is_elsewhere = bool(vars(complaint)["is_elsewhere"])
    ending = ending_of(reached, is_elsewhere=is_elsewhere)
    due_on = None if ending else _next_due(complaint)
    told_now = _told(reached[-1] if reached else _M.RECEIVED, is_elsewhere=is_elsewhere)
    is_report = complaint.lane in REPORT_LANES
    if is_report and reached and reached[-1] == _M.CHECKED:
        told_now = CHECKED_REPORT
    return Mailbox(
        heading=_worded(ending.heading if ending else told_now.heading, recipient),
        coming="" if ending else _worded(told_now.coming, recipient),
        entries=_entries(days, recipient, ending, is_report=is_report, is_elsewhere=is_elsewhere),
        due_on=due_on,
        is_overdue=due_on is not None and due_on < today,
        is_closed=ending is not None,
        reason=str(ending.reason) if ending else "",
        still_possible=str(ending.still_possible) if ending else "",
        complaint=complaint,
    )


def open_repair(complaint: Complaint) -> RepairRequest | None:
    """Return what the desk is waiting for, or None. One query."""
    return complaint.repair_requests.filter(
        answered_on__isnull=True, lapsed_on__isnull=True
    ).first()


def _next_due(complaint: Complaint) -> date | None:
    """Return the earliest running deadline of the tip, its finding or their case."""
    return (
        Deadline.objects.filter(
            Q(complaint=complaint)
            | Q(complaint__traced_from=complaint)
            | Q(case__complaints=complaint)
            | Q(case__complaints__traced_from=complaint),
            status=StatutoryDeadline.Status.OPEN,
        )
        .order_by("due_at")
        .values_list("due_on", flat=True)
        .first()
    )


def _recipient(on: date) -> str:
    return str(registry.recipient_on(on).short_name)


def _worded(text: Text, recipient: str) -> str:
    return str(text) % {"recipient": recipient}


def _told(kind: Milestone, *, is_elsewhere: bool) -> Told:
    """Return the words of a milestone; nobody is told of a body that does not have the matter."""
    return SENT_ELSEWHERE if is_elsewhere and kind == _M.FORWARDED else TOLD[kind]


def _entries(
    days: Mapping[Milestone, date],
    recipient: str,
    ending: Ending | None,
    *,
    is_report: bool,
    is_elsewhere: bool,
) -> list[Entry]:
    reached = list(days)
    entries = [
        Entry(_worded(_told(kind, is_elsewhere=is_elsewhere).step, recipient), days[kind], "done")
        for kind in reached
    ]
    if not entries:
        return entries
    last = entries[-1]
    if ending is not None:
        state = "done" if ending is SANCTIONED else "stop"
        return [*entries[:-1], Entry(last.title, last.on, state)]
    entries[-1] = Entry(last.title, last.on, "now")
    order = list(Milestone)
    furthest = max(map(order.index, reached))
    ahead = [
        kind
        for kind in ROAD
        if order.index(kind) > furthest
        and not (is_report and kind == _M.TRACING)
        and not (is_elsewhere and kind == _M.AT_AGENCY)
    ]
    return entries + [Entry(_worded(TOLD[kind].step, recipient), None, "next") for kind in ahead]
