"""Candidates for a report: ``python -m bench.matching --sizes 100k,1M [--folder DIR]``. One JSON line each.

The rows of ``bench.seeding``, of which 5,000 are made one event of one day in the busiest kabupaten; then
an officer of Bawaslu RI, who may see everything and so has the most to look through, asks for the
candidates of 200 records: a tenth of them in that storm, a tenth beside it, the rest anywhere.
"""

import argparse
import io
import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bench.main import machine
from bench.product import running_product

CLUSTER = 5_000
STORM_ON = date(2024, 10, 5)
ASKED = 200
SIZES = {"1k": 1_000, "100k": 100_000, "1M": 1_000_000}


def main() -> None:
    """Start the product's database, seed it and ask from a process of the web's kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100k")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--inside", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(chosen.inside)
        return
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    with running_product(chosen.folder) as product:
        for name in chosen.sizes.split(","):
            product.show("bench.seeding", str(SIZES[name]))
            product.show("bench.matching", "--inside", str(SIZES[name]))


def inside(size: int) -> None:
    """Make the storm, write the keys, ask, print."""
    import django  # noqa: PLC0415 -- this half alone needs it

    django.setup()
    from django.db import connection  # noqa: PLC0415 -- after setup

    from complaints.models import Complaint, MatchKey  # noqa: PLC0415 -- after setup

    began = time.monotonic()
    storm = _storm()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {MatchKey._meta.db_table}")
        for block in _blocks():
            cursor.copy_expert(
                f"COPY {MatchKey._meta.db_table} (key, near_on, complaint_id) FROM STDIN",
                io.StringIO(block),
            )
        cursor.execute(f"VACUUM (ANALYZE) {MatchKey._meta.db_table}")
        cursor.execute("ANALYZE complaints_complaint")
        cursor.execute(
            "SELECT count(*), pg_total_relation_size(%s) FROM complaints_matchkey",
            [MatchKey._meta.db_table],
        )
        rows, held = cursor.fetchone()
    seconds = round(time.monotonic() - began, 1)
    kept = {"complaints": size, "rows": rows, "mib": held // 2**20, "seconds": seconds}
    print(json.dumps({"measure": "match_keys", **kept}), flush=True)
    rng = random.Random(3)
    beside = Complaint.objects.filter(region=storm["region"]).exclude(
        acts=["ATTEND_EVENT"], event_on=STORM_ON
    )
    _ask("anywhere", size, rng.sample(_some(ASKED * 8), ASKED * 8 // 10))
    _ask("in_the_storm", size, rng.sample(storm["ids"], ASKED // 10))
    _ask("beside_the_storm", size, list(beside.values_list("pk", flat=True)[: ASKED // 10]))


def _some(number: int) -> list[int]:
    """Return the keys of about ``number`` records from everywhere, the same in every run."""
    from django.db import connection  # noqa: PLC0415 -- after setup

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM complaints_complaint")
        share = min(100.0, 100.0 * number / cursor.fetchone()[0])
        cursor.execute(
            "SELECT id FROM complaints_complaint TABLESAMPLE BERNOULLI (%s) REPEATABLE (3)", [share]
        )
        return [pk for (pk,) in cursor]


def _storm() -> dict[str, Any]:
    """Make 5,000 records of the busiest kabupaten one event of one day."""
    from django.db import connection  # noqa: PLC0415 -- after setup
    from django.db.models import Count  # noqa: PLC0415 -- the same

    from complaints.models import Complaint  # noqa: PLC0415 -- the same

    made = Complaint.objects.filter(event_on=STORM_ON, acts=["ATTEND_EVENT"])
    if len(made) >= CLUSTER:  # of an earlier run over the same folder
        return {"region": made[0].region_id, "ids": [row.pk for row in made[:CLUSTER]]}
    region = Complaint.objects.values("region").annotate(n=Count("pk")).order_by("-n")[0]["region"]
    ids = list(
        Complaint.objects.filter(region=region)
        .order_by("pk")
        .values_list("pk", flat=True)[:CLUSTER]
    )
    short = CLUSTER - len(ids)
    if short > 0:
        ids += list(
            Complaint.objects.exclude(region=region)
            .order_by("pk")
            .values_list("pk", flat=True)[:short]
        )
    Complaint.objects.filter(pk__in=ids).update(
        region=region, event_on=STORM_ON, known_on=None, acts=["ATTEND_EVENT"]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE complaints_official SET name = 'Contoh Badai Wiratama', position = 'Camat' "
            "FROM complaints_complaintofficial AS named "
            "WHERE named.official_id = complaints_official.id AND named.complaint_id = ANY(%s)",
            [ids],
        )
    return {"region": region, "ids": ids}


def _blocks() -> Iterator[str]:
    """Yield the keys of every record as COPY reads them."""
    from django.db import connection  # noqa: PLC0415 -- after setup

    from complaints.matching.keys import keys_of  # noqa: PLC0415 -- the same
    from complaints.matching.records import Person, Record  # noqa: PLC0415 -- the same

    with connection.connection.cursor("rows", withhold=True) as cursor:
        cursor.itersize = 20_000
        cursor.execute(
            "SELECT c.id, r.code, coalesce(c.event_on, c.received_on), c.acts, "
            "       json_agg(json_build_array(o.name, o.nip, o.position, o.unit, a.code)) "
            "FROM complaints_complaint c JOIN registry_region r ON r.id = c.region_id "
            "JOIN complaints_complaintofficial n ON n.complaint_id = c.id "
            "JOIN complaints_official o ON o.id = n.official_id "
            "LEFT JOIN registry_agency a ON a.id = o.agency_id GROUP BY c.id, r.code"
        )
        lines: list[str] = []
        for pk, code, near_on, acts, people in cursor:
            record = Record(
                people=tuple(Person(n, nip, p, u, a or "") for n, nip, p, u, a in people),
                region=code if "." in code else "",
                province=code[:2],
                acts=frozenset(acts),
            )
            lines += [f"{key}\t{near_on}\t{pk}\n" for key in keys_of(record)]
            if len(lines) > 200_000:  # noqa: PLR2004 -- a block of some ten MB
                yield "".join(lines)
                lines.clear()
        yield "".join(lines)


def _ask(where: str, size: int, keys: list[int]) -> None:
    from django.db import connection  # noqa: PLC0415 -- after setup

    from bawaslu_cases.accounts.models import User  # noqa: PLC0415 -- the same
    from bawaslu_cases.accounts.roles import Role  # noqa: PLC0415 -- the same
    from bawaslu_cases.accounts.services import enrol_staff  # noqa: PLC0415 -- the same
    from bawaslu_cases.registry.models import Office  # noqa: PLC0415 -- the same
    from complaints.models import Complaint  # noqa: PLC0415 -- the same
    from complaints.selectors.candidates import candidates  # noqa: PLC0415 -- the same

    email = "ukur-mirip@contoh.id"
    viewer = User.objects.filter(email=email).first() or enrol_staff(
        email=email,
        name="Ukur",
        password=None,
        roles=[Role.CASE_OFFICER],
        office=Office.objects.get(level="RI"),
    )
    rows = list(Complaint.objects.filter(pk__in=keys))
    for row in rows[:5]:
        candidates(complaint=row, viewer=viewer)
    waits, found = [], 0
    cpu = time.process_time()
    for row in rows:
        began = time.perf_counter()
        found += len(candidates(complaint=row, viewer=viewer))
        waits.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / len(rows)
    connection.close()
    cuts = statistics.quantiles(waits, n=100)
    line = {"p50": cuts[49], "p95": cuts[94], "web_cpu_ms": cpu, "load": os.getloadavg()[0]}
    print(
        json.dumps(
            {"measure": f"candidates_{where}", "complaints": size, "asked": len(rows)}
            | {name: round(value, 1) for name, value in line.items()}
            | {"found": found}
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
