"""The client and the server over files: a ceremony, two people, one report, nothing on the way."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bawaslu_cases.keyring.models import KeyBundle, MemberWrap
from bawaslu_cases.shared.errors import ConflictError
from complaints.models import RequirementCheck, UnsealRequest
from complaints.services import exchange, keys, unsealing
from complaints.states import Requirement, UnsealStatus
from tests.complaints.vaultctl.table import Table
from tests.factories import AT, IDENTITY, STORY, person, public_id_of, report

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


def test_v05_a_report_sealed_by_the_server_is_opened_by_two_clients(table):
    complaint = report()
    own, row = asked(table, complaint)
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
    about = ("--part", table.path("opened"), "--own", own, "--out", said)
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


def test_what_the_server_keeps_of_keys_is_locked(table):
    kept = bytes(KeyBundle.objects.get(officer=public_id_of("vera")).bundle)
    assert json.loads(kept) == table.read("vera.bundle")
    trusted = ("--trust", table.path("trust"), "--listing", table.path("listing"))
    assert table.run("verify-lists", *trusted) == 0
