"""An office's machine: the command line on a folder of its own."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

from bawaslu_sync.cli import main
from bawaslu_sync.lockbox import Secret
from bawaslu_sync.queue import Queue
from bawaslu_sync.store import Store
from tests.support.api_clients import ApiPeer

PROJECT = Path(__file__).resolve().parents[2]
PASSPHRASE = "empat kuda lari ke bukit"


class OfficeMachine:
    """``begin`` starts the tool as a process of its own; ``run`` does the same in this one, faster."""

    def __init__(self, folder: Path, peer: ApiPeer | None = None) -> None:
        self.folder = folder
        self.peer = peer

    def _arguments(self, secrets: tuple[str, ...], arguments: tuple[str, ...]) -> Any:
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{each}\n" for each in secrets).encode())
        os.close(writing)
        given = ["--folder", str(self.folder), "--secrets-fd", str(reading)]
        return reading, [*given, "--tries", "40", "--wait", "0.001", *arguments]

    def begin(self, *arguments: str, secrets: tuple[str, ...] = (PASSPHRASE,)) -> Any:
        """Start it and return the process."""
        reading, given = self._arguments(secrets, arguments)
        process = subprocess.Popen(
            [sys.executable, "-m", "bawaslu_sync", *given],
            cwd=PROJECT,
            # Nothing of the test's settings: it needs none of them.
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONUTF8": "1"},
            pass_fds=[reading],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(reading)
        return process

    def run(
        self, *arguments: str, told: Any = None, secrets: tuple[str, ...] = (PASSPHRASE,)
    ) -> Any:
        """Run it to its end; ``told`` is given as JSON on its standard input."""
        reading, given = self._arguments(secrets, arguments)
        out, err = io.StringIO(), io.StringIO()
        stdin = io.StringIO("" if told is None else json.dumps(told))
        with redirect_stdout(out), redirect_stderr(err), mock.patch("sys.stdin", stdin):
            code = main(given)
        os.close(reading)
        return subprocess.CompletedProcess(given, code, out.getvalue(), err.getvalue())

    def login(self, url: str, *more: str) -> Any:
        assert self.peer is not None
        return self.run(
            "login",
            *("--server", url, "--client", self.peer.client.client_id, *more),
            secrets=(PASSPHRASE, self.peer.secret),
        )

    def store(self) -> Store:
        return Store.open(self.folder, Secret.passphrase(PASSPHRASE))

    def queue(self) -> Queue:
        return Queue(self.store())
