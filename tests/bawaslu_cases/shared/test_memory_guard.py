"""Memory stays off the disk (check L16): crashes leave no core, plain swap is told."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bawaslu_cases.shared import checks
from bawaslu_cases.shared.memory_guard import plain_swaps

ROOT = Path(__file__).resolve().parents[3]
CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
STARTS = {
    "web": "import bawaslu_cases.wsgi",
    "worker": "from bawaslu_cases.celery import app; from celery.signals import worker_init; "
    "worker_init.send(sender=None)",
    "beat": "from bawaslu_cases.celery import app; from celery.signals import beat_init; "
    "beat_init.send(sender=None)",
}


def crashed(code: str, folder: Path) -> tuple[bool, list[str]]:
    """Run code that crashes, with every leave to dump; say whether it did, and name the files left."""
    leave = (
        "import resource as r; r.setrlimit(r.RLIMIT_CORE, (r.getrlimit(r.RLIMIT_CORE)[1],) * 2); "
    )
    program = subprocess.Popen(
        [sys.executable, "-c", leave + code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "RECEIPT_POOL_SIZE": "0"},
        stderr=subprocess.DEVNULL,
    )
    _pid, status = os.waitpid(program.pid, 0)
    program.returncode = 0
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGSEGV
    return os.WCOREDUMP(status), [path.name for path in folder.iterdir()]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep cores elsewhere")
def test_l16_a_crash_of_each_process_leaves_no_core(tmp_path):
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this system lets nobody dump: nothing to compare with")
    control = tmp_path / "control"
    control.mkdir()
    assert crashed(CRASH, control)[0]

    for name, start in STARTS.items():
        folder = tmp_path / name
        folder.mkdir()
        assert crashed(f"{start}; {CRASH}", folder) == (False, []), name


HEAD = "Filename\tType\tSize\tUsed\tPriority\n"


def test_l16_swap_in_the_clear_is_told(tmp_path, monkeypatch):
    swaps, devices = tmp_path / "swaps", tmp_path / "block"
    for name, uuid in {"dm-0": "CRYPT-PLAIN-swap\n", "dm-1": "LVM-abc\n"}.items():
        (devices / name / "dm").mkdir(parents=True)
        (devices / name / "dm" / "uuid").write_text(uuid)
    places = ("/dev/dm-0", "/dev/dm-1", "/dev/zram0", "/swap.img", "/dev/sda2")
    swaps.write_text(HEAD + "".join(f"{place}\tpartition\t1\t0\t-2\n" for place in places))

    assert plain_swaps(swaps, devices) == ["/dev/dm-1", "/swap.img", "/dev/sda2"]
    swaps.write_text(HEAD)
    assert plain_swaps(swaps, devices) == []
    assert plain_swaps(tmp_path / "none", devices) == []

    monkeypatch.setattr(checks, "plain_swaps", lambda: ["/swap.img"])
    (told,) = checks.swap_is_not_plain()
    assert (told.id, "/swap.img" in told.msg) == ("shared.W001", True)
