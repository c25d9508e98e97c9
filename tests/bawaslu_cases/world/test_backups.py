"""Backups: what a thief of the files has, and what comes back of them (checks C06, V27)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyrage  # type: ignore[import-untyped]
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.audit.services import record
from bawaslu_cases.audit.verification import verify_log
from bawaslu_cases.keyring.models import Erasure, GroupEpoch, MemberWrap, ReportWraps
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.object_storage import new_object_name
from bawaslu_cases.world.backups import BackupError, erasures, restore_backup, take_backup
from complaints.models import Complaint, IdentityCard, Message, SealedIdentity, VisitCode
from complaints.selectors.case_file import opened_statement
from complaints.services.exchange import sealing_of
from complaints.services.key_retention import erase_epoch
from complaints.services.lanes import withdraw_report
from complaints.services.messages import send_to_desk
from complaints.services.visits import draw_visit_code
from complaints.states import Lane
from tests.factories import AT, person, report, tip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vault_keys")]
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SECRET = "QXKANARI-CADANGAN-4410"


class Keys:
    """Two age keys as an operator keeps them offline, and the folders of one server's backups."""

    def __init__(self, folder: Path) -> None:
        self.sets, self.wraps = folder / "sets", folder / "wraps"
        self.identity, self.keyring_identity = folder / "own.key", folder / "keyring.key"
        self.public = []
        for path in (self.identity, self.keyring_identity):
            key = pyrage.x25519.Identity.generate()
            path.write_text(f"# public key: {key.to_public()}\n{key}\n")
            self.public.append(str(key.to_public()))

    def take(self, at: datetime = NOW) -> dict[str, Path]:
        made = take_backup(folder=self.sets, keyring_folder=self.wraps, at=at)
        return {path.name.partition("-")[0].removesuffix(".age"): path for path in made}

    def restore(self, made: dict[str, Path], **changes: Any) -> int:
        return restore_backup(
            **{
                "records": made["default"].parent,
                "keyring": made["keyring"],
                "identity": self.identity,
                "keyring_identity": self.keyring_identity,
                **changes,
            }
        )


@pytest.fixture
def keys(tmp_path, settings) -> Keys:
    made = Keys(tmp_path)
    settings.BACKUP_RECIPIENTS, settings.BACKUP_KEYRING_RECIPIENTS = (
        made.public[:1],
        made.public[1:],
    )
    return made


@contextmanager
def fresh_databases() -> Iterator[None]:
    """Point the three aliases at new, empty databases and back again."""
    former = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    fresh = {alias: f"restored_{alias}_{uuid4().hex[:8]}" for alias in former}

    def statement(text: str) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute(text)

    for name in fresh.values():
        statement(f'CREATE DATABASE "{name}"')
    try:
        for alias, name in fresh.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        yield
    finally:
        for alias, name in former.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        for name in fresh.values():
            statement(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.long
def test_a_set_comes_back_whole_and_opens_for_the_same_people(keys):
    kept, other = report(lane=Lane.SEALED), tip()
    send_to_desk(complaint=other, text=SECRET, at=AT)
    record(actor="system:test", action="test.entry", subject="log:1")
    blob, told = sealing_of(kept)[0], opened_statement(complaint=other, viewer=person("joko"))
    entries = list(AuditEvent.objects.values_list("seq", "hash"))
    made = keys.take()

    with fresh_databases():
        assert keys.restore(made) == 0
        call_command("migrate", verbosity=0)
        call_command("grant_roles", stdout=StringIO())
        assert sealing_of(Complaint.objects.get(pk=kept.pk))[0] == blob
        again = Complaint.objects.get(pk=other.pk)
        assert opened_statement(complaint=again, viewer=person("joko")).story == told.story
        assert Message.objects.count() == 1
        assert [
            (seq, bytes(digest)) for seq, digest in AuditEvent.objects.values_list("seq", "hash")
        ][: len(entries)] == [(seq, bytes(digest)) for seq, digest in entries]
        found = verify_log(place=keys.sets / "none", key=None, at=NOW, start=1).findings
        assert [each.text for each in found if each.tampering] == []
        assert record(actor="system:test", action="test.entry", subject="log:2") > len(entries)


def test_stolen_files_open_nothing(keys):
    kept = report(lane=Lane.SEALED)
    send_to_desk(complaint=kept, text=SECRET, at=AT)
    wrap = bytes(ReportWraps.objects.get(report=kept.public_id).wrap_a)
    made = keys.take()

    assert set(made) == {"default", "audit", "erasures", "keyring"}
    for path in made.values():
        content = path.read_bytes()
        assert content.startswith(b"age-encryption.org/v1\n-> X25519 ")
        assert path.stat().st_mode & 0o777 == 0o600
        for plain in (b"PGDMP", b"complaints_complaint", kept.reference.encode(), wrap):
            assert plain not in content
    # whoever holds the key of the records has no wrap, and the other way round
    mine, theirs = (
        pyrage.x25519.Identity.from_str(path.read_text().splitlines()[1])
        for path in (keys.identity, keys.keyring_identity)
    )
    for name, right, wrong in (("default", mine, theirs), ("keyring", theirs, mine)):
        opened = pyrage.decrypt(made[name].read_bytes(), [right])
        assert opened.startswith(b"PGDMP")
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(made[name].read_bytes(), [wrong])


@pytest.mark.long
def test_what_was_erased_since_stays_erased(keys, tmp_path):
    """V27: an older copy brings no erased name back; what a later set does not know is handed in."""
    early, late, kept = (report(lane=Lane.SEALED) for _n in range(3))
    for each in (early, late, kept):
        draw_visit_code(complaint=each, mailbox_key=bytes(32), at=AT)
        IdentityCard.objects.create(
            complaint=each, object_name=new_object_name(), sealed_bytes=1, received_on=AT.date()
        )
    made = keys.take()
    withdraw_report(complaint=early, at=AT)
    keys.take(NOW + timedelta(hours=1))
    withdraw_report(complaint=late, at=AT)
    listed = StringIO()
    call_command("backup", list_erased=True, stdout=listed)

    with fresh_databases():
        assert keys.restore(made, erased=json.loads(listed.getvalue())) == 2
        assert list(ReportWraps.objects.values_list("report", flat=True)) == [kept.public_id]
        assert SealedIdentity.objects.get().complaint.public_id == kept.public_id
        assert VisitCode.objects.get().complaint.public_id == kept.public_id
        assert IdentityCard.objects.get().complaint.public_id == kept.public_id
        assert {row["report"] for row in erasures()} == {
            early.public_id.hex,
            late.public_id.hex,
        }
        for gone in (early, late):
            with pytest.raises(DomainError):
                sealing_of(Complaint.objects.get(pk=gone.pk))
    with fresh_databases():  # without the list, the later set still tells of the first
        assert keys.restore(made) == 1
        assert not ReportWraps.objects.filter(report=early.public_id).exists()


@pytest.mark.long
def test_an_erased_epoch_does_not_come_back_and_a_known_erasure_is_not_done_twice(keys):
    complaint = report(lane=Lane.SEALED)
    wraps = ReportWraps.objects.get(report=complaint.public_id)
    Erasure.objects.create(
        report=complaint.public_id, why="withdrawn", erased_on=AT.date(), complete_on=AT.date()
    )
    made = keys.take()
    GroupEpoch.objects.filter(group=wraps.group_a, epoch=wraps.epoch_a).update(is_current=False)
    erase_epoch(group=wraps.group_a, epoch=wraps.epoch_a, at=AT, with_reports=True)
    listed = erasures()

    with fresh_databases():
        # the ledger of the copy names the report: its name was given anew since
        assert keys.restore(made) == 0
        assert ReportWraps.objects.filter(report=complaint.public_id).exists()
    with fresh_databases():
        assert keys.restore(made, erased=listed) == 1
        assert not ReportWraps.objects.exists()
        assert not MemberWrap.objects.filter(
            group_epoch__group=wraps.group_a, group_epoch__epoch=wraps.epoch_a
        ).exists()


def test_copies_of_the_keyring_are_gone_after_their_days_and_sets_stay(keys):
    first = keys.take(NOW)
    second = keys.take(NOW + timedelta(days=7))
    assert first["keyring"].exists()

    third = keys.take(NOW + timedelta(days=7, seconds=1))
    assert not first["keyring"].exists()
    assert second["keyring"].exists()
    assert third["keyring"].exists()
    assert first["default"].exists()


def test_nothing_half_made_stays_and_nothing_is_filled_twice(keys, settings):
    made = keys.take()
    with pytest.raises(BackupError, match="not empty"):
        keys.restore(made)
    broken = made["default"].read_bytes()
    made["default"].write_bytes(broken[: len(broken) // 2])
    with fresh_databases():
        with pytest.raises(BackupError, match="damaged"):
            keys.restore(made)
        assert connections["default"].introspection.table_names() == []
    with fresh_databases(), pytest.raises(BackupError, match="another key"):
        keys.restore(made, identity=keys.keyring_identity)

    right = connections["keyring"].settings_dict["NAME"]
    connections["keyring"].settings_dict["NAME"] = "no_such_database"
    try:
        with pytest.raises(BackupError, match=r"pg_dump: error"):
            keys.take(NOW + timedelta(hours=1))
    finally:
        connections["keyring"].settings_dict["NAME"] = right
    assert [path.name for path in keys.sets.iterdir()] == ["20261121T020000Z"]
    assert [path.name for path in keys.wraps.iterdir()] == ["keyring-20261121T020000Z.age"]


@pytest.mark.parametrize("recipients", [([], []), (["age1x"], ["age1x"]), (["age1x"], ["age1y"])])
def test_without_keys_of_its_own_for_each_nothing_is_copied(keys, settings, recipients):
    settings.BACKUP_RECIPIENTS, settings.BACKUP_KEYRING_RECIPIENTS = recipients

    with pytest.raises(CommandError):
        call_command("backup", to=keys.sets, keyring_to=keys.wraps)

    assert not list(keys.sets.rglob("*.age"))
