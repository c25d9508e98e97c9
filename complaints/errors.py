"""The app's own refusals."""

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError


class DraftGoneError(DomainError):
    """The reporter's draft expired or was sent already."""

    code = "draft_gone"


class RequirementsOpenError(DomainError):
    """A requirement was not looked at yet; ``codes`` lists which."""

    code = "requirements_open"

    def __init__(self, message: object, *, codes: tuple[str, ...]) -> None:
        super().__init__(message)  # type: ignore[arg-type]
        self.codes = codes


class WrongCodeError(DomainError):
    """The receipt code opens nothing. Same words for a wrong handle and a wrong secret."""

    code = "wrong_code"


class WrongVisitCodeError(DomainError):
    """No such visit code. Same words for one that never was, was used, is over or was replaced."""

    code = "wrong_visit_code"


class TooManyTriesError(DomainError):
    """The code was tried too often just now; it was not looked at. ``seconds`` is the pause."""

    code = "too_many_tries"

    def __init__(self, message: object, *, seconds: int) -> None:
        super().__init__(message)  # type: ignore[arg-type]
        self.seconds = seconds


class KeysMissingError(DomainError):
    """No key that the root vouches for is at hand: a name cannot be sealed now."""

    code = "keys_missing"


class IdentityMissingError(DomainError):
    """A report needs a sealed identity, and one that fits it."""

    code = "identity_missing"


class ProofNeededError(DomainError):
    """Many ask at once: it was not looked at. A puzzle solved or a question answered comes first."""

    code = "proof_needed"


class VaultRefusedError(DomainError):
    """What was handed in does not hold. ``code`` is the vault's own (docs/vault-format.md)."""

    code = "vault"


class UploadRefusedError(DomainError):
    """The file cannot be taken. ``code`` says why: too many, too large, empty, or of what kind."""

    code = "upload_refused"

    def __init__(self, message: object, *, code: str) -> None:
        super().__init__(message)  # type: ignore[arg-type]
        self.code = code


class UploadGoneError(DomainError):
    """No such upload is this reporter's: it is over, was taken back, or never was."""

    code = "upload_gone"


class UploadOffsetError(DomainError):
    """The part does not begin where the last one ended; ``received`` is where it must."""

    code = "upload_offset"

    def __init__(self, message: object, *, received: int) -> None:
        super().__init__(message)  # type: ignore[arg-type]
        self.received = received


class DamagedFileError(DomainError):
    """A stored file was altered or is gone; what came of it before must be thrown away."""

    code = "damaged_file"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Berkas ini tidak utuh lagi di penyimpanan, jadi tidak dibuka. "
                "Kantor sudah diberi tahu; pulihkan dari cadangan."
            )
        )


class FieldsMissingError(DomainError):
    """A paper would have a gap; ``names`` lists which of its fields lack."""

    code = "fields_missing"

    def __init__(self, message: object, *, names: tuple[str, ...]) -> None:
        super().__init__(message)  # type: ignore[arg-type]
        self.names = names
