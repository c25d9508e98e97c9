"""Why the vault refuses. No message carries a key, a name or a word of what is sealed."""


class VaultError(Exception):
    """A refusal of the vault. ``code`` is stable; clients and tests go by it."""

    code = "vault"


class MalformedError(VaultError):
    """The value is not what the format says: wrong length, alphabet, key or order."""

    code = "malformed"


class MalformedSealError(MalformedError):
    """A sealed value of the wrong size or of an unknown algorithm."""

    code = "malformed_seal"


class OpenError(VaultError):
    """The value does not open: wrong key, wrong context, or altered. Says nothing more."""

    code = "does_not_open"


class BadSignatureError(VaultError):
    """The signature is not of this key over this content."""

    code = "bad_signature"


class ExpiredError(VaultError):
    """The certificate, epoch, list or request is past its time, or reaches too far ahead."""

    code = "expired"


class RevokedError(VaultError):
    """The root has revoked this certificate."""

    code = "revoked"


class NotCertifiedError(VaultError):
    """The chain to the root has a hole: the signer may not vouch for this."""

    code = "not_certified"


class SplitCustodyError(VaultError):
    """The two sides are not two: same unit, same side, same person, or a group of neither."""

    code = "split_custody"


class PurposeError(VaultError):
    """The purpose is unknown, or lacks the legal basis that it needs."""

    code = "purpose"
