"""Command on sealed originals of evidence."""

from pathlib import Path
from typing import Any

from complaints.vaultctl.commands.console import (
    Arguments,
    Console,
    add_officer_arguments,
    printable,
    unlock,
)
from complaints.vaultctl.files import FileError, read_json
from complaints.vaultctl.originals import OriginalFile


def file_open(args: Arguments, console: Console) -> int:
    """Open a sealed original into a new file; nothing has cleaned what is in it."""
    officer = unlock(args, console)
    part = read_json(args.part, OriginalFile.from_json)
    if not args.object.is_file():
        raise FileError(f"{args.object}: no such file")
    manifest = part.write(args.object, args.out, key=part.key(officer.keys, officer.directory))
    for name in ("name", "size", "sha256", "received_on"):
        console.say(f"{name}: {printable(str(manifest[name]))}")
    return 0


def add_commands(commands: Any) -> None:
    """Add this table's command to the parser."""
    parser = commands.add_parser("file-open", help=file_open.__doc__)
    add_officer_arguments(parser)
    for name in ("--part", "--object", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.set_defaults(run=file_open)
