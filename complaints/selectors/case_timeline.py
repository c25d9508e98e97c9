"""One timeline of a case from the rows of every history around it: who did what to which part, and when.

Read in one query whatever stands in it. What a reporter did, and what the system did because of them, is
kept by day: its hour is nobody's business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, Q, TextChoices
from django.db.models.functions import JSONObject
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.accounts.models import User
from complaints.models import (
    Case,
    CaseEvent,
    Complaint,
    ComplaintEvent,
    ComplaintMilestone,
    CorrectionEvent,
    CorrectionRequest,
    Deadline,
    EvidenceEvent,
    Hearing,
    HearingEvent,
    InternalNote,
    Message,
    PlenaryDecision,
    WorkAction,
    WorkEvent,
)
from complaints.selectors.case_file import EVENT_WORDS, Row
from complaints.selectors.clocks import kind_name
from complaints.states import Milestone

SHOWN = 200
"""Entries one page shows; older ones are reached by the filters."""

Words = Mapping[str, str | Promise]


class TimelineKind(TextChoices):
    """What the timeline can be narrowed to."""

    ALL = "", gettext_lazy("Semua")
    STEP = "langkah", gettext_lazy("Langkah dan putusan")
    REPORTER = "pelapor", gettext_lazy("Pelapor")
    NOTE = "catatan", gettext_lazy("Catatan internal")
    HEARING = "klarifikasi", gettext_lazy("Klarifikasi dan koreksi")
    EVIDENCE = "bukti", gettext_lazy("Bukti")
    WORK = "tugas", gettext_lazy("Tugas dan tenggat")


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``key`` is its permanent name in the page; ``at`` orders it.

    ``told`` says that a reporter sees it; ``hour`` is empty where only the day is kept.
    """

    key: str
    kind: TimelineKind
    at: datetime
    actor: str
    text: str
    hour: str = ""
    quote: str = ""
    note: str = ""
    told: bool = False
    is_machine: bool = False


@dataclass(frozen=True)
class TimelineDay:
    """What happened on one day, the newest first; ``machine`` what no person did."""

    day: date
    name: str
    entries: list[Entry]
    machine: list[Entry]


@dataclass(frozen=True)
class Timeline:
    """The days of one case, the newest first; ``total`` counts what the filter keeps."""

    days: list[TimelineDay]
    total: int
    more: bool


HEARING_WORDS: Words = {
    "create": gettext_lazy("mengundang %(who)s untuk klarifikasi"),
    "invite_again": gettext_lazy("mengundang %(who)s kedua kali"),
    "hear": gettext_lazy("mencatat klarifikasi %(who)s"),
    "note_absence": gettext_lazy("mencatat %(who)s tidak hadir"),
    "cancel": gettext_lazy("membatalkan undangan %(who)s"),
}
CORRECTION_WORDS: Words = {
    "create": gettext_lazy("menerima permintaan koreksi dari %(who)s"),
    "find_late": gettext_lazy("mencatat permintaan koreksi %(who)s lewat waktu"),
    "grant": gettext_lazy("mencatat koreksi %(who)s dikabulkan"),
    "reject": gettext_lazy("mencatat koreksi %(who)s ditolak"),
    "withdraw": gettext_lazy("mencatat koreksi %(who)s dicabut"),
}
EVIDENCE_WORDS: Words = {
    "create": gettext_lazy("bukti %(number)s diterima"),
    "clean": gettext_lazy("salinan aman bukti %(number)s dibuat"),
    "park": gettext_lazy("bukti %(number)s perlu pemeriksaan manual"),
    "refuse": gettext_lazy("bukti %(number)s ditolak karena jenisnya"),
    "block": gettext_lazy("bukti %(number)s ditahan karena berbahaya"),
    "redact": gettext_lazy("menutup bagian bukti %(number)s"),
    "erase": gettext_lazy("bukti %(number)s dihapus"),
}
WORK_WORDS: Words = {
    WorkAction.ASSIGN: gettext_lazy("menugaskan kepada %(who)s"),
    WorkAction.RELEASE: gettext_lazy("melepas tugas"),
    WorkAction.HAND_OVER: gettext_lazy("menyerahkan tugas kepada %(who)s"),
    WorkAction.TAG: gettext_lazy("memberi label"),
    WorkAction.UNTAG: gettext_lazy("melepas label"),
    WorkAction.SNOOZE: gettext_lazy("menunda"),
    WorkAction.WAKE: gettext_lazy("mengakhiri tunda"),
    WorkAction.RETITLE: gettext_lazy("mengubah judul"),
    WorkAction.MOVE: gettext_lazy("memindahkan kantor"),
    WorkAction.NOTE: gettext_lazy("menulis catatan internal"),
    WorkAction.TICK: gettext_lazy("memeriksa syarat"),
    WorkAction.RECUSE: gettext_lazy("mundur dari penanganan"),
    WorkAction.DOCUMENT: gettext_lazy("mengerjakan dokumen"),
    WorkAction.LINK: gettext_lazy("mengaitkan"),
    WorkAction.UNLINK: gettext_lazy("melepas kaitan"),
}
LINK_WORDS: Mapping[tuple[str, str], str | Promise] = {
    (WorkAction.LINK, "person"): gettext_lazy("mengenali terlapor di daftar terlapor"),
    (WorkAction.UNLINK, "refused"): gettext_lazy("menolak usulan orang yang sama"),
    (WorkAction.UNLINK, "released"): gettext_lazy("melepas terlapor dari daftar terlapor"),
    (WorkAction.UNLINK, "numbers_differ"): gettext_lazy("mengubah NIP sehingga terlapor terlepas"),
    (WorkAction.LINK, "case"): gettext_lazy("mengaitkan perkara lain"),
    (WorkAction.UNLINK, "case"): gettext_lazy("melepas kaitan perkara lain"),
    (WorkAction.LINK, "complaint"): gettext_lazy("menambahkan laporan ke perkara ini"),
}
MESSAGE_WORDS: Words = {
    Message.Kind.MESSAGE: gettext_lazy("pesan"),
    Message.Kind.REPAIR_REQUEST: gettext_lazy("permintaan melengkapi"),
    Message.Kind.REPAIR_ANSWER: gettext_lazy("jawaban pelengkap"),
    Message.Kind.CHECK_IN: gettext_lazy("kabar keselamatan"),
    Message.Kind.WITHDRAWAL: gettext_lazy("permintaan menarik"),
    Message.Kind.LPSK: gettext_lazy("permohonan ke LPSK"),
}

_EVENT = {name: name for name in ("id", "action", "actor_kind", "reason", "at")} | {
    "actor": "actor__name"
}


def _rows(model: type[Model], where: Q, **fields: str) -> ArraySubquery:
    return ArraySubquery(
        model._default_manager.filter(where).order_by("pk").values(data=JSONObject(**fields))
    )


def case_timeline(
    case: Case, *, viewer: User, only: TimelineKind = TimelineKind.ALL, at: datetime
) -> Timeline:
    """Return the timeline of a case for somebody who may open it. One query, two where tasks name people.

    Records of the case that the viewer may not open add nothing.
    """
    zone = ZoneInfo(case.office.time_zone)
    held = _read(case, viewer)
    entries = [entry for entry in _entries(held, zone) if only in {TimelineKind.ALL, entry.kind}]
    entries.sort(key=lambda entry: (entry.at, entry.key), reverse=True)
    return Timeline(
        days=_by_day(entries[:SHOWN], zone, today=at.astimezone(zone).date()),
        total=len(entries),
        more=len(entries) > SHOWN,
    )


def whole_timeline(case: Case, *, viewer: User) -> list[Entry]:
    """Return everything that happened, the oldest first. Queries as :func:`case_timeline`."""
    zone = ZoneInfo(case.office.time_zone)
    return sorted(_entries(_read(case, viewer), zone), key=lambda entry: (entry.at, entry.key))


def _read(case: Case, viewer: User) -> Any:
    seen = Complaint.objects.visible_to(viewer)
    of_case = Q(case=OuterRef("pk"))
    of_record = Q(complaint__in=seen.filter(case_link__case=OuterRef(OuterRef("pk"))))
    evidence = Q(evidence__complaint__in=seen.filter(case_link__case=OuterRef(OuterRef("pk"))))
    # A finding has no reporter of its own: whoever gave the tip it was traced from is told.
    told = Q(
        complaint__receipt__isnull=False,
    ) & (
        of_record | Q(complaint__finding__in=seen.filter(case_link__case=OuterRef(OuterRef("pk"))))
    )
    return Case.objects.annotate(
        steps=_rows(CaseEvent, of_case, **_EVENT),
        records=_rows(ComplaintEvent, of_record, **_EVENT, reference="complaint__reference"),
        decisions=_rows(
            PlenaryDecision,
            of_case | of_record | Q(correction__case=OuterRef("pk")),
            id="id",
            outcome="outcome",
            minutes="minutes_number",
            members="members_present",
            favour="in_favour",
            case="case_id",
        ),
        works=_rows(
            WorkEvent,
            of_case | of_record,
            id="id",
            action="action",
            actor="actor__name",
            at="at",
            detail="detail",
            reference="complaint__reference",
        ),
        hearings_held=_rows(
            HearingEvent,
            Q(hearing__case=OuterRef("pk")),
            **_EVENT,
            capacity="hearing__capacity",
            person="hearing__person",
            official="hearing__official__name",
            post="hearing__official__position",
        ),
        corrections_asked=_rows(
            CorrectionEvent,
            Q(correction__case=OuterRef("pk")),
            **_EVENT,
            requester="correction__requester",
        ),
        files=_rows(EvidenceEvent, evidence, **_EVENT, number="evidence__number"),
        letters=_rows(
            Message,
            of_record,
            id="public_id",
            direction="direction",
            kind="kind",
            on="on",
            actor="author__name",
            reference="complaint__reference",
        ),
        told=_rows(
            ComplaintMilestone, told, id="id", kind="kind", on="on", record="complaint__reference"
        ),
        notes_kept=_rows(
            InternalNote, of_case | of_record, id="id", at="at", actor="author__name", text="text"
        ),
        clocks=_rows(
            Deadline,
            of_case | of_record,
            id="id",
            kind="kind",
            status="status",
            starts_on="starts_on",
            due_on="due_on",
            ended_on="ended_on",
            history="history",
        ),
    ).get(pk=case.pk)


def _entries(held: Any, zone: ZoneInfo) -> Iterable[Entry]:
    minutes = list(held.decisions)
    yield from _steps("p", held.steps, minutes, zone)
    yield from _steps("l", held.records, minutes, zone)
    for row in held.hearings_held:
        who = row["official"] or row["person"] or row["post"]
        label = Hearing.Capacity(row["capacity"]).label.lower()
        yield _entry("k", row, HEARING_WORDS, {"who": f"{label} {who}"}, zone)
    for row in held.corrections_asked:
        label = CorrectionRequest.Requester(row["requester"]).label.lower()
        yield _entry("o", row, CORRECTION_WORDS, {"who": label}, zone)
    for row in held.files:
        kind = TimelineKind.EVIDENCE
        yield _entry("b", row, EVIDENCE_WORDS, {"number": row["number"]}, zone, kind=kind)
    yield from _works(held.works, zone)
    for row in held.notes_kept:
        moment = _moment(row, zone)
        yield Entry(
            key=f"c{row['id']}",
            kind=TimelineKind.NOTE,
            at=moment,
            hour=_hour(moment),
            actor=row["actor"],
            text=_("menulis catatan internal"),
            quote=row["text"],
        )
    yield from _told(held, zone)
    yield from _clocks(held.clocks, zone)


def _moment(row: Row, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(zone)


def _hour(moment: datetime) -> str:
    return dateformat.format(moment, "H.i")


def _day(text: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)


def _who(row: Row) -> str:
    if row["actor"]:
        return str(row["actor"])
    return _("Pelapor") if row.get("actor_kind") == "reporter" else _("Sistem")


def _steps(prefix: str, rows: list[Row], minutes: list[Row], zone: ZoneInfo) -> Iterable[Entry]:
    for row in rows:
        note = row.get("reference", "")
        for each in minutes:
            if each["outcome"] == row["action"] and (each["case"] is None) == bool(note):
                minutes.remove(each)
                told = _("berita acara %(number)s, %(favour)d dari %(members)d setuju") % _minutes(
                    each
                )
                note = f"{note} · {told}" if note else told
                break
        words = EVENT_WORDS.get(row["action"]) or str(row["action"])
        if row["action"] == "create":
            words = _("membuka perkara") if prefix == "p" else _("mencatat laporan masuk")
        else:
            # Told as something that was done, not as what the person does: a mark between the two.
            words = f"· {words}"
        kind = TimelineKind.REPORTER if row["actor_kind"] == "reporter" else TimelineKind.STEP
        yield _entry(prefix, row, {row["action"]: words}, {}, zone, kind=kind, note=note)


def _minutes(decision: Row) -> Row:
    return {
        "number": decision["minutes"],
        "favour": decision["favour"],
        "members": decision["members"],
    }


def _entry(
    prefix: str,
    row: Row,
    words: Words,
    told: Row,
    zone: ZoneInfo,
    *,
    kind: TimelineKind = TimelineKind.HEARING,
    note: str = "",
) -> Entry:
    moment = _moment(row, zone)
    by_staff = row["actor"] is not None
    text = str(words.get(row["action"], row["action"]))
    return Entry(
        key=f"{prefix}{row['id']}",
        kind=kind,
        at=moment if by_staff else moment.replace(hour=0, minute=0, second=0, microsecond=0),
        hour=_hour(moment) if by_staff else "",
        actor=_who(row),
        text=text % told if told else text,
        quote=row["reason"],
        note=note,
        is_machine=row["actor_kind"] == "system",
    )


def _works(rows: list[Row], zone: ZoneInfo) -> Iterable[Entry]:
    ids = {row["detail"].get("to") for row in rows if row["action"] in _TO_SOMEBODY} - {None}
    names = dict(User.everyone.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    for row in rows:
        # The words of a note stand with the note itself.
        if row["action"] == WorkAction.NOTE:
            continue
        if row["action"] == WorkAction.DOCUMENT and not row["actor"]:
            continue
        what = row["detail"].get("what", "")
        words = LINK_WORDS.get((row["action"], what)) or WORK_WORDS.get(
            row["action"], row["action"]
        )
        moment = _moment(row, zone)
        by_staff = row["actor"] is not None
        text = str(words)
        if row["action"] in _TO_SOMEBODY:
            text %= {"who": names.get(row["detail"].get("to"), _("petugas"))}
        yield Entry(
            key=f"t{row['id']}",
            kind=TimelineKind.WORK,
            at=moment if by_staff else moment.replace(hour=0, minute=0, second=0, microsecond=0),
            hour=_hour(moment) if by_staff else "",
            actor=_who(row),
            text=text,
            note=row["reference"] or "",
            is_machine=not by_staff,
        )


_TO_SOMEBODY = frozenset({WorkAction.ASSIGN, WorkAction.HAND_OVER})


def _told(held: Any, zone: ZoneInfo) -> Iterable[Entry]:
    for row in held.letters:
        from_reporter = row["direction"] == Message.Direction.FROM_REPORTER
        what = MESSAGE_WORDS.get(row["kind"], row["kind"])
        text = _("mengirim %(what)s") if from_reporter else _("mengirim %(what)s kepada pelapor")
        yield Entry(
            key=f"s{row['id']}",
            kind=TimelineKind.REPORTER,
            at=_day(row["on"], zone),
            actor=_("Pelapor") if from_reporter else row["actor"] or _("Sistem"),
            text=text % {"what": what},
            note=row["reference"],
            told=True,
        )
    for row in held.told:
        yield Entry(
            key=f"m{row['id']}",
            kind=TimelineKind.REPORTER,
            at=_day(row["on"], zone),
            actor=_("Pelapor"),
            text=_("melihat di halamannya: %(what)s") % {"what": Milestone(row["kind"]).label},
            note=row["record"],
            told=True,
        )


ENDED: Words = {
    Deadline.Status.MET: gettext_lazy("tenggat %(what)s dipenuhi"),
    Deadline.Status.CANCELLED: gettext_lazy("tenggat %(what)s tidak berlaku lagi"),
    Deadline.Status.LAPSED: gettext_lazy("tenggat %(what)s habis"),
}


def _clocks(rows: list[Row], zone: ZoneInfo) -> Iterable[Entry]:
    for row in rows:
        what = kind_name(row["kind"])
        moved = [
            _("Semula %(day)s: %(why)s")
            % {
                "day": dateformat.format(date.fromisoformat(each["due_on"]), "j M Y"),
                "why": each["why"],
            }
            for each in row["history"]
        ]
        due = dateformat.format(date.fromisoformat(row["due_on"]), "l j M Y")
        yield Entry(
            key=f"d{row['id']}",
            kind=TimelineKind.WORK,
            at=_day(row["starts_on"], zone),
            actor=_("Sistem"),
            text=_("tenggat %(what)s dimulai, sampai %(day)s") % {"what": what, "day": due},
            quote="\n".join(moved),
            is_machine=True,
        )
        if row["ended_on"]:
            yield Entry(
                key=f"e{row['id']}",
                kind=TimelineKind.WORK,
                at=_day(row["ended_on"], zone),
                actor=_("Sistem"),
                text=str(ENDED.get(row["status"], row["status"])) % {"what": what},
                is_machine=True,
            )


def _by_day(entries: list[Entry], zone: ZoneInfo, *, today: date) -> list[TimelineDay]:
    days: dict[date, TimelineDay] = {}
    for entry in entries:
        day = entry.at.astimezone(zone).date()
        found = days.setdefault(day, TimelineDay(day, _day_name(day, today), [], []))
        (found.machine if entry.is_machine else found.entries).append(entry)
    return list(days.values())


def _day_name(day: date, today: date) -> str:
    name = dateformat.format(day, "l j F Y")
    if day == today:
        return _("Hari ini, %(day)s") % {"day": name}
    if (today - day).days == 1:
        return _("Kemarin, %(day)s") % {"day": name}
    return name
