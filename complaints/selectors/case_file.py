"""Everything one record page shows, read in one query: rows around the record come as JSON arrays."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.registry.models import ActKind
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import NotPermittedError
from bawaslu_cases.shared.nip import masked_nip, nip_remark
from complaints.models import (
    Allegation,
    CaseComplaint,
    CaseEvent,
    Complaint,
    ComplaintEvent,
    ComplaintOfficial,
    Deadline,
    Evidence,
    EvidenceLink,
    Message,
    PlenaryDecision,
    RequirementCheck,
    Statement,
    WorkAction,
    WorkEvent,
)
from complaints.models.case import Case, CaseQuerySet
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.clocks import Clock, clock, former_days
from complaints.selectors.filters import Asker
from complaints.selectors.kept import kept_rows
from complaints.selectors.links import shown_link
from complaints.states import CaseAction, ComplaintAction, EvidenceStatus

Row = dict[str, Any]

EVENT_WORDS: dict[str, str | Promise] = {
    "create": gettext_lazy("Masuk"),
    ComplaintAction.PROPOSE_TRACING: gettext_lazy("Penelusuran diusulkan"),
    ComplaintAction.PROPOSE_ARCHIVE: gettext_lazy("Diusulkan tidak ditelusuri"),
    ComplaintAction.RETURN_PROPOSAL: gettext_lazy("Usulan dikembalikan pleno"),
    ComplaintAction.APPROVE_TRACING: gettext_lazy("Pleno menyetujui penelusuran"),
    ComplaintAction.DECLINE: gettext_lazy("Pleno memutuskan tidak ditelusuri"),
    ComplaintAction.CONFIRM: gettext_lazy("Dicatat sebagai temuan"),
    ComplaintAction.END_TRACING: gettext_lazy("Penelusuran diakhiri"),
    ComplaintAction.REGISTER: gettext_lazy("Diregistrasi"),
    ComplaintAction.CANCEL: gettext_lazy("Temuan dibatalkan"),
    ComplaintAction.ASK_REPAIR: gettext_lazy("Pelapor diminta melengkapi"),
    ComplaintAction.REPAIR: gettext_lazy("Pelapor melengkapi"),
    ComplaintAction.REPAIR_LAPSED: gettext_lazy("Waktu melengkapi habis"),
    ComplaintAction.PROPOSE_REGISTER: gettext_lazy("Diusulkan diregistrasi"),
    ComplaintAction.PROPOSE_REFUSAL: gettext_lazy("Diusulkan tidak diregistrasi"),
    ComplaintAction.APPROVE_REGISTER: gettext_lazy("Pleno memutuskan registrasi"),
    ComplaintAction.REFUSE: gettext_lazy("Pleno memutuskan tidak diregistrasi"),
    ComplaintAction.KEEP_AS_TIP: gettext_lazy("Pleno menjadikannya informasi awal"),
    ComplaintAction.RAISE: gettext_lazy("Pelapor memberi identitas"),
    ComplaintAction.WITHDRAW: gettext_lazy("Ditarik pelapor"),
    ComplaintAction.NOTE_WITHDRAWAL: gettext_lazy("Dicabut pelapor sesudah registrasi"),
    ComplaintAction.PROPOSE_FORWARD: gettext_lazy("Diusulkan diteruskan tanpa register"),
    ComplaintAction.APPROVE_FORWARD: gettext_lazy("Pleno meneruskan tanpa register"),
    ComplaintAction.PROPOSE_DELEGATION: gettext_lazy("Diusulkan dilimpahkan"),
    ComplaintAction.APPROVE_DELEGATION: gettext_lazy("Pleno melimpahkan ke kantor di bawah"),
    ComplaintAction.PROPOSE_TAKEOVER: gettext_lazy("Diusulkan diambil alih"),
    ComplaintAction.ASK_TAKEOVER: gettext_lazy("Pleno meminta pengambilalihan"),
    ComplaintAction.ACCEPT_TAKEOVER: gettext_lazy("Diambil alih kantor di atas"),
    ComplaintAction.DECLINE_TAKEOVER: gettext_lazy("Pengambilalihan ditolak"),
    ComplaintAction.TAKE_OVER: gettext_lazy("Diambil alih langsung"),
    ComplaintAction.UNDO_PROPOSAL: gettext_lazy("Usulan dibatalkan pengusulnya"),
    CaseAction.EXTEND: gettext_lazy("Penanganan diperpanjang"),
    CaseAction.DECIDE_ADMINISTRATIVE: gettext_lazy("Pleno memutuskan pelanggaran administratif"),
    CaseAction.DECIDE_ETHICS: gettext_lazy("Pleno memutuskan pelanggaran kode etik penyelenggara"),
    CaseAction.DECIDE_CRIME: gettext_lazy("Pleno memutuskan tindak pidana pemilihan"),
    CaseAction.FORWARD: gettext_lazy("Berkas dibuka tanpa register"),
    CaseAction.SEND_ON: gettext_lazy("Surat penerusan terkirim"),
    CaseAction.REOPEN: gettext_lazy("Dibuka kembali karena koreksi"),
    CaseAction.SUBMIT_ASSESSMENT: gettext_lazy("Kajian diajukan ke pleno"),
    CaseAction.RETURN_ASSESSMENT: gettext_lazy("Kajian dikembalikan pleno"),
    CaseAction.DECIDE_REFER: gettext_lazy("Pleno memutuskan diteruskan"),
    CaseAction.DECIDE_STOP: gettext_lazy("Pleno memutuskan dihentikan"),
    CaseAction.REFER: gettext_lazy("Diteruskan ke lembaga penerima"),
    CaseAction.CLOSE: gettext_lazy("Perkara ditutup"),
    CaseAction.CLOSE_BY_HAND: gettext_lazy("Perkara yang diteruskan ditutup"),
}
"""Each step as a past event, for the history."""


@dataclass(frozen=True)
class OpenedStatement:
    """A reporter's or officer's own words, opened for one view. The repr hides them.

    ``is_sealed`` when only the verification desk can open them.
    """

    story: str
    links: tuple[str, ...] = ()
    other_act: str = ""
    witness: str = ""
    is_sealed: bool = False

    def __repr__(self) -> str:
        return "OpenedStatement(…)"


def opened_statement(*, complaint: Complaint, viewer: User) -> OpenedStatement:
    """Open the sealed statement of a record for somebody who may read it. At most two queries.

    Raises NotPermittedError for a role or an office that does not carry it. Never called for a list.
    """
    ids = viewer.scope_office_ids
    in_scope = ids is None or complaint.office_id in ids
    if not viewer.has_role(*BAWASLU_ROLES) or not in_scope:
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if complaint.statement.scheme == Statement.Scheme.DESK:
        # Sealed to the verification desk: what others read is the verifier's neutral summary.
        return OpenedStatement(story="", is_sealed=True)
    held = json.loads(
        envelope.unseal(
            bytes(complaint.statement.sealed), context=("statement", str(complaint.public_id))
        )
    )
    return OpenedStatement(
        story=held["story"],
        # As given they may name who shared them; what officers need is the thing they lead to.
        links=tuple(shown_link(text) for text in held.get("links", ())),
        other_act=held.get("other_act", ""),
        witness=held.get("witness", ""),
    )


_OFFICIAL = {
    name: f"official__{name}"
    for name in (
        "public_id",
        "name",
        "position",
        "grade",
        "unit",
        "unit_kind",
        "agency_text",
        "account",
        "nip",
        "employment",
    )
} | {
    "agency": "official__agency__name",
    "ppk_title": "official__agency__ppk_title",
    "person": "official__person__public_id",
}


def _events(model: type[ComplaintEvent] | type[CaseEvent], subject: str) -> ArraySubquery:
    return ArraySubquery(
        model.objects.filter(**{subject: OuterRef("pk")})
        .order_by("pk")
        .values(
            data=JSONObject(
                action="action",
                target="target",
                actor="actor__name",
                actor_kind="actor_kind",
                reason="reason",
                at="at",
            )
        )
    )


def _deadlines(subject: str) -> ArraySubquery:
    return ArraySubquery(
        Deadline.objects.filter(**{subject: OuterRef("pk")})
        .order_by("due_at", "pk")
        .values(
            data=JSONObject(
                kind="kind",
                status="status",
                time_zone="time_zone",
                due_on="due_on",
                due_at="due_at",
                ended_on="ended_on",
                explanation="explanation",
                history="history",
                pauses="pauses",
                basis="time_limit__legal_basis",
            )
        )
    )


def _decisions(subject: str) -> ArraySubquery:
    return ArraySubquery(
        PlenaryDecision.objects.filter(**{subject: OuterRef("pk")})
        .order_by("pk")
        .values(
            data=JSONObject(
                outcome="outcome",
                minutes_number="minutes_number",
                decided_on="decided_on",
                members_present="members_present",
                note="note",
                also="also",
            )
        )
    )


def complaint_files() -> ComplaintQuerySet:
    """Return records with all their page shows. One query when read, whatever stands around them."""
    return (
        Complaint.objects.select_related(
            *("office", "region", "contest", "statement", "traced_from", "assignee", "supervision")
        )
        .defer("search_text", "search")
        .annotate(
            act_rows=ArraySubquery(
                ActKind.objects.annotate(
                    place=Func(
                        OuterRef("acts"),
                        F("code"),
                        function="array_position",
                        output_field=IntegerField(),
                    )
                )
                .filter(place__isnull=False)
                .order_by("order")
                .values("label_id")
            ),
            official_rows=ArraySubquery(
                ComplaintOfficial.objects.filter(complaint=OuterRef("pk"))
                .order_by("pk")
                .values(data=JSONObject(**_OFFICIAL))
            ),
            check_rows=ArraySubquery(
                RequirementCheck.objects.filter(complaint=OuterRef("pk")).values(
                    data=JSONObject(
                        requirement="requirement",
                        is_met="is_met",
                        note="note",
                        by="checked_by__name",
                        at="checked_at",
                    )
                )
            ),
            event_rows=_events(ComplaintEvent, "complaint"),
            # The last thing somebody did that may be taken back; a note never is.
            worked_at=Subquery(
                WorkEvent.objects.filter(complaint=OuterRef("pk"))
                .exclude(action=WorkAction.NOTE)
                .order_by("-pk")
                .values("at")[:1]
            ),
            deadline_rows=_deadlines("complaint"),
            decision_rows=_decisions("complaint"),
            case_public_id=Subquery(
                CaseComplaint.objects.filter(complaint=OuterRef("pk")).values("case__public_id")
            ),
            finding_public_id=Subquery(
                Complaint.objects.filter(traced_from=OuterRef("pk")).values("public_id")
            ),
            link_rows=ArraySubquery(
                EvidenceLink.objects.filter(complaint=OuterRef("pk"))
                .order_by("pk")
                .values(data=JSONObject(public_id="public_id", url="clean_url"))
            ),
            evidence_count=Coalesce(
                Subquery(
                    Evidence.objects.filter(complaint=OuterRef("pk"))
                    .exclude(status=EvidenceStatus.ERASED)
                    .order_by()
                    .values("complaint")
                    .annotate(count=Count("pk"))
                    .values("count")
                ),
                0,
            ),
            has_urgent_letter=Exists(
                Message.objects.filter(
                    complaint=OuterRef("pk"), is_urgent=True, read_on__isnull=True
                )
            ),
        )
    )


def complaint_file(*, public_id: UUID, viewer: User) -> Complaint | None:
    """Return a record that somebody may see, with all its page shows. One query."""

    def build(asker: Asker, public_id: UUID) -> ComplaintQuerySet:
        return complaint_files().visible_to(asker.user).filter(public_id=public_id)

    rows = kept_rows("record", build, Asker(viewer, timezone.now()), public_id=public_id)
    return rows[0] if rows else None


def case_files() -> CaseQuerySet:
    """Return cases with all their page shows. One query when read."""
    return Case.objects.select_related("office", "contest").annotate(
        allegation_rows=ArraySubquery(
            Allegation.objects.filter(case=OuterRef("pk"))
            .order_by("pk")
            .values(
                data=JSONObject(
                    allegation="public_id",
                    acts="acts",
                    event_on="event_on",
                    place="place",
                    description="description",
                    **_OFFICIAL,
                )
            )
        ),
        complaint_rows=ArraySubquery(
            CaseComplaint.objects.filter(case=OuterRef("pk"))
            .order_by("pk")
            .values(
                data=JSONObject(
                    public_id="complaint__public_id",
                    reference="complaint__reference",
                    title="complaint__title",
                    lane="complaint__lane",
                    received_on="complaint__received_on",
                )
            )
        ),
        event_rows=_events(CaseEvent, "case"),
        deadline_rows=_deadlines("case"),
        decision_rows=_decisions("case"),
    )


def case_file(*, public_id: UUID, viewer: User) -> Case | None:
    """Return a case that somebody may see, with all its steps show. One query."""

    def build(asker: Asker, public_id: UUID) -> CaseQuerySet:
        return case_files().visible_to(asker.user).filter(public_id=public_id)

    rows = kept_rows("case", build, Asker(viewer, timezone.now()), public_id=public_id)
    return rows[0] if rows else None


def act_labels() -> dict[str, str]:
    """Return every act's words by its code. One query."""
    return dict(ActKind.objects.values_list("code", "label_id"))


def clocks_of(rows: list[Row], *, at: datetime) -> list[Clock]:
    """Return the running deadlines of a file, the earliest first. No query."""
    return [
        replace(
            clock(
                kind=row["kind"],
                due_at=datetime.fromisoformat(row["due_at"]),
                time_zone=row["time_zone"],
                explanation=row["explanation"],
                at=at,
            ),
            moved=former_days(row["history"]),
        )
        for row in rows
        if row["status"] == Deadline.Status.OPEN
    ]


def history_of(rows: list[Row], decisions: list[Row], *, time_zone: str) -> list[Row]:
    """Return the timeline of a file, the newest first; plenary minutes stand with their event."""
    zone = ZoneInfo(time_zone)
    minutes = list(decisions)
    entries = []
    for row in rows:
        at = datetime.fromisoformat(row["at"]).astimezone(zone)
        # A reporter's step is kept by day: its hour is nobody's business.
        pattern = "l j M Y" if row["actor_kind"] == "reporter" else "l j M Y, H.i"
        who = row["actor"] or (_("Pelapor") if row["actor_kind"] == "reporter" else _("Sistem"))
        decision = next((each for each in minutes if each["outcome"] == row["action"]), None)
        if decision is not None:
            minutes.remove(decision)
            who = _("%(who)s · berita acara %(number)s, %(members)d anggota hadir") % {
                "who": who,
                "number": decision["minutes_number"],
                "members": decision["members_present"],
            }
        entries.append(
            {
                "title": str(EVENT_WORDS.get(row["action"], row["action"])),
                "when": dateformat.format(at, pattern),
                "note": who,
                "quote": row["reason"],
                "state": "done",
            }
        )
    entries.reverse()
    return entries


def official_facts(row: Row, *, on: date) -> Row:
    """Return one reported person as a page shows it: lines in words, number masked and remarked."""
    remark = nip_remark(row["nip"], on=on)
    place = ", ".join(part for part in (row["unit"], row["agency"] or row["agency_text"]) if part)
    return {
        **row,
        "shown": row["name"] or row["account"] or row["position"],
        "place": place,
        "agency_known": bool(row["agency"]),
        "nip_text": masked_nip(row["nip"]),
        "nip_remark": remark,
        "missing": [
            label
            for label, value in (
                (_("nama"), row["name"]),
                (_("NIP"), row["nip"]),
                (_("jabatan"), row["position"]),
                (_("instansi"), row["agency"]),
            )
            if not value
        ],
    }


def last_change(row: Any) -> str:
    """Return who moved a record or case last and when, for somebody who came too late. No query."""
    event = row.event_rows[-1]
    at = datetime.fromisoformat(event["at"]).astimezone(ZoneInfo(row.office.time_zone))
    return _("Baru diubah oleh %(who)s pada %(when)s. Muat ulang halaman.") % {
        "who": event["actor"] or _("sistem"),
        "when": dateformat.format(at, "j M, H.i"),
    }
