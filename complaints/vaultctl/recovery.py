"""The offline recovery key: split by SLIP-39 between two groups, and what a ceremony opens with it.

Bawaslu RI's leadership 2 of 3 *and* outside institutions 2 of 3 (LPSK, Ombudsman, BSSN): neither group
alone, nor one share of each, gives the key.
"""

import os
from collections.abc import Sequence

from shamir_mnemonic import generate_mnemonics
from shamir_mnemonic.recovery import RecoveryState
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError

from complaints.vault.crypto import hpke
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import OpenError, VaultError
from complaints.vault.crypto.padding import pad, unpad
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.opening import open_with
from complaints.vaultctl.parts import RecoveryPart

GROUPS = ("leadership", "outside")
SHARES_NEEDED, SHARES_MADE = 2, 3


class QuorumError(VaultError):
    """The shares are too few, of one group only, mistyped, or of different keys."""

    code = "quorum"


def new_recovery_key() -> tuple[bytes, list[list[str]]]:
    """Return a recovery key's public half and its shares: two groups of three mnemonics of 33 words.

    The private half exists only inside this call.
    """
    secret = os.urandom(hpke.KEY_BYTES)
    shares = generate_mnemonics(
        group_threshold=len(GROUPS), groups=[(SHARES_NEEDED, SHARES_MADE)] * len(GROUPS),
        master_secret=secret, passphrase=b"",
    )  # fmt: skip
    return hpke.public_key_of(secret), shares


def break_glass(shares: Sequence[str], *, part: RecoveryPart, to: OfficerCertificate) -> bytes:
    """Open one report with a quorum's shares and seal the result to one certified officer.

    The identity is shown to nobody at the ceremony. Raises QuorumError, OpenError.
    """
    binding = part.binding
    dek = hpke.unseal(_joined(shares), part.wrap_r, info=binding.context("recovery"))
    identity = pad(canonical_json(open_with(part, dek)))
    return hpke.seal(to.enc_pk, identity, info=_result_context(binding.report, to.officer))


def _joined(shares: Sequence[str]) -> bytes:
    state = RecoveryState()
    try:
        for share in shares:
            state.add_share(Share.from_mnemonic(share))
        if not state.is_complete():
            raise QuorumError("these shares are no quorum of both groups")
        secret: bytes = state.recover(b"")
    except (MnemonicError, ValueError) as error:
        raise QuorumError("a share is mistyped or of another key") from error
    if len(secret) != hpke.KEY_BYTES:
        raise QuorumError("these shares are of another kind of key")
    return secret


def read_break_glass(keys: OfficerKeys, sealed: bytes, *, report: str) -> dict[str, str]:
    """Return the identity that a ceremony opened for this officer; raise OpenError."""
    info = _result_context(report, keys.officer)
    identity = parse_canonical(unpad(hpke.unseal(keys.enc_secret, sealed, info=info)))
    if not isinstance(identity, dict):
        raise OpenError("not the result of a ceremony")
    return identity


def _result_context(report: str, officer: str) -> bytes:
    return ctx("break-glass", report, officer)
