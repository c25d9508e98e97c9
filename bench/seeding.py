"""Complaints by COPY, in the shape the services give them. Run as the owner of the database.

Longer than a module should be: it is one list of tables, each with its rows, and reads from top to bottom.

``python -m bench.seeding N`` fills up to N complaints; what is there stays. Foreign keys are checked
by nobody while it runs (session_replication_role), so it is for databases that are thrown away.

Distributions: 30 % of the rows lie in ten regencies, 3 % are open, 15 % became cases, a tenth name a
second official, stories are 200 to 2,000 characters and really sealed. The first thousand are another
sort: with them every list, number and search of the desk is full at every size, so that a page at a
thousand shows what it shows at a million and growth is that of the database alone.
"""

import contextlib
import io
import json
import random
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django
from django.db import connection

django.setup()

from bawaslu_cases.registry.models import (  # noqa: E402 -- after setup
    ActKind,
    Agency,
    Contest,
    Office,
    RecipientBody,
    Region,
    TimeLimit,
    ViolationRule,
)
from bawaslu_cases.shared import envelope  # noqa: E402 -- after setup
from bawaslu_cases.shared.drawn_keys import draw_key  # noqa: E402 -- after setup
from bench.desk_rows import (  # noqa: E402 -- after setup
    Desk,
    add_decision,
    add_person,
    add_work,
    assignee_of,
    nip_of,
    staffed,
)
from complaints.models import (  # noqa: E402 -- after setup
    Allegation,
    Case,
    CaseComplaint,
    CaseEvent,
    Complaint,
    ComplaintEvent,
    ComplaintMilestone,
    ComplaintOfficial,
    Deadline,
    Official,
    PlenaryDecision,
    PlenaryVote,
    Receipt,
    ReportedPerson,
    RequirementCheck,
    Statement,
)
from referrals.models import FollowUp, FollowUpEvent, Referral, ReferralEvent, ReferralItem  # noqa: E402

BATCH = 5_000
REBUILD_INDEXES_FROM = 200_000
RARE_WORD = "Zulfahresa"
RARE_ROWS = 12
FULL_DESK = 1_000
"""So many records fill the desk: eight in ten open, a quarter in one regency, fifty of one person."""
DESK_REGION = "33.08"
FIRST = (  # noqa: SIM905 -- eighty words read better as one text
    "Adi Agus Ahmad Andi Anita Ari Arif Ayu Bagus Bambang Budi Cahya Citra Dedi Dewi Dian Dwi Edi "
    "Eka Eko Endah Erna Fajar Fitri Galih Hadi Hana Hari Hendra Ika Indah Indra Intan Irfan Joko "
    "Kartika Laila Lestari Lina Made Maya Mega Nanda Ningsih Novi Nur Putri Rahmat Rama Ratna Reza "
    "Rina Rini Riska Rudi Sari Sinta Siti Sri Surya Teguh Tika Tono Tri Umar Utami Vina Wahyu Wati "
    "Wayan Widya Wulan Yani Yoga Yudi Yuni Yusuf Zahra"
).split()
LAST = (  # noqa: SIM905 -- as above
    "Anggraini Ardiansyah Arifin Astuti Basuki Cahyono Firmansyah Gunawan Hakim Handayani Hartono "
    "Hasanah Hidayat Irawan Kurniawan Kusuma Lubis Mahendra Maulana Mulyani Nasution Nugroho "
    "Pamungkas Permana Prabowo Prasetyo Pratama Purnomo Rahayu Rahman Ramadhan Safitri Saputra "
    "Saragih Setiawan Siregar Subagyo Suharto Sulistyo Susanto Syahputra Utomo Wibowo Wijaya Wulandari"
).split()
KNOWN_NAME = "Budi Hidayat"
POSITIONS = (
    ("staf", 30),
    ("camat", 12),
    ("kepala dinas", 11),
    ("guru", 11),
    ("kepala sekolah", 9),
    ("lurah", 7),
    ("kepala bidang", 7),
    ("sekretaris dinas", 5),
    ("kepala puskesmas", 4),
    ("kepala seksi", 4),
)
PLACES = (
    "Balai Desa Sukamaju",
    "Lapangan Kecamatan",
    "Grup WhatsApp kantor",
    "Halaman Kantor Dinas",
    "Gedung Serba Guna",
    "Aula Sekolah",
    "Pasar Induk",
    "Rumah Makan Sederhana",
    "Akun media sosial",
    "",
)
STORY = (
    "Saya melihat sendiri pejabat itu mengajak orang memilih salah satu calon pada acara kantor. "
)
DAY = timedelta(days=1)


@dataclass
class World:
    """Reference rows and the clock, read once."""

    now: datetime
    provinces: dict[str, int]
    office_of: dict[int, int]
    regions: list[tuple[int, str, str]]
    busy: list[tuple[int, str, str]]
    desk_region: tuple[int, str, str]
    agencies: dict[int, tuple[int, str]]
    acts: list[tuple[str, str]]
    contests: list[int]
    rules: list[int]
    limit: int
    handling: int
    body: int
    staff: int
    desk: Desk


class Tables:
    """Rows waiting to be copied, by table."""

    def __init__(self) -> None:
        self.columns: dict[str, str] = {}
        self.rows: dict[str, list[str]] = {}
        self.defaults: dict[str, list[str]] = {}

    def add(self, model: Any, **values: Any) -> None:
        """Add one row; the columns are those of the first row of the table.

        A column that must not be null and is not named gets the model's default, or the database's.
        """
        table = model._meta.db_table
        if table not in self.columns:
            names = {f.name: f.column for f in model._meta.concrete_fields}
            names |= {f.column: f.column for f in model._meta.concrete_fields}
            named = [names[name] for name in values]
            unnamed = [
                f
                for f in model._meta.concrete_fields
                if f.column not in named
                and not (f.null or f.generated or f.primary_key or f.has_db_default())
            ]
            columns = named + [f.column for f in unnamed]
            self.columns[table] = ", ".join(f'"{column}"' for column in columns)
            self.defaults[table] = [_default(f) for f in unnamed]
            self.rows[table] = []
        told = [_text(value) for value in values.values()]
        self.rows[table].append("\t".join(told + self.defaults[table]))

    def flush(self) -> None:
        """Copy everything and forget it."""
        with connection.cursor() as cursor:
            for table, rows in self.rows.items():
                if rows:
                    data = io.StringIO("\n".join(rows) + "\n")
                    cursor.copy_expert(f'COPY "{table}" ({self.columns[table]}) FROM STDIN', data)
                    rows.clear()


def _default(field: Any) -> str:
    value = field.get_default()
    return _text({"json": value} if field.get_internal_type() == "JSONField" else value)


def _text(value: Any) -> str:
    """Return the value as COPY's text format writes it. Texts here hold no tab and no backslash."""
    match value:
        case None:
            text = r"\N"
        case bool():
            text = "t" if value else "f"
        case bytes():
            text = r"\\x" + value.hex()
        case list():
            text = "{" + ",".join(f'"{item}"' for item in value) + "}"
        case dict():
            text = json.dumps(value["json"])
        case _:
            text = str(value)
    return text


def fill(target: int) -> int:
    """Bring the number of complaints to ``target``; return how many were added."""
    first = (Complaint.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    if first > target:
        # A folder kept since before an index was remade: its statistics and its map of visible pages are old.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) complaints_complaint, complaints_case")
        return 0
    world = _world()
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = 'replica'")
    with _indexes_aside(target - first + 1 >= REBUILD_INDEXES_FROM):
        tables = Tables()
        for number in range(first, target + 1):
            rng = random.Random(number)
            _complaint(number, rng, world, tables)
            if number % BATCH == 0 or number == target:
                tables.flush()
                if number % (BATCH * 20) == 0:
                    rate = (number - first + 1) / (time.monotonic() - began)
                    print(f"seeded {number:,} ({rate:,.0f} a second)", file=sys.stderr)
    _set_sequences()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = 'origin'")
        cursor.execute("VACUUM (ANALYZE)")
    return target - first + 1


def _world() -> World:
    from bawaslu_cases.accounts.models import User  # noqa: PLC0415 -- after setup

    now = datetime.now(UTC).replace(microsecond=0)
    regions = list(
        Region.objects.filter(parent__isnull=False)
        .values_list("pk", "code", "name")
        .order_by("code")
    )
    shuffled = regions[:]
    random.Random(7).shuffle(shuffled)
    offices = {
        region: pk
        for pk, region in Office.objects.filter(region__isnull=False).values_list("pk", "region_id")
    }
    agencies = {
        region: (pk, name)
        for pk, region, name in Agency.objects.filter(
            region__isnull=False, valid_to__isnull=True
        ).values_list("pk", "region_id", "name")
    }
    today = now.date()
    return World(
        now=now,
        provinces=dict(Office.objects.filter(level="PROVINCE").values_list("region__code", "pk")),
        office_of=offices,
        regions=[row for row in regions if row[0] in agencies],
        busy=[row for row in shuffled if row[0] in agencies][:10],
        desk_region=next(row for row in regions if row[1] == DESK_REGION),
        agencies=agencies,
        acts=list(ActKind.objects.values_list("code", "label_id")),
        contests=list(Contest.objects.filter(year__in=[2020, 2024]).values_list("pk", flat=True)),
        rules=list(ViolationRule.objects.in_force(today).values_list("pk", flat=True)),
        limit=TimeLimit.objects.in_force(today).get(code="initial_review", regime="PEMILU").pk,
        handling=TimeLimit.objects.in_force(today).get(code="handling", regime="PEMILU").pk,
        body=RecipientBody.objects.get(code="BKN").pk,
        staff=User.objects.order_by("pk").values_list("pk", flat=True).first() or 1,
        desk=staffed(),
    )


def _region(n: int, rng: random.Random, world: World) -> tuple[int, str, str]:
    of_all = rng.choice(
        world.busy if rng.random() < 0.3 else world.regions  # noqa: PLR2004 -- the docstring's 30 %
    )
    return world.desk_region if n <= FULL_DESK and n % 4 == 0 else of_all


def _name(n: int, rng: random.Random) -> str:
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    if n <= FULL_DESK and n % 20 == 5:  # noqa: PLR2004
        return KNOWN_NAME
    return f"{name} {RARE_WORD}" if n % 80 == 0 and n // 80 <= RARE_ROWS else name


def _complaint(n: int, rng: random.Random, world: World, tables: Tables) -> None:
    region_id, region_code, region_name = _region(n, rng, world)
    fills = n <= FULL_DESK
    is_tip = rng.random() < 0.8  # noqa: PLR2004
    is_open = rng.random() < (0.8 if fills else 0.03)  # the docstring's 3 %
    became = not is_tip and not is_open and rng.random() < 0.78  # noqa: PLR2004
    received = world.now.date() - DAY * (rng.randrange(12) if is_open else rng.randrange(5, 1_800))
    office = world.provinces[region_code[:2]] if is_tip else world.office_of[region_id]
    if is_tip:
        status = (
            rng.choice(("received", "received", "proposed", "tracing"))
            if is_open
            else (rng.choice(("archived", "archived", "found")))
        )
    else:
        status = "recorded" if is_open else ("registered" if became else "archived")
    act, label = rng.choice(world.acts)
    position = rng.choices([p for p, _w in POSITIONS], [w for _p, w in POSITIONS])[0]
    name = _name(n, rng)
    agency_id, agency_name = world.agencies[region_id]
    place = rng.choice(PLACES)
    if fills and n % 20 == 7:  # noqa: PLR2004
        position, place = "camat", PLACES[0]
    title = f"{position.capitalize()}: {label[:1].lower()}{label[1:]}"[:160]
    reference = f"{'IA' if is_tip else 'TM'}-{received:%y%m}-{1_000_000 + n}"
    event_on = received - DAY * rng.randrange(6)
    at = _at(received, rng)
    span = (-60, 60) if fills else (-480, 240)
    due = world.now + timedelta(hours=rng.randrange(*span)) if is_open else None
    public_id = uuid.UUID(int=rng.getrandbits(128), version=4)
    desk_rng = random.Random(-n)
    nip = nip_of(n, desk_rng)
    tables.add(
        Complaint,
        id=n,
        public_id=public_id,
        reference=reference,
        lane="tip" if is_tip else "finding",
        status=status,
        status_at=at,
        office_id=office,
        region_id=region_id,
        contest_id=rng.choice(world.contests),
        title=title,
        acts=[act],
        event_on=event_on,
        event_precision="day",
        known_on=event_on,
        received_on=received,
        place=place,
        platform=rng.choice(("", "", "facebook", "whatsapp", "tiktok")),
        reporter_kind=rng.choice(("citizen", "asn_other", "undisclosed")) if is_tip else "officer",
        witness_known=rng.random() < 0.3,  # noqa: PLR2004
        search_text=" ".join(
            part
            for part in (reference, title, place, region_name, name, nip, position, agency_name)
            if part
        ),
        due_at=due,
        assignee_id=assignee_of(world.desk, office, desk_rng)
        if is_open and not (fills and n % 2)
        else None,
    )
    story = STORY * rng.randrange(2, 21)
    sealed = json.dumps(
        {"story": story[: rng.randrange(200, 2000)], "links": [], "other_act": "", "witness": ""}
    )
    tables.add(
        Statement,
        complaint_id=n,
        sealed=envelope.seal(sealed.encode(), context=("statement", str(public_id))),
    )
    person = None
    if became:
        person = add_person(tables, n, desk_rng, name=name, since=received)
    _people(n, rng, tables, name, position, agency_id, nip=nip, person=person)
    add_work(tables, n, world.desk, desk_rng, office=office, received=received)
    if outcome := PLENARY_OUTCOME.get(status) if is_tip else None:
        add_decision(tables, world.desk, outcome=outcome, at=at + DAY, complaint=n)
    _history(n, rng, world, tables, status, is_tip=is_tip, at=at)
    if is_tip:
        tables.add(
            Receipt,
            complaint_id=n,
            handle=f"{rng.randrange(100_000):05d}",
            salt=rng.randbytes(16),
            verifier=rng.randbytes(32),
            mailbox_pk=rng.randbytes(32),
            consent_pk=rng.randbytes(32),
        )
    if due is not None:
        _deadline(
            tables, world, due, received, complaint_id=n, limit=world.limit, kind="initial_review"
        )
    if became:
        _case(n, rng, world, tables, title, office, received, event_on, agency_id)


def _at(day: date, rng: random.Random) -> datetime:
    return datetime(
        day.year, day.month, day.day, rng.randrange(1, 9), rng.randrange(60), tzinfo=UTC
    )


def _people(
    n: int,
    rng: random.Random,
    tables: Tables,
    name: str,
    position: str,
    agency_id: int,
    *,
    nip: str,
    person: int | None,
) -> None:
    people = [(2 * n, name)]
    if rng.random() < 0.1:  # noqa: PLR2004 -- the docstring's tenth
        people.append((2 * n + 1, f"{rng.choice(FIRST)} {rng.choice(LAST)}"))
    for key, called in people:
        tables.add(
            Official,
            id=key,
            public_id=uuid.UUID(int=rng.getrandbits(128), version=4),
            name=called,
            position=position,
            grade="",
            unit="Kecamatan Sukamaju",
            unit_kind="GENERAL",
            agency_id=agency_id,
            agency_text="",
            account="",
            nip=nip if key == 2 * n else "",
            employment="UNKNOWN",
            person_id=person if key == 2 * n else None,
        )
        tables.add(ComplaintOfficial, complaint_id=n, official_id=key)


PLENARY_OUTCOME = {
    "tracing": "approve_tracing",
    "found": "approve_tracing",
    "archived": "decline",
}
HISTORIES = {
    "received": (),
    "recorded": (),
    "proposed": (("propose_tracing", "received", "proposed"),),
    "tracing": (
        ("propose_tracing", "received", "proposed"),
        ("approve_tracing", "proposed", "tracing"),
    ),
    "found": (
        ("propose_tracing", "received", "proposed"),
        ("approve_tracing", "proposed", "tracing"),
        ("confirm", "tracing", "found"),
    ),
    "archived": (
        ("propose_archive", "received", "proposed"),
        ("decline", "proposed", "archived"),
    ),
    "registered": (("register", "recorded", "registered"),),
}


def _history(
    n: int,
    rng: random.Random,
    world: World,
    tables: Tables,
    status: str,
    *,
    is_tip: bool,
    at: datetime,
) -> None:
    steps = HISTORIES[status]
    if status == "archived" and not is_tip:
        steps = (("cancel", "recorded", "archived"),)
    _events(
        tables,
        ComplaintEvent,
        "complaint_id",
        n,
        world,
        at,
        "received" if is_tip else "recorded",
        steps,
    )
    milestones = ["received" if is_tip else "finding"]
    milestones += ["checked", "closed"][: len(steps)]
    for kind in milestones:
        tables.add(
            ComplaintMilestone, id=draw_key(at.date()), complaint_id=n, kind=kind, on=at.date()
        )
    if status in {"proposed", "tracing"}:
        for requirement in ("reported_party", "in_time", "time_place", "description", "evidence"):
            tables.add(
                RequirementCheck,
                complaint_id=n,
                requirement=requirement,
                is_met=rng.random() < 0.8,  # noqa: PLR2004
                note="",
                checked_by_id=world.staff,
                checked_at=at,
            )


def _events(
    tables: Tables,
    model: Any,
    link: str,
    key: int,
    world: World,
    at: datetime,
    initial: str,
    steps: tuple[tuple[str, str, str], ...],
) -> None:
    for day, (action, source, target) in enumerate((("create", "", initial), *steps)):
        tables.add(
            model,
            **{link: key},
            action=action,
            source=source,
            target=target,
            actor_id=world.staff if day else None,
            actor_kind="staff" if day else "system",
            reason="Tidak cukup petunjuk" if action in {"decline", "propose_archive"} else "",
            at=at + DAY * day,
        )


def _deadline(
    tables: Tables,
    world: World,
    due: datetime,
    starts_on: date,
    *,
    limit: int,
    kind: str,
    complaint_id: int | None = None,
    case_id: int | None = None,
) -> None:
    days = [
        {
            "date": (starts_on + DAY * day).isoformat(),
            "counted": day > 0,
            "number": day or None,
            "reason": "WORKING_DAY",
            "detail": "",
        }
        for day in range(8)
    ]
    tables.add(
        Deadline,
        kind=kind,
        time_limit_id=limit,
        status="open",
        time_zone="Asia/Jakarta",
        starts_on=starts_on,
        due_on=due.date(),
        due_at=due,
        ended_on=None,
        calendar_version=1,
        pauses={"json": []},
        explanation={"json": days},
        history={"json": []},
        complaint_id=complaint_id,
        case_id=case_id,
    )
    del world


CASE_STEPS = (
    ("submit_assessment", "registered", "assessed"),
    ("decide_refer", "assessed", "decided"),
    ("refer", "decided", "referred"),
    ("close", "referred", "closed"),
)
REFERRAL_STEPS = (
    ("approve", "proposed", "approved"),
    ("issue", "approved", "issued"),
    ("deliver", "issued", "delivered"),
    ("accept", "delivered", "accepted"),
    ("draft", "accepted", "drafted"),
    ("recommend", "drafted", "recommended"),
    ("close", "recommended", "closed"),
)


def _case(
    n: int,
    rng: random.Random,
    world: World,
    tables: Tables,
    title: str,
    office: int,
    received: date,
    event_on: date,
    agency_id: int,
) -> None:
    is_open = rng.random() < (0.8 if n <= FULL_DESK else 0.03)  # as many as complaints
    is_referred = not is_open and rng.random() < 0.6  # noqa: PLR2004
    at = _at(received, rng) + DAY
    due = world.now + timedelta(hours=rng.randrange(-480, 240)) if is_open else None
    decision = "" if is_open else ("decide_refer" if is_referred else "decide_stop")
    tables.add(
        Case,
        id=n,
        public_id=uuid.UUID(int=rng.getrandbits(128), version=4),
        register_number=(
            number := f"{n:03d}/Reg/TM/PB/Kab/{n % 97}.{n % 89:02d}/X/{received.year}"
        ),
        reference=number,
        status="registered" if is_open else ("closed" if is_referred else "stopped"),
        status_at=at,
        office_id=office,
        contest_id=rng.choice(world.contests),
        title=title,
        summary="Ringkasan netral petugas tentang peristiwa ini. " * 6,
        assessment="Unsur terlapor, perbuatan, waktu, dan tempat diperiksa. " * 20,
        registered_on=at.date(),
        due_at=due,
        assignee_id=assignee_of(world.desk, office, random.Random(-n)) if is_open else None,
        decision=decision,
    )
    if decision:
        add_decision(tables, world.desk, outcome=decision, at=at + DAY * 2, case=n)
    tables.add(CaseComplaint, case_id=n, complaint_id=n)
    tables.add(
        Allegation,
        id=n,
        public_id=uuid.UUID(int=rng.getrandbits(128), version=4),
        case_id=n,
        official_id=2 * n,
        acts=["POST_SUPPORT"],
        event_on=event_on,
        place="Balai Desa Sukamaju",
        description="",
    )
    steps = CASE_STEPS if is_referred else (CASE_STEPS[0], ("decide_stop", "assessed", "stopped"))
    _events(tables, CaseEvent, "case_id", n, world, at, "registered", () if is_open else steps)
    if due is not None:
        _deadline(tables, world, due, at.date(), case_id=n, limit=world.handling, kind="handling")
    if is_referred:
        _referral(n, rng, world, tables, at + DAY * 3, agency_id, office)


def _referral(
    n: int,
    rng: random.Random,
    world: World,
    tables: Tables,
    at: datetime,
    agency_id: int,
    office: int,
) -> None:
    tables.add(
        Referral,
        id=n,
        public_id=uuid.UUID(int=rng.getrandbits(128), version=4),
        case_id=n,
        office_id=office,
        recipient_id=world.body,
        number=f"{n:03d}/Rekom-DPPL/TM/PB/Kab/{n % 97}.{n % 89:02d}/X/{at.year}",
        version=1,
        status="closed",
        status_at=at,
        summary="Ringkasan netral petugas tentang peristiwa ini. " * 6,
        due_at=None,
    )
    tables.add(
        ReferralItem,
        referral_id=n,
        allegation_id=n,
        official_id=2 * n,
        rule_id=rng.choice(world.rules),
        legal_bases=["SKB 22 September 2022 Lampiran II", "PP 94/2021 ps 5 huruf n"],
        sanction_class="MODERATE",
        agency_id=agency_id,
        ppk_title="Bupati",
        ppk_conflict=False,
        explanation={"json": [["Perbuatan: membagikan dukungan", "SKB 2022"]] * 6},
        departure_reason="",
    )
    _events(tables, ReferralEvent, "referral_id", n, world, at, "proposed", REFERRAL_STEPS)
    tables.add(
        FollowUp,
        id=n,
        public_id=uuid.UUID(int=rng.getrandbits(128), version=4),
        referral_id=n,
        office_id=office,
        official_id=2 * n,
        agency_id=agency_id,
        ppk_title="Bupati",
        recommended_class="MODERATE",
        recommendation="Agar dijatuhi sanksi.",
        recommended_on=at.date(),
        status="verified",
        status_at=at,
        due_at=None,
    )
    _events(
        tables,
        FollowUpEvent,
        "follow_up_id",
        n,
        world,
        at,
        "awaiting",
        (("answer", "awaiting", "answered"), ("verify", "answered", "verified")),
    )


@contextlib.contextmanager
def _indexes_aside(wanted: bool) -> Iterator[None]:  # noqa: FBT001
    """Drop the indexes no constraint needs while a big load runs, and build them afterwards."""
    definitions: list[str] = []
    with connection.cursor() as cursor:
        if wanted:
            cursor.execute(
                """
                SELECT indexname, indexdef FROM pg_indexes
                 WHERE schemaname = 'public' AND tablename ~ '^(complaints|referrals)_'
                   AND indexname NOT IN (
                       SELECT c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conindid)
                   AND indexdef NOT LIKE 'CREATE UNIQUE%'
                """
            )
            for name, definition in cursor.fetchall():
                definitions.append(definition)
                cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for definition in definitions:
                cursor.execute(definition)


def _set_sequences() -> None:
    with connection.cursor() as cursor:
        for model in (
            *(Official, Case, Allegation, Referral, FollowUp),
            *(ReportedPerson, PlenaryDecision, PlenaryVote),
        ):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )


if __name__ == "__main__":
    added = fill(int(sys.argv[1]))
    print(f"added {added:,}", file=sys.stderr)
