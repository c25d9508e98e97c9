"""An old register from upload to legacy cases: exactly once, whatever dies when, and undone whole."""

import logging
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from complaints.models import Complaint, LegacyCase, LegacyImport, LegacyProblem
from complaints.selectors.legacy import description_of, legacy_cases, problem_table
from complaints.services import legacy_imports
from complaints.services.legacy_imports import (
    KEPT,
    TOPIC,
    adopt_legacy,
    carry_on,
    choose_columns,
    drop_import,
    expire_imports,
    open_import,
    start_import,
    undo_import,
)
from tests.factories import AT, facts, office, person
from tests.support.at_once import at_once
from tests.support.sheets import BAD, GOOD, HEADS, comma_file, rows, workbook
from tests.support.ways_in_and_out import carry_on_imports

pytestmark = pytest.mark.django_db
Stage = LegacyImport.Stage
COLUMNS = [
    "",
    "register_number",
    "event_on",
    "name",
    "nip",
    "position",
    "agency",
    "act",
    "region",
    "place",
    "standing",
    "",
]


def work() -> int:
    return carry_on_imports(AT)


def opened(content: bytes, who: str = "sari") -> LegacyImport:
    found = open_import(content=content, officer=person(who), at=AT)
    work()
    found.refresh_from_db()
    return found


def checked(content: bytes, who: str = "sari") -> LegacyImport:
    found = opened(content, who)
    choose_columns(legacy_import=found, columns=found.columns, officer=person(who), seen=0)
    work()
    found.refresh_from_db()
    return found


def imported(content: bytes, who: str = "sari") -> LegacyImport:
    found = checked(content, who)
    start_import(legacy_import=found, officer=person(who), seen=found.turn)
    work()
    found.refresh_from_db()
    return found


def test_a_register_becomes_legacy_cases_in_the_offices_words():
    found = imported(workbook([GOOD, BAD], heads=[*HEADS, "Uraian"]))

    assert (found.stage, found.total_rows, found.made_rows, found.bad_rows) == (Stage.DONE, 2, 1, 1)
    row = LegacyCase.objects.get()
    assert (row.register_number, row.name, row.nip, row.act, row.standing, row.row) == (
        "001/TM/2019",
        "Contoh Lamasari",
        "196501011990011001",
        "PRESSURE_OTHERS",
        "closed",
        2,
    )
    assert (row.office, row.region.code, row.agency.code) == (office("33"), "33.08", "R-33.08")  # type: ignore[union-attr]
    assert description_of(row) == ""
    assert not Complaint.objects.exists()


def test_an_account_is_sealed():
    line = (*GOOD[:11], "Sumberwati", "Menurut catatan kantor, camat hadir.")
    imported(workbook([line], heads=[*HEADS, "Uraian"]))

    row = LegacyCase.objects.get()
    assert description_of(row) == "Menurut catatan kantor, camat hadir."
    assert b"catatan" not in bytes(row.description or b"")
    assert "catatan" not in row.search_text


def test_who_reported_is_never_read(caplog):
    with caplog.at_level(logging.DEBUG):
        found = imported(workbook([GOOD, BAD]))

    assert found.columns == COLUMNS
    with connection.cursor() as cursor:
        for table in ("legacycase", "legacyimport", "legacyproblem", "legacycolumns"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM complaints_{table} t")
            assert "Sumberwati" not in (cursor.fetchone()[0] or "")
    assert "Lamasari" not in caplog.text
    assert "Sumberwati" not in caplog.text


def test_who_reported_cannot_be_chosen_either():
    found = opened(workbook([GOOD]))

    with pytest.raises(DomainError):
        choose_columns(
            legacy_import=found,
            columns=[*found.columns[:-1], "outcome"],
            officer=person("sari"),
            seen=0,
        )
    found.refresh_from_db()
    assert found.stage == Stage.COLUMNS


def test_every_fault_is_told_by_row_and_column_and_never_by_its_words():
    found = checked(workbook([GOOD, BAD]))

    problem = LegacyProblem.objects.get()
    assert problem.row == 3
    assert sorted(tuple(each) for each in problem.codes) == [
        ("act", "act"),
        ("event_on", "day"),
        ("name", "nobody"),
        ("nip", "nip"),
        ("region", "region"),
        ("standing", "standing"),
    ]
    assert (found.stage, found.good_rows, found.bad_rows, found.made_rows) == (
        Stage.CHECKED,
        1,
        1,
        0,
    )
    assert not LegacyCase.objects.exists()


def test_the_error_file_holds_the_rows_cells_until_the_file_is_gone():
    found = checked(workbook([GOOD, BAD]))

    head, lines = problem_table(found)
    (line,) = list(lines)
    assert head == ["Baris", "Yang perlu diperbaiki", *HEADS[:-1]]
    assert line[0] == "3"
    assert "NIP: NIP harus 18 angka" in line[1]
    assert line[2:6] == ["2", "002", "31-02-2019", ""]
    start_import(legacy_import=found, officer=person("sari"), seen=found.turn)
    work()
    found.refresh_from_db()
    head, lines = problem_table(found)
    assert head == ["Baris", "Yang perlu diperbaiki"]
    assert [len(each) for each in lines] == [2]


def test_the_same_file_twice_makes_nothing_twice():
    imported(workbook(rows(3)))
    again = checked(comma_file([*rows(3), *rows(4)[3:]]))

    assert (again.good_rows, again.known_rows) == (1, 3)
    start_import(legacy_import=again, officer=person("sari"), seen=again.turn)
    work()
    again.refresh_from_db()
    assert (again.made_rows, again.known_rows, LegacyCase.objects.count()) == (1, 3, 4)


def test_a_row_twice_in_one_file_is_one_case():
    found = imported(workbook([GOOD, GOOD]))

    assert (found.made_rows, found.known_rows) == (1, 1)


def test_two_offices_have_each_their_own():
    imported(workbook([GOOD]))
    imported(workbook([(*GOOD[:8], "", *GOOD[9:])]), "rudi")

    assert LegacyCase.objects.count() == 2
    assert [row.office for row in legacy_cases(user=person("rudi"), q="", cursor=None).rows] == [
        office("33.08")
    ]
    assert len(legacy_cases(user=person("sari"), q="", cursor=None).rows) == 2
    assert legacy_cases(user=person("budi"), q="", cursor=None).rows == ()


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("lamasari", 1),
        ("196501011990011001", 1),
        ("19650101 199001 1 001", 1),
        ("001/TM/2019", 1),
        ("nihil", 0),
    ],
)
def test_search(q, count):
    imported(workbook([GOOD]))

    assert len(legacy_cases(user=person("sari"), q=q, cursor=None).rows) == count


def test_long_files_go_stretch_by_stretch_and_a_killed_stretch_runs_again(monkeypatch):
    monkeypatch.setattr(legacy_imports, "STRETCH", 4)
    found = checked(workbook(rows(10)))
    assert (found.done_rows, found.good_rows) == (10, 10)
    start_import(legacy_import=found, officer=person("sari"), seen=found.turn)
    first = OutboxMessage.objects.get(topic=TOPIC, status="PENDING")
    work_of = first.subject_id

    carry_on(subject_id=work_of, at=AT)
    assert LegacyCase.objects.count() == 4
    # the worker died after its commit and before the broker knew: the same message comes again
    carry_on(subject_id=work_of, at=AT)
    assert LegacyCase.objects.count() == 4
    work()

    found.refresh_from_db()
    assert (found.stage, LegacyCase.objects.count()) == (Stage.DONE, 10)
    assert sorted(LegacyCase.objects.values_list("row", flat=True)) == list(range(2, 12))


@pytest.mark.django_db(transaction=True)
def test_a_stretch_that_fails_leaves_nothing_and_the_outbox_tries_again(monkeypatch):
    monkeypatch.setattr(legacy_imports, "STRETCH", 4)
    found = open_import(content=workbook(rows(6)), officer=person("sari"), at=AT)
    deliver(OutboxMessage.objects.get(topic=TOPIC).pk)
    found.refresh_from_db()
    choose_columns(legacy_import=found, columns=found.columns, officer=person("sari"), seen=0)
    save = LegacyImport.save

    def dies(self, *args, **kwargs):
        raise RuntimeError("killed")

    message = OutboxMessage.objects.get(topic=TOPIC, status="PENDING")
    monkeypatch.setattr(LegacyImport, "save", dies)
    deliver(message.pk)
    monkeypatch.setattr(LegacyImport, "save", save)
    message.refresh_from_db()
    found.refresh_from_db()
    assert (message.status, message.last_error_code, found.done_rows) == (
        "PENDING",
        "RuntimeError",
        0,
    )
    assert not LegacyProblem.objects.exists()
    OutboxMessage.objects.update(held_until=None)
    while left := OutboxMessage.objects.filter(topic=TOPIC, status="PENDING").first():
        deliver(left.pk)
    found.refresh_from_db()
    assert (found.stage, found.good_rows) == (Stage.CHECKED, 6)


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_rows_at_once_make_them_once():
    ready = [checked(workbook(rows(20))) for _each in range(2)]
    for found in ready:
        start_import(legacy_import=found, officer=person("sari"), seen=found.turn)
    subjects = list(
        OutboxMessage.objects.filter(topic=TOPIC, status="PENDING").values_list(
            "subject_id", flat=True
        )
    )
    assert len(subjects) == 2

    at_once([_carry(subject) for subject in subjects])

    assert LegacyCase.objects.count() == 20
    assert sum(LegacyImport.objects.values_list("made_rows", flat=True)) == 20


def _carry(subject: str):
    def run() -> None:
        with transaction.atomic():
            carry_on(subject_id=subject, at=AT)

    return run


def test_undo_deletes_what_the_import_made_and_the_file_may_come_again():
    found = imported(workbook(rows(3)))

    assert undo_import(legacy_import=found, officer=person("sari"), at=AT) == 3
    assert not LegacyCase.objects.exists()
    assert imported(workbook(rows(3))).made_rows == 3
    assert AuditEvent.objects.filter(action="legacy.undo").count() == 1


def test_undo_ends_where_somebody_worked_with_a_case():
    found = imported(workbook(rows(2)))
    legacy = LegacyCase.objects.order_by("pk").first()
    assert legacy is not None

    finding = adopt_legacy(legacy=legacy, facts=facts(), officer=person("sari"), at=AT)
    with pytest.raises(ConflictError):
        undo_import(legacy_import=found, officer=person("sari"), at=AT)
    with pytest.raises(ConflictError):
        adopt_legacy(legacy=legacy, facts=facts(), officer=person("sari"), at=AT)

    legacy.refresh_from_db()
    assert (legacy.finding, finding.lane) == (finding, "finding")
    assert LegacyCase.objects.count() == 2


def test_nothing_of_the_file_stays(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        found = open_import(content=workbook([GOOD]), officer=person("sari"), at=AT)
        first = found.storage_name
        work()
    found.refresh_from_db()
    with default_storage.open(found.storage_name) as stored:
        assert b"Lamasari" not in stored.read()
    assert not default_storage.exists(first)
    second = found.storage_name
    with django_capture_on_commit_callbacks(execute=True):
        drop_import(legacy_import=found, officer=person("sari"))
    found.refresh_from_db()
    assert (found.stage, found.storage_name, default_storage.exists(second)) == (
        Stage.DROPPED,
        "",
        False,
    )


def test_what_nobody_finished_goes_after_seven_days():
    found = opened(workbook([GOOD]))

    assert expire_imports(at=AT + KEPT - timedelta(seconds=1)) == 0
    assert expire_imports(at=AT + KEPT) == 1
    assert expire_imports(at=AT + KEPT) == 0
    found.refresh_from_db()
    assert (found.stage, found.storage_name) == (Stage.EXPIRED, "")


def test_a_file_that_cannot_be_read_ends_with_its_reason():
    found = opened(b"%PDF-1.7")

    assert (found.stage, found.failure, found.storage_name) == (Stage.FAILED, "not_a_sheet", "")


def test_a_file_that_was_lost_ends_with_its_reason():
    found = open_import(content=workbook([GOOD]), officer=person("sari"), at=AT)
    sealed_files.remove(found.storage_name)
    work()

    found.refresh_from_db()
    assert (found.stage, found.failure) == (Stage.FAILED, "lost")


def test_other_columns_are_another_turn_and_are_remembered():
    found = checked(workbook([GOOD]))
    again = [name if name != "place" else "" for name in found.columns]
    choose_columns(legacy_import=found, columns=again, officer=person("sari"), seen=1)
    with pytest.raises(ConflictError):
        choose_columns(legacy_import=found, columns=again, officer=person("sari"), seen=1)
    work()
    found.refresh_from_db()
    assert (found.turn, found.stage, found.good_rows) == (2, Stage.CHECKED, 1)

    assert opened(workbook([GOOD])).columns == again


def test_who_may(monkeypatch):
    for who in ("dewi", "nur", "agus", "vera", "tono"):
        with pytest.raises(NotPermittedError):
            open_import(content=workbook([GOOD]), officer=person(who), at=AT)
    for _each in range(legacy_imports.MOST_OPEN):
        open_import(content=workbook([GOOD]), officer=person("sari"), at=AT)
    with pytest.raises(ConflictError):
        open_import(content=workbook([GOOD]), officer=person("sari"), at=AT)
    open_import(content=workbook([GOOD]), officer=person("rudi"), at=AT)
    with pytest.raises(DomainError):
        open_import(content=b"", officer=person("rudi"), at=AT)


@pytest.mark.parametrize("lacking", ["act", "name", "event_on"])
def test_needed_columns(lacking):
    found = opened(workbook([GOOD]))
    columns = [
        "" if name == lacking or (lacking == "name" and name == "position") else name
        for name in found.columns
    ]

    with pytest.raises(DomainError):
        choose_columns(legacy_import=found, columns=columns, officer=person("sari"), seen=0)
