"""Tampering, as somebody who owns the server would do it, and what ``audit_verify`` says to it."""

import hashlib
import random
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from bawaslu_cases.audit import notes, rules, sql
from bawaslu_cases.audit.chain import Entry
from bawaslu_cases.audit.checkpoints import (
    CheckpointRefusedError,
    is_late,
    latest_checkpoint,
    write_checkpoint,
)
from bawaslu_cases.audit.merkle import (
    Accumulator,
    consistency_proof,
    inclusion_proof,
    root_of,
)
from bawaslu_cases.audit.rules import Finding
from tests.bawaslu_cases.audit.conftest import codes, fill, log, rechained

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = "INSERT INTO audit_event VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"


def signed():
    """Write a checkpoint where there is something to sign."""
    made = write_checkpoint()
    assert made is not None
    return made


def values(entry):
    return tuple(getattr(entry, field.name) for field in fields(Entry))


def rewrite(as_dba, entries):
    """Put other entries in the place of all."""
    as_dba("DELETE FROM audit_event", *((INSERT, values(entry)) for entry in entries))


def test_a_sound_log_with_a_fresh_checkpoint_ends_with_zero(verify):
    fill(30)
    write_checkpoint()

    exit_code, report = verify()

    assert (exit_code, report["findings"]) == (0, [])
    assert (report["entries"], report["checkpoints"], report["unprotected"]) == (30, 1, 0)
    # The run itself is an entry, so the second run has one that is not signed yet.
    exit_code, report = verify()
    assert (exit_code, report["entries"], report["unprotected"]) == (0, 31, 1)
    assert log()[-1].action == "audit.verified"


def test_t03_one_changed_field_of_one_row_is_named(as_dba, verify):
    """n = 50 random edits of one field of one row, each put back before the next."""
    fill(20)
    write_checkpoint()
    dice = random.Random(7)
    for _trial in range(50):
        entry = dice.choice(log()[:20])
        column = dice.choice(
            ["at", "actor", "action", "subject", "purpose", "detail", "prev", "hash"]
        )
        old = getattr(entry, column)
        if column == "at":
            new: object = old + timedelta(minutes=dice.choice([-1, 1]))
        else:
            new = dice.randbytes(32) if column in {"prev", "hash"} else f"{old}x"
        change = f"UPDATE audit_event SET {column} = %s WHERE seq = {entry.seq}"
        as_dba((change, (new,)))

        exit_code, report = verify()

        assert exit_code == 2, column
        assert entry.seq in {finding["seq"] for finding in report["findings"]}, (column, report)
        as_dba((change, (old,)))
        as_dba("DELETE FROM audit_event WHERE seq > 20")


@pytest.mark.parametrize(
    ("where", "named"), [("seq = 12", 13), ("seq BETWEEN 5 AND 9", 10), ("seq = 1", 2)]
)
def test_t04_deleted_rows_leave_a_gap(as_dba, verify, where, named):
    fill(20)
    write_checkpoint()
    as_dba(f"DELETE FROM audit_event WHERE {where}")

    exit_code, report = verify()

    assert exit_code == 2
    assert ("gap", named) in {(finding["code"], finding["seq"]) for finding in report["findings"]}


def test_t04_a_middle_row_deleted_and_the_chain_made_anew_does_not_fit_the_checkpoint(
    as_dba, verify
):
    fill(20)
    write_checkpoint()
    fewer = [
        replace(entry, seq=number) for number, entry in enumerate([*log()[:7], *log()[8:]], start=1)
    ]
    rewrite(as_dba, rechained(fewer))

    exit_code, report = verify()

    assert (exit_code, codes(report)) == (2, ["cut"])


def test_t05_swapped_duplicated_and_forged_rows_are_detected(as_dba, verify):
    fill(20)
    write_checkpoint()
    original = log()

    swapped = list(original)
    swapped[3], swapped[4] = replace(swapped[4], seq=4), replace(swapped[3], seq=5)
    rewrite(as_dba, swapped)
    exit_code, report = verify()
    assert (exit_code, {"chain", "changed"} <= set(codes(report))) == (2, True)

    doubled = replace(original[3], seq=21, hash=hashlib.sha256(b"other").digest())
    rewrite(as_dba, [*original, doubled])
    exit_code, report = verify()
    assert (exit_code, codes(report)) == (2, ["chain", "changed"])

    # The forger knows the format: the row fits the chain, and then nothing after it does.
    forged = replace(original[10], actor="f" * 32)
    rewrite(as_dba, [*original[:10], *rechained([*original[:10], forged])[10:], *original[11:]])
    exit_code, report = verify()
    assert (exit_code, codes(report)) == (2, ["chain", "rewritten"])
    assert report["findings"][0]["seq"] == 12


def test_t05_the_whole_chain_made_anew_is_valid_and_the_checkpoint_still_tells(as_dba, verify):
    fill(20)
    write_checkpoint()
    lie = list(log())
    lie[5] = replace(lie[5], actor="f" * 32)
    rewrite(as_dba, rechained(lie))

    exit_code, report = verify()

    assert (exit_code, codes(report)) == (2, ["rewritten"])
    with pytest.raises(CheckpointRefusedError):
        write_checkpoint()


def test_t06_a_cut_tail_is_detected_below_the_checkpoint_and_counted_above(as_dba, verify):
    fill(20)
    write_checkpoint()
    fill(5)
    as_dba("DELETE FROM audit_event WHERE seq > 22")

    exit_code, report = verify()
    assert (exit_code, report["entries"], report["unprotected"]) == (0, 22, 2)

    as_dba("DELETE FROM audit_event WHERE seq > 15")
    exit_code, report = verify()
    assert (exit_code, codes(report)) == (2, ["cut"])
    with pytest.raises(CheckpointRefusedError):
        write_checkpoint()


def test_t06_a_forged_or_foreign_checkpoint_is_no_protection(verify, settings, tmp_path):
    fill(3)
    made = signed()
    path = settings.AUDIT_CHECKPOINT_DIR / "checkpoint-000000000003.txt"
    honest = path.read_text()
    foreign = notes.private_key("A" * 43 + "=")
    for text in (
        honest.replace("\n3\n", "\n2\n"),
        honest.replace("at 20", "at 19"),
        notes.sign(made, foreign),
        honest.replace(notes.DASH, "-"),
        "nothing",
        "",
    ):
        path.write_text(text)
        exit_code, report = verify()
        assert (exit_code, "forged" in codes(report)) == (2, True), text
    path.write_text(honest)
    assert verify("--key", notes.verifier_key(made.origin, foreign.public_key()))[0] == 2
    assert verify("--key", (settings.AUDIT_CHECKPOINT_DIR / "verifier.key").read_text())[0] == 0
    # Without any key a signature says nothing, and the report says so.
    settings.AUDIT_SIGNING_KEY = ""
    (settings.AUDIT_CHECKPOINT_DIR / "verifier.key").unlink()
    exit_code, report = verify()
    assert (exit_code, codes(report)) == (1, ["no_key", "late"])


def test_t09_a_signer_that_stopped_is_noticed_and_continues_without_a_gap(verify, settings):
    now = timezone.now()
    fill(4)
    write_checkpoint(at=now - timedelta(minutes=31))
    fill(6)
    assert is_late(latest_checkpoint(), at=now)
    exit_code, report = verify()
    assert (exit_code, codes(report), report["unprotected"]) == (1, ["late"], 6)

    fill(1)
    resumed = signed()
    assert resumed.size == 12  # 4 + 6 + the verification's own entry + 1
    assert resumed.root == root_of([entry.hash for entry in log()])
    assert verify()[0] == 0

    # Its memory is only a cache: lost or altered, it reads the log anew and comes to the same root.
    state = settings.AUDIT_CHECKPOINT_DIR / "state.json"
    for text in ("", "{}", state.read_text().replace('"size": 12', '"size": 11')):
        state.write_text(text)
        assert signed().root == root_of([entry.hash for entry in log()])
    state.unlink()
    fill(1)
    assert signed().size == len(log())
    assert not is_late(latest_checkpoint(), at=timezone.now())


def test_t09_without_a_key_nothing_is_signed(settings, caplog):
    from bawaslu_cases.audit.tasks import checkpoint_task

    fill(1)
    settings.AUDIT_SIGNING_KEY = ""
    checkpoint_task()
    assert caplog.messages == ["audit.checkpoint_without_key"]
    assert latest_checkpoint() is None


REPLACED = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$"
)
CHANGED = {
    "trigger dropped": (
        "DROP TRIGGER audit_event_kept ON audit_event",
        "trigger audit_event_kept is missing",
    ),
    "trigger disabled": (
        "ALTER TABLE audit_event DISABLE TRIGGER audit_event_frozen",
        "trigger audit_event_frozen is not enabled always",
    ),
    "trigger for originals only": (
        "ALTER TABLE audit_event ENABLE TRIGGER audit_event_frozen",
        "trigger audit_event_frozen is not enabled always",
    ),
    "table granted": (
        "GRANT SELECT ON audit_event TO PUBLIC",
        "PUBLIC holds SELECT on audit_event",
    ),
    "function granted": (
        "GRANT EXECUTE ON FUNCTION audit_leaves(bigint, int) TO PUBLIC",
        "PUBLIC holds EXECUTE on audit_leaves",
    ),
    "function body": (
        REPLACED,
        "function audit_refuse() is missing or another one",
    ),
    "function's search path": (
        "ALTER FUNCTION audit_append(text, text, text, text, text) RESET search_path",
        "function audit_append(text,text,text,text,text) is missing or another one",
    ),
    "function added": (
        "CREATE FUNCTION audit_more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "function audit_more() was added",
    ),
    "owner may sign in": ("ALTER ROLE bc_audit_owner LOGIN", "somebody can sign in"),
}


@pytest.mark.parametrize(("statement", "said"), CHANGED.values(), ids=CHANGED)
@pytest.mark.django_db(transaction=False)
def test_t10_changed_triggers_rights_and_functions_are_reported(verify, statement, said):
    fill(2)
    write_checkpoint()
    assert verify()[0] == 0
    with connections["audit"].cursor() as cursor:
        cursor.execute(statement)

    exit_code, report = verify()

    assert exit_code == 2
    assert said in "\n".join(finding["text"] for finding in report["findings"])


def test_t10_a_log_that_belongs_to_the_wrong_role_is_a_notice(verify):
    fill(1)
    write_checkpoint()
    with connections["audit"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event OWNER TO CURRENT_USER")

        exit_code, report = verify()

        # The functions still run as the old owner, who may not touch the table any more.
        assert (exit_code, codes(report)) == (1, ["owner", "append"])
        # Where no role can be made at all, everything belongs to who migrates, and it works.
        for name in sql.FUNCTIONS:
            cursor.execute(f"ALTER FUNCTION {sql.plain(name)} OWNER TO CURRENT_USER")
    try:
        exit_code, report = verify()
        assert (exit_code, codes(report)) == (1, ["owner"])
    finally:
        with connections["audit"].cursor() as cursor:
            cursor.execute(sql.hand_over())


@pytest.mark.parametrize(
    ("shift", "exit_code", "found"),
    [(timedelta(hours=-1), 1, ["time"]), (timedelta(days=1), 0, [])],
)
def test_t19_a_clock_set_back_is_reported_and_the_chain_stays_valid(
    as_dba, verify, shift, exit_code, found
):
    """The rows are what the function would have written under that clock."""
    fill(6)
    moved = [replace(entry, at=entry.at + shift) if entry.seq > 3 else entry for entry in log()]
    rewrite(as_dba, rechained(moved))
    write_checkpoint()

    got, report = verify()

    assert (got, codes(report)) == (exit_code, found)
    # A clock set forward shows when it is set right again.
    fill(1)
    if shift > timedelta(0):
        got, report = verify()
        assert (got, codes(report)) == (1, ["time"])


def test_from_reads_the_links_of_earlier_entries_only(as_dba, verify):
    fill(10)
    write_checkpoint()
    as_dba(("UPDATE audit_event SET actor = %s WHERE seq = 3", ("x",)))

    assert verify("--from", "4")[0] == 0
    assert verify("--from", "3")[0] == 2


def test_rules_of_other_apps_see_every_entry(verify, monkeypatch):
    class Odd:
        def __init__(self):
            self.seen = []

        def see(self, entry):
            self.seen.append(entry.seq)

        def findings(self):
            return [Finding("odd", f"{self.seen}", self.seen[-1])]

    monkeypatch.setattr(rules, "_RULES", {})
    rules.register("odd", Odd)
    fill(3)
    write_checkpoint()

    exit_code, report = verify()

    assert (exit_code, report["findings"][0]["text"]) == (2, "[1, 2, 3]")


# --- T20: an independent verifier, written from RFC 9162 2.1.3.2 and 2.1.4.2 -----------------------


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf, index, size, proof, root):
    if index >= size:
        return False
    fn, sn, r = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for p in proof:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            r = _node(p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = _node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(first, second, first_root, second_root, proof):
    if first == second:
        return first_root == second_root and proof == []
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn % 2 == 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            fr, sr = _node(c, fr), _node(c, sr)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = _node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def test_t20_proofs_between_two_saved_checkpoints_verify_independently():
    fill(11)
    old = signed()
    fill(13)
    new = signed()
    leaves = [entry.hash for entry in log()]

    assert (old.size, new.size) == (11, 24)
    assert consistent(old.size, new.size, old.root, new.root, consistency_proof(leaves, old.size))
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        assert included(leaf, index, new.size, proof, new.root)
        assert not included(b"x" * 32, index, new.size, proof, new.root)
    assert not consistent(11, 24, old.root, b"x" * 32, consistency_proof(leaves, 11))


def test_t20_every_pair_of_sizes_up_to_sixteen_proves():
    leaves = [bytes([number]) * 32 for number in range(16)]
    tree = Accumulator()
    for size in range(1, 17):
        tree.add(leaves[size - 1])
        assert tree.root() == root_of(leaves[:size])
        for old in range(1, size + 1):
            proof = consistency_proof(leaves[:size], old)
            assert consistent(old, size, root_of(leaves[:old]), tree.root(), proof)
        for index in range(size):
            proof = inclusion_proof(leaves[:size], index)
            assert included(leaves[index], index, size, proof, tree.root())


def test_the_tree_of_nothing_and_of_rfc_6962s_own_leaf():
    assert Accumulator().root() == hashlib.sha256(b"").digest()
    # The test vector of certificate transparency: the tree of one empty leaf.
    assert (
        root_of([b""]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


def test_python_and_the_database_put_an_entry_into_the_same_bytes():
    from bawaslu_cases.audit.chain import canonical

    fill(1)
    (entry,) = log()
    odd = replace(entry, purpose="é😀 12:3,", detail='{"a":"“x”"}')
    with connections["audit"].cursor() as cursor:
        cursor.execute(
            "SELECT audit_canonical(%s, %s, %s, %s, %s, %s, %s)",
            (odd.seq, odd.at, odd.actor, odd.action, odd.subject, odd.purpose, odd.detail),
        )
        assert bytes(cursor.fetchone()[0]) == canonical(odd)
    assert sql.plain("audit_refuse()") == "audit_refuse()"
