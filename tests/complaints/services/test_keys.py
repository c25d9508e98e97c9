"""What ceremonies bring into the keyring, and what nobody can slip in; vault_check finds the rest."""

import copy
import json
from datetime import timedelta
from io import StringIO
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.keyring.models import (
    Erasure,
    GroupEpoch,
    KeyBundle,
    KeyGroup,
    MemberWrap,
    OfficerCertificate,
    OutsideKey,
    ReportWraps,
    RevocationList,
)
from bawaslu_cases.registry.freshness import mark_changed
from complaints.errors import KeysMissingError, VaultRefusedError
from complaints.models import ParkedWraps, SealedIdentity, SeenRevocations
from complaints.services import key_retention, vault
from complaints.services.exchange import custodian_part, desk_part, desk_words
from complaints.services.key_check import key_problems
from complaints.services.key_retention import (
    EpochInUseError,
    close_epoch,
    empty_keyring,
    erase_epoch,
)
from complaints.services.keys import import_file, keep_bundle, listing
from complaints.services.trust import trust_on
from complaints.services.vault import officer_certificate, sealing_keys
from complaints.vault.crypto import hpke
from complaints.vault.crypto.certificates import RecoveryCertificate
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import OpenError
from tests.factories import AT, IDENTITY, office, person, report, tip
from tests.support.evidence import evidence_of, photo
from tests.support.vault import CUSTODIANS, DESK, EPOCHS, RI_DESK, VaultWorld

pytestmark = pytest.mark.django_db


def codes(*, alarming: bool | None = None) -> set[str]:
    return {
        problem.code
        for problem in key_problems(on=AT.date())
        if alarming is None or problem.alarming is alarming
    }


def refused(value: Any) -> str:
    with pytest.raises(VaultRefusedError) as caught:
        import_file(value, at=AT)
    return caught.value.code


def epoch_file(world: VaultWorld, code: str, epoch: int, **wraps_for: Any) -> dict[str, Any]:
    """Return a new epoch as ``vaultctl epoch-create`` writes it."""
    members = [row for row in world.officers.values() if row.group == code]
    made = world.new_epoch(code, epoch, wraps_for.pop("signer", members[0]))
    world.made[(code, epoch)] = made
    return {
        "certificate": made.certificate,
        "wraps": {member.id: world.member_wrap(made, member).hex() for member in members},
    }


def test_ceremony_brings_everything_in_through_files(vault_keys):
    """An empty keyring, a listing as vaultctl has it, and a report can be sealed and opened."""
    whole = listing()
    for model in (MemberWrap, GroupEpoch, OfficerCertificate, KeyGroup, OutsideKey):
        model.objects.all().delete()
    for who in vault_keys.officers:
        person(who)
    with pytest.raises(KeysMissingError):
        report()
    done = import_file(whole, at=AT)
    assert len(done) == 5 + 3 + 5 + 1 + 1
    assert listing() == whole
    assert import_file(whole, at=AT) == []
    told = AuditEvent.objects.get(action="vault.keys")  # the second run changed nothing
    assert told.actor == "system:vault_import"
    assert {group.office_code for group in KeyGroup.objects.all()} == {"00.33", "00", ""}
    report()


def test_v09_revocation_list_taken_out_of_the_keyring_is_missed(vault_keys):
    """Fail closed: nothing is sealed, opened or given out on what an older list would allow."""
    complaint, day = report(), AT.date()
    gone = vault_keys.officers["vito"].certificate
    fingerprint = officer_certificate(
        OfficerCertificate.objects.get(officer=person("vito").public_id)
    ).fingerprint()
    newer = vault_keys.revocations(serial=7, revoked=(fingerprint,))
    assert import_file(newer, at=AT) == [
        "revocation list 7",
        f"officer {person('vito').public_id.hex} revoked",
    ]
    assert refused(gone) == "revoked"
    report()

    RevocationList.objects.filter(serial=7).delete()  # as the database's administrator can
    mark_changed()
    with pytest.raises(KeysMissingError):
        trust_on(day)
    with pytest.raises(KeysMissingError):
        sealing_keys(office=complaint.office, on=day)
    with pytest.raises(KeysMissingError):
        listing()
    with pytest.raises(KeysMissingError):
        import_file(gone, at=AT)
    (found,) = key_problems(on=day)
    assert (found.code, found.alarming) == ("revocations_taken_away", True)
    RevocationList.objects.all().delete()
    assert [problem.code for problem in key_problems(on=day)] == ["revocations_taken_away"]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SeenRevocations.objects.all().delete()

    assert import_file(newer, at=AT)[0] == "revocation list 7"  # the list itself mends it
    assert trust_on(day).revoked == {fingerprint}


def test_v09_certificate_that_the_root_did_not_sign_is_refused(vault_keys):
    newcomer = vault_keys.newcomer(DESK, "sari")
    forged = {**newcomer.certificate, "unit": "kantor-00"}
    assert refused(forged) == "bad_signature"
    assert refused(newcomer.certificate) == "not_certified"  # Sari is no verifier
    assert not OfficerCertificate.objects.filter(officer=person("sari").public_id).exists()


def test_certificate_of_another_offices_account_is_refused(vault_keys):
    person("retno")
    moved = vault_keys.newcomer(DESK, "retno")
    assert refused(moved.certificate) == "not_certified"


def test_v09_rows_put_in_by_sql_are_reported(vault_keys):
    for who in vault_keys.officers:
        person(who)
    stranger = uuid4()
    OfficerCertificate.objects.create(
        officer=stranger,
        group_id=DESK,
        unit="kantor-00-33",
        enc_pk=b"\1" * 32,
        sig_pk=b"\2" * 32,
        not_after=vault_keys.not_after,
        signature=b"\3" * 64,
    )
    MemberWrap.objects.create(
        group_epoch=GroupEpoch.objects.get(group_id=DESK), officer=stranger, wrap=b"\4" * 80
    )
    assert codes(alarming=True) == {"officer", "wrap_for_stranger"}
    with pytest.raises(SystemExit) as ended:
        call_command("vault_check", stdout=StringIO())
    assert ended.value.code == 1


def test_v10_swapped_group_key_is_refused_and_reported(vault_keys):
    for who in vault_keys.officers:
        person(who)
    GroupEpoch.objects.filter(group_id=DESK).update(pk_bytes=b"\5" * 32)
    with pytest.raises(KeysMissingError):
        report()
    assert codes(alarming=True) == {"epoch"}


def test_keyring_of_a_good_ceremony_has_only_its_size_against_it(vault_keys):
    for who in vault_keys.officers:
        person(who)
    report()
    assert codes() == {"few_members"}


def test_check_names_what_is_missing_or_stray(vault_keys):
    for who in vault_keys.officers:
        person(who)
    gone, stray, parked = report(), report(), report()
    ReportWraps.objects.filter(report=gone.public_id).delete()
    SealedIdentity.objects.filter(complaint=stray).delete()
    ReportWraps.objects.filter(report=parked.public_id).delete()
    ParkedWraps.objects.create(report=parked.public_id, sealed=b"x")
    MemberWrap.objects.filter(officer=person("vito").public_id).delete()
    close_epoch(group=RI_DESK)
    KeyBundle.objects.create(officer=uuid4(), bundle=b"{}")
    OutsideKey.objects.filter(kind="recovery").update(is_current=False)
    assert codes() == {
        "few_members",
        "wraps_missing",
        "wraps_orphaned",
        "wraps_parked",
        "wrap_missing",
        "no_epoch",
        "bundle_of_stranger",
        "no_recovery",
    }


def test_check_warns_three_weeks_ahead(vault_keys):
    for who in vault_keys.officers:
        person(who)
    day = vault_keys.not_after - timedelta(days=20)
    told = [problem.text for problem in key_problems(on=day) if problem.code == "ending"]
    assert len(told) == 5 + 3 + 2 + 1


def test_check_without_any_key_says_so():
    assert [problem.code for problem in key_problems(on=AT.date())] == ["no_revocations"]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("vault_check", stdout=out)
    assert "no_revocations" in out.getvalue()


def test_v23_newcomer_opens_with_a_custodian_and_only_wraps_are_added(vault_keys):
    newcomer = vault_keys.newcomer(DESK, person("wati").email.partition("@")[0])
    import_file(newcomer.certificate, at=AT)
    before = MemberWrap.objects.count()
    group = vault_keys.groups[DESK]
    joined = {
        "group": DESK,
        "officer": newcomer.id,
        "wraps": [{"epoch": 3, "wrap": vault_keys.member_wrap(group, newcomer).hex()}],
    }
    assert import_file(joined, at=AT) == [f"wrap of {DESK} 3 for {newcomer.id}"]
    assert import_file(joined, at=AT) == []
    assert MemberWrap.objects.count() == before + 1
    stored = MemberWrap.objects.get(officer=UUID(newcomer.id))
    info = ctx("group-wrap", DESK, "3", newcomer.id)
    assert hpke.unseal(newcomer.enc_sk, bytes(stored.wrap), info=info) == group.private
    assert refused({**joined, "group": RI_DESK}) == "not_certified"
    assert refused({**joined, "wraps": [{"epoch": 9, "wrap": "00" * 80}]}) == "not_certified"


def test_v22_leaver_loses_every_wrap_and_a_new_epoch_stands(vault_keys):
    for who in vault_keys.officers:
        person(who)
    complaint = report()
    vito = vault_keys.officers["vito"]
    stays = vault_keys.new_epoch(DESK, 4, vault_keys.officers["vera"])
    left = {
        "group": DESK,
        "officer": vito.id,
        "delete_epochs": [3],
        "epoch": {
            "certificate": stays.certificate,
            "wraps": {
                vault_keys.officers["vera"].id: vault_keys.member_wrap(
                    stays, vault_keys.officers["vera"]
                ).hex()
            },
        },
    }
    import_file(left, at=AT)
    assert not MemberWrap.objects.filter(officer=UUID(vito.id)).exists()
    assert GroupEpoch.objects.get(group_id=DESK, is_current=True).epoch == 4
    revoked = vault_keys.revocations(2, (vault_keys.certificate("vito").fingerprint(),))
    assert import_file(revoked, at=AT)[1:] == [f"officer {vito.id} revoked"]
    # A remaining member moves the share: what Vito copied of epoch 3 no longer fits.
    moved = vault_keys.moved(desk_part(complaint), "a", to=stays)
    assert len(import_file(moved, at=AT)) == 1
    assert import_file(moved, at=AT) == []
    asked = vault_keys.ask("vera", complaint.public_id, at=AT)
    released = vault_keys.release("kurnia", asked.request, custodian_part(complaint))
    with pytest.raises(OpenError):
        vault_keys.open("vito", asked, released, desk_part(complaint))
    assert report().identity.epoch_a == 4
    with vault_keys.under(stays):
        assert vault_keys.open("vera", asked, released, desk_part(complaint)) == IDENTITY


def test_older_or_forged_revocation_list_is_refused(vault_keys):
    import_file(vault_keys.revocations(3), at=AT)
    assert refused(vault_keys.revocations(2)) == "expired"
    assert refused({**vault_keys.revocations(4), "revoked": ["0" * 64]}) == "bad_signature"
    # the same number with another content
    assert refused(vault_keys.revocations(3, ("0" * 64,))) == "not_certified"


def test_epoch_is_later_and_of_the_members_themselves(vault_keys):
    custodian = vault_keys.officers["kurnia"]
    assert refused(epoch_file(vault_keys, DESK, 3)) == "not_certified"
    assert refused(epoch_file(vault_keys, DESK, 2)) == "not_certified"
    assert refused(epoch_file(vault_keys, DESK, 4, signer=custodian)) == "not_certified"
    stranger = epoch_file(vault_keys, DESK, 4)
    stranger["wraps"][custodian.id] = "00" * 80
    assert refused(stranger) == "not_certified"
    assert GroupEpoch.objects.filter(group_id=DESK).count() == 1
    import_file(epoch_file(vault_keys, DESK, 4), at=AT)
    assert GroupEpoch.objects.get(group_id=DESK, is_current=True).epoch == 4


def test_second_key_under_one_name_is_refused(vault_keys):
    other = vault_keys.named_key(RecoveryCertificate, "r-2026", b"\6" * 32)
    assert refused(other) == "not_certified"
    later = vault_keys.named_key(RecoveryCertificate, "r-2027", b"\6" * 32)
    import_file(later, at=AT)
    assert OutsideKey.objects.get(kind="recovery", is_current=True).code == "r-2027"


def test_moved_share_must_be_of_the_stored_sealing(vault_keys):
    complaint, other = report(), report()
    fresh = epoch_file(vault_keys, CUSTODIANS, 8)
    import_file(fresh, at=AT)
    moved = vault_keys.moved(custodian_part(complaint), "b", to=vault_keys.made[(CUSTODIANS, 8)])
    strange = {**moved, "report": uuid4().hex}
    assert refused(strange) == "malformed"
    assert refused({**moved, "epoch_a": 9}) == "malformed"
    assert refused({**moved, "held_b": 9}) == "not_certified"
    assert refused({**moved, "wrap_b": "AAAA"}) == "malformed"
    assert import_file(moved, at=AT) == [f"share b of {complaint.public_id.hex} under epoch 8"]
    assert ReportWraps.objects.get(report=other.public_id).epoch_b == EPOCHS[CUSTODIANS]


def test_moved_words_stay_words_of_their_report(vault_keys):
    complaint = report()
    import_file(epoch_file(vault_keys, DESK, 4), at=AT)
    (words,) = desk_words(complaint)
    moved = vault_keys.moved_words(words, to=vault_keys.made[(DESK, 4)])
    assert refused({**moved, "report": uuid4().hex}) == "malformed"
    assert refused({**moved, "blob": "AAAA"}) == "malformed"
    assert len(import_file(moved, at=AT)) == 1
    assert desk_words(complaint) == [moved]


def test_bundle_is_of_the_certified_keys_and_not_cheap_to_guess(vault_keys):
    vera = person("vera")
    good = vault_keys.bundle("vera")
    keep_bundle(officer=vera, bundle=good, at=AT)
    assert json.loads(bytes(KeyBundle.objects.get(officer=vera.public_id).bundle)) == good
    with pytest.raises(VaultRefusedError):
        keep_bundle(officer=person("vito"), bundle=good, at=AT)
    cheap = copy.deepcopy(good)
    cheap["slots"][0]["memory_cost_kib"] = 1024
    wordless = {**good, "slots": [slot for slot in good["slots"] if slot["kind"] != "words"]}
    swapped = {**good, "enc_pk": "00" * 32}
    for wrong in (cheap, wordless, swapped, {**good, "slots": "x"}):
        with pytest.raises(VaultRefusedError):
            keep_bundle(officer=vera, bundle=wrong, at=AT)


def test_v27_erased_epoch_opens_for_nobody(vault_keys):
    complaint = report()
    with pytest.raises(EpochInUseError):
        erase_epoch(group=DESK, epoch=3, at=AT)
    close_epoch(group=DESK)
    with pytest.raises(EpochInUseError):
        erase_epoch(group=DESK, epoch=3, at=AT)
    erased = erase_epoch(group=DESK, epoch=3, at=AT, with_reports=True)
    assert (erased.why, erased.erased_on) == (Erasure.Why.EPOCH, AT.date())
    assert erased.complete_on == AT.date() + vault.KEYRING_BACKUPS_KEPT
    assert not MemberWrap.objects.filter(group_epoch__group_id=DESK).exists()
    assert not ReportWraps.objects.filter(report=complaint.public_id).exists()


def test_an_epoch_under_which_originals_lie_is_not_erased_by_the_way(vault_keys):
    evidence = evidence_of(tip(), photo(), at=AT)
    close_epoch(group=DESK)
    with pytest.raises(EpochInUseError, match="berkas asli"):
        erase_epoch(group=DESK, epoch=evidence.epoch or 0, at=AT)
    assert MemberWrap.objects.filter(group_epoch__group_id=DESK).exists()


def test_reports_go_to_ri_while_a_desk_has_no_epoch(vault_keys):
    close_epoch(group=DESK)
    assert report().identity.group_a == RI_DESK
    assert report(keep_from=(office("33").pk,)).identity.group_a == RI_DESK


@pytest.mark.parametrize(
    "value", [None, [], {}, {"a": 1}, {"officers": []}, "x", {"seal": 1, "held_a": 1, "held_b": 1}]
)
def test_what_is_no_file_of_the_vault_is_refused(vault_keys, value):
    assert refused(value) == "malformed"


def test_commands_bring_files_in_and_out(vault_keys, tmp_path):
    complaint, out = report(), StringIO()
    call_command("vault_export", "listing", out=tmp_path / "listing.json", stdout=out)
    for what in ("desk", "custodian", "recovery"):
        path = tmp_path / f"{what}.json"
        call_command("vault_export", what, id=complaint.public_id, out=path, stdout=out)
        assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "desk.json").read_text()) == desk_part(complaint)
    assert "ciphertext" not in json.loads((tmp_path / "custodian.json").read_text())
    call_command("vault_export", "words", id=complaint.public_id, out=tmp_path, stdout=out)
    assert (tmp_path / "words-0.json").exists()
    call_command("vault_import", tmp_path / "listing.json", stdout=out)
    assert "nothing new" in out.getvalue()
    (tmp_path / "bad.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(CommandError, match="malformed"):
        call_command("vault_import", tmp_path / "bad.json")
    with pytest.raises(CommandError, match="exists"):
        call_command("vault_export", "listing", out=tmp_path / "listing.json")


@pytest.mark.django_db(transaction=True)
def test_v27_erased_wraps_leave_the_table_file(vault_keys):
    """After the purge the raw file of the table no longer holds what was deleted."""
    complaint = report()
    wrap = bytes(ReportWraps.objects.get(report=complaint.public_id).wrap_a)
    assert wrap in raw_table("keyring_reportwraps")
    ReportWraps.objects.all().delete()
    assert wrap in raw_table("keyring_reportwraps")  # DELETE is not erasure
    empty_keyring()
    assert wrap not in raw_table("keyring_reportwraps")


@pytest.mark.django_db(transaction=True)
def test_v27_erased_wraps_leave_the_change_log_too(vault_keys):
    """Once two checkpoints have passed, which a server makes by itself every five minutes."""
    complaint = report()
    row = ReportWraps.objects.get(report=complaint.public_id)
    wrap = bytes(row.wrap_a)
    # In pieces: the log's own pages cut whatever is longer than what is left of one.
    pieces = [wrap[at : at + 24] for at in range(0, len(wrap) - 24, 8)]
    for _written in range(20):
        # Tests beside this one begin new files too: what was written a while ago may be gone by now.
        ReportWraps.objects.all().delete()
        row.save(force_insert=True)
        log = change_log()
        if any(piece in log for piece in pieces):
            break
    else:
        pytest.fail("the control: what is written is in the log")
    ReportWraps.objects.all().delete()
    empty_keyring()
    with connections["keyring"].cursor() as cursor:
        for _checkpoint in range(2):
            cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")
    log = change_log()
    assert [piece for piece in pieces if piece in log] == []


@pytest.mark.django_db(transaction=True)
def test_v27_purge_waits_for_whoever_can_still_see_what_is_deleted(vault_keys):
    complaint = report()
    wrap = bytes(ReportWraps.objects.get(report=complaint.public_id).wrap_a)
    looking, ended = Event(), Event()

    def look() -> None:
        with transaction.atomic(using="keyring"), connections["keyring"].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM keyring_groupepoch")
            looking.set()
            ended.wait(0.5)
        connections["keyring"].close()

    reader = Thread(target=look)
    reader.start()
    looking.wait(120)
    ReportWraps.objects.all().delete()
    empty_keyring()
    reader.join(120)
    assert wrap not in raw_table("keyring_reportwraps")


@pytest.mark.django_db(transaction=True)
def test_v27_purge_does_not_wait_for_the_other_databases(vault_keys, monkeypatch):
    """Whoever writes among the records for an hour holds up no erasure in the keyring."""
    monkeypatch.setattr(key_retention, "WAIT_SECONDS", 0.0)
    complaint = report()
    wrap = bytes(ReportWraps.objects.get(report=complaint.public_id).wrap_a)
    writing, ended = Event(), Event()

    def write() -> None:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
            writing.set()
            ended.wait(60)
        connections["default"].close()

    writer = Thread(target=write)
    writer.start()
    try:
        writing.wait(120)
        ReportWraps.objects.all().delete()
        empty_keyring()
    finally:
        ended.set()
        writer.join(120)
    assert wrap not in raw_table("keyring_reportwraps")


@pytest.mark.django_db(transaction=True)
def test_v27_purge_is_a_command(vault_keys):
    out = StringIO()
    with pytest.raises(CommandError, match="belong together"):
        call_command("vault_purge", group=DESK)
    with pytest.raises(CommandError, match=f"{DESK} 3"):
        call_command("vault_purge", group=DESK, epoch=3)
    import_file(epoch_file(vault_keys, DESK, 4), at=AT)
    call_command("vault_purge", group=DESK, epoch=3, stdout=out)
    assert "erased; complete on" in out.getvalue()
    assert not MemberWrap.objects.filter(group_epoch__epoch=3, group_epoch__group=DESK).exists()


def change_log() -> bytes:
    """Return the bytes of the write-ahead log's files as they lie on the disk, one after the other."""
    with connections["keyring"].cursor() as cursor:
        # All until here is on the disk then.
        cursor.execute("SELECT pg_logical_emit_message(false, '', '', true)")
        cursor.execute(
            "SELECT pg_read_binary_file('pg_wal/' || name, 0, size, true) FROM pg_ls_waldir() ORDER BY name"
        )
        return b"".join(bytes(content) for (content,) in cursor.fetchall() if content)


def raw_table(name: str) -> bytes:
    """Return the bytes of a table's file as they lie on the disk."""
    with connections["keyring"].cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath(%s))", [name])
        return bytes(cursor.fetchone()[0])
