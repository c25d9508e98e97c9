"""Starts the cleaner of evidence where it can reach nothing (protection.md C).

One process per file, in bubblewrap: namespaces of its own and no network, no environment, the
interpreter, its libraries and the cleaner to read and nothing to write but a small file system in memory,
no capability, nobody as user, a filter on system calls, limits on memory and time. The file goes in and
the copy comes out as memory without a name (memfd): neither ever touches a disk.

How a service uses it::

    with sandbox.clean(chunks, size=size) as cleaned:   # chunks: the opened original, bytes of any length
        cleaned.facts                                   # complaints.cleaner.facts.Facts
        for part in cleaned.facts.parts:                # the copy ("main"), then pages or a poster
            with cleaned.open(part) as stream: ...      # seal it

Raises RefusedFileError (tell the reporter; ``refusal_text`` has the words) and CleanerFailedError (park
the file for manual handling). Both carry ``code`` and nothing of the file. A video of ten minutes may take
as many, so whoever calls from the outbox holds a longer lease than for a letter.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO

import imageio_ffmpeg

from complaints.cleaner import limits
from complaints.cleaner.errors import FailureError, RefusalError
from complaints.cleaner.facts import ANSWER_BYTES, CONTENT_TYPES, Facts, Part, read_answer
from complaints.cleaner.marks import Orders
from complaints.gateways.syscalls import FilterMissingError, filter_program

PACKAGE = Path(__file__).resolve().parents[1]
SCRATCH_BYTES = limits.OUTPUT_BYTES
NOBODY = "65534"
SECONDS_AT_LEAST, SECONDS_PER_MEGABYTE = 300, 5
"""Wall clock: five minutes, and five seconds for each megabyte. Processor time ends most runs earlier."""


class RefusedFileError(Exception):
    """The file is not of an accepted kind; ``code`` is one of cleaner.errors.REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CleanerFailedError(Exception):
    """No copy could be made; ``code`` is one of cleaner.errors.FAILURES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Stretch(RawIOBase):
    """Reads one stretch of a descriptor, without moving its position."""

    def __init__(self, descriptor: int, offset: int, length: int) -> None:
        self._descriptor, self._at, self._end = descriptor, offset, offset + length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._end - self._at)
        read = os.preadv(self._descriptor, [memoryview(buffer)[:wanted]], self._at)
        self._at += read
        return read


@dataclass(frozen=True)
class CleanedFile:
    """A copy and what it is. Lives in memory until its context ends."""

    facts: Facts
    descriptor: int

    @property
    def output(self) -> BinaryIO:
        """Return the copy itself, from its first byte."""
        return self.open(self.facts.main)

    def open(self, part: Part) -> BinaryIO:
        """Return one part: the copy, a page, a video's still."""
        return BufferedReader(_Stretch(self.descriptor, part.offset, part.length))


@contextmanager
def clean(
    source: Iterable[bytes],
    *,
    size: int,
    orders: Orders | None = None,
    started: Callable[[int], None] | None = None,
) -> Iterator[CleanedFile]:
    """Make a safe copy of a file of ``size`` bytes, or with ``orders`` a marked copy of a copy.

    ``started`` is told the process id of the sandbox. Raises RefusedFileError and CleanerFailedError.
    """
    if size > limits.LARGEST_BYTES:
        raise RefusedFileError("too_large")
    with ExitStack() as stack:
        content, output, answer, ordered = (stack.enter_context(_memory()) for _ in range(4))
        _fill(content, source, size)
        if orders:
            os.write(ordered, orders.to_json())
        code = _run((content, output, answer, ordered), size=size, started=started)
        try:
            facts = _read(code, output=output, answer=answer)
        except RefusalError as error:
            raise RefusedFileError(error.code) from None
        except FailureError as error:
            raise CleanerFailedError(error.code) from None
        yield CleanedFile(facts, output)


def trouble() -> str:
    """Return why no copy can be made on this machine, "" where one was made just now."""
    try:
        with clean([b"uji"], size=3):
            return ""
    except CleanerFailedError as error:
        return error.code


@contextmanager
def _memory() -> Iterator[int]:
    descriptor = os.memfd_create("", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _fill(descriptor: int, source: Iterable[bytes], size: int) -> None:
    """Write the file and close it to changes. Raises ValueError where it has another size."""
    written = 0
    for chunk in source:
        written += len(chunk)
        if written > size:
            break
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]
    if written != size:
        raise ValueError("the file has another size than was said")
    fcntl.fcntl(
        descriptor,
        fcntl.F_ADD_SEALS,
        fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL,
    )


def _run(
    descriptors: tuple[int, int, int, int], *, size: int, started: Callable[[int], None] | None
) -> int:
    """Run the cleaner to its end and return its exit code, as a shell would. Kills it when late."""
    with ExitStack() as stack:
        rules = stack.enter_context(_memory())
        try:
            os.write(rules, filter_program())
        except FilterMissingError as error:
            raise CleanerFailedError("unavailable") from error
        os.lseek(rules, 0, os.SEEK_SET)
        try:
            process = subprocess.Popen(  # noqa: S603 -- fixed words and numbers
                (*_sandbox(), "--seccomp", str(rules), "--", *_cleaner(descriptors)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                pass_fds=(*descriptors, rules),
                start_new_session=True,
            )
        except OSError as error:
            raise CleanerFailedError("unavailable") from error
        try:
            if started:
                started(process.pid)
            process.wait(SECONDS_AT_LEAST + SECONDS_PER_MEGABYTE * size / limits.MEGABYTE)
        except subprocess.TimeoutExpired as error:
            raise CleanerFailedError("time") from error
        finally:
            # Its child is the first process of a namespace and dies with it, and so does every other.
            process.kill()
            process.wait()
    return process.returncode


def _read(code: int, *, output: int, answer: int) -> Facts:
    """Return what the cleaner said, if it can be true. Raises RefusalError, FailureError."""
    line = os.pread(answer, ANSWER_BYTES, 0)
    if not line:
        raise FailureError(_failure(code))
    facts = read_answer(line, output_bytes=os.fstat(output).st_size)
    for part in facts.parts:
        start = os.pread(output, 16, part.offset)
        beginning = CONTENT_TYPES[part.content_type][1]
        if not start.startswith(beginning) and start[4 : 4 + len(beginning)] != beginning:
            raise FailureError("answer")
    return facts


def _failure(code: int) -> str:
    """Return what a silent end means; bubblewrap itself ends with 1 where it cannot build the walls."""
    if code in {128 + signal.SIGXCPU, -signal.SIGXCPU}:
        return "time"
    return "crashed"


@cache
def _sandbox() -> tuple[str, ...]:
    """Return the walls. Raises CleanerFailedError where bubblewrap is not installed."""
    bubblewrap = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    if not bubblewrap:
        raise CleanerFailedError("unavailable")
    binds: list[str] = []
    for path in ("/usr/lib", "/usr/lib64"):
        if Path(path).is_dir():
            binds += ["--ro-bind", path, path]
    for path in ("/lib", "/lib64"):
        if Path(path).is_symlink():
            binds += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).is_dir():
            binds += ["--ro-bind", path, path]
    for path in ("/etc/ld.so.cache", *sorted({sys.base_prefix, sys.base_exec_prefix} - {"/usr"})):
        if Path(path).exists():
            binds += ["--ro-bind", path, path]
    if sys.base_prefix == "/usr":
        executable = os.path.realpath(sys.executable)
        binds += ["--ro-bind", executable, executable]
    return (
        bubblewrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session",
        "--clearenv", "--cap-drop", "ALL", "--uid", NOBODY, "--gid", NOBODY, "--hostname", "cleaner",
        *binds,
        "--ro-bind", sysconfig.get_path("platlib"), "/cleaner/libraries",
        "--ro-bind", str(PACKAGE / "__init__.py"), "/cleaner/code/complaints/__init__.py",
        "--ro-bind", str(PACKAGE / "cleaner"), "/cleaner/code/complaints/cleaner",
        "--ro-bind", imageio_ffmpeg.get_ffmpeg_exe(), "/cleaner/ffmpeg",
        "--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/urandom", "/dev/urandom",
        "--size", str(SCRATCH_BYTES), "--tmpfs", "/tmp", "--chdir", "/tmp",  # noqa: S108 -- its own, in memory
        "--setenv", "PYTHONPATH", "/cleaner/code:/cleaner/libraries",
        "--setenv", "LANG", "C.UTF-8",
        "--setenv", "MALLOC_ARENA_MAX", "2",
    )  # fmt: skip


def _cleaner(descriptors: tuple[int, int, int, int]) -> tuple[str, ...]:
    interpreter = os.path.realpath(sys.executable)
    numbers = (str(number) for number in descriptors)
    return (interpreter, "-S", "-B", "-m", "complaints.cleaner", *numbers, "/cleaner/ffmpeg")
