"""The packet as a file: the same bytes each time, closed for one reader, refused when anything changed."""

import io
import subprocess
import zipfile

import pyrage  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from referrals.errors import NoSigningKeyError, PacketError
from referrals.packets import verified
from referrals.packets.canonical import digest
from referrals.packets.files import OutgoingPacket, PacketFile, manifest_of, packet_files
from referrals.packets.signing import public_key, sign

NUMBER = "001/Rekom-DPPL/TM/PB/Prov/14.00/X/2024"


@pytest.fixture
def packet():
    files = (PacketFile("bukti-01.pdf", "application/pdf", b"%PDF-1.7 bukti"),)
    record, letter = b'{"a":1}', b"%PDF-1.7 surat"
    manifest = manifest_of(number=NUMBER, version=1, files=packet_files(record, letter, files))
    signature, signed_by = sign(manifest)
    return OutgoingPacket(
        NUMBER,
        1,
        record,
        letter,
        files,
        manifest,
        digest(manifest),
        signature,
        signed_by,
        "rujukan-1.zip",
    )


def test_the_same_packet_is_the_same_file_and_verifies(packet):
    archive = packet.archive()

    assert archive == packet.archive()
    found = verified(archive, public_key=public_key())
    assert (found.number, found.version, found.sha256) == (NUMBER, 1, packet.sha256)
    assert found.files == {
        "data.json": b'{"a":1}',
        "surat.pdf": b"%PDF-1.7 surat",
        "bukti-01.pdf": b"%PDF-1.7 bukti",
    }


def _changed(archive, name, content=None, *, add=None):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(made, "w") as new:
        for each in old.infolist():
            if each.filename == name and content is None:
                continue
            new.writestr(each, content if each.filename == name else old.read(each))
        if add:
            new.writestr(*add)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "add"),
    [
        ("data.json", b'{"a":2}', None),
        ("surat.pdf", b"%PDF-1.7 surap", None),
        ("bukti-01.pdf", None, None),
        ("manifest.json", b"{}", None),
        ("manifest.sig", b"\0" * 64, None),
        ("manifest.sig", None, None),
        ("", None, ("bukti-02.pdf", b"x")),
    ],
)
def test_whatever_is_changed_is_refused(packet, name, content, add):
    with pytest.raises(PacketError):
        verified(_changed(packet.archive(), name, content, add=add), public_key=public_key())


def test_another_key_a_cut_file_and_no_file_are_refused(packet):
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    archive = packet.archive()

    for content, key in ((archive, other), (archive[:-40], public_key()), (b"", public_key())):
        with pytest.raises(PacketError):
            verified(content, public_key=key)
    with pytest.raises(PacketError):
        verified(archive, public_key="not hex")


def test_closed_for_the_recipient_alone(packet):
    reader, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()

    closed = packet.closed_for([str(reader.to_public())])

    assert pyrage.decrypt(closed, [reader]) == packet.archive()
    assert b"surat" not in closed
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(closed, [other])
    with pytest.raises(PacketError):
        packet.closed_for([])
    with pytest.raises(PacketError):
        packet.closed_for(["age1nokey"])


def test_without_a_key_nothing_is_signed(settings):
    for text in ("", "no base64", "c2hvcnQ="):
        settings.PACKET_SIGNING_KEY = text
        with pytest.raises(NoSigningKeyError):
            sign(b"x")


def test_verify_packet_by_command(packet, tmp_path, capsys):
    reader = pyrage.x25519.Identity.generate()
    plain, closed, identity = (tmp_path / name for name in ("p.zip", "p.zip.age", "key.txt"))
    plain.write_bytes(packet.archive())
    closed.write_bytes(packet.closed_for([str(reader.to_public())]))
    identity.write_text(f"# a comment\n{reader}\n")

    call_command("verify_packet", str(plain))
    call_command("verify_packet", str(closed), "--identity", str(identity), "--key", public_key())

    assert capsys.readouterr().out.count(f"{NUMBER}, version 1: signed and whole") == 2
    plain.write_bytes(_changed(packet.archive(), "surat.pdf", b"x"))
    for arguments in ([str(plain)], [str(closed)], [str(closed), "--identity", str(plain)]):
        with pytest.raises(CommandError):
            call_command("verify_packet", *arguments)


def test_a_recipient_checks_with_openssl_alone(packet, tmp_path, capsys):
    call_command("packet_key")
    told, _line, pem = capsys.readouterr().out.partition("\n")
    with zipfile.ZipFile(io.BytesIO(packet.archive())) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "key.pem").write_text(pem)

    done = subprocess.run(
        [
            *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"),
            *("-in", "manifest.json", "-sigfile", "manifest.sig"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told == public_key()
    assert "Verified Successfully" in done.stdout
