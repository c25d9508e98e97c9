"""An office's machine: the command line as a process of its own, on a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bawaslu_sync.lockbox import Secret
from bawaslu_sync.queue import Queue
from bawaslu_sync.store import Store
from tests.support.api_clients import ApiPeer

PROJECT = Path(__file__).resolve().parents[2]
PASSPHRASE = "empat kuda lari ke bukit"
PATIENCE_S = 240


class OfficeMachine:
    """``run`` starts the tool as a person does and gives back how it ended."""

    def __init__(self, folder: Path, peer: ApiPeer) -> None:
        self.folder = folder
        self.peer = peer

    def begin(self, *arguments: str, secrets: tuple[str, ...] = (PASSPHRASE,)) -> Any:
        """Start it and return the process."""
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{each}\n" for each in secrets).encode())
        os.close(writing)
        command = [sys.executable, "-m", "bawaslu_sync", "--folder", str(self.folder)]
        command += ["--secrets-fd", str(reading), "--tries", "40", "--wait", "0.001", *arguments]
        process = subprocess.Popen(
            command,
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

    def run(self, *arguments: str, told: Any = None, **options: Any) -> Any:
        """Run it to its end; ``told`` is given as JSON on its standard input."""
        process = self.begin(*arguments, **options)
        given = "" if told is None else json.dumps(told)
        out, err = process.communicate(given, timeout=PATIENCE_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def login(self, url: str, *more: str) -> Any:
        return self.run(
            "login",
            *("--server", url, "--client", self.peer.client.client_id, *more),
            secrets=(PASSPHRASE, self.peer.secret),
        )

    def store(self) -> Store:
        return Store.open(self.folder, Secret.passphrase(PASSPHRASE))

    def queue(self) -> Queue:
        return Queue(self.store())
