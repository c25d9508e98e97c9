"""Around one report: ask, release, open, attest, read the desk's words, hand over, break the glass."""

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from complaints.vault.crypto.canonical import parse_canonical
from complaints.vault.crypto.consent import Consent
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError
from complaints.vault.crypto.fields import (
    bytes_of_hex,
    checked_code,
    checked_id,
    exact_keys,
    instant_text,
)
from complaints.vault.crypto.hpke import unseal
from complaints.vault.crypto.padding import unpad
from complaints.vault.crypto.requests import PURPOSES, LegalBasis, UnsealRequest, basis_of
from complaints.vaultctl.bundle import SecretFile
from complaints.vaultctl.commands.console import (
    Arguments,
    Console,
    NotConfirmedError,
    add_listing_arguments,
    add_officer_arguments,
    id_argument,
    open_directory,
    unlock,
    unlock_secret,
)
from complaints.vaultctl.comparing import Texts, leaks_in, refuse_leaks
from complaints.vaultctl.files import FileError, read_bytes, read_json, write_bytes, write_json
from complaints.vaultctl.opening import (
    DeskWords,
    OwnRequest,
    Release,
    ask,
    attest,
    hand_over,
    open_card,
    open_identity,
    release,
)
from complaints.vaultctl.parts import CustodianPart, DeskPart, RecoveryPart
from complaints.vaultctl.recovery import break_glass, read_break_glass
from complaints.vaultctl.slots import SLOW_KINDS

ANSWERS = {"yes": True, "no": False, "unexamined": None}
HOURS_MAX = 8


def request(args: Arguments, console: Console) -> int:
    """Ask for the custodians' share of one report."""
    officer = unlock(args, console)
    part = read_json(args.part, DeskPart.from_json)
    basis = None
    if args.basis_file:
        digest = sha256(read_bytes(args.basis_file)).digest()
        basis = LegalBasis(args.basis_reference, digest)
    own = ask(
        officer.keys,
        report=part.binding.report,
        purpose=args.purpose,
        reason=_text(args.reason_file),
        at=console.clock(),
        basis=basis,
        lifetime=timedelta(hours=args.hours),
    )
    write_json(args.own, own.to_json())
    write_json(args.out, own.request.to_json())
    console.say(f"Request {own.request.id}")
    return 0


def release_share(args: Arguments, console: Console) -> int:
    """Show who asks for what and why, and after a yes let the custodians' share go to him alone."""
    officer = unlock(args, console)
    part = read_json(args.part, CustodianPart.from_json)
    asked = read_json(args.request, UnsealRequest.from_json)
    let_go = release(officer.keys, part=part, request=asked, directory=officer.directory)
    verifier = officer.directory.officer(asked.verifier)
    console.say(f"Report   {asked.report}")
    console.say(f"Verifier {verifier.officer} of {verifier.unit}")
    console.say(f"Purpose  {asked.purpose}")
    console.say(f"Reason   {asked.reason}")
    _check_basis_file(asked, args.basis_file)
    if not args.yes and console.secrets.ask("Type the report's first 8 digits") != asked.report[:8]:
        raise NotConfirmedError("not released")
    write_json(args.out, let_go.to_json())
    return 0


def open_report(args: Arguments, console: Console) -> int:
    """Show the identity on the screen. It is written nowhere."""
    officer = unlock(args, console)
    identity = open_identity(
        officer.keys,
        part=read_json(args.part, DeskPart.from_json),
        own=read_json(args.own, OwnRequest.from_json),
        released=read_json(args.release, Release.from_json),
        directory=officer.directory,
    )
    _show(identity, console)
    return 0


def card_open(args: Arguments, console: Console) -> int:
    """Open the card that a counter sealed into a new file; say who scanned it where."""
    officer = unlock(args, console)
    card = open_card(
        read_bytes(args.card),
        officer.keys,
        part=read_json(args.part, DeskPart.from_json),
        own=read_json(args.own, OwnRequest.from_json),
        released=read_json(args.release, Release.from_json),
        directory=officer.directory,
    )
    write_bytes(args.out, card.image)
    console.say(f"content_type: {card.content_type}")
    console.say(f"office: {card.office}")
    console.say(f"officer: {card.officer}")
    console.say(f"scanned_at: {instant_text(card.scanned_at)}")
    console.say(f"is_of_bearer: {'yes' if card.is_of_bearer else 'no'}")
    return 0


def attest_findings(args: Arguments, console: Console) -> int:
    """Sign what was found, unless a text that others read repeats the identity.

    The identity is opened once more for the comparison; the places are shown on the screen alone.
    """
    officer = unlock(args, console)
    part = read_json(args.part, DeskPart.from_json)
    own = read_json(args.own, OwnRequest.from_json)
    identity = open_identity(
        officer.keys,
        part=part,
        own=own,
        released=read_json(args.release, Release.from_json),
        directory=officer.directory,
    )
    texts = read_json(args.texts, Texts.from_json)
    for leak in leaks_in(identity, texts):
        console.say(f"{leak.place}: {leak.field}: {leak.excerpt}")
    refuse_leaks(identity, texts)
    signed = attest(
        officer.keys,
        part=part,
        request=own.request,
        result=dict(_finding(text) for text in args.finding),
        at=console.clock(),
    )
    write_json(args.out, signed.to_json())
    return 0


def desk_read(args: Arguments, console: Console) -> int:
    """Show words that the reporter sealed to the desk; a statement with its answers line by line."""
    officer = unlock(args, console)
    words = read_json(args.words, DeskWords.from_json)
    text = words.read(officer.keys, officer.directory)
    answers = _answers(text)
    if answers is None:
        console.say(text)
    else:
        _show(answers, console)
    return 0


def hand_over_report(args: Arguments, console: Console) -> int:
    """Open for a hand-over and seal to the partner, with the reporter's signed consent."""
    officer = unlock(args, console)
    own = read_json(args.own, OwnRequest.from_json)
    identity = open_identity(
        officer.keys,
        part=read_json(args.part, DeskPart.from_json),
        own=own,
        released=read_json(args.release, Release.from_json),
        directory=officer.directory,
    )
    parcel = hand_over(
        identity,
        request=own.request,
        consent=read_json(args.consent, Consent.from_json),
        consent_pk=read_json(args.consent_key, _consent_key),
        partner=officer.directory.partner(args.partner),
    )
    write_json(
        args.out,
        {"report": own.request.report, "partner": args.partner, "sealed": parcel.hex()},
    )
    return 0


def parcel_open(args: Arguments, console: Console) -> int:
    """Show a parcel, at the partner's own table."""
    locked = read_json(args.key, SecretFile.from_json)
    report, partner, sealed = read_json(args.parcel, _parcel)
    if partner != locked.owner:
        raise MalformedError("the parcel is for another partner")
    secret = unlock_secret(args.key, args.slot, console)
    padded = unseal(secret, sealed, info=ctx("partner-parcel", report, partner))
    parcel = parse_canonical(unpad(padded))
    if not isinstance(parcel, dict):
        raise MalformedError("what was sealed is no parcel")
    _show(parcel, console)
    return 0


def break_the_glass(args: Arguments, console: Console) -> int:
    """Open one report with a quorum's shares and seal the result to one officer. Shows nothing."""
    directory = open_directory(args, console)
    part = read_json(args.part, RecoveryPart.from_json)
    to = directory.officer(args.to)
    shares = [_text(path).strip() for path in args.share]
    shares += [console.secrets.ask(f"Share {number}") for number in range(1, args.ask_shares + 1)]
    sealed = break_glass(shares, part=part, to=to)
    write_json(
        args.out, {"report": part.binding.report, "officer": to.officer, "sealed": sealed.hex()}
    )
    return 0


def break_glass_read(args: Arguments, console: Console) -> int:
    """Show what a ceremony opened for me."""
    officer = unlock(args, console)
    report, _, sealed = read_json(args.result, _ceremony_result)
    _show(read_break_glass(officer.keys, sealed, report=report), console)
    return 0


def _show(identity: dict[str, Any], console: Console) -> None:
    for field, text in identity.items():
        console.say(f"{field}: {text}")


def _answers(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(path: Path) -> str:
    try:
        return read_bytes(path).decode().strip()
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8") from error


def _finding(text: str) -> tuple[str, bool | None]:
    name, _, answer = text.partition("=")
    if answer not in ANSWERS:
        raise MalformedError("a finding is NAME=yes, NAME=no or NAME=unexamined")
    return name, ANSWERS[answer]


def _check_basis_file(asked: UnsealRequest, path: Path | None) -> None:
    basis = basis_of(asked.reason)
    if path is None or basis is None:
        return
    if sha256(read_bytes(path)).digest() != basis.document_sha256:
        raise MalformedError("the request cites another document")


def _consent_key(value: Any) -> bytes:
    return bytes_of_hex(exact_keys(value, frozenset({"consent_pk"}))["consent_pk"], 32)


def _parcel(value: Any) -> tuple[str, str, bytes]:
    value = exact_keys(value, frozenset({"report", "partner", "sealed"}))
    return (
        checked_id(value["report"]),
        checked_code(value["partner"]),
        bytes_of_hex(value["sealed"]),
    )


def _ceremony_result(value: Any) -> tuple[str, str, bytes]:
    value = exact_keys(value, frozenset({"report", "officer", "sealed"}))
    return (
        checked_id(value["report"]),
        checked_id(value["officer"]),
        bytes_of_hex(value["sealed"]),
    )


def add_commands(commands: Any) -> None:
    """Add this table's commands to the parser."""
    parser = commands.add_parser("request", help=request.__doc__)
    _add_files(parser, "--part", "--reason-file", "--own", "--out")
    parser.add_argument("--purpose", choices=sorted(PURPOSES), required=True)
    parser.add_argument("--basis-reference", default="", help="how the document is cited")
    parser.add_argument("--basis-file", type=Path, help="the order or consent itself")
    parser.add_argument("--hours", type=int, choices=range(1, HOURS_MAX + 1), default=HOURS_MAX)
    parser.set_defaults(run=request)

    parser = commands.add_parser("release", help=release_share.__doc__)
    _add_files(parser, "--part", "--request", "--out")
    parser.add_argument("--basis-file", type=Path, help="compare the cited document with this")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=release_share)

    parser = commands.add_parser("open", help=open_report.__doc__)
    _add_files(parser, "--part", "--own", "--release")
    parser.set_defaults(run=open_report)

    parser = commands.add_parser("card-open", help=card_open.__doc__)
    _add_files(parser, "--part", "--own", "--release", "--card", "--out")
    parser.set_defaults(run=card_open)

    parser = commands.add_parser("attest", help=attest_findings.__doc__)
    _add_files(parser, "--part", "--own", "--release", "--texts", "--out")
    parser.add_argument("--finding", action="append", required=True, metavar="NAME=ANSWER")
    parser.set_defaults(run=attest_findings)

    parser = commands.add_parser("desk-read", help=desk_read.__doc__)
    _add_files(parser, "--words")
    parser.set_defaults(run=desk_read)

    parser = commands.add_parser("hand-over", help=hand_over_report.__doc__)
    _add_files(parser, "--part", "--own", "--release", "--consent", "--consent-key", "--out")
    parser.add_argument("--partner", default="lpsk")
    parser.set_defaults(run=hand_over_report)

    parser = commands.add_parser("parcel-open", help=parcel_open.__doc__)
    for name in ("--key", "--parcel"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--slot", choices=SLOW_KINDS, default="passphrase")
    parser.set_defaults(run=parcel_open)

    parser = commands.add_parser("break-glass", help=break_the_glass.__doc__)
    add_listing_arguments(parser)
    for name in ("--part", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--share", type=Path, action="append", default=[], help="a share's file")
    parser.add_argument("--ask-shares", type=int, default=0, help="how many to type in")
    parser.add_argument("--to", type=id_argument, required=True, help="who may read the result")
    parser.set_defaults(run=break_the_glass)

    parser = commands.add_parser("break-glass-read", help=break_glass_read.__doc__)
    _add_files(parser, "--result")
    parser.set_defaults(run=break_glass_read)


def _add_files(parser: Any, *names: str) -> None:
    add_officer_arguments(parser)
    for name in names:
        parser.add_argument(name, type=Path, required=True)
