"""In a custody group: epochs, members, moving shares, and checking the server's lists."""

from pathlib import Path
from typing import Any

from complaints.vault.crypto.errors import MalformedError
from complaints.vault.crypto.keys import side_of
from complaints.vaultctl.commands.console import (
    Arguments,
    Console,
    add_listing_arguments,
    add_officer_arguments,
    day_argument,
    id_argument,
    open_directory,
    unlock,
)
from complaints.vaultctl.files import read_json, write_json
from complaints.vaultctl.groups import create_epoch, let_in, move_share
from complaints.vaultctl.opening import DeskWords
from complaints.vaultctl.originals import OriginalFile
from complaints.vaultctl.parts import CustodianPart, DeskPart


def epoch_create(args: Arguments, console: Console) -> int:
    """Make the group's next key and wrap it to every certified member."""
    officer = unlock(args, console)
    members = officer.directory.members(officer.me.group)
    made = create_epoch(
        officer.keys, me=officer.me, members=members, epoch=args.epoch, not_after=args.until
    )
    write_json(args.out, made.to_json())
    console.say(f"{officer.me.group}/{args.epoch}: wrapped to {len(members)} members")
    return 0


def epoch_join(args: Arguments, console: Console) -> int:
    """Wrap every epoch of my group that I can open to a newcomer whom the root has certified."""
    officer = unlock(args, console)
    newcomer = officer.directory.officer(args.officer)
    if newcomer.group != officer.me.group:
        raise MalformedError("the newcomer is certified for another group")
    wraps = let_in(officer.keys, epochs=officer.directory.listing.epochs, newcomer=newcomer)
    write_json(
        args.out,
        {
            "group": newcomer.group,
            "officer": newcomer.officer,
            "wraps": [{"epoch": epoch, "wrap": wrap.hex()} for epoch, wrap in wraps],
        },
    )
    console.say(f"{len(wraps)} epochs wrapped")
    return 0


def epoch_leave(args: Arguments, console: Console) -> int:
    """Name the wraps to delete of somebody who leaves, and make a new epoch for those who stay."""
    officer = unlock(args, console)
    group = officer.me.group
    if args.officer == officer.me.officer:
        raise MalformedError("somebody who stays does this")
    staying = [row for row in officer.directory.members(group) if row.officer != args.officer]
    made = create_epoch(
        officer.keys, me=officer.me, members=staying, epoch=args.epoch, not_after=args.until
    )
    delete = [
        entry.certificate.epoch
        for entry in officer.directory.listing.epochs
        if entry.certificate.group == group and args.officer in entry.wraps
    ]
    write_json(
        args.out,
        {
            "group": group,
            "officer": args.officer,
            "delete_epochs": sorted(delete),
            "epoch": made.to_json(),
        },
    )
    console.say(f"{len(delete)} wraps to delete; new epoch {group}/{args.epoch}")
    return 0


def rewrap(args: Arguments, console: Console) -> int:
    """Move my side's shares, words for my desk and files' keys to a later epoch. One file in, one out."""
    officer = unlock(args, console)
    to = officer.directory.group_key(officer.me.group, args.to)
    for path in args.part:
        out = args.out / path.name
        if side_of(officer.me.group) == "a":
            desk = read_json(path, DeskPart.from_json)
            moved = move_share(officer.keys, part=desk, directory=officer.directory, to=to)
            write_json(out, moved.to_json())
        else:
            part = read_json(path, CustodianPart.from_json)
            moved_b = move_share(officer.keys, part=part, directory=officer.directory, to=to)
            write_json(out, moved_b.to_json())
    for path in args.words:
        words = read_json(path, DeskWords.from_json)
        again = words.moved(officer.keys, officer.directory, to=to)
        write_json(args.out / path.name, again.to_json())
    for path in args.file:
        original = read_json(path, OriginalFile.from_json)
        again_sealed = original.moved(officer.keys, officer.directory, to=to)
        write_json(args.out / path.name, again_sealed.to_json())
    console.say(
        f"{len(args.part) + len(args.words) + len(args.file)} moved to {to.group}/{to.epoch}"
    )
    return 0


def verify_lists(args: Arguments, console: Console) -> int:
    """Check every signature in the server's lists; 1 when something was put there."""
    directory = open_directory(args, console)
    problems = directory.problems()
    for problem in problems:
        console.say(problem)
    listing = directory.listing
    console.say(
        f"{len(listing.officers)} officers, {len(listing.epochs)} epochs, "
        f"list {listing.revocations.serial}: {len(problems)} problems"
    )
    return 1 if problems else 0


def add_commands(commands: Any) -> None:
    """Add this table's commands to the parser."""
    parser = commands.add_parser("epoch-create", help=epoch_create.__doc__)
    _add_epoch(parser)
    parser.set_defaults(run=epoch_create)

    parser = commands.add_parser("epoch-join", help=epoch_join.__doc__)
    add_officer_arguments(parser)
    parser.add_argument("--officer", type=id_argument, required=True, help="the newcomer")
    parser.add_argument("--out", type=Path, required=True)
    parser.set_defaults(run=epoch_join)

    parser = commands.add_parser("epoch-leave", help=epoch_leave.__doc__)
    _add_epoch(parser)
    parser.add_argument("--officer", type=id_argument, required=True, help="who leaves")
    parser.set_defaults(run=epoch_leave)

    parser = commands.add_parser("rewrap", help=rewrap.__doc__)
    add_officer_arguments(parser)
    parser.add_argument("--part", type=Path, action="append", default=[])
    parser.add_argument("--words", type=Path, action="append", default=[])
    parser.add_argument("--file", type=Path, action="append", default=[], help="an original's key")
    parser.add_argument("--to", type=int, required=True, help="epoch")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.set_defaults(run=rewrap)

    parser = commands.add_parser("verify-lists", help=verify_lists.__doc__)
    add_listing_arguments(parser)
    parser.set_defaults(run=verify_lists)


def _add_epoch(parser: Any) -> None:
    add_officer_arguments(parser)
    parser.add_argument("--epoch", type=int, required=True)
    parser.add_argument("--until", type=day_argument, required=True, help="last day to seal to it")
    parser.add_argument("--out", type=Path, required=True)
