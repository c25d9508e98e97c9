"""``python -m complaints.vaultctl``: reading arguments, and one line for every refusal."""

import argparse
import sys
from collections.abc import Sequence

from complaints.vault.crypto.errors import VaultError
from complaints.vaultctl.commands import ceremony, custody, evidence, identity
from complaints.vaultctl.commands.console import Console, printable
from complaints.vaultctl.files import FileError
from complaints.vaultctl.prompts import SecretSource

REFUSED = 1
NO_FILE = 3
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands. Argparse itself ends with 2 on wrong arguments."""
    root = argparse.ArgumentParser(
        prog="vaultctl",
        description="Everything done with private keys of the vault. Offline.",
        epilog="0 done; 1 refused; 2 wrong arguments; 3 a file is missing or already there.",
        allow_abbrev=False,
    )
    root.add_argument(
        "--secrets-fd",
        type=int,
        metavar="N",
        help="read secrets from this file descriptor, one a line, instead of asking",
    )
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    for table in (ceremony, custody, identity, evidence):
        table.add_commands(commands)
    return root


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """Run one command and return its exit code."""
    args = parser().parse_args(arguments)
    console = console or Console(secrets=SecretSource(args.secrets_fd))
    try:
        code: int = args.run(args, console)
    except VaultError as error:
        sys.stderr.write(f"vaultctl: refused ({error.code}): {printable(str(error))}\n")
        return NO_FILE if isinstance(error, FileError) else REFUSED
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("vaultctl: interrupted, nothing done\n")
        return INTERRUPTED
    return code
