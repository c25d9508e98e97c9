"""A folder with the files of a ceremony, and a way to run the client in it."""

import io
import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from complaints.vaultctl.cli import main
from complaints.vaultctl.commands.console import Console
from complaints.vaultctl.prompts import SecretSource

PASSPHRASE = "kuda laut merah di teluk"


@dataclass
class Table:
    """A folder with the files of a ceremony, and a way to run the client in it."""

    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    out: str = ""
    root: str = ""
    card_key: bytes = b""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def until(self):
        return (self.at + timedelta(days=90)).date().isoformat()

    def path(self, name):
        return str(self.folder / name)

    def run(self, *arguments, secrets=(PASSPHRASE,), later=timedelta()):
        """Run one command with these secrets on a pipe; return its exit code."""
        read_end, write_end = os.pipe()
        os.write(write_end, "".join(secret + "\n" for secret in secrets).encode())
        os.close(write_end)
        spoken = io.StringIO()
        console = Console(
            out=spoken,
            secrets=SecretSource(read_end),
            clock=lambda: self.at + later,
        )
        try:
            return main([str(argument) for argument in arguments], console)
        finally:
            os.close(read_end)
            self.out = spoken.getvalue()

    def read(self, name):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def write(self, name, value):
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / name).write_text(json.dumps(value), encoding="utf-8")
        return self.path(name)

    def fresh(self, name="out"):
        return self.path(f"{name}-{uuid.uuid4().hex}.json")

    def officer(self, who):
        return [
            "--bundle",
            self.path(f"{who}.bundle"),
            "--trust",
            self.path("trust"),
            "--listing",
            self.path("listing"),
        ]

    def enrol(self, who, unit, group):
        """Two commands at the ceremony: the officer's, then the root's."""
        self.ids.setdefault(who, uuid.uuid4().hex)
        bundle, request, cert = (self.path(f"{who}.{part}") for part in ("bundle", "req", "cert"))
        assert (
            self.run(
                "officer-init", "--officer", self.ids[who], "--bundle", bundle, "--request", request
            )
            == 0
        )
        terms = ["--unit", unit, "--group", group, "--until", self.until, "--out", cert]
        assert self.run("certify", "--key", self.path("root"), "--request", request, *terms) == 0

    def list_all(self, *epochs, officers=None):
        """Write the lists as the server would export them."""
        self.write(
            "listing",
            {
                "officers": [self.read(f"{who}.cert") for who in officers or self.ids],
                "epochs": list(epochs),
                "recovery": [self.read("recovery")],
                "partners": [self.read("lpsk.cert")]
                if (self.folder / "lpsk.cert").exists()
                else [],
                "revocations": self.read("revocations"),
            },
        )

    def make_epoch(self, who, number):
        out = self.path(f"{who}.epoch-{number}")
        terms = ["--epoch", number, "--until", self.until, "--out", out]
        assert self.run("epoch-create", *self.officer(who), *terms) == 0
        return self.read(f"{who}.epoch-{number}")
