"""Where a trace may lie. Each place is read as it is, by means the product does not own.

A place yields pairs of a name and bytes; :func:`look` searches them. Names tell where, never what.
"""

import gzip
import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any, Self

import psycopg2
from pypdf import PdfReader
from redis import Redis

from tests.canary.forms import Search

Pieces = Iterable[tuple[str, bytes]]
CHUNK = 16 * 1024 * 1024
OVERLAP = 8 * 1024
"""Longer than any text in any shape: nothing is cut between two chunks."""


def look(search: Search, pieces: Pieces) -> dict[str, set[str]]:
    """Return place → what was found there; {} is what everybody hopes for."""
    found: dict[str, set[str]] = {}
    for place, content in pieces:
        if hits := search.hits(content):
            found.setdefault(place, set()).update(hits)
    return found


# --- files ---------------------------------------------------------------------------------------


def files_below(*folders: Path, known: dict[Path, bytes] | None = None) -> Pieces:
    """Yield names and contents of all files; packed ones also unpacked.

    ``known`` are digests of files that were there before the texts existed: a file that is still
    the same cannot hold them.
    """
    for folder in folders:
        for path in below(folder):
            yield f"name of {path}", str(path.relative_to(folder)).encode()
            if path.is_symlink() or not path.is_file():
                continue
            if known is not None and known.get(path) == digest(path):
                continue
            for content in chunks(path):
                yield str(path), content
                yield from unpacked(str(path), content)


def below(folder: Path) -> list[Path]:
    """Return all files and folders below one; what goes away meanwhile is no error."""
    return sorted(
        Path(at, name) for at, folders, files in os.walk(folder) for name in (*folders, *files)
    )


def written_since(began: float, *folders: Path) -> Iterator[Path]:
    """Yield the files that lie in these folders themselves and were written since ``began``."""
    for folder in folders:
        for path in folder.glob("*"):
            with suppress(FileNotFoundError):  # those of the tests beside come and go
                about = path.stat()
                if stat.S_ISREG(about.st_mode) and about.st_mtime >= began:
                    yield path


def chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes in overlapping chunks; nothing when it went away meanwhile."""
    try:
        with path.open("rb") as file:
            tail = b""
            while block := file.read(CHUNK):
                yield tail + block
                tail = block[-OVERLAP:]
    except FileNotFoundError:
        return


def digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").digest()
    except FileNotFoundError:
        return b""


def digests(*folders: Path) -> dict[Path, bytes]:
    """Return what :func:`files_below` may leave out later."""
    return {
        path: digest(path)
        for folder in folders
        for path in below(folder)
        if path.is_file() and not path.is_symlink()
    }


def unpacked(name: str, content: bytes) -> Pieces:
    """Yield what lies packed in a document: PDF text, gzip, zlib."""
    if content.startswith(b"%PDF-"):
        reader = PdfReader(BytesIO(content))
        words = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
        yield f"text of {name}", f"{words} {reader.metadata}".encode()
        streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
        yield f"streams of {name}", b"\n".join(inflated(stream) for stream in streams)
    elif content.startswith(b"\x1f\x8b"):
        yield f"inside {name}", gzip.decompress(content)
    elif content[:2] in {b"\x78\x01", b"\x78\x9c", b"\x78\xda"}:
        yield f"inside {name}", inflated(content)


def inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content)
    except zlib.error:
        return b""


# --- PostgreSQL ----------------------------------------------------------------------------------


def dumps(urls: dict[str, str], tool: Path) -> Pieces:
    """Yield ``pg_dump`` of each database."""
    for name, url in urls.items():
        done = subprocess.run([str(tool), "--dbname", url], capture_output=True, check=True)
        yield f"pg_dump of {name}", done.stdout


def script(archive: bytes, tool: Path) -> bytes:
    """Return what an archive of ``pg_dump`` would run: its rows lie packed in it."""
    done = subprocess.run(
        [str(tool), "--file", "-"], input=archive, capture_output=True, check=True
    )
    return done.stdout


def rows(urls: dict[str, str]) -> Pieces:
    """Yield each column of each table as PostgreSQL returns it: bytea as the bytes themselves."""
    for name, url in urls.items():
        connection = psycopg2.connect(url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT table_schema, table_name, column_name FROM information_schema.columns "
                    "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
                )
                for schema, table, column in cursor.fetchall():
                    cursor.execute(f'SELECT "{column}" FROM "{schema}"."{table}"')
                    values = [plain(value) for (value,) in cursor.fetchall() if value is not None]
                    yield f"{name}: {table}.{column}", b"\n".join(values)
        finally:
            connection.close()


def plain(value: Any) -> bytes:
    return bytes(value) if isinstance(value, memoryview) else str(value).encode()


def raw_cluster(data: Path, url: str, known: dict[Path, bytes]) -> Pieces:
    """Write everything out, then yield the files of the cluster with its log of changes."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
    finally:
        connection.close()
    yield from files_below(data, known=known)


class Statements:
    """Collects, while it is open, the text of every statement the server shows as running."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seen: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                while not self._stop.wait(0.002):
                    cursor.execute("SELECT query FROM pg_stat_activity WHERE query IS NOT NULL")
                    self._seen.update(query for (query,) in cursor.fetchall())
        finally:
            connection.close()

    def pieces(self) -> Pieces:
        yield "statements running", "\n".join(self._seen).encode()


def statements_kept(url: str) -> Pieces:
    """Yield what the server keeps about statements: counted texts, prepared and running ones."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for view, column in (
                ("pg_stat_statements", "query"),
                ("pg_stat_activity", "query"),
                ("pg_prepared_statements", "statement"),
            ):
                cursor.execute(f"SELECT {column} FROM {view}")
                texts = [text or "" for (text,) in cursor.fetchall()]
                yield view, "\n".join(texts).encode()
    finally:
        connection.close()


# --- Valkey --------------------------------------------------------------------------------------


def keys(socket: Path, databases: Iterable[int]) -> Pieces:
    """Yield every key of every numbered database: its name, its DUMP, and its parts read plainly."""
    for number in databases:
        server: Any = Redis(unix_socket_path=str(socket), db=number)
        try:
            for key in server.scan_iter(count=1000):
                place = f"Valkey {number}: {key[:40].decode(errors='replace')}"
                yield place, b"\n".join([key, server.dump(key) or b"", *parts(server, key)])
        finally:
            server.close()


def parts(server: Any, key: bytes) -> list[bytes]:
    """Return the members of one key, whatever its type; unpacked where a cache packs them."""
    read = {
        b"string": lambda: [server.get(key) or b""],
        b"list": lambda: server.lrange(key, 0, -1),
        b"set": lambda: list(server.smembers(key)),
        b"hash": lambda: [part for pair in server.hgetall(key).items() for part in pair],
        b"zset": lambda: server.zrange(key, 0, -1),
        b"stream": lambda: [repr(entry).encode() for entry in server.xrange(key)],
    }
    found: list[bytes] = read.get(server.type(key), list)()
    return [*found, *(inside for part in found for _name, inside in unpacked("", part))]


# --- processes -----------------------------------------------------------------------------------


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def remote_addresses(pid: int) -> set[str]:
    """Return the other ends of all open internet sockets of a process and its descendants, but loopback's."""
    sockets = set()
    for each in family(pid):
        for handle in Path(f"/proc/{each}/fd").glob("*"):
            with suppress(OSError):
                sockets.add(str(handle.readlink()).removeprefix("socket:[").removesuffix("]"))
    found = set()
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{kind}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[9] in sockets:
                found.add(_address(fields[2].partition(":")[0]))
    return {str(each) for each in found if not (each.is_loopback or each.is_unspecified)}


def _address(packed: str) -> IPv4Address | IPv6Address:
    """Read an address as the kernel prints it: hexadecimal words in the machine's own byte order."""
    words = [int(packed[at : at + 8], 16) for at in range(0, len(packed), 8)]
    found = ip_address(b"".join(word.to_bytes(4, sys.byteorder) for word in words))
    return getattr(found, "ipv4_mapped", None) or found


def processes(pids: Iterable[int]) -> Pieces:
    """Yield command line and environment of each process."""
    for pid in pids:
        for part in ("cmdline", "environ"):
            try:
                yield f"{part} of {pid}", Path(f"/proc/{pid}/{part}").read_bytes()
            except OSError:
                continue


def memory(pids: Iterable[int]) -> Pieces:
    """Yield what lies in the writable memory of each process; needs the right to trace it."""
    for pid in pids:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as held:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                span, mode, *_rest = line.split()
                if not mode.startswith("rw") or line.endswith(("[vvar]", "[vsyscall]")):
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                try:
                    held.seek(start)
                    yield f"memory of {pid}", held.read(end - start)
                except (OSError, OverflowError):
                    continue


class FilesWritten:
    """Notes, while it is open, what processes write to files: strace tells each write.

    Without strace what they hold open is read again and again, files that are deleted already too.
    """

    def __init__(self, pids: Iterable[int], folder: Path) -> None:
        self._pids = list(pids)
        self._log = folder / "strace.log"
        self._held: dict[str, bytes] = {}
        self._stop = threading.Event()
        self._watcher: Any = None

    def __enter__(self) -> Self:
        tool = shutil.which("strace")
        if tool is None:
            self._watcher = threading.Thread(target=self._read_open_files, daemon=True)
            self._watcher.start()
            return self
        calls = "trace=write,pwrite64,writev,pwritev,sendfile,copy_file_range"
        command = [tool, "-f", "-y", "-s", "65536", "-e", calls, "-o", str(self._log)]
        command += [f"--attach={pid}" for pid in self._pids]
        self._watcher = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for(lambda: all(map(traced, self._pids)), "strace has attached")
        return self

    def __exit__(self, *_raised: object) -> None:
        if isinstance(self._watcher, threading.Thread):
            self._stop.set()
            self._watcher.join()
        else:
            self._watcher.send_signal(signal.SIGINT)
            self._watcher.wait(120)

    def _read_open_files(self) -> None:
        while not self._stop.wait(0.001):
            for pid in self._pids:
                for link in Path(f"/proc/{pid}/fd").iterdir():
                    try:
                        if link.is_file():
                            self._held[str(link.readlink())] = link.read_bytes()
                    except OSError:
                        continue

    def pieces(self) -> Pieces:
        """Yield file → what was written to it."""
        yield from self._held.items()
        if self._log.exists():
            for line in self._log.read_text(errors="replace").splitlines():
                # a file's path is absolute; sockets and pipes are named otherwise
                if to := re.match(r"\d+ +\w+\(\d+<(/[^>]+)>", line):
                    yield to[1], line.encode()


def traced(pid: int) -> bool:
    """Whether every thread of a process has a tracer."""
    states = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return all("TracerPid:\t0\n" not in state for state in states)


def wait_for(happened: Any, what: str, *, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"not in {seconds} s: {what}"
        time.sleep(0.05)
