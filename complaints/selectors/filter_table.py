"""The filters of the queue: one row each, in the order in which the page of filters asks for them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import GreaterThan, IsNull
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import (
    ActGroup,
    ActKind,
    Agency,
    Contest,
    ContestPhase,
    Employment,
    PhaseKind,
    Regime,
    UnitKind,
)
from complaints.models import (
    ClusterMember,
    Complaint,
    ComplaintOfficial,
    ComplaintTag,
    Evidence,
    EvidenceLink,
    Likeness,
    MatchKey,
    Message,
    OfficeChange,
    RepairRequest,
    RequirementCheck,
)
from complaints.models.complaint import ComplaintQuerySet
from complaints.rules.overdue import far_before
from complaints.selectors.filter_choices import (
    PEOPLE_WORDS,
    act_choices,
    colleague_choices,
    contest_choices,
    end_of_day,
    offices_under,
    region_choices,
    scope_choices,
    tag_choices,
)
from complaints.selectors.filters import YES_NO, Asker, Cut, Filter, Group, Kind, day_of
from complaints.selectors.news import news_beyond_mark
from complaints.selectors.record_page import PLATFORM_NAMES
from complaints.selectors.searching import in_words
from complaints.selectors.stalled import stands_still
from complaints.states import (
    ComplaintStatus,
    EvidenceStatus,
    Lane,
    LikenessStatus,
    Requirement,
    requirements_of,
)

VERY_LATE = timedelta(days=7)
"""Past its deadline by more than this a record counts as very late, the last of three levels."""
NEAR = timedelta(days=7)
"""Records that share a clue count as near when their events lie at most this far apart."""

Rows = ComplaintQuerySet
Values = Sequence[str]


def _one_of(field: str) -> Cut:
    return lambda rows, values, _asker: rows.filter(**{f"{field}__in": values})


def _of_contests(field: str) -> Cut:
    """Cut by keys, read first: the planner knows how many records each has, and of a code it does not."""
    return lambda rows, values, _asker: rows.filter(
        contest__in=list(
            Contest.objects.filter(**{f"{field}__in": values}).values_list("pk", flat=True)
        )
    )


def _is(field: str) -> Cut:
    return lambda rows, values, _asker: rows.filter(**{field: values[0] == "yes"})


def _since(field: str) -> Cut:
    return lambda rows, values, _asker: rows.filter(**{f"{field}__gte": day_of(values)})


def _until(field: str) -> Cut:
    return lambda rows, values, _asker: rows.filter(**{f"{field}__lte": day_of(values)})


def _has(related: "QuerySet[Any]") -> Cut:
    """Return a cut on whether a row of another table (with ``complaint``) is there: yes or no."""
    found = Exists(related.filter(complaint=OuterRef("pk")))

    def cut(rows: Rows, values: Values, _asker: Asker) -> Rows:
        return rows.filter(found if values[0] == "yes" else ~found)

    return cut


def _person(**wanted: Any) -> Exists:
    named = ComplaintOfficial.objects.filter(complaint=OuterRef("pk"))
    return Exists(named.filter(**{f"official__{name}": value for name, value in wanted.items()}))


def _of_acts(rows: Rows, codes: list[str]) -> Rows:
    """Cut by acts in a shape that no index serves and that is expected of 995 rows in 1,000.

    A list by deadline is walked until its page is full. PostgreSQL believes that next to nothing is open and
    past its deadline; it would fetch every record of the act, of a million mostly closed ones, and sort.
    A search through all records adds the condition that its index serves (``queue_rows``).
    """
    among = Case(When(acts__overlap=codes, then=Value(1)), output_field=IntegerField())
    return rows.filter(IsNull(among, False))  # noqa: FBT003 -- the lookup's own argument


def _by_act_group(rows: Rows, values: Values, _asker: Asker) -> Rows:
    codes = ActKind.objects.filter(group__in=values).values_list("code", flat=True)
    return _of_acts(rows, list(codes))


def _by_region(rows: Rows, values: Values, _asker: Asker) -> Rows:
    # A province takes in its kabupaten and kota: their codes begin with its own.
    wanted = Q()
    for code in values:
        wanted |= Q(region__code=code) | Q(region__code__startswith=f"{code}.")
    return rows.filter(wanted)


def _by_office(rows: Rows, values: Values, _asker: Asker) -> Rows:
    return rows.filter(office_id__in=offices_under(values))


def _by_place(rows: Rows, values: Values, _asker: Asker) -> Rows:
    # Its words are in the full-text index, which is where to begin; the place itself settles it.
    return in_words(rows, values[0]).filter(place__icontains=values[0])


def _by_phase(rows: Rows, values: Values, _asker: Asker) -> Rows:
    phase = ContestPhase.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("event_on")),
        contest=OuterRef("contest"),
        kind__in=values,
        starts_on__lte=OuterRef("event_on"),
    )
    return rows.filter(Exists(phase))


def _by_agency(rows: Rows, values: Values, _asker: Asker) -> Rows:
    text = values[0]
    known = Agency.objects.filter(
        Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__iexact=text)
    )
    ids = list(known.values_list("pk", flat=True))
    named = ComplaintOfficial.objects.filter(
        Q(official__agency__in=ids) | Q(official__agency_text__icontains=text),
        complaint=OuterRef("pk"),
    )
    return rows.filter(Exists(named))


def _by_post(rows: Rows, values: Values, _asker: Asker) -> Rows:
    return in_words(rows, values[0]).filter(_person(position__icontains=values[0]))


def _by_unit_kind(rows: Rows, values: Values, _asker: Asker) -> Rows:
    return rows.filter(_person(unit_kind__in=values))


def _by_employment(rows: Rows, values: Values, _asker: Asker) -> Rows:
    return rows.filter(_person(employment__in=values))


def _by_nip(rows: Rows, values: Values, _asker: Asker) -> Rows:
    known = _person(nip__gt="")
    return rows.filter(known if values[0] == "yes" else ~known)


def _by_evidence_kind(rows: Rows, values: Values, _asker: Asker) -> Rows:
    kept = Evidence.objects.filter(complaint=OuterRef("pk"), kind__in=values)
    return rows.filter(Exists(kept.exclude(status=EvidenceStatus.ERASED)))


def _by_due(rows: Rows, values: Values, asker: Asker) -> Rows:
    end = end_of_day(asker.user, asker.at)
    wanted = {
        "today": Q(due_at__gte=asker.at, due_at__lt=end),
        "two_days": Q(due_at__gte=asker.at, due_at__lt=end + timedelta(days=2)),
        "week": Q(due_at__gte=asker.at, due_at__lt=end + timedelta(days=7)),
        "none": Q(due_at__isnull=True),
    }
    return rows.filter(wanted[values[0]])


def _by_late(rows: Rows, values: Values, asker: Asker) -> Rows:
    before = {"late": asker.at, "far": far_before(asker.at), "very": asker.at - VERY_LATE}
    return rows.filter(due_at__lt=before[values[0]])


def _by_stalled(rows: Rows, values: Values, asker: Asker) -> Rows:
    still = stands_still("complaint", at=asker.at)
    return rows.filter(still) if values[0] == "yes" else rows.exclude(still)


def _by_assignee(rows: Rows, values: Values, asker: Asker) -> Rows:
    wanted = Q()
    for value in values:
        if value == "me":
            wanted |= Q(assignee=asker.user)
        elif value == "nobody":
            wanted |= Q(assignee__isnull=True)
        elif value == "somebody":
            wanted |= Q(assignee__isnull=False)
        else:
            wanted |= Q(assignee__public_id=value)
    return rows.filter(wanted)


def _by_tag(rows: Rows, values: Values, asker: Asker) -> Rows:
    links = ComplaintTag.objects.filter(tag__public_id__in=values, tag__office=asker.user.office)
    return rows.filter(pk__in=links.values("complaint"))


def _by_unread(rows: Rows, values: Values, asker: Asker) -> Rows:
    unread = GreaterThan(news_beyond_mark(asker.user), 0)
    return rows.filter(unread if values[0] == "yes" else ~Q(unread))


def _by_snoozed(rows: Rows, values: Values, asker: Asker) -> Rows:
    asleep = Q(snoozed_until__gt=asker.today)
    return rows.filter(asleep) if values[0] == "yes" else rows.exclude(asleep)


def _by_likeness(rows: Rows, values: Values, asker: Asker) -> Rows:
    """Keep records that share a clue with another one in reach which nobody compared with them yet."""
    settled = Likeness.objects.exclude(status=LikenessStatus.OPEN).filter(
        Q(first=OuterRef("complaint"), second=OuterRef(OuterRef("complaint")))
        | Q(second=OuterRef("complaint"), first=OuterRef(OuterRef("complaint")))
    )
    reach = Complaint.objects.visible_to(asker.user).filter(pk=OuterRef("complaint"))
    others = (
        MatchKey.objects.filter(
            key=OuterRef("key"),
            near_on__gte=OuterRef("near_on") - NEAR,
            near_on__lte=OuterRef("near_on") + NEAR,
        )
        .exclude(complaint=OuterRef("complaint"))
        .filter(Exists(reach), ~Exists(settled))
    )
    own = MatchKey.objects.filter(Exists(others), complaint=OuterRef("pk"))
    return rows.filter(Exists(own) if values[0] == "yes" else ~Exists(own))


def _by_requirement(rows: Rows, values: Values, _asker: Asker) -> Rows:
    """Keep records with one of these requirements not met or not looked at, where the lane asks for it."""
    wanted = Q()
    for value in values:
        lanes = [lane for lane in Lane.values if Requirement(value) in requirements_of(lane)]
        met = RequirementCheck.objects.filter(
            complaint=OuterRef("pk"), requirement=value, is_met=True
        )
        wanted |= Q(~Exists(met), lane__in=lanes)
    return rows.filter(wanted)


def _by_identity(rows: Rows, values: Values, _asker: Asker) -> Rows:
    said = RequirementCheck.objects.filter(
        complaint=OuterRef("pk"), requirement=Requirement.REPORTER
    )
    wanted = {
        "attested": Q(Exists(said.filter(is_met=True))),
        "doubted": Q(Exists(said.filter(is_met=False))),
        "open": Q(~Exists(said), lane__in=[Lane.SEALED, Lane.OPEN]),
    }
    return rows.filter(wanted[values[0]])


def waiting_letters() -> "QuerySet[Any]":
    """Return what reporters wrote and nobody at the desk has opened. A filter, no query."""
    return Message.objects.filter(direction=Message.Direction.FROM_REPORTER, read_on__isnull=True)


def _by_letters(rows: Rows, values: Values, _asker: Asker) -> Rows:
    waiting = waiting_letters()
    if values[0] == "urgent":
        waiting = waiting.filter(is_urgent=True)
    # Few at any time: the list begins at the letters, not at the records.
    return rows.filter(pk__in=waiting.values("complaint"))


def _by_cluster(rows: Rows, values: Values, _asker: Asker) -> Rows:
    joined = Exists(ClusterMember.objects.filter(complaint=OuterRef("pk")))
    leads = Exists(ClusterMember.objects.filter(lead=OuterRef("pk")))
    wanted = {"lead": Q(leads), "member": Q(joined), "none": Q(~joined) & Q(~leads)}
    return rows.filter(wanted[values[0]])


def _by_handover(rows: Rows, values: Values, _asker: Asker) -> Rows:
    return rows.filter(
        Exists(
            OfficeChange.objects.filter(
                complaint=OuterRef("pk"), ended_on__isnull=True, direction__in=values
            )
        )
    )


_KEPT = Evidence.objects.exclude(status=EvidenceStatus.ERASED)
_REPAIRS = RepairRequest.objects.filter(answered_on__isnull=True, lapsed_on__isnull=True)
_G, _K = Group, Kind

FILTERS: tuple[Filter, ...] = (
    Filter("status", _("Status"), _G.RECORD, _K.MANY, _one_of("status"), ComplaintStatus.choices),
    Filter("lane", _("Jalur"), _G.RECORD, _K.MANY, _one_of("lane"), Lane.choices),
    Filter(
        "late",
        _("Lewat tenggat"),
        _G.WORK,
        _K.ONE,
        _by_late,
        (
            ("late", _("Lewat")),
            ("far", _("Lewat lebih dari 2 hari")),
            ("very", _("Lewat lebih dari 7 hari")),
        ),
    ),
    Filter(
        "due",
        _("Jatuh tempo"),
        _G.WORK,
        _K.ONE,
        _by_due,
        (
            ("today", _("Hari ini")),
            ("two_days", _("Sampai lusa")),
            ("week", _("Dalam 7 hari")),
            ("none", _("Tanpa tenggat")),
        ),
    ),
    Filter("stalled", _("Tersendat"), _G.WORK, _K.ONE, _by_stalled, YES_NO),
    Filter(
        "assignee", _("Petugas"), _G.WORK, _K.MANY, _by_assignee, colleague_choices, PEOPLE_WORDS
    ),
    Filter("tag", _("Label"), _G.WORK, _K.MANY, _by_tag, tag_choices),
    Filter("unread", _("Belum saya baca"), _G.WORK, _K.ONE, _by_unread, YES_NO),
    Filter("snoozed", _("Ditunda"), _G.WORK, _K.ONE, _by_snoozed, YES_NO),
    Filter(
        "handover",
        _("Pindah kantor diusulkan"),
        _G.WORK,
        _K.MANY,
        _by_handover,
        OfficeChange.Direction.choices,
    ),
    Filter(
        "likeness", _("Berbagi petunjuk dengan laporan lain"), _G.WORK, _K.ONE, _by_likeness, YES_NO
    ),
    Filter(
        "cluster",
        _("Gabungan"),
        _G.WORK,
        _K.ONE,
        _by_cluster,
        (
            ("lead", _("Memimpin gabungan")),
            ("member", _("Digabung ke laporan lain")),
            ("none", _("Tidak digabung")),
        ),
    ),
    Filter(
        "requirement",
        _("Syarat belum terpenuhi"),
        _G.CHECKS,
        _K.MANY,
        _by_requirement,
        Requirement.choices,
    ),
    Filter(
        "identity",
        _("Identitas pelapor"),
        _G.CHECKS,
        _K.ONE,
        _by_identity,
        (
            ("attested", _("Sudah diverifikasi")),
            ("doubted", _("Tidak sesuai")),
            ("open", _("Belum diverifikasi")),
        ),
    ),
    Filter(
        "letters",
        _("Surat pelapor belum dibaca"),
        _G.CHECKS,
        _K.ONE,
        _by_letters,
        (("any", _("Ada")), ("urgent", _("Ada yang mendesak"))),
    ),
    Filter("repair", _("Sedang dilengkapi pelapor"), _G.CHECKS, _K.ONE, _has(_REPAIRS), YES_NO),
    Filter("act_group", _("Kelompok perbuatan"), _G.ACT, _K.MANY, _by_act_group, ActGroup.choices),
    Filter(
        "act",
        _("Perbuatan"),
        _G.ACT,
        _K.MANY,
        lambda rows, values, _asker: _of_acts(rows, list(values)),
        act_choices,
    ),
    Filter(
        "platform",
        _("Media sosial"),
        _G.ACT,
        _K.MANY,
        _one_of("platform"),
        [(code, words) for code, words in PLATFORM_NAMES.items()],
    ),
    Filter("regime", _("Rezim"), _G.ACT, _K.MANY, _of_contests("regime"), Regime.choices),
    Filter("contest", _("Pemilihan"), _G.ACT, _K.MANY, _of_contests("code"), contest_choices),
    Filter("phase", _("Tahapan saat kejadian"), _G.ACT, _K.MANY, _by_phase, PhaseKind.choices),
    Filter("region", _("Wilayah kejadian"), _G.PLACE, _K.MANY, _by_region, region_choices),
    Filter(
        "place",
        _("Tempat atau kecamatan"),
        _G.PLACE,
        _K.TEXT,
        _by_place,
        hint=_("Kata utuh, misalnya Tirta Jaya"),
    ),
    Filter("office", _("Kantor"), _G.PLACE, _K.MANY, _by_office, scope_choices),
    Filter(
        "agency",
        _("Instansi terlapor"),
        _G.PERSON,
        _K.TEXT,
        _by_agency,
        hint=_("Nama, singkatan, atau kode"),
    ),
    Filter(
        "post",
        _("Jabatan terlapor"),
        _G.PERSON,
        _K.TEXT,
        _by_post,
        hint=_("Kata utuh, misalnya camat"),
    ),
    Filter("unit_kind", _("Jenis unit kerja"), _G.PERSON, _K.MANY, _by_unit_kind, UnitKind.choices),
    Filter(
        "employment",
        _("Status kepegawaian"),
        _G.PERSON,
        _K.MANY,
        _by_employment,
        Employment.choices,
    ),
    Filter("nip", _("NIP diketahui"), _G.PERSON, _K.ONE, _by_nip, YES_NO),
    Filter(
        "reporter",
        _("Pelapor sebagai"),
        _G.PERSON,
        _K.MANY,
        _one_of("reporter_kind"),
        Complaint.ReporterKind.choices,
    ),
    Filter("evidence", _("Ada berkas bukti"), _G.PROOF, _K.ONE, _has(_KEPT), YES_NO),
    Filter(
        "evidence_kind",
        _("Jenis berkas"),
        _G.PROOF,
        _K.MANY,
        _by_evidence_kind,
        tuple((value, label) for value, label in Evidence.Kind.choices if value),
    ),
    Filter("link", _("Ada tautan"), _G.PROOF, _K.ONE, _has(EvidenceLink.objects.all()), YES_NO),
    Filter("witness", _("Ada saksi"), _G.PROOF, _K.ONE, _is("witness_known"), YES_NO),
    Filter("event_from", _("Kejadian sejak"), _G.DAYS, _K.DAY, _since("event_on")),
    Filter("event_to", _("Kejadian sampai"), _G.DAYS, _K.DAY, _until("event_on")),
    Filter("known_from", _("Diketahui sejak"), _G.DAYS, _K.DAY, _since("known_on")),
    Filter("known_to", _("Diketahui sampai"), _G.DAYS, _K.DAY, _until("known_on")),
    Filter("received_from", _("Diterima sejak"), _G.DAYS, _K.DAY, _since("received_on")),
    Filter("received_to", _("Diterima sampai"), _G.DAYS, _K.DAY, _until("received_on")),
    Filter(
        "precision",
        _("Ketelitian tanggal kejadian"),
        _G.DAYS,
        _K.MANY,
        _one_of("event_precision"),
        Complaint.DatePrecision.choices,
    ),
)

BY_NAME = {row.name: row for row in FILTERS}
