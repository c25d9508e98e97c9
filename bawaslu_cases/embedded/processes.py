"""Named child processes with one prefixed log, stopped in a given order.

Single-threaded on purpose: children are forked from the main thread (see :mod:`children`), and one
loop reads every pipe.
"""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import IO

from bawaslu_cases.embedded.children import die_with_parent

STOP_SECONDS = 25
"""How long a child may finish what it is doing; then it is killed with its whole group."""

IDLE_LINE = re.compile(r"Task \S+_task\[\S+\] received|Task \S+\.sweep_\w+\[\S+\] succeeded")
"""Said every few seconds by a worker with nothing to do; a task's end is told once it has one."""

_COLOURS = {"web": "36", "worker": "35", "beat": "33", "up": "32"}


class Log:
    """Lines on standard output, each with the name of who wrote it; colours on a terminal only."""

    def __init__(self) -> None:
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.broken = False
        """True after the reader of the output has gone (``./up | head``)."""

    def line(self, name: str, text: str) -> None:
        """Write one line; never raises, because it also runs while things are being stopped."""
        prefix = f"{name:<7}|"
        if self._coloured:
            prefix = f"\x1b[{_COLOURS.get(name, '34')}m{prefix}\x1b[0m"
        try:
            sys.stdout.write(f"{prefix} {text}\n")
            sys.stdout.flush()
        except OSError:
            self.broken = True


@dataclass
class Child:
    """One running process and what it has not yet ended a line with."""

    name: str
    process: subprocess.Popen[bytes]
    rest: bytes = b""

    @property
    def output(self) -> IO[bytes]:
        """The read end of its standard output and error."""
        if self.process.stdout is None:
            raise RuntimeError("children are started with a pipe")
        return self.process.stdout


class Supervisor:
    """Starts children, passes their lines on, and stops them."""

    def __init__(self, log: Log, *, keep_open: tuple[int, ...] = ()) -> None:
        self._log = log
        self._keep_open = keep_open
        self._selector = selectors.DefaultSelector()
        self._children: dict[str, Child] = {}

    def start(self, name: str, arguments: list[str], environment: dict[str, str]) -> Child:
        """Start ``arguments`` in a session of its own, so that Ctrl-C reaches only the launcher."""
        process = subprocess.Popen(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- no threads here
            pass_fds=self._keep_open,
        )
        child = Child(name, process)
        os.set_blocking(child.output.fileno(), False)
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._children[name] = child
        return child

    def pump(self, seconds: float) -> None:
        """Pass on what children write during at most ``seconds``; return early after any line."""
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            self._read(key.data)

    def ended(self) -> list[Child]:
        """Return the children that are no longer running."""
        return [child for child in self._children.values() if child.process.poll() is not None]

    def stop(self, *names: str) -> dict[str, int]:
        """Ask each to end, in order, and wait for all; return their exit codes."""
        chosen = [self._children[name] for name in names if name in self._children]
        for child in chosen:
            if child.process.poll() is None:
                child.process.terminate()
        end = time.monotonic() + STOP_SECONDS
        while any(child.process.poll() is None for child in chosen):
            if time.monotonic() > end:
                self.kill(*names)
                break
            self.pump(0.05)
        return {child.name: self._forget(child) for child in chosen}

    def kill(self, *names: str) -> None:
        """End the process groups at once."""
        for name in names:
            child = self._children.get(name)
            if child and child.process.poll() is None:
                os.killpg(child.process.pid, signal.SIGKILL)

    def finish(self, child: Child) -> int:
        """Return the exit code of a child that has ended, after its last line is passed on."""
        return self._forget(child)

    def _read(self, child: Child) -> None:
        data = child.output.read()
        if data == b"":
            self._selector.unregister(child.output)
        lines = (child.rest + (data or b"")).split(b"\n")
        child.rest = lines.pop()
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text and not IDLE_LINE.search(text):
                self._log.line(child.name, text)

    def _forget(self, child: Child) -> int:
        code = child.process.wait()
        if child.output in {key.fileobj for key in self._selector.get_map().values()}:
            self._read(child)
        if child.output in {key.fileobj for key in self._selector.get_map().values()}:
            self._selector.unregister(child.output)
        if child.rest:
            self._log.line(child.name, child.rest.decode(errors="replace"))
        child.output.close()
        del self._children[child.name]
        return code
