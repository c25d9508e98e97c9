import dataclasses
import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bawaslu_cases.registry.models import (
    Agency,
    CalendarVersion,
    DataLoad,
    Holiday,
    RecipientBody,
    Region,
    TimeLimit,
)
from bawaslu_cases.registry.services import FILES, load_file, registry_differences
from bawaslu_cases.registry.services import loading as loading_module

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)


def told(*options: str) -> list[str]:
    out = io.StringIO()
    call_command("load_registry", *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("options", [(), ("--force",), ("--check",)])
def test_a_second_run_changes_nothing_and_says_so(options):
    versions = CalendarVersion.objects.count()

    lines = told(*options)

    assert lines[-1] == "0 rows changed: up to date"
    assert len(lines) == len(FILES) + 1
    assert CalendarVersion.objects.count() == versions


def test_an_unchanged_file_is_not_read_again():
    assert told()[0] == "regions.csv: file unchanged since the last load"


def test_force_reads_every_file():
    assert told("--force")[0] == "regions.csv: 0 created, 0 updated, 552 unchanged"


def test_a_correction_by_hand_survives_until_it_is_forced_away():
    TimeLimit.objects.filter(code="ppk_answer").update(value=10)

    told()
    kept = TimeLimit.objects.get(code="ppk_answer").value
    lines = told("--force")

    assert kept == 10
    assert TimeLimit.objects.get(code="ppk_answer").value == 14
    assert "time_limits.csv: 0 created, 1 updated, 38 unchanged" in lines
    assert lines[-1] == "1 rows changed"


def test_check_fails_on_a_difference_and_changes_nothing():
    RecipientBody.objects.filter(code="BKN").update(name="Badan Lain")
    Agency.objects.get(code="M-PUPR").successors.clear()

    with pytest.raises(CommandError, match=r"^2 rows differ from the data files$"):
        told("--check")

    assert RecipientBody.objects.get(code="BKN").name == "Badan Lain"
    assert Agency.objects.get(code="M-PUPR").successors.count() == 0


def test_rows_added_by_hand_stay():
    row = Region.objects.create(
        code="99",
        name="Provinsi Baru",
        short_name="Baru",
        kind="PROVINCE",
        time_zone="Asia/Jayapura",
    )

    told("--force")

    assert Region.objects.filter(pk=row.pk).exists()


def test_a_removed_holiday_comes_back_with_a_new_version_when_forced():
    last = CalendarVersion.objects.latest("number").number
    Holiday.objects.filter(date=dt.date(2027, 5, 17)).delete()

    told("--force")

    version = CalendarVersion.objects.latest("number")
    assert version.number == last + 1
    assert [day["date"] for day in version.added] == ["2027-05-17"]


def test_differences_of_an_empty_registry_are_every_row(monkeypatch):
    TimeLimit.objects.all().delete()
    DataLoad.objects.all().delete()

    results = {result.file.name: result for result in registry_differences()}

    assert (results["time_limits.csv"].created, results["regions.csv"].created) == (39, 0)
    assert TimeLimit.objects.count() == 0
    assert DataLoad.objects.count() == 0


@pytest.fixture
def bodies_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a writer of another recipient_bodies.csv, and the file that reads it."""
    monkeypatch.setattr(loading_module, "DATA", tmp_path)
    file = next(file for file in FILES if file.name == "recipient_bodies.csv")
    head = "code,name,short_name,valid_from,valid_to,legal_basis\n"

    def write(*lines: str):
        file.path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        return file

    return write


def test_a_new_file_moves_a_boundary_between_two_rows(bodies_file):
    file = bodies_file(
        "KASN,Komisi Aparatur Sipil Negara,KASN,2014-11-27,2024-08-31,x",
        "BKN,Badan Kepegawaian Negara,BKN,2024-09-01,,x",
    )

    result = load_file(file=file, at=AT)

    assert (result.updated, result.created, result.skipped) == (2, 0, False)
    assert RecipientBody.objects.get(code="KASN").valid_to == dt.date(2024, 8, 31)
    load = DataLoad.objects.get(file_name="recipient_bodies.csv")
    assert (load.rows, load.loaded_at) == (2, AT)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("BKN,Nama,BKN,kemarin,,x", "recipient_bodies.csv, line 2: .*kemarin"),
        ("BKN,Nama,BKN,2024-08-25,,x,lebih", "recipient_bodies.csv, line 2"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(bodies_file, line, error):
    with pytest.raises(ValueError, match=error):
        load_file(file=bodies_file(line), at=AT)

    assert RecipientBody.objects.get(code="BKN").name == "Badan Kepegawaian Negara"


def test_an_unknown_link_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loading_module, "DATA", tmp_path)
    file = next(file for file in FILES if file.name == "act_aliases.csv")
    file.path.write_text("alias,act\nnew_word,NO_SUCH_ACT\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"act_aliases.csv, line 2: 'NO_SUCH_ACT'"):
        load_file(file=file, at=AT)


def test_the_command_turns_a_bad_file_into_one_line(bodies_file, monkeypatch):
    file = bodies_file("BKN,Nama,BKN,kemarin,,x")
    monkeypatch.setattr(
        "bawaslu_cases.registry.management.commands.load_registry.FILES",
        (dataclasses.replace(file),),
    )

    with pytest.raises(CommandError, match=r"recipient_bodies.csv, line 2"):
        told()
