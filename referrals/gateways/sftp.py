"""A recipient's SFTP server: the key of its host is known beforehand, a file appears there whole."""

import io
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared import outgoing
from bawaslu_cases.shared.outbox.topics import PermanentError
from referrals.gateways.base import Address, AddressError, Handed, Parcel

HOST_KEY = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) ([A-Za-z0-9+/]+={0,2})")
FOLDER = re.compile(r"/?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
SECONDS = 20.0


class HostKeyError(Exception):
    """The server is another one than the two administrators confirmed."""


class SftpGateway:
    """Writes beside, then renames; a file of the same size under the last name was handed over."""

    carries = True
    fields: tuple[str, ...] = ("host", "port", "user", "host_key", "folder", "private_key")

    def checked(self, address: Address) -> dict[str, Any]:
        """Return a tidy address; the private key must be readable without a password."""
        import paramiko  # noqa: PLC0415 -- memory: only who sends this way needs it

        tidy = {name: str(address.get(name, "")).strip() for name in self.fields}
        if not tidy["host"]:
            raise AddressError("host", str(_("Tulis nama server.")))
        if not tidy["port"].isascii() or not tidy["port"].isdigit():
            tidy["port"] = "22"
        if not tidy["user"]:
            raise AddressError("user", str(_("Tulis nama pengguna.")))
        if not HOST_KEY.fullmatch(tidy["host_key"]):
            raise AddressError("host_key", str(_("Tulis kunci server, misalnya ssh-ed25519 AAAA…")))
        if tidy["folder"] and (".." in tidy["folder"] or not FOLDER.fullmatch(tidy["folder"])):
            raise AddressError("folder", str(_("Tulis nama folder tanpa spasi.")))
        try:
            paramiko.Ed25519Key.from_private_key(io.StringIO(tidy["private_key"] + "\n"))
        except (paramiko.SSHException, ValueError, IndexError) as error:
            raise AddressError(
                "private_key", str(_("Tulis kunci Ed25519 berformat OpenSSH tanpa kata sandi."))
            ) from error
        return tidy

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:
        """Put the file into the folder."""
        target = "/".join(part for part in (address["folder"], parcel.file_name) if part)
        beside = "/".join(part for part in (address["folder"], f".{parcel.file_name}.part") if part)
        with _session(address) as sftp:
            try:
                if sftp.stat(target).st_size == len(parcel.content):
                    return Handed(receipt=parcel.file_name)
            except FileNotFoundError:
                pass
            with sftp.open(beside, "wb") as file:
                file.set_pipelined(pipelined=True)
                file.write(parcel.content)
            sftp.posix_rename(beside, target)
        return Handed(receipt=parcel.file_name)


@contextmanager
def _session(address: Address) -> Iterator[Any]:
    import paramiko  # noqa: PLC0415 -- memory: only who sends this way needs it

    host, port = address["host"], int(address["port"])
    try:
        pinned = outgoing.pinned_address(host, port)
    except outgoing.AddressRefusedError as error:
        raise PermanentError("address refused") from error
    with socket.create_connection((pinned, port), timeout=SECONDS) as line:
        transport = paramiko.Transport(line)
        try:
            transport.banner_timeout = transport.auth_timeout = SECONDS
            transport.start_client(timeout=SECONDS)
            shown = transport.get_remote_server_key()
            if f"{shown.get_name()} {shown.get_base64()}" != address["host_key"]:
                # before anything of ours is shown
                raise HostKeyError
            key = paramiko.Ed25519Key.from_private_key(io.StringIO(address["private_key"] + "\n"))
            transport.auth_publickey(address["user"], key)
            sftp = paramiko.SFTPClient.from_transport(transport)
            if sftp is None:
                raise outgoing.UnreachableError
            channel = sftp.get_channel()
            if channel is not None:
                channel.settimeout(SECONDS)
            yield sftp
        finally:
            transport.close()
