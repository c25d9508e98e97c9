"""Each way against a real server: what arrives, twice is once, what the other side says, what is refused."""

import base64
import io
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bawaslu_cases.shared.outbox.topics import PermanentError
from bawaslu_cases.shared.outgoing import AddressRefusedError, UnreachableError, checked_url
from bawaslu_cases.shared.webhook_signatures import SignatureError, verified_id
from referrals.gateways import GATEWAYS, AddressError, Handed, Parcel
from referrals.gateways.sftp import HostKeyError
from referrals.gateways.webhook import RefusedError
from referrals.states import Channel
from tests.support.peers import http_peer, mail_peer, sftp_peer

NOW = datetime(2024, 11, 5, 3, tzinfo=UTC)
PARCEL = Parcel(
    key="0b7c-1",
    file_name="rujukan-0b7c1d2e-1.age",
    content=b"age-encryption.org/v1 tertutup" * 4000,
    link="https://kasus.contoh/ambil/0b7c/rahasia/",
    at=NOW,
)
SECRET = "whsec_" + base64.b64encode(b"rahasia-penerima-yang-panjang-sekali").decode()


def openssh() -> tuple[str, str]:
    """Return a new private key as OpenSSH writes it, and the base64 of its public half."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return private.decode(), public.decode().split()[1]


# --- a system of its own --------------------------------------------------------------------------


@pytest.fixture
def own_network(settings):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost", "127.0.0.1"})


@pytest.mark.usefixtures("own_network")
def test_webhook_is_signed_and_twice_is_once():
    with http_peer() as peer:
        address = GATEWAYS[Channel.WEBHOOK].checked({"url": peer.url, "secret": SECRET})
        first = GATEWAYS[Channel.WEBHOOK].deliver(parcel=PARCEL, address=address)
        again = GATEWAYS[Channel.WEBHOOK].deliver(parcel=PARCEL, address=address)

    assert (first, again) == (Handed(receipt="BKN-7"), Handed(receipt="BKN-7"))
    headers, body = peer.taken[0]
    assert body == PARCEL.content
    assert verified_id(secret=SECRET, headers=headers, body=body, at=NOW) == "0b7c-1"
    assert headers["idempotency-key"] == "0b7c-1"
    assert {each["webhook-id"] for each, _body in peer.taken} == {"0b7c-1"}
    with pytest.raises(SignatureError):
        verified_id(secret=SECRET, headers=headers, body=body + b"x", at=NOW)


@pytest.mark.usefixtures("own_network")
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PermanentError),
        (403, PermanentError),
        (410, PermanentError),
        (302, RefusedError),
        (408, RefusedError),
        (429, RefusedError),
        (500, RefusedError),
        (503, RefusedError),
    ],
)
def test_what_a_recipient_refuses_is_parked_or_asked_again(status, error):
    with http_peer() as peer:
        peer.answers.append((status, b"Contoh Pelapor"))
        with pytest.raises(error) as raised:
            GATEWAYS[Channel.WEBHOOK].deliver(
                parcel=PARCEL, address={"url": peer.url, "secret": SECRET}
            )

    assert peer.taken == []
    assert str(raised.value) == f"answered {status}"


def test_nobody_there_is_asked_again(settings):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    with pytest.raises(UnreachableError):
        GATEWAYS[Channel.WEBHOOK].deliver(
            parcel=PARCEL, address={"url": "http://127.0.0.1:9/", "secret": SECRET}
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.168.0.1:8443/",
        "https://0.0.0.0/",
        "https://[::ffff:127.0.0.1]/",
        "http://bkn.contoh.id/",
        "ftp://bkn.contoh.id/",
        "https://siapa:sandi@bkn.contoh.id/",
        "https://bkn.contoh.id/#a",
        "https:///masuk",
        "bkn.contoh.id",
        "",
    ],
)
def test_an_address_of_ones_own_network_is_refused(url):
    with pytest.raises(AddressError) as refused:
        GATEWAYS[Channel.WEBHOOK].checked({"url": url, "secret": SECRET})
    assert refused.value.field == "url"
    with pytest.raises((PermanentError, UnreachableError)):
        GATEWAYS[Channel.WEBHOOK].deliver(parcel=PARCEL, address={"url": url, "secret": SECRET})


@pytest.mark.parametrize("secret", ["", "abc", "whsec_", "whsec_!!", "whsec_YWJj"])
def test_a_weak_secret_is_refused(secret):
    with pytest.raises(AddressError) as refused:
        GATEWAYS[Channel.WEBHOOK].checked({"url": "https://1.1.1.1/", "secret": secret})
    assert refused.value.field == "secret"


def test_a_port_that_is_none_is_malformed():
    with pytest.raises(AddressRefusedError):
        checked_url("https://bkn.contoh.id:999999/")


# --- mail -----------------------------------------------------------------------------------------


def test_a_notice_tells_nothing_but_the_link(settings):
    with mail_peer(settings) as mails:
        for _attempt in range(2):
            GATEWAYS[Channel.EMAIL].deliver(parcel=PARCEL, address={"email": "surat@bkn.contoh"})

    assert {mail["Message-ID"] for mail in mails} == {"<0b7c-1@kasus.invalid>"}
    mail = mails[0]
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert mail["To"] == "surat@bkn.contoh"
    assert mail["Subject"] == "Ada berkas untuk lembaga Anda / A file is waiting for your office"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert text.decode().count("https://kasus.contoh/ambil/0b7c/rahasia/") == 1
    assert not mail.is_multipart()
    for word in ("netral", "bawaslu", "rujukan", "rekom", " asn "):
        assert word not in mail.as_string().lower()


@pytest.mark.parametrize("email", ["", "bkn", "a@b", "x@contoh.id\nBcc: y@contoh.id"])
def test_a_mailbox_that_is_none_is_refused(email):
    with pytest.raises(AddressError):
        GATEWAYS[Channel.EMAIL].checked({"email": email})


def test_without_a_mail_server_a_notice_is_parked(settings):
    settings.EMAIL_HOST = ""
    with pytest.raises(PermanentError):
        GATEWAYS[Channel.EMAIL].deliver(parcel=PARCEL, address={"email": "surat@bkn.contoh"})


# --- a folder -------------------------------------------------------------------------------------


def test_a_file_appears_whole_in_the_folder_and_twice_is_once(settings, tmp_path):
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    way = GATEWAYS[Channel.FOLDER]
    beside = tmp_path / "bkn" / ".rujukan-0b7c1d2e-1.age.part"
    beside.parent.mkdir()
    beside.write_bytes(b"half, left by a worker that was killed")

    for _attempt in range(2):
        assert way.deliver(parcel=PARCEL, address={"folder": "bkn"}).receipt == PARCEL.file_name

    assert [path.name for path in (tmp_path / "bkn").iterdir()] == [PARCEL.file_name]
    assert (tmp_path / "bkn" / PARCEL.file_name).read_bytes() == PARCEL.content


@pytest.mark.parametrize("folder", ["", "..", "../bkn", "/etc", "a/b", "BKN", "-bkn", "b" * 41])
def test_a_folder_is_one_word(settings, tmp_path, folder):
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    with pytest.raises(AddressError):
        GATEWAYS[Channel.FOLDER].deliver(parcel=PARCEL, address={"folder": folder})
    assert list(tmp_path.iterdir()) == []


# --- SFTP -----------------------------------------------------------------------------------------


def server_key():
    import paramiko

    return paramiko.Ed25519Key.from_private_key(io.StringIO(openssh()[0]))


def sftp_address(peer, private: str) -> dict[str, str]:
    return {
        "host": "localhost",
        "port": str(peer.port),
        "user": "bawaslu",
        "host_key": peer.host_key,
        "folder": "masuk",
        "private_key": private,
    }


@pytest.mark.usefixtures("own_network")
def test_a_file_appears_whole_over_sftp_and_twice_is_once(tmp_path):
    (tmp_path / "masuk").mkdir()
    private, public = openssh()
    way = GATEWAYS[Channel.SFTP]
    with sftp_peer(tmp_path, host_key=server_key(), allowed=public) as peer:
        address = way.checked(sftp_address(peer, private))
        for _attempt in range(2):
            assert way.deliver(parcel=PARCEL, address=address).receipt == PARCEL.file_name

    assert [path.name for path in (tmp_path / "masuk").iterdir()] == [PARCEL.file_name]
    assert (tmp_path / "masuk" / PARCEL.file_name).read_bytes() == PARCEL.content
    assert len(peer.names) == 1


@pytest.mark.usefixtures("own_network")
def test_another_server_gets_nothing_not_even_our_key(tmp_path):
    private, public = openssh()
    with sftp_peer(tmp_path, host_key=server_key(), allowed=public) as peer:
        other = server_key()
        address = sftp_address(peer, private) | {
            "host_key": f"{other.get_name()} {other.get_base64()}"
        }
        with pytest.raises(HostKeyError):
            GATEWAYS[Channel.SFTP].deliver(parcel=PARCEL, address=address)
    assert list(tmp_path.iterdir()) == []


def test_sftp_into_ones_own_network_is_parked(tmp_path):
    private, public = openssh()
    with (
        sftp_peer(tmp_path, host_key=server_key(), allowed=public) as peer,
        pytest.raises(PermanentError),
    ):
        GATEWAYS[Channel.SFTP].deliver(parcel=PARCEL, address=sftp_address(peer, private))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("host", ""),
        ("user", ""),
        ("host_key", "ssh-ed25519"),
        ("host_key", "AAAA"),
        ("folder", "../lain"),
        ("folder", "a b"),
        ("private_key", "bukan kunci"),
    ],
)
def test_each_part_of_an_sftp_address_is_looked_at(part, value):
    good = {
        "host": "sftp.bkn.contoh",
        "port": "22",
        "user": "bawaslu",
        "host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
        "folder": "masuk",
        "private_key": openssh()[0],
    }
    assert GATEWAYS[Channel.SFTP].checked(good)["port"] == "22"
    with pytest.raises(AddressError) as refused:
        GATEWAYS[Channel.SFTP].checked(good | {part: value})
    assert refused.value.field == part


def test_paper_is_carried_by_a_person():
    assert GATEWAYS[Channel.PRINT].deliver(parcel=PARCEL, address={}) == Handed(by_person=True)


def test_every_channel_has_a_way():
    assert set(GATEWAYS) == set(Channel)
