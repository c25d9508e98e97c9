"""F18: this release over the one before it, while reporters send through the web, and the way back.

``F18_REPORTS=100000`` fills the database as the check has it; by default there are fewer reports. The code of
the release before comes out of the repository's history; without it (an archive, a shallow clone) nothing
can be said here.
"""

import os
import subprocess

import pytest

from bench.product import ROOT
from bench.upgrade import Pace, there_and_back
from tests.support.ports import free_ports
from tests.support.release_before import COMMIT, LAST

pytestmark = [pytest.mark.long(150), pytest.mark.faults]

REPORTS = int(os.environ.get("F18_REPORTS", "10000"))
LONGEST_LOCK = "3s"
"""A second on a server (``bench.upgrade``); here whoever holds a lock waits for a processor meanwhile."""
NOT_COMPRESSED = {
    "PYTHONPATH": str(ROOT / "tests/support/static_as_it_is"),
    "DJANGO_SETTINGS_MODULE": "static_as_it_is",
}
"""Half a minute of a processor for files that no reporter here asks for."""
PACE = Pace(lanes=("tip", "sealed"), seconds=2, least=2)


def test_f18_reporters_notice_nothing_of_a_release_and_of_its_way_back():
    """A request of the web that waits three seconds for a lock ends with an error; no report may."""
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if known.returncode:
        pytest.skip("the code of the release before is not part of this checkout's history")

    going = there_and_back(
        COMMIT,
        size=REPORTS,
        pace=PACE,
        port=free_ports(1)[0],
        server_settings={},
        longest_lock=LONGEST_LOCK,
        environment=NOT_COMPRESSED,
    )
    told = {}
    for line in going:
        print(line)  # of a run that fails: which phase, and what the web waited for
        told[line.pop("measure")] = line

    brought = told.pop("upgrade_migrations")["from_to"]
    assert brought, "nothing was migrated"
    assert {app: LAST.get(app) for app in brought} == {app: way[0] for app, way in brought.items()}
    assert list(told) == [
        "upgrade_before",
        "upgrade_migrating",
        "upgrade_old_web_over_new_tables",
        "upgrade_new_web",
        "upgrade_going_back",
        "upgrade_old_again",
    ]
    for name, line in told.items():
        assert line["first_errors"] == [], name
        # Every report that its reporter saw accepted is there, once; and every name can be opened.
        assert line["rows"] == line["sent"] >= len(PACE.lanes) * PACE.least, name
        assert line["wraps"] == line["names"] >= PACE.least, name
