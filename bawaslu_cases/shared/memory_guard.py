"""What keeps a process's memory off the disk: no core file of a crash, no plain swap (check L16).

Imports nothing of Django: the launcher asks here too.
"""

import ctypes
import resource
import sys
from pathlib import Path

_PR_SET_DUMPABLE = 4
_BLOCK_DEVICES = Path("/sys/class/block")
_SWAPS = Path("/proc/swaps")


def leave_no_core() -> None:
    """Make a crash of this process, and of those it starts, leave no image of its memory.

    A limit of zero stops files; a kernel that hands images to a program asks the other mark, which
    also shuts the process's memory to whoever runs under the same account. Programs started anew
    inherit the limit alone. The mark exists on Linux only.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def plain_swaps(swaps: Path = _SWAPS, devices: Path = _BLOCK_DEVICES) -> list[str]:
    """Return the places that memory may be written to in the clear. No swap, none.

    Left out: swap in compressed memory (zram) and devices that dm-crypt stands behind. A file counts:
    whether the file system below is encrypted cannot be seen from here.
    """
    try:
        lines = swaps.read_text(encoding="utf-8").splitlines()[1:]
    except OSError:
        return []
    return [place for line in lines if not _is_safe(place := line.split()[0], devices)]


def _is_safe(place: str, devices: Path) -> bool:
    name = Path(place).resolve().name
    if name.startswith("zram"):
        return True
    try:
        return (devices / name / "dm" / "uuid").read_text(encoding="utf-8").startswith("CRYPT-")
    except OSError:
        return False
