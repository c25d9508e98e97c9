"""``python -m complaints.vaultctl`` on files: a whole ceremony, an opening by two people, refusals."""

import json
import os
import stat
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from complaints.vault.crypto.cards import IdentityCard, seal_card
from complaints.vault.crypto.consent import consent_public_key, give_consent
from complaints.vault.crypto.sealing import seal_for_desk, seal_with_card_key
from complaints.vaultctl.opening import DeskWords
from complaints.vaultctl.parts import parts_of
from complaints.vaultctl.prompts import NoSecretError, SecretSource
from complaints.vaultctl.trust import Directory, GroupEpoch, Listing, Trust
from tests.complaints.vaultctl.table import PASSPHRASE, Table

ROOT = Path(__file__).resolve().parents[3]
TODAY = datetime.now(UTC).date()
UNTIL = (TODAY + timedelta(days=90)).isoformat()
IDENTITY = {"name": "Ñoño \u202e😀", "address": "Jalan Melati 7\x1b[2J"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Root, recovery, LPSK, a desk of two and a custodian, each with a first epoch."""
    table = Table(tmp_path_factory.mktemp("table"))
    path = table.path
    assert (
        table.run(
            "root-init",
            *("--key", path("root"), "--trust", path("trust")),
            *("--revocations", path("revocations"), "--until", UNTIL),
        )
        == 0
    )
    (table.folder / "shares").mkdir()
    root = ["--key", path("root"), "--until", UNTIL]
    assert (
        table.run(
            "recovery-init",
            *root,
            *("--name", "r-2026", "--out", path("recovery"), "--shares", path("shares")),
        )
        == 0
    )
    lpsk = ["--name", "lpsk", "--key", path("lpsk.key"), "--out", path("lpsk.public")]
    assert table.run("partner-init", *lpsk) == 0
    public = ["--public", path("lpsk.public"), "--out", path("lpsk.cert")]
    assert table.run("partner-certify", *root, *public) == 0
    table.enrol("vera", "bawaslu-aceh", "desk-aceh")
    table.enrol("vito", "bawaslu-aceh", "desk-aceh")
    table.enrol("kirana", "inspektorat", "custodians-ri")
    table.list_all()
    epochs = [table.make_epoch("vera", 1), table.make_epoch("kirana", 1)]
    table.list_all(*epochs)
    return table


@pytest.fixture(scope="module")
def sealed(table):
    """Seal one identity as a server would, and write each role's part."""
    directory = Directory.open(
        Listing.from_json(table.read("listing")),
        Trust.from_json(table.read("trust")),
        datetime.now(UTC),
    )
    desk = directory.group_key("desk-aceh", 1)
    blob, table.card_key = seal_with_card_key(
        IDENTITY,
        report=uuid.uuid4().hex,
        lane="sealed",
        group_a=desk,
        group_b=directory.group_key("custodians-ri", 1),
        recovery=directory.recovery("r-2026"),
    )
    desk_part, custodian_part, glass = parts_of(blob)
    table.write("desk", desk_part.to_json())
    table.write("custodian", custodian_part.to_json())
    table.write("glass", glass.to_json())
    words = seal_for_desk("Kata pelapor", report=blob.report, kind="statement", group_a=desk)
    table.write("words", DeskWords(blob.report, "statement", "desk-aceh", 1, words).to_json())
    table.write("reason.txt", "")
    (table.folder / "reason.txt").write_text("Kajian awal\x1b[31m", encoding="utf-8")
    return blob


def asked(table, purpose="formal_requirements", *more):
    """Let Vera ask; return the files of her request."""
    own, out = table.fresh("own"), table.fresh("request")
    code = table.run(
        "request",
        *table.officer("vera"),
        *("--part", table.path("desk"), "--reason-file", table.path("reason.txt")),
        *("--own", own, "--out", out, "--purpose", purpose),
        *more,
    )
    assert code == 0
    return own, out


def released(table, request, *more):
    out = table.fresh("release")
    assert (
        table.run(
            "release",
            *table.officer("kirana"),
            *("--part", table.path("custodian"), "--request", request, "--out", out, "--yes"),
            *more,
        )
        == 0
    )
    return out


def test_k05_two_people_open_one_report_and_clean_text_is_attested_to(table, sealed, capsys):
    own, request = asked(table)
    released_to = released(table, request)
    assert "Reason   Kajian awal\\u001b[31m" in table.out
    assert "Verifier " + table.ids["vera"] + " of bawaslu-aceh" in table.out

    files = ["--part", table.path("desk"), "--own", own, "--release", released_to]
    assert table.run("open", *table.officer("vera"), *files) == 0
    assert table.out == "address: Jalan Melati 7\\u001b[2J\nname: Ñoño \\u202e😀\n"

    attestation = table.fresh("attestation")
    found = ["--finding", "name_present=yes", "--finding", "id_card_matches=unexamined"]
    files += ["--out", attestation]
    leaky = {"texts": [{"place": "Ringkasan", "text": "Warga Melati"}], "known": []}
    given = ["--texts", table.write("leaky", leaky)]
    assert table.run("attest", *table.officer("vera"), *files, *found, *given) == 1
    assert table.out == "Ringkasan: address: Warga Melati\n"
    assert "Melati" not in capsys.readouterr().err
    assert not Path(attestation).exists()

    clean = {"texts": [{"place": "Ringkasan", "text": "Warga desa"}], "known": []}
    given = ["--texts", table.write("clean", clean)]
    assert table.run("attest", *table.officer("vera"), *files, *found, *given) == 0
    value = json.loads(Path(attestation).read_text(encoding="utf-8"))
    assert value["result"] == {"name_present": True, "id_card_matches": None}
    assert value["ciphertext_sha256"] == sha256(sealed.ciphertext).hexdigest()


def test_a_card_opens_with_the_identity_into_a_new_file(table, sealed, tmp_path, capsys):
    own, request = asked(table)
    released_to = released(table, request)
    card = IdentityCard(
        content_type="image/png",
        image=b"\x89PNG\r\n\x1a\n kartu",
        officer="ab" * 16,
        office="Bawaslu Kota Uji\x1b[2J",
        scanned_at=datetime(2026, 11, 21, 8, 30, tzinfo=UTC),
        is_of_bearer=False,
    )
    (tmp_path / "card.bin").write_bytes(
        seal_card(card, report=sealed.report, public_key=table.card_key)
    )
    (tmp_path / "other.bin").write_bytes(
        seal_card(card, report="cd" * 16, public_key=table.card_key)
    )
    files = ["--part", table.path("desk"), "--own", own, "--release", released_to]
    officer = table.officer("vera")
    out = ["--out", tmp_path / "kartu.png"]

    assert table.run("card-open", *officer, *files, "--card", tmp_path / "other.bin", *out) == 1
    assert not (tmp_path / "kartu.png").exists()
    assert table.run("card-open", *officer, *files, "--card", tmp_path / "card.bin", *out) == 0

    assert (tmp_path / "kartu.png").read_bytes() == card.image
    assert stat.S_IMODE((tmp_path / "kartu.png").stat().st_mode) == 0o600
    assert table.out.splitlines() == [
        "content_type: image/png",
        "office: Bawaslu Kota Uji\\u001b[2J",
        "officer: " + "ab" * 16,
        "scanned_at: 2026-11-21T08:30:00Z",
        "is_of_bearer: no",
    ]
    assert table.run("card-open", *officer, *files, "--card", tmp_path / "card.bin", *out) == 3


def test_the_custodian_is_asked_before_anything_is_released(table, sealed, capsys):
    _, request = asked(table)
    out = table.fresh("release")
    command = [
        "release",
        *table.officer("kirana"),
        *("--part", table.path("custodian"), "--request", request, "--out", out),
    ]

    assert table.run(*command, secrets=(PASSPHRASE, "bukan")) == 1
    assert "refused (not_confirmed)" in capsys.readouterr().err
    assert not Path(out).exists()
    assert table.run(*command, secrets=(PASSPHRASE, sealed.report[:8])) == 0
    assert Path(out).exists()


def test_the_desk_reads_its_words(table, sealed):
    assert table.run("desk-read", *table.officer("vito"), "--words", table.path("words")) == 0
    assert table.out == "Kata pelapor\n"


def test_v25_court_order_by_command(table, sealed, capsys):
    order = table.folder / "order.pdf"
    order.write_bytes(b"%PDF order")
    basis = ["--basis-reference", "Penetapan 12/2026", "--basis-file", str(order)]
    with_basis = asked(table, "court_order", *basis)[1]
    other = table.folder / "other.pdf"
    other.write_bytes(b"%PDF other")

    command = [
        "request",
        *table.officer("vera"),
        *("--part", table.path("desk"), "--reason-file", table.path("reason.txt")),
        *("--own", table.fresh(), "--out", table.fresh(), "--purpose", "court_order"),
    ]
    assert table.run(*command) == 1
    assert "refused (purpose)" in capsys.readouterr().err
    released(table, with_basis, "--basis-file", str(order))
    refused = [
        "release",
        *table.officer("kirana"),
        *("--part", table.path("custodian"), "--request", with_basis, "--yes"),
        *("--out", table.fresh(), "--basis-file", str(other)),
    ]
    assert table.run(*refused) == 1


@pytest.mark.long
def test_v29_hand_over_by_command(table, sealed):
    mailbox = os.urandom(32)
    lpsk = Directory.open(
        Listing.from_json(table.read("listing")),
        Trust.from_json(table.read("trust")),
        datetime.now(UTC),
    ).partner("lpsk")
    consent = give_consent(mailbox, report=sealed.report, partner=lpsk, on=TODAY)
    document = table.folder / "consent.bin"
    document.write_bytes(consent.document())
    given = table.write("consent", consent.to_json())
    public = consent_public_key(mailbox, report=sealed.report)
    key = table.write("consent-key", {"consent_pk": public.hex()})
    basis = ["--basis-reference", "Persetujuan", "--basis-file", str(document)]
    own, request = asked(table, "lpsk_handover", *basis)
    parcel = table.fresh("parcel")

    assert (
        table.run(
            "hand-over",
            *table.officer("vera"),
            *("--part", table.path("desk"), "--own", own, "--release", released(table, request)),
            *("--consent", given, "--consent-key", key, "--out", parcel),
        )
        == 0
    )
    assert table.run("parcel-open", "--key", table.path("lpsk.key"), "--parcel", parcel) == 0
    assert "name: Ñoño" in table.out


def test_v26_break_glass_by_command(table, sealed, capsys):
    shares = sorted((table.folder / "shares").iterdir())
    assert [path.name for path in shares] == [
        f"r-2026-{group}-{number}.txt"
        for group in ("leadership", "outside")
        for number in (1, 2, 3)
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in shares} == {0o600}
    result = table.fresh("result")
    command = [
        "break-glass",
        *("--trust", table.path("trust"), "--listing", table.path("listing")),
        *("--part", table.path("glass"), "--to", table.ids["vera"], "--out", result),
    ]
    three = [item for path in shares[1:4] for item in ("--share", str(path))]

    assert table.run(*command, *three) == 1
    assert "refused (quorum)" in capsys.readouterr().err
    typed = shares[5].read_text(encoding="utf-8").strip()
    assert table.run(*command, *three, "--ask-shares", 1, secrets=(typed,)) == 0
    assert "Ñoño" not in table.out
    assert table.run("break-glass-read", *table.officer("vera"), "--result", result) == 0
    assert "name: Ñoño" in table.out


@pytest.mark.long
def test_v22_v23_join_leave_and_move_by_command(table, sealed, tmp_path):
    newcomer = Table(table.folder, dict(table.ids))
    newcomer.enrol("nanda", "bawaslu-aceh", "desk-aceh")
    original = (table.folder / "listing").read_bytes()
    before = table.read("listing")
    newcomer.list_all(*before["epochs"])
    joined = newcomer.fresh("join")
    nanda = ["--officer", newcomer.ids["nanda"]]
    assert newcomer.run("epoch-join", *newcomer.officer("vera"), *nanda, "--out", joined) == 0
    wraps = json.loads(Path(joined).read_text(encoding="utf-8"))["wraps"]
    assert [wrap["epoch"] for wrap in wraps] == [1]
    before["epochs"][0]["wraps"][newcomer.ids["nanda"]] = wraps[0]["wrap"]
    newcomer.list_all(*before["epochs"])
    words = ["--words", table.path("words")]
    assert newcomer.run("desk-read", *newcomer.officer("nanda"), *words) == 0

    left = newcomer.fresh("leave")
    gone = ["--officer", newcomer.ids["nanda"], "--epoch", 2, "--until", UNTIL, "--out", left]
    assert newcomer.run("epoch-leave", *newcomer.officer("vera"), *gone) == 0
    leaving = json.loads(Path(left).read_text(encoding="utf-8"))
    assert leaving["delete_epochs"] == [1]
    made = GroupEpoch.from_json(leaving["epoch"])
    assert newcomer.ids["nanda"] not in made.wraps
    newcomer.list_all(*before["epochs"], leaving["epoch"])
    moved = ["--to", 2, "--out", tmp_path, "--part", table.path("desk"), *words]
    assert newcomer.run("rewrap", *newcomer.officer("vera"), *moved) == 0
    read = ["--words", tmp_path / "words"]
    assert newcomer.run("desk-read", *newcomer.officer("vito"), *read) == 0
    assert newcomer.run("desk-read", *newcomer.officer("nanda"), *read) == 1
    assert json.loads((tmp_path / "desk").read_text(encoding="utf-8"))["held_a"] == 2
    (table.folder / "listing").write_bytes(original)  # the table is shared by the module


def test_a_custodian_moves_only_his_own_side(table, sealed, tmp_path, capsys):
    original = (table.folder / "listing").read_bytes()
    epochs = table.read("listing")["epochs"]
    table.list_all(*epochs, table.make_epoch("kirana", 2))
    command = ["rewrap", *table.officer("kirana"), "--to", 2, "--out", tmp_path, "--part"]

    assert table.run(*command, table.path("custodian")) == 0
    moved = json.loads((tmp_path / "custodian").read_text(encoding="utf-8"))
    assert (moved["epoch_b"], moved["held_b"]) == (1, 2)
    own, request = asked(table)
    released_to = table.fresh()
    let_go = ["--part", tmp_path / "custodian", "--request", request, "--out", released_to]
    assert table.run("release", *table.officer("kirana"), *let_go, "--yes") == 0
    files = ["--part", table.path("desk"), "--own", own, "--release", released_to]
    assert table.run("open", *table.officer("vera"), *files) == 0
    assert table.run(*command, table.path("desk")) == 3
    assert "expected an object with the keys" in capsys.readouterr().err
    (table.folder / "listing").write_bytes(original)


def test_joining_and_leaving_the_wrong_group_are_refused(table, sealed, capsys):
    kirana = ["--officer", table.ids["kirana"], "--out", table.fresh()]
    vera = ["--officer", table.ids["vera"], "--out", table.fresh()]
    leave = ["epoch-leave", *table.officer("vera"), "--epoch", 9, "--until", UNTIL]
    assert table.run("epoch-join", *table.officer("vera"), *kirana) == 1
    assert table.run(*leave, *vera) == 1
    assert capsys.readouterr().err.count("refused (malformed)") == 2


def test_revoked_officers_and_old_lists_are_refused(table, sealed, capsys):
    apart = Table(table.folder / "apart", dict(table.ids))
    apart.folder.mkdir()
    for path in table.folder.iterdir():
        if path.is_file():
            (apart.folder / path.name).write_bytes(path.read_bytes())
    listing = apart.read("listing")
    later = apart.path("revocations-2")
    terms = ["--trust", apart.path("trust"), "--revocations", apart.path("revocations")]
    gone = ["--certificate", apart.path("vito.cert"), "--until", UNTIL, "--out", later]
    assert apart.run("revoke", "--key", apart.path("root"), *terms, *gone) == 0
    apart.write("listing", listing | {"revocations": apart.read("revocations-2")})

    words = ["--words", apart.path("words")]
    assert apart.run("desk-read", *apart.officer("vito"), *words) == 1
    assert "refused (revoked)" in capsys.readouterr().err
    assert apart.run("desk-read", *apart.officer("vera"), *words) == 0
    assert apart.read("trust")["least_serial"] == 2
    apart.write("listing", listing)
    assert apart.run("desk-read", *apart.officer("vera"), *words) == 1
    assert "refused (expired)" in capsys.readouterr().err


def test_v09_v10_verify_lists_says_what_was_put_there(table, sealed):
    lists = ["--trust", table.path("trust")]
    assert table.run("verify-lists", *lists, "--listing", table.path("listing")) == 0
    assert table.out.endswith("list 1: 0 problems\n")
    listing = table.read("listing")
    listing["epochs"][0]["certificate"]["pk"] = os.urandom(32).hex()
    assert table.run("verify-lists", *lists, "--listing", table.write("bad", listing)) == 1
    assert table.out.splitlines()[0] == "epoch desk-aceh/1: bad_signature"


def test_v20_a_weak_bundle_is_refused_before_the_passphrase_is_asked(table, sealed, capsys):
    weak = table.read("vera.bundle")
    weak["slots"][0]["memory_cost_kib"] = 1024
    arguments = table.officer("vera")
    arguments[1] = table.write("weak", weak)

    assert table.run("desk-read", *arguments, "--words", table.path("words"), secrets=()) == 1
    assert "refused (weak_slot)" in capsys.readouterr().err


@pytest.mark.long
def test_v20_a_wrong_or_missing_passphrase_is_refused(table, sealed, capsys):
    words = ["--words", table.path("words")]
    for secrets, code in ((("salah sekali ini",), "does_not_open"), ((), "no_secret")):
        assert table.run("desk-read", *table.officer("vera"), *words, secrets=secrets) == 1
        assert f"refused ({code})" in capsys.readouterr().err


@pytest.mark.long
def test_a_lost_passphrase_is_replaced_with_the_words(table, sealed, tmp_path):
    bundle, request = tmp_path / "bundle", tmp_path / "request"
    officer = ["--officer", str(uuid.uuid4()), "--bundle", bundle, "--request", request]
    assert table.run("officer-init", *officer) == 0
    words = table.out.splitlines()[0].removeprefix("Recovery words, shown only now: ")
    renewed = tmp_path / "renewed"
    change = ["new-passphrase", "--bundle", bundle, "--out", renewed, "--slot", "words"]

    assert table.run(*change, secrets=("salah " * 10, "sandi baru yang panjang")) == 1
    assert table.run(*change, secrets=(words, "pendek")) == 1
    assert table.run(*change, secrets=(words, "sandi baru yang panjang")) == 0
    again = ["new-passphrase", "--bundle", renewed, "--out", tmp_path / "third"]
    assert table.run(*again, secrets=(PASSPHRASE, "sandi ketiga yang panjang")) == 1
    assert table.run(*again, secrets=("sandi baru yang panjang",) * 2) == 0


def test_on_a_terminal_secrets_are_typed_without_echo_and_new_ones_twice(monkeypatch):
    typed = iter(["sandi satu", "sandi dua", "sandi dua", "beda", ""])
    asked_for = []

    def getpass(prompt):
        asked_for.append(prompt)
        return next(typed)

    monkeypatch.setattr("complaints.vaultctl.prompts.getpass.getpass", getpass)
    source = SecretSource()
    assert source.ask("Passphrase") == "sandi satu"
    assert source.ask_new("New passphrase") == "sandi dua"
    with pytest.raises(NoSecretError):
        source.ask_new("New passphrase")
    assert asked_for[:3] == ["Passphrase: ", "New passphrase: ", "New passphrase (again): "]


@pytest.mark.parametrize("line", [b"\xff\n", b"x" * 5000 + b"\n", b"\n", b""])
def test_a_descriptor_gives_one_line_of_text_or_nothing(line):
    read_end, write_end = os.pipe()
    os.write(write_end, line)
    os.close(write_end)
    with pytest.raises(NoSecretError):
        SecretSource(read_end).ask("Passphrase")
    os.close(read_end)
    with pytest.raises(NoSecretError):
        SecretSource(read_end).ask("Passphrase")


def test_files_are_never_written_over_and_belong_to_the_owner(table, sealed, capsys):
    before = (table.folder / "vera.bundle").read_bytes()
    officer = ["--officer", uuid.uuid4().hex, "--bundle", table.path("vera.bundle")]
    assert table.run("officer-init", *officer, "--request", table.fresh()) == 3
    assert "refused (file)" in capsys.readouterr().err
    assert (table.folder / "vera.bundle").read_bytes() == before
    assert stat.S_IMODE((table.folder / "vera.bundle").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "[", "[]", "7", "[" * 100_000, '{"alg": 1}'])
def test_a_file_that_is_something_else_is_refused(table, sealed, capsys, content):
    path = table.folder / "strange"
    path.write_text(content, encoding="utf-8")
    arguments = table.officer("vera")
    arguments[1] = str(path)
    assert table.run("desk-read", *arguments, "--words", table.path("words")) == 3
    error = capsys.readouterr().err
    assert error.startswith("vaultctl: refused (file): ")
    assert error.count("\n") == 1


def test_a_missing_file_and_wrong_arguments_have_their_own_codes(table, sealed, capsys):
    arguments = table.officer("vera")
    arguments[1] = table.path("nothing")
    assert table.run("desk-read", *arguments, "--words", table.path("words")) == 3
    for wrong in (["desk-read"], ["unknown"], [], ["certify", "--until", "tomorrow"]):
        with pytest.raises(SystemExit) as ended:
            table.run(*wrong)
        assert ended.value.code == 2
    capsys.readouterr()


def test_expired_certificates_are_refused(table, sealed, capsys):
    words = ["--words", table.path("words")]
    late = timedelta(days=91)
    assert table.run("desk-read", *table.officer("vera"), *words, later=late) == 1
    assert "refused (expired)" in capsys.readouterr().err


def test_v19_the_client_runs_without_django_and_never_takes_a_secret_as_argument(table, sealed):
    """As a process of its own: with Django made unimportable, secrets on a file descriptor."""
    read_end, write_end = os.pipe()
    os.write(write_end, f"{PASSPHRASE}\n".encode())
    os.close(write_end)
    program = (
        "import sys\n"
        "sys.modules['django'] = None\n"
        "from complaints.vaultctl.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'psycopg2', 'celery', 'redis', 'socket', 'bawaslu_cases'}))\n"
        "sys.exit(code)\n"
    )
    arguments = [*table.officer("vera"), "--words", table.path("words")]
    ended = subprocess.run(
        [sys.executable, "-c", program, "--secrets-fd", str(read_end), "desk-read", *arguments],
        cwd=ROOT,
        pass_fds=[read_end],
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(read_end)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "Kata pelapor\n[]\n"


def test_the_module_runs_by_name():
    ended = subprocess.run(
        [sys.executable, "-m", "complaints.vaultctl", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0
    assert "break-glass" in ended.stdout
