"""Evidence in a bucket of an S3-compatible server, reached through django-storages.

Large objects go up in parts, two of which are in memory at most. Nothing is public: no access list is
sent, no address is ever made, and what lies there is sealed. The server sees when an object came.
"""

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

from boto3.s3.transfer import S3UploadFailedError, TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils import timezone
from storages.backends.s3 import S3Storage

from bawaslu_cases.shared.object_storage import (
    BLOCK_BYTES,
    ObjectMissingError,
    ObjectStorage,
    StorageFullError,
    StorageUnavailableError,
    StoredObject,
    split_name,
)

logger = logging.getLogger(__name__)

PART_BYTES = 8 * 1024 * 1024
DELETED_AT_ONCE = 1000
"""What the protocol takes in one request."""
BROKEN_OFF_AFTER = timedelta(days=1)
_FULL = frozenset(
    {"507", "InsufficientStorage", "QuotaExceeded", "StorageFull", "XMinioStorageFull"}
)
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


class S3ObjectStorage(ObjectStorage):
    """Objects in ``bucket``, below ``prefix`` where one is given."""

    def __init__(
        self,
        *,
        bucket: str,
        endpoint: str = "",
        region: str = "",
        access_key: str = "",
        secret_key: str = "",
        prefix: str = "",
    ) -> None:
        self._name = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._storage = S3Storage(
            bucket_name=bucket,
            endpoint_url=endpoint or None,
            region_name=region or None,
            access_key=access_key or None,
            secret_key=secret_key or None,
            default_acl=None,
            querystring_auth=False,
            client_config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 2, "mode": "standard"},
                # Many compatible servers take no checksum that they were not asked to compute.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path" if endpoint else "auto"},
            ),
        )

    def write(self, name: str, chunks: Iterable[bytes]) -> int:
        """Send the chunks; a broken multipart upload is aborted, so nothing is seen of it."""
        source = _Reader(chunks)
        with _translated(source):
            self._object(name).upload_fileobj(
                source,
                ExtraArgs={"ContentType": "application/octet-stream"},
                # In this thread, part after part: one part is read while no other is in memory.
                Config=TransferConfig(
                    multipart_threshold=PART_BYTES,
                    multipart_chunksize=PART_BYTES,
                    use_threads=False,
                ),
            )
        return source.size

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the object as it comes in."""
        with _translated():
            yield from self._object(name).get()["Body"].iter_chunks(BLOCK_BYTES)

    def delete(self, names: Iterable[str]) -> None:
        """Remove a thousand at a time. A bucket with versions would keep them: use one without."""
        rest = iter([self._key(name) for name in names])
        while keys := list(islice(rest, DELETED_AT_ONCE)):
            with _translated():
                answer = self._bucket.delete_objects(
                    Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
                )
            if answer.get("Errors"):
                logger.error("evidence.storage_unavailable delete")
                raise StorageUnavailableError

    def objects(self) -> Iterator[StoredObject]:
        """Yield the objects, a thousand of them a request."""
        zone = timezone.get_default_timezone()
        with _translated():
            for row in self._bucket.objects.filter(Prefix=self._prefix):
                name = row.key.removeprefix(self._prefix)
                if _is_object(name):
                    day = timezone.localdate(row.last_modified, timezone=zone)
                    yield StoredObject(name, row.size, day)

    def exists(self, name: str) -> bool:
        """Ask for the object's size alone."""
        try:
            with _translated():
                self._object(name).load()
        except ObjectMissingError:
            return False
        return True

    def free_bytes(self) -> int | None:
        """Return None: a bucket does not tell."""
        return None

    def check_room(self, expected_bytes: int = 0) -> None:  # noqa: ARG002 -- a bucket does not tell
        """Ask whether the bucket is there."""
        try:
            with _translated():
                self._client.head_bucket(Bucket=self._name)
        except ObjectMissingError as error:
            raise StorageUnavailableError from error

    def tidy(self) -> int:
        """Abort uploads in parts that were broken off a day ago: their parts are kept and paid for."""
        removed = 0
        before = timezone.now() - BROKEN_OFF_AFTER
        with _translated():
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self._name, Prefix=self._prefix):
                for row in page.get("Uploads", []):
                    if row["Initiated"] < before:
                        self._client.abort_multipart_upload(
                            Bucket=self._name, Key=row["Key"], UploadId=row["UploadId"]
                        )
                        removed += 1
        return removed

    @property
    def _bucket(self) -> Any:
        # Not the storage's own: that one is shared by threads, and boto3's resources must not be.
        return self._storage.connection.Bucket(self._name)

    @property
    def _client(self) -> Any:
        return self._storage.connection.meta.client

    def _object(self, name: str) -> Any:
        return self._bucket.Object(self._key(name))

    def _key(self, name: str) -> str:
        split_name(name)
        return f"{self._prefix}{name}"


class _SourceError(Exception):
    """The chunks' own error, on its way through the client, which would hide it."""


class _Reader(io.RawIOBase):
    """Chunks as a file that is read once, from front to back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._rest = b""
        self.size = 0
        self.error: BaseException | None = None

    def readable(self) -> bool:
        """Say yes, as the client asks."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return as many bytes as are asked for, fewer at the end only."""
        parts, wanted = [], -1 if size is None else size
        have = 0
        while wanted < 0 or have < wanted:
            if not self._rest:
                self._rest = self._next()
                if not self._rest:
                    break
            take = self._rest if wanted < 0 else self._rest[: wanted - have]
            self._rest = self._rest[len(take) :]
            parts.append(take)
            have += len(take)
        self.size += have
        return b"".join(parts)

    def _next(self) -> bytes:
        try:
            return next((chunk for chunk in self._chunks if chunk), b"")
        except BaseException as error:
            self.error = error
            raise _SourceError from error


@contextmanager
def _translated(source: _Reader | None = None) -> Iterator[None]:
    """Turn the client's errors into the domain's and give back the source's own. No name is logged."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise ObjectMissingError from error
        if code in _FULL:
            logger.error("evidence.storage_full")  # noqa: TRY400 -- the code is the alarm
            raise StorageFullError from error
        logger.error("evidence.storage_unavailable")  # noqa: TRY400 -- as above
        raise StorageUnavailableError from error
    except (BotoCoreError, S3UploadFailedError, OSError) as error:
        logger.error("evidence.storage_unavailable")  # noqa: TRY400 -- as above
        raise StorageUnavailableError from error
    except _SourceError:
        if source is None or source.error is None:
            raise
        raise source.error from None


def _is_object(name: str) -> bool:
    try:
        split_name(name)
    except ValueError:
        return False
    return True
