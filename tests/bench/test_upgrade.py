"""F18: this release over the one before it, while reporters send, and the way back.

Minutes long and only where the history is: ``./up test tests/bench/test_upgrade.py``.
"""

import subprocess

import pytest

from bench.product import ROOT
from bench.upgrade import there_and_back

pytestmark = pytest.mark.release

BEFORE = "0b68765"
"""What stood on main before this release."""
REPORTS = 100_000


def test_f18_reporters_notice_nothing_of_a_release_and_of_its_way_back():
    """A request that waits a second for a lock ends with an error, and no report may end so."""
    known = subprocess.run(["git", "cat-file", "-e", BEFORE], cwd=ROOT, check=False)
    if known.returncode:
        pytest.skip("the code before is not part of this checkout")

    told = {line.pop("measure"): line for line in there_and_back(BEFORE, size=REPORTS)}

    migrations = told.pop("upgrade_migrations")
    assert migrations["from_to"], "nothing was migrated"
    assert list(told) == [
        "upgrade_before",
        "upgrade_migrating",
        "upgrade_old_web_over_new_tables",
        "upgrade_new_web",
        "upgrade_going_back",
        "upgrade_old_again",
    ]
    for line in told.values():
        assert line["first_errors"] == []
        assert line["sent"] == line["rows"] > 0
