"""The client and the server over files: a ceremony, two people, one report, nothing on the way."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.keyring.models import KeyBundle, MemberWrap
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import ConflictError
from complaints.errors import KeysMissingError, VaultRefusedError
from complaints.models import Evidence, RequirementCheck, UnsealRequest
from complaints.selectors.compared_texts import compared_texts
from complaints.services import evidence as evidence_service
from complaints.services import exchange, file_keys, keys, unsealing
from complaints.services.file_keys import seal_waiting_keys
from complaints.services.key_retention import EpochInUseError, erase_epoch
from complaints.services.originals import key_file
from complaints.states import Requirement, UnsealStatus
from tests.complaints.vaultctl.table import Table
from tests.factories import AT, IDENTITY, STORY, in_hand, person, public_id_of, report, tip
from tests.support.evidence import evidence_of, photo

pytestmark = pytest.mark.django_db

DESK, CUSTODIANS = "desk-00-33", "custodians-ri"
FOUND = ("name_present", "address_present", "adult_citizen", "not_the_reported")


@pytest.fixture(scope="module")
def ceremony(tmp_path_factory):
    """Root, recovery, a desk of two, a custodian, first epochs: all by command, all on files."""
    table = Table(tmp_path_factory.mktemp("ceremony"), at=AT)
    path = table.path
    until = ("--until", table.until)
    init = ("--key", path("root"), "--trust", path("trust"), "--revocations", path("revocations"))
    assert table.run("root-init", *init, *until) == 0
    table.root = table.out.partition("VAULT_ROOT_PUBLIC_KEY=")[2].strip()
    (table.folder / "shares").mkdir()
    recovery = ("--name", "r-2024", "--out", path("recovery"), "--shares", path("shares"))
    assert table.run("recovery-init", "--key", path("root"), *until, *recovery) == 0
    for who, unit, group in (
        ("vera", "kantor-00-33", DESK),
        ("vito", "kantor-00-33", DESK),
        ("kurnia", "inspektorat", CUSTODIANS),
    ):
        table.ids[who] = public_id_of(who).hex
        table.enrol(who, unit, group)
    table.list_all()
    for who in ("vera", "kurnia"):
        table.make_epoch(who, 1)
    return table


@pytest.fixture
def table(ceremony, settings):
    """The server has taken in everything of the ceremony that is public or locked."""
    settings.VAULT_ROOT_PUBLIC_KEY = ceremony.root
    for who in ceremony.ids:
        person(who)
    certificates = [f"{who}.cert" for who in ceremony.ids]
    for name in ("revocations", "recovery", *certificates, "vera.epoch-1", "kurnia.epoch-1"):
        assert keys.import_file(ceremony.read(name), at=AT)
    for who in ceremony.ids:
        keys.keep_bundle(officer=person(who), bundle=ceremony.read(f"{who}.bundle"), at=AT)
    ceremony.write("listing", keys.listing())
    return ceremony


def read(file):
    return json.loads(Path(file).read_text(encoding="utf-8"))


def asked(table, complaint):
    """Vera asks by command; return her own file and the server's row."""
    in_hand(complaint)
    own, out = table.fresh(), table.fresh()
    (table.folder / "reason.txt").write_text("Memeriksa syarat formal.", encoding="utf-8")
    files = ("--part", table.write("desk", exchange.desk_part(complaint)), "--own", own)
    purpose = ("--purpose", "formal_requirements", "--reason-file", table.path("reason.txt"))
    ask = ("request", *table.officer("vera"), *files, *purpose, "--out", out)
    assert table.run(*ask, "--hours", 2) == 0
    row = unsealing.create_request(
        complaint=complaint, verifier=person("vera"), own=read(own), at=AT
    )
    return own, row


def let_go(table, row):
    """Kurnia releases by command, from what the server shows him."""
    part = table.write("custodian", exchange.custodian_part(row.complaint))
    request = table.write("asked", exchange.signed_request(row).to_json())
    out = table.fresh()
    files = ("--part", part, "--request", request, "--out", out, "--yes")
    assert table.run("release", *table.officer("kurnia"), *files) == 0
    unsealing.release_share(request=row, custodian=person("kurnia"), released=read(out), at=AT)


@pytest.mark.long
def test_v05_a_report_sealed_by_the_server_is_opened_by_two_clients(table):
    complaint = report()
    _own, row = asked(table, complaint)
    let_go(table, row)
    opening = unsealing.fetch_release(request=row, verifier=person("vera"), at=AT)
    files = (
        *("--part", table.write("opened", opening.part)),
        *("--own", table.write("kept", exchange.own_request(row))),
        *("--release", table.write("released", opening.release)),
    )

    assert table.run("open", *table.officer("vera"), *files, later=timedelta(hours=1)) == 0
    assert dict(line.split(": ", 1) for line in table.out.splitlines()) == IDENTITY
    with pytest.raises(ConflictError):  # served once
        unsealing.fetch_release(request=row, verifier=person("vera"), at=AT)
    assert table.run("open", *table.officer("vito"), *files) == 1
    assert table.run("open", *table.officer("vera"), *files, later=timedelta(hours=2)) == 1

    said = table.fresh()
    answers = [item for name in FOUND for item in ("--finding", f"{name}=yes")]
    texts = ("--texts", table.write("texts", compared_texts(complaint)))
    about = (*files, *texts, "--out", said)
    assert table.run("attest", *table.officer("vera"), *about, *answers) == 0
    unsealing.attest(request=row, verifier=person("vera"), statement=read(said), at=AT)
    assert UnsealRequest.objects.get().status == UnsealStatus.ATTESTED
    tick = RequirementCheck.objects.get(complaint=complaint, requirement=Requirement.REPORTER)
    assert tick.is_met


def test_v22_a_departure_by_command_leaves_the_one_who_left_outside(table, tmp_path):
    complaint = report()
    left = table.fresh()
    gone = ("--officer", table.ids["vito"], "--epoch", 2, "--until", table.until, "--out", left)
    assert table.run("epoch-leave", *table.officer("vera"), *gone) == 0
    keys.import_file(read(left), at=AT)
    listing = keys.listing()
    table.write("listing", listing)

    (words,) = exchange.desk_words(complaint)
    folder = tmp_path
    moved = (
        *("--part", table.write("part", exchange.desk_part(complaint))),
        *("--words", table.write("words", words), "--to", 2, "--out", folder),
    )
    assert table.run("rewrap", *table.officer("vera"), *moved) == 0
    assert keys.import_file(read(folder / "part"), at=AT)
    assert keys.import_file(read(folder / "words"), at=AT)

    assert exchange.desk_part(complaint)["held_a"] == 2
    assert not MemberWrap.objects.filter(officer=public_id_of("vito")).exists()
    again = table.write("words-2", exchange.desk_words(complaint)[0])
    assert table.run("desk-read", *table.officer("vera"), "--words", again) == 0
    assert f"story: {STORY}\n" in table.out
    assert table.run("desk-read", *table.officer("vito"), "--words", again) == 1
    own, row = asked(table, complaint)
    let_go(table, row)
    opening = unsealing.fetch_release(request=row, verifier=person("vera"), at=AT)
    files = (
        *("--part", table.write("opened", opening.part)),
        *("--own", own, "--release", table.write("released", opening.release)),
    )
    assert table.run("open", *table.officer("vera"), *files) == 0
    assert f"name: {IDENTITY['name']}" in table.out


def opened(table, evidence):
    """Open an original at the desk by command, from what the server hands out; return its bytes."""
    part = table.write(Path(table.fresh()).name, key_file(evidence))
    sealed, out = table.fresh(), table.fresh()
    Path(sealed).write_bytes(b"".join(object_storage.read(evidence.object_name)))
    files = ("--part", part, "--object", sealed, "--out", out)
    assert table.run("file-open", *table.officer("vera"), *files) == 0
    return Path(out).read_bytes()


def two(table):
    return table.fresh(), table.fresh()


@pytest.mark.long
def test_a_file_that_came_without_a_desks_key_is_handed_to_the_desk_and_opens(table, monkeypatch):
    def missing(**_words):
        raise KeysMissingError("tidak ada")

    complaint, content = tip(), photo()
    with monkeypatch.context() as patched:
        patched.setattr(evidence_service, "sealing_keys", missing)
        evidence = evidence_of(complaint, content, at=AT)
    with monkeypatch.context() as patched:
        patched.setattr(file_keys, "sealing_keys", missing)
        assert seal_waiting_keys(at=AT) == 0
    evidence.refresh_from_db()
    assert (evidence.scheme, evidence.group) == ("envelope", "")
    before = bytes(evidence.wrap or b"")

    assert seal_waiting_keys(at=AT) == 1
    assert seal_waiting_keys(at=AT) == 0

    evidence.refresh_from_db()
    assert (evidence.scheme, evidence.group, evidence.epoch) == ("desk", DESK, 1)
    assert bytes(evidence.wrap or b"") != before
    assert opened(table, evidence) == content
    entry = AuditEvent.objects.get(action="evidence.to_desk")
    assert entry.subject == f"complaint:{complaint.public_id.hex}"


def test_a_key_under_the_servers_keyring_that_does_not_open_stays_and_is_told(table, caplog):
    evidence = evidence_of(tip(), photo(), at=AT)
    Evidence.objects.filter(pk=evidence.pk).update(
        scheme="envelope", group="", epoch=None, wrap=b"x" * 80
    )

    assert seal_waiting_keys(at=AT) == 0

    evidence.refresh_from_db()
    assert (evidence.scheme, bytes(evidence.wrap or b"")) == ("envelope", b"x" * 80)
    assert f"evidence.key_does_not_open {evidence.public_id.hex}" in caplog.messages


@pytest.mark.long
def test_originals_move_to_a_later_epoch_and_the_old_one_is_erased(table, tmp_path):
    content = photo()
    evidence = evidence_of(tip(), content, at=AT)
    left = table.fresh()
    gone = ("--officer", table.ids["vito"], "--epoch", 2, "--until", table.until, "--out", left)
    assert table.run("epoch-leave", *table.officer("vera"), *gone) == 0
    keys.import_file(read(left), at=AT)
    table.write("listing", keys.listing())
    with pytest.raises(EpochInUseError):
        erase_epoch(group=DESK, epoch=1, at=AT)

    exported, moved = tmp_path / "exported", tmp_path / "moved"
    for folder in (exported, moved):
        folder.mkdir()
    call_command("vault_export", "files", group=DESK, epoch=1, out=exported, stdout=StringIO())
    (file,) = exported.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    arguments = ("--file", file, "--to", 2, "--out", moved)
    assert table.run("rewrap", *table.officer("vera"), *arguments) == 0
    (again,) = moved.iterdir()
    assert keys.import_file(read(again), at=AT) == [f"file {evidence.object_id.hex} under epoch 2"]
    assert keys.import_file(read(again), at=AT) == []
    assert keys.import_file(read(file), at=AT) == []

    erase_epoch(group=DESK, epoch=1, at=AT)
    table.write("listing", keys.listing())
    evidence.refresh_from_db()
    assert evidence.epoch == 2
    assert opened(table, evidence) == content


def test_a_moved_key_of_another_file_is_refused(table):
    first, second = (evidence_of(tip(), photo(colour=each), at=AT) for each in ("#111", "#222"))
    value = key_file(first)
    for changes in (
        {"object": second.object_id.hex},
        {"object": "0" * 32},
        {"group": "desk-00"},
        {"wrap": value["wrap"][4:]},
        {"manifest": key_file(second)["manifest"]},
        {"manifest_sha256": "0" * 64},
    ):
        with pytest.raises(VaultRefusedError) as refused:
            keys.import_file({**value, "epoch": 2, **changes}, at=AT)
        assert refused.value.code == "malformed"
    with pytest.raises(VaultRefusedError) as refused:
        keys.import_file({**value, "epoch": 2}, at=AT)  # there is no such epoch
    assert refused.value.code == "not_certified"
    Evidence.objects.filter(pk=first.pk).update(
        status="erased", wrap=None, manifest=None, object_name=""
    )
    with pytest.raises(VaultRefusedError):
        keys.import_file({**value, "epoch": 2}, at=AT)


@pytest.mark.long
def test_what_the_server_keeps_of_keys_is_locked(table):
    kept = bytes(KeyBundle.objects.get(officer=public_id_of("vera")).bundle)
    assert json.loads(kept) == table.read("vera.bundle")
    trusted = ("--trust", table.path("trust"), "--listing", table.path("listing"))
    assert table.run("verify-lists", *trusted) == 0
