"""Asking for secrets: on the terminal without echo, or from a file descriptor. Never from arguments."""

import getpass
import os
from dataclasses import dataclass

from bawaslu_sync.errors import UsageError
from bawaslu_sync.words import say

MOST_BYTES = 4096


@dataclass
class SecretSource:
    """Where secrets come from: ``descriptor``, one a line in the order asked, or the terminal."""

    descriptor: int | None = None

    def ask(self, prompt: str, *, again: str = "") -> str:
        """Return one secret; with ``again`` a person types it twice. Raises UsageError."""
        if self.descriptor is not None:
            secret = self._line()
        else:
            secret = getpass.getpass(f"{prompt}: ")
            if again and getpass.getpass(f"{again}: ") != secret:
                raise UsageError(say("Keduanya berbeda."))
        if not secret:
            raise UsageError(say("Tidak ada masukan."))
        return secret

    def _line(self) -> str:
        # Byte by byte: reading ahead would swallow the next secret.
        assert self.descriptor is not None  # noqa: S101 -- only called with one
        line = bytearray()
        while len(line) < MOST_BYTES:
            try:
                byte = os.read(self.descriptor, 1)
            except OSError as error:
                raise UsageError(say("Tidak ada masukan.")) from error
            if byte in (b"", b"\n"):
                break
            line += byte
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise UsageError(say("Tidak ada masukan.")) from error
