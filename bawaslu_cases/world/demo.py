"""The invented world behind ``./up``: accounts, a running election, and records in every state.

Everything is written by the services that people use; only the accounts, the contest and the two
printed receipt codes are set here. Run again, it adds what is missing and changes nothing else.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    Agency,
    Confidence,
    Contest,
    ContestPhase,
    ElectionCode,
    Employment,
    Office,
    PhaseKind,
    Regime,
    Region,
    UnitKind,
)
from bawaslu_cases.world import demo_vault, staff
from bawaslu_cases.world.demo_api import add_demo_client
from bawaslu_cases.world.demo_evidence import add_demo_evidence
from bawaslu_cases.world.demo_hands import give_out
from bawaslu_cases.world.demo_people import (
    CITY,
    PASSWORD,
    PROVINCE,
    REGENCY,
    REPORTED_NAMES,
    SIGN_INS,
    enrol_people,
)
from bawaslu_cases.world.demo_stories import EPISODES, PATHS, TALES, Tale
from bawaslu_cases.world.walk import Stage, Walk, deliver_pending, officers_facts
from complaints.models import Complaint, ImportedRecord
from complaints.receipts import ReceiptCode, format_code
from complaints.services.intake import Facts, ReportedPerson, record_finding, submit_tip
from complaints.services.receipts import prepare_receipt
from complaints.services.verification_turns import deal_records
from complaints.states import Lane
from referrals.models import Ladder
from referrals.services.escalation import escalate

__all__ = ["DEMO_CODES", "PASSWORD", "SIGN_INS", "Seeded", "seed_world"]

SOURCE = "demo"
CONTEST_CODE = "contoh"

_CODES = {
    "tip-received-0": ReceiptCode(handle="10001", secret="20002000300004"),  # noqa: S106 -- printed
    "tip-verified-0": ReceiptCode(handle="10002", secret="20002000300005"),  # noqa: S106 -- printed
}

DEMO_CODES: tuple[tuple[str, str], ...] = (
    ("Laporan yang baru diterima", " ".join(format_code(_CODES["tip-received-0"]))),
    ("Laporan yang sudah selesai", " ".join(format_code(_CODES["tip-verified-0"]))),
    *(
        (what, " ".join(format_code(demo_vault.PRINTED_CODES[key])))
        for what, key in (
            ("Laporan bernama, identitas dibuka", "sealed-attested-0"),
            ("Laporan bernama, KTP belum ditunjukkan", "sealed-received-1"),
        )
    ),
)
"""(what lies behind it, the 20 digits) of the receipts whose codes the demo prints."""

_OFFICE_REGIONS = {PROVINCE: "33", REGENCY: "33.08", CITY: "33.74"}
_START_OF_WORK = dt.time(9, 0)


@dataclass(frozen=True)
class Seeded:
    """How much was added by one run."""

    people: int
    records: int


@dataclass(frozen=True)
class _Record:
    """One record to write: a name that never changes, what it tells, and where it stands."""

    key: str
    lane: Lane
    path: str
    began: int
    office: str
    tale: Tale
    name: str


def seed_world(*, now: dt.datetime | None = None) -> Seeded:
    """Add what the demo world lacks; about fifteen seconds the first time."""
    now = now or timezone.now()
    people = enrol_people()
    add_demo_client(now)
    contest = _contest(now.date())
    known = set(ImportedRecord.objects.filter(source=SOURCE).values_list("external_id", flat=True))
    missing = [record for record in _records() if record.key not in known]
    days = _working_days(now)
    written = [_write(record, contest=contest, days=days, now=now) for record in missing]
    reports = _seed_reports(known, contest=contest, days=days, now=now)
    if missing or reports:
        add_demo_evidence()
        deliver_pending()
        _climb(now)
        deliver_pending()
        give_out(written)
        deal_records(at=now)
        _count_figures(now)
    return Seeded(people, len(missing) + reports)


def _seed_reports(
    known: set[str], *, contest: Contest, days: list[dt.date], now: dt.datetime
) -> int:
    """Add the reports with a sealed identity; none where this demo has no keys."""
    if not demo_vault.keys_at_hand():
        return 0
    longest = max(report.began for report in demo_vault.REPORTS)
    demo_vault.hold_ceremony(on=days[longest + 1])
    missing = [report for report in demo_vault.REPORTS if report.key not in known]
    written = []
    with transaction.atomic():
        for number, report in enumerate(missing):
            record = _Record(
                key=report.key,
                lane=report.lane,
                path=report.path,
                began=report.began,
                office=PROVINCE if report.lane == Lane.SEALED else REGENCY,
                tale=TALES[number % len(TALES)],
                name=REPORTED_NAMES[number % len(REPORTED_NAMES)],
            )
            clock = _report_clock(record, days=days, now=now)
            region = Region.objects.get(code=_OFFICE_REGIONS[record.office])
            facts = _facts(record, region=region, contest=contest, on=clock(0).date())
            complaint = demo_vault.take_in(report, facts=facts, at=clock(0), number=number)
            ImportedRecord.objects.create(
                source=SOURCE, external_id=report.key, complaint=complaint
            )
            written.append((report, complaint, clock))
        if written:
            demo_vault.lead_on(written)
    return len(written)


def _report_clock(
    record: _Record, *, days: list[dt.date], now: dt.datetime
) -> Callable[[int], dt.datetime]:
    """Return the moment of a report's step: one a working day, and what is asked now is asked now."""
    zone = ZoneInfo("Asia/Jakarta")

    def moment(step: int) -> dt.datetime:
        if step and record.path in {"asked", "released"}:
            return now
        day = days[max(record.began - step, 0)]
        at = dt.datetime.combine(day, _START_OF_WORK, tzinfo=zone) + dt.timedelta(minutes=7 * step)
        return min(at.astimezone(dt.UTC), now)

    return moment


def _records() -> Iterator[_Record]:
    """Deal tales, names and offices out to the episodes, the same way every time."""
    offices = tuple(_OFFICE_REGIONS)
    number = 0
    for episode in EPISODES:
        for index, began in enumerate(episode.began):
            yield _Record(
                key=f"{episode.lane}-{episode.path}-{index}",
                lane=episode.lane,
                path=episode.path,
                began=began,
                office=offices[number % len(offices)],
                tale=TALES[number % len(TALES)],
                name=REPORTED_NAMES[number % len(REPORTED_NAMES)],
            )
            number += 1


@transaction.atomic
def _write(
    record: _Record, *, contest: Contest, days: list[dt.date], now: dt.datetime
) -> Complaint:
    """Write one record and lead it where it stands."""
    region = Region.objects.get(code=_OFFICE_REGIONS[record.office])
    clock = _clock(record, days=days, now=now)
    begun = clock(None)
    facts = _facts(record, region=region, contest=contest, on=begun.date())
    if record.lane == Lane.TIP:
        complaint = submit_tip(facts=facts, at=begun).complaint
        _print_code(record.key, complaint)
    else:
        complaint = record_finding(
            facts=facts,
            officer=staff.office_staff(Office.objects.get(path=record.office), Role.CASE_OFFICER),
            at=begun,
        )
    ImportedRecord.objects.create(source=SOURCE, external_id=record.key, complaint=complaint)
    complaint = Complaint.objects.select_related("office", "region", "contest").get(pk=complaint.pk)
    PATHS[record.path](Walk(complaint=complaint, facts=officers_facts(facts), clock=clock))
    return complaint


def _facts(record: _Record, *, region: Region, contest: Contest, on: dt.date) -> Facts:
    tale = record.tale
    agency = tale.agency or ("P-33" if region.code == "33" else f"R-{region.code}")
    event_on = on - dt.timedelta(days=1 + record.began % 2)
    return Facts(
        acts=[tale.act],
        people=[
            ReportedPerson(
                name=record.name,
                position=tale.position,
                unit=tale.unit,
                unit_kind=tale.unit_kind or UnitKind.GENERAL,
                agency=Agency.objects.get(code=agency),
                employment=Employment.PNS,
            )
        ],
        region=region,
        story=f"{tale.story} (Contoh, bukan peristiwa nyata.)",
        event_on=event_on,
        known_on=on,
        place=tale.place,
        platform=tale.platform,
        links=tale.links,
        reporter_kind=(
            Complaint.ReporterKind.CITIZEN
            if record.lane != Lane.FINDING
            else Complaint.ReporterKind.OFFICER
        ),
        contest=contest,
    )


def _print_code(key: str, complaint: Complaint) -> None:
    """Give the two printed records the code that is printed."""
    code = _CODES.get(key)
    if code is None:
        return
    prepare_receipt(code=code).bind(complaint).save(force_update=True)


def _working_days(now: dt.datetime) -> list[dt.date]:
    """Return the last working days of the province, newest first; today is one even on a Sunday."""
    office = Office.objects.get(path=PROVINCE)
    calendar = registry.working_calendar(office=office)
    today = now.astimezone(ZoneInfo(office.time_zone)).date()
    longest = max(began for episode in EPISODES for began in episode.began)
    days = [today]
    day = today
    while len(days) <= longest:
        day -= dt.timedelta(days=1)
        if day.weekday() < 5 and day not in calendar.days_off:  # noqa: PLR2004 -- Saturday is 5
            days.append(day)
    return days


def _clock(
    record: _Record, *, days: list[dt.date], now: dt.datetime
) -> Callable[[Stage | None], dt.datetime]:
    """Return a clock of one step a working day, from the day the record began; never ahead of now."""
    first = Stage.RECEIVED if record.lane == Lane.TIP else Stage.FINDING
    zone = ZoneInfo("Asia/Jakarta")

    def moment(here: Stage | None) -> dt.datetime:
        taken = 0 if here is None else here.position - first.position + 1
        day = days[max(record.began - taken, 0)]
        at = dt.datetime.combine(day, _START_OF_WORK, tzinfo=zone) + dt.timedelta(minutes=7 * taken)
        return min(at.astimezone(dt.UTC), now)

    return moment


@transaction.atomic
def _contest(today: dt.date) -> Contest:
    """Return the invented election that is under way, so that rules and phases have a meaning."""
    contest, created = Contest.objects.get_or_create(
        code=CONTEST_CODE,
        defaults={
            "name": "Pemilu Contoh",
            "regime": Regime.PEMILU,
            "election_code": ElectionCode.PL,
            "year": today.year,
            "starts_on": today - dt.timedelta(days=200),
            "ends_on": today + dt.timedelta(days=365),
            "voting_on": today + dt.timedelta(days=40),
            "confidence": Confidence.GAP,
            "source": "Dunia contoh, bukan pemilihan nyata",
        },
    )
    if created:
        phases = (
            (PhaseKind.PREPARATION, -200, -46),
            (PhaseKind.DETERMINED, -45, 365),
            (PhaseKind.CAMPAIGN, -42, 36),
            (PhaseKind.QUIET_PERIOD, 37, 39),
            (PhaseKind.VOTING, 40, 40),
        )
        ContestPhase.objects.bulk_create(
            ContestPhase(
                contest=contest,
                kind=kind,
                starts_on=today + dt.timedelta(days=first),
                ends_on=today + dt.timedelta(days=last),
                confidence=Confidence.GAP,
            )
            for kind, first, last in phases
        )
    return contest


def _climb(now: dt.datetime) -> None:
    """Take the rungs of the weeks behind, day by day, as beat would have."""
    first = Ladder.objects.aggregate(first=Min("next_on"))["first"]
    while first is not None and first <= now.date():
        noon = dt.datetime.combine(first, dt.time(5), tzinfo=dt.UTC)
        escalate(at=min(noon, now))
        first += dt.timedelta(days=1)


def _count_figures(now: dt.datetime) -> None:
    """Publish figures at once: invented ones first, because the few records here would all be hidden."""
    from bawaslu_cases.world.demo_figures import (  # noqa: PLC0415 -- start-up time
        publish_demo_figures,
    )
    from referrals.services.figures import refresh_figures  # noqa: PLC0415 -- start-up time

    publish_demo_figures(now)
    refresh_figures(at=now)
