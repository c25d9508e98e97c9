"""Child processes that never outlive their parent, and never run PostgreSQL as root.

Start children from the main thread: Linux sends the parent-death signal when the *thread* that
forked ends, not when the process does.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY_UID = 65534
"""What the kernel and Debian call nobody; ``initdb`` wants a uid that /etc/passwd knows."""

# Loaded before any fork: a child of a threaded parent must not take the loader's lock.
_LIBC = ctypes.CDLL(None, use_errno=True)


class EmbeddedError(Exception):
    """A server or a child could not start; the message is one line for a person."""


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before exec so that ``number`` reaches it when its parent ends.

    None where the system has no such signal (macOS): there a killed launcher leaves orphans, which
    the next start waits for and names.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def before_exec() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # the parent ended between fork and prctl
            os._exit(1)

    return before_exec


def enter_user_namespace() -> None:
    """Become nobody inside a new user namespace; outside, files still belong to the caller.

    PostgreSQL refuses uid 0. The namespace needs no tool, no copy and no change of owner.
    Raises OSError where the kernel or the container forbids it.
    """
    uid, gid = os.geteuid(), os.getegid()
    if _LIBC.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{NOBODY_UID} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{NOBODY_UID} {gid} 1", encoding="ascii")


def user_namespaces_work() -> bool:
    """Return whether a child may enter a user namespace; EMBEDDED_NO_USERNS=1 says no."""
    if sys.platform != "linux" or os.environ.get("EMBEDDED_NO_USERNS"):
        return False
    try:
        probe = subprocess.run(["/bin/true"], preexec_fn=enter_user_namespace, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return probe.returncode == 0


@dataclass(frozen=True)
class Identity:
    """Who a child runs as: the caller, nobody inside a namespace, or nobody outright."""

    namespace: bool = False
    user: pwd.struct_passwd | None = None

    def run(
        self,
        arguments: list[str],
        *,
        cwd: Path,
        stdin: str = "",
        extra: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Run to the end; return the exit code and everything it printed.

        ``extra`` are variables of the environment for this one call.
        """
        done = subprocess.run(
            arguments,
            cwd=cwd,
            env=server_environment() | (extra or {}),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            preexec_fn=enter_user_namespace if self.namespace else None,
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
        )
        return done.returncode, done.stdout

    def start(
        self,
        arguments: list[str],
        *,
        cwd: Path,
        log: Path,
        on_parent_death: signal.Signals,
        keep_open: tuple[int, ...] = (),
    ) -> subprocess.Popen[bytes]:
        """Start a server that writes to ``log``; it inherits the descriptors ``keep_open``."""
        # In this order: a change of credentials would clear the parent-death signal again.
        steps = [
            step
            for step in (
                enter_user_namespace if self.namespace else None,
                die_with_parent(on_parent_death),
            )
            if step
        ]

        def before_exec() -> None:
            for step in steps:
                step()

        with log.open("ab") as output:
            return subprocess.Popen(
                arguments,
                cwd=cwd,
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Only async-signal-safe calls through a library loaded beforehand.
                preexec_fn=before_exec if steps else None,  # noqa: PLW1509
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                pass_fds=keep_open,
            )

    def own(self, path: Path) -> None:
        """Give ``path`` to the user the child runs as, where that is another one."""
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)


def unprivileged_identity() -> Identity:
    """Return the caller's own identity; for root, the best way to be somebody else."""
    if os.geteuid() != 0:
        return Identity()
    if user_namespaces_work():
        return Identity(namespace=True)
    return Identity(user=pwd.getpwnam("nobody"))


def server_environment() -> dict[str, str]:
    """Return the environment without PG* (they would redirect the tools), in UTC and UTF-8."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C", "TZ": "UTC"}
