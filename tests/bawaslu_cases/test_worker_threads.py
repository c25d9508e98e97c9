"""How many threads draw a letter in a fork of the worker."""

import os
import subprocess
import sys

import pytest

ASKED = (
    "import os; from bawaslu_cases.celery import app; from celery.signals import worker_init; "
    "worker_init.send(sender=None); from bawaslu_cases.shared.typesetter import _compiler; "
    "from pathlib import Path; import referrals; folder = Path(referrals.__file__).parent; "
    "_compiler(folder).compile({'main': b'one #pagebreak() two'}, format='pdf'); "
    "print(len(os.listdir('/proc/self/task')))"
)


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads where Linux shows them")
@pytest.mark.parametrize("said", ["", "3"])
def test_a_fork_draws_in_one_thread_unless_told_otherwise(said):
    told = {name: value for name, value in os.environ.items() if name != "RAYON_NUM_THREADS"}
    if said:
        told["RAYON_NUM_THREADS"] = said

    threads = subprocess.run(
        [sys.executable, "-c", ASKED], env=told, capture_output=True, text=True, check=True
    )

    assert int(threads.stdout) == 1 + int(said or 1)
