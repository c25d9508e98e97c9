"""System calls that a decoder never needs, refused by the kernel before they do anything.

A list of what is refused and not of what is allowed: the walls are the namespaces, this closes the doors
through which walls have been left before. Without sockets there is nobody to talk to, of any family.
"""

import errno
import tempfile
from functools import cache

REFUSED = (
    # talking to anybody
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
    # other processes and their memory
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    # walls
    "unshare", "setns", "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig",
    "fspick", "mount_setattr", "pivot_root", "chroot", "open_by_handle_at", "name_to_handle_at",
    # the kernel's large surfaces
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "syslog",
    "personality", "vmsplice", "mknod", "mknodat", "settimeofday", "clock_settime", "adjtimex",
    "clock_adjtime", "sethostname", "setdomainname", "iopl", "ioperm", "fanotify_init",
    "lookup_dcookie", "nfsservctl", "uselib", "ustat", "vhangup", "mbind", "migrate_pages",
    "move_pages", "set_mempolicy",
)  # fmt: skip
CLONE_NEWUSER = 0x10000000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


class FilterMissingError(Exception):
    """libseccomp is not installed here."""


@cache
def filter_program() -> bytes:
    """Return the filter as bubblewrap takes it. Raises FilterMissingError."""
    try:
        import pyseccomp  # noqa: PLC0415 -- raises at import where the system has no libseccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise FilterMissingError from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refusal = pyseccomp.ERRNO(errno.EPERM)
    for name in REFUSED:
        try:
            rules.add_rule(refusal, name)
        except (ValueError, OSError):
            continue  # this processor's kernel has no such call
    new_user = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)
    rules.add_rule(refusal, "clone", new_user)
    # Its flags lie in memory, where no filter sees them: whoever calls it takes the old one then.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for request in (TIOCSTI, TIOCLINUX):
        rules.add_rule(refusal, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as written:
        rules.export_bpf(written)
        written.seek(0)
        return written.read()
