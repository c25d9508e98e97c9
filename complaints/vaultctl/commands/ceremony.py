"""At the ceremony's table, offline: root, officers' keys, certificates, recovery, partners."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from complaints.vault.crypto.certificates import (
    PUBLIC_KEY_BYTES,
    OfficerCertificate,
    RevocationList,
)
from complaints.vault.crypto.fields import bytes_of_hex, checked_code, exact_keys
from complaints.vaultctl.bundle import ROOT_OWNER, Bundle, SecretFile
from complaints.vaultctl.commands.console import (
    Arguments,
    Console,
    ask_for_slots,
    day_argument,
    id_argument,
    unlock_secret,
)
from complaints.vaultctl.files import read_json, write_json, write_text
from complaints.vaultctl.keys import SEED_BYTES, new_officer_keys
from complaints.vaultctl.parts import base64_of
from complaints.vaultctl.recovery import GROUPS, new_recovery_key
from complaints.vaultctl.root import (
    KeyRequest,
    certify_officer,
    certify_partner,
    certify_recovery,
    key_request,
    revoke,
)
from complaints.vaultctl.slots import SLOW_KINDS, SlowSlot
from complaints.vaultctl.trust import Trust


@dataclass(frozen=True)
class NamedPublicKey:
    """A partner's public key on its way to the root."""

    name: str
    pk: bytes

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"name": self.name, "pk": self.pk.hex()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset({"name", "pk"}))
        return cls(checked_code(value["name"]), bytes_of_hex(value["pk"], PUBLIC_KEY_BYTES))


def root_init(args: Arguments, console: Console) -> int:
    """Make the root key, what clients pin, and the first, empty revocation list."""
    seed = os.urandom(SEED_BYTES)
    locked = SecretFile.lock(ROOT_OWNER, seed, ask_for_slots(console, owner=ROOT_OWNER))
    empty = revoke(seed, serial=1, earlier=(), fingerprints=(), not_after=args.until)
    write_json(args.key, locked.to_json())
    write_json(args.trust, Trust(locked.public).to_json())
    write_json(args.revocations, empty.to_json())
    console.say(f"Root: {locked.public.hex()}")
    console.say(f"VAULT_ROOT_PUBLIC_KEY={base64_of(locked.public)}")
    return 0


def officer_init(args: Arguments, console: Console) -> int:
    """Make an officer's keys; write the locked bundle and the request for a certificate."""
    keys = new_officer_keys(args.officer)
    bundle = Bundle.lock(keys, ask_for_slots(console, owner=keys.officer))
    write_json(args.bundle, bundle.to_json())
    write_json(args.request, key_request(keys).to_json())
    console.say(f"Signing key, to be compared at the ceremony: {keys.sig_pk.hex()}")
    return 0


def new_passphrase(args: Arguments, console: Console) -> int:
    """Put a new passphrase in place of the old one, unlocking with the old or with the words."""
    bundle = read_json(args.bundle, Bundle.from_json)
    secret = console.secrets.ask(f"Present {args.slot}")
    passphrase = console.secrets.ask_new("New passphrase")
    changed = bundle.with_slot(
        args.slot,
        secret,
        lambda key: SlowSlot.make("passphrase", passphrase, key, owner=bundle.officer),
    )
    write_json(args.out, changed.to_json())
    return 0


def certify(args: Arguments, console: Console) -> int:
    """Certify an officer who has come in person."""
    request = read_json(args.request, KeyRequest.from_json)
    request.check()
    console.say(f"Officer {request.officer}, signing key {request.sig_pk.hex()}")
    certificate = certify_officer(
        unlock_secret(args.key, args.slot, console),
        request,
        unit=args.unit,
        group=args.group,
        today=console.today(),
        not_after=args.until,
    )
    write_json(args.out, certificate.to_json())
    return 0


def revoke_certificates(args: Arguments, console: Console) -> int:
    """Sign the next revocation list; without a certificate it is the same list for longer."""
    trust = read_json(args.trust, Trust.from_json)
    earlier = read_json(args.revocations, RevocationList.from_json)
    earlier.verify(trust.root_pk, earlier.not_after, least_serial=trust.least_serial)
    certificates = [read_json(path, OfficerCertificate.from_json) for path in args.certificate]
    later = revoke(
        unlock_secret(args.key, args.slot, console),
        serial=earlier.serial + 1,
        earlier=earlier.revoked,
        fingerprints=[certificate.fingerprint() for certificate in certificates],
        not_after=args.until,
    )
    write_json(args.out, later.to_json())
    console.say(f"List {later.serial}: {len(later.revoked)} revoked")
    return 0


def recovery_init(args: Arguments, console: Console) -> int:
    """Make the recovery key, certify it, and write its six shares, each for one person's hands."""
    root_seed = unlock_secret(args.key, args.slot, console)
    pk, shares = new_recovery_key()
    certificate = certify_recovery(root_seed, name=args.name, pk=pk, not_after=args.until)
    write_json(args.out, certificate.to_json())
    for group, mnemonics in zip(GROUPS, shares, strict=True):
        for number, mnemonic in enumerate(mnemonics, 1):
            path: Path = args.shares / f"{args.name}-{group}-{number}.txt"
            write_text(path, mnemonic + "\n")
            console.say(str(path))
    return 0


def partner_init(args: Arguments, console: Console) -> int:
    """Make a partner's key, at the partner's own table."""
    secret = os.urandom(SEED_BYTES)
    locked = SecretFile.lock(args.name, secret, ask_for_slots(console, owner=args.name))
    write_json(args.key, locked.to_json())
    write_json(args.out, NamedPublicKey(args.name, locked.public).to_json())
    return 0


def partner_certify(args: Arguments, console: Console) -> int:
    """Certify a partner's key."""
    named = read_json(args.public, NamedPublicKey.from_json)
    certificate = certify_partner(
        unlock_secret(args.key, args.slot, console),
        name=named.name,
        pk=named.pk,
        not_after=args.until,
    )
    write_json(args.out, certificate.to_json())
    return 0


def add_commands(commands: Any) -> None:
    """Add this table's commands to the parser."""
    parser = commands.add_parser("root-init", help=root_init.__doc__)
    for name in ("--key", "--trust", "--revocations"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--until", type=day_argument, required=True)
    parser.set_defaults(run=root_init)

    parser = commands.add_parser("officer-init", help=officer_init.__doc__)
    parser.add_argument("--officer", type=id_argument, required=True, help="public id")
    for name in ("--bundle", "--request"):
        parser.add_argument(name, type=Path, required=True)
    parser.set_defaults(run=officer_init)

    parser = commands.add_parser("new-passphrase", help=new_passphrase.__doc__)
    for name in ("--bundle", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--slot", choices=SLOW_KINDS, default="passphrase")
    parser.set_defaults(run=new_passphrase)

    parser = commands.add_parser("certify", help=certify.__doc__)
    _add_root(parser)
    parser.add_argument("--request", type=Path, required=True)
    parser.add_argument("--unit", required=True)
    parser.add_argument("--group", required=True)
    parser.set_defaults(run=certify)

    parser = commands.add_parser("revoke", help=revoke_certificates.__doc__)
    _add_root(parser)
    for name in ("--trust", "--revocations"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--certificate", type=Path, action="append", default=[])
    parser.set_defaults(run=revoke_certificates)

    parser = commands.add_parser("recovery-init", help=recovery_init.__doc__)
    _add_root(parser)
    parser.add_argument("--name", required=True, help="for instance r-2026")
    parser.add_argument("--shares", type=Path, required=True, help="folder for the six shares")
    parser.set_defaults(run=recovery_init)

    parser = commands.add_parser("partner-init", help=partner_init.__doc__)
    parser.add_argument("--name", required=True, help="for instance lpsk")
    for name in ("--key", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.set_defaults(run=partner_init)

    parser = commands.add_parser("partner-certify", help=partner_certify.__doc__)
    _add_root(parser)
    parser.add_argument("--public", type=Path, required=True)
    parser.set_defaults(run=partner_certify)


def _add_root(parser: Any) -> None:
    parser.add_argument("--key", type=Path, required=True, help="the root's key file")
    parser.add_argument("--slot", choices=SLOW_KINDS, default="passphrase")
    parser.add_argument("--until", type=day_argument, required=True, help="last valid day")
    parser.add_argument("--out", type=Path, required=True)
