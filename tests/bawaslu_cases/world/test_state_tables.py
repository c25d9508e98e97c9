"""The tables in docs/ are the ones the program runs by."""

import csv
from io import StringIO

from django.core.management import call_command

from bawaslu_cases.world.state_tables import MACHINES, as_csv, rows


def test_committed_tables_are_current():
    call_command("state_tables", check=True)


def test_every_permitted_cell_stands_in_the_table_once():
    lines = list(csv.DictReader(StringIO(as_csv())))

    keys = [(line["machine"], line["status"], line["action"]) for line in lines]
    assert len(keys) == len(set(keys)) == sum(len(list(each.machine.cells())) for each in MACHINES)
    assert lines == list(rows())
