"""Asking for secrets: on the terminal without echo, or from a file descriptor. Never from arguments."""

import getpass
import os
from dataclasses import dataclass

from complaints.vault.crypto.errors import VaultError

SECRET_BYTES_MAX = 4096


class NoSecretError(VaultError):
    """No secret was given, or the repetition differs."""

    code = "no_secret"


@dataclass
class SecretSource:
    """Where secrets come from: ``descriptor``, one a line in the order asked, or the terminal."""

    descriptor: int | None = None

    def ask(self, prompt: str) -> str:
        """Return one secret."""
        secret = getpass.getpass(f"{prompt}: ") if self.descriptor is None else self._line()
        if not secret:
            raise NoSecretError("no secret was given")
        return secret

    def ask_new(self, prompt: str) -> str:
        """Return a new secret; on a terminal it is typed twice."""
        secret = self.ask(prompt)
        if self.descriptor is None and getpass.getpass(f"{prompt} (again): ") != secret:
            raise NoSecretError("the two were different")
        return secret

    def _line(self) -> str:
        # Byte by byte: reading ahead would swallow the next secret.
        assert self.descriptor is not None  # noqa: S101 -- only called with one
        line = bytearray()
        while len(line) < SECRET_BYTES_MAX:
            try:
                byte = os.read(self.descriptor, 1)
            except OSError as error:
                raise NoSecretError("the file descriptor cannot be read") from error
            if byte in (b"", b"\n"):
                return _text(bytes(line))
            line += byte
        raise NoSecretError("the secret is too long")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise NoSecretError("a secret is UTF-8 text") from error
