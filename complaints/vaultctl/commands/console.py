"""What commands share: where they speak, who is unlocked, and arguments that return everywhere."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO, TypeVar

from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.errors import MalformedError, NotCertifiedError, VaultError
from complaints.vault.crypto.fields import checked_id, date_of
from complaints.vaultctl.bundle import Bundle, SecretFile
from complaints.vaultctl.files import read_json, replace_json
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.prompts import SecretSource
from complaints.vaultctl.slots import SLOW_KINDS, Slot, SlowSlot, new_recovery_words
from complaints.vaultctl.trust import Directory, Listing, Trust

Arguments = argparse.Namespace
T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class NotConfirmedError(VaultError):
    """The person did not say yes."""

    code = "not_confirmed"


@dataclass
class Console:
    """One run: where words go, where secrets come from, what time it is."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    secrets: SecretSource = field(default_factory=SecretSource)
    clock: Callable[[], datetime] = _now

    def say(self, text: str) -> None:
        """Print what a person reads; control and direction characters are shown, not obeyed."""
        print(printable(text), file=self.out)

    def today(self) -> date:
        """Return the day on which certificates are judged (UTC)."""
        return self.clock().astimezone(UTC).date()


@dataclass(frozen=True)
class Unlocked:
    """An officer at work: private keys, verified directory, own certificate."""

    keys: OfficerKeys
    directory: Directory
    me: OfficerCertificate


Command = Callable[[Arguments, Console], int]


def printable(text: str) -> str:
    """Return text in which nothing moves the cursor, changes colours or turns the reading direction."""
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\u{ord(character):04x}"
        for character in text
    )


def add_officer_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every command of an unlocked officer needs."""
    parser.add_argument("--bundle", type=Path, required=True, help="the officer's locked keys")
    parser.add_argument("--slot", choices=SLOW_KINDS, default="passphrase")
    add_listing_arguments(parser)


def add_listing_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the pinned root and the server's lists."""
    parser.add_argument("--trust", type=Path, required=True, help="the pinned root key")
    parser.add_argument("--listing", type=Path, required=True, help="the server's lists")


def open_directory(args: Arguments, console: Console) -> Directory:
    """Read and verify the lists; remember the newest revocation list seen."""
    trust = read_json(args.trust, Trust.from_json)
    listing = read_json(args.listing, Listing.from_json)
    directory = Directory.open(listing, trust, console.clock())
    if listing.revocations.serial > trust.least_serial:
        newer = replace(trust, least_serial=listing.revocations.serial)
        replace_json(args.trust, newer.to_json())
    return directory


def unlock(args: Arguments, console: Console) -> Unlocked:
    """Verify the lists, then ask for the secret and unlock. Refuses keys that nobody certified."""
    bundle = read_json(args.bundle, Bundle.from_json)
    directory = open_directory(args, console)
    me = directory.officer(bundle.officer)
    keys = bundle.unlock(args.slot, console.secrets.ask(_PROMPTS[args.slot]))
    if (me.enc_pk, me.sig_pk) != (keys.enc_pk, keys.sig_pk):
        raise NotCertifiedError("the certificate is for other keys of this officer")
    return Unlocked(keys, directory, me)


def unlock_secret(path: Path, slot: str, console: Console) -> bytes:
    """Ask for the secret of a key file (root, partner) and return what it holds."""
    return read_json(path, SecretFile.from_json).unlock(slot, console.secrets.ask(_PROMPTS[slot]))


def ask_for_slots(console: Console, *, owner: str) -> Callable[[bytes], tuple[Slot, ...]]:
    """Ask for a passphrase, make recovery words, and return what locks a new key behind both.

    The words are shown once, to be written down by hand.
    """
    passphrase = console.secrets.ask_new("New passphrase")
    words = new_recovery_words()

    def make(key: bytes) -> tuple[Slot, ...]:
        slots = (
            SlowSlot.make("passphrase", passphrase, key, owner=owner),
            SlowSlot.make("words", words, key, owner=owner),
        )
        console.say(f"Recovery words, shown only now: {words}")
        return slots

    return make


def day_argument(text: str) -> date:
    """Read a date argument."""
    return _argument(date_of, text)


def id_argument(text: str) -> str:
    """Read an id argument; dashes of a UUID may stay."""
    return _argument(checked_id, text.replace("-", "").lower())


def _argument(reader: Callable[[str], T], text: str) -> T:
    try:
        return reader(text)
    except MalformedError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


_PROMPTS = {"passphrase": "Passphrase", "words": "Recovery words"}
