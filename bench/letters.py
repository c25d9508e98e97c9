"""Letters a second of one processor, through the step that the worker runs: record, letter, signature.

    .venv/bin/python -m bench.letters            # 300 letters of one person, 100 of three
    .venv/bin/python -m bench.letters --number 50

One JSON line each. ``letters_per_cpu_second`` counts the processor time of this process alone, so that it
stays the same on a busy machine; ``render`` is the letter alone, ``packet`` the canonical record, the
letter, the manifest, the signature and the sealing of both. Nothing is written to a database or a disk.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

# nothing of a database is asked for, yet the settings want one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://nobody@localhost/none")
os.environ.setdefault("RAYON_NUM_THREADS", "1")  # as in a fork of the worker
django.setup()

from bawaslu_cases.shared import envelope  # noqa: E402 -- Django first
from referrals.letters import recommendation_letter  # noqa: E402
from referrals.packets.canonical import canonical  # noqa: E402
from referrals.packets.files import manifest_of, packet_files  # noqa: E402
from referrals.packets.signing import sign  # noqa: E402

GOLDEN = Path(__file__).resolve().parents[1] / "tests/referrals/letters/golden/civil_service.json"
WARM_UP = 3


def main() -> int:
    """Measure and print."""
    reader = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reader.add_argument("--number", type=int, default=300)
    number = reader.parse_args().number
    for people, count in ((1, number), (3, max(number // 3, 1))):
        records = [_record(people, each) for each in range(count + WARM_UP)]
        for name, step in (("render", _render), ("packet", _packet)):
            _print(name, people, records, step)
    return 0


def _record(people: int, number: int) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    one = record["people"][0]
    return record | {
        "number": f"{number + 1:03}/Rekom-DPPL/TM/PB/Prov/14.00/X/2024",
        "matter": f"Temuan Nomor {number + 1:03}/Reg/TM/PB/Prov/14.00/X/2024",
        "summary": [f"{part} Perkara ke-{number}." for part in record["summary"]],
        "people": [{**one, "name": f"Contoh Wiratama {number} {each}"} for each in range(people)],
        "evidence": [],
    }


def _render(record: dict[str, Any]) -> int:
    return len(recommendation_letter(record))


def _packet(record: dict[str, Any]) -> int:
    written, letter = canonical(record), recommendation_letter(record)
    files = packet_files(written, letter, ())
    sign(manifest_of(number=record["number"], version=1, files=files))
    sealed = [envelope.seal(part, context=("bench",)) for part in (written, letter)]
    return sum(map(len, sealed))


def _print(
    name: str, people: int, records: list[dict[str, Any]], step: Callable[[dict[str, Any]], int]
) -> None:
    for record in records[:WARM_UP]:
        step(record)
    clock, processor = time.perf_counter(), time.process_time()
    size = sum(step(record) for record in records[WARM_UP:])
    count = len(records) - WARM_UP
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    line = {
        "measure": "letters",
        "step": name,
        "people": people,
        "count": count,
        "letters_per_cpu_second": round(count / processor, 1),
        "letters_per_second": round(count / clock, 1),
        "bytes": size // count,
        "load": round(os.getloadavg()[0], 1),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
