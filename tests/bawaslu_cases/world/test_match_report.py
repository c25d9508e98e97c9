"""The bar for duplicates, on the material beside the checkout."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bawaslu_cases.world.importing import import_lines
from bawaslu_cases.world.match_report import match_report
from complaints.matching.scoring import Verdict
from complaints.models import Complaint, ImportedRecord
from complaints.selectors.candidates import candidates
from tests.factories import person

pytestmark = pytest.mark.django_db


def test_twins_are_found_and_near_misses_are_not_called_the_same(shared_material):
    lines = (shared_material / "samples" / "incidents.jsonl").read_text().splitlines()
    report = match_report(lines)
    assert (len(report.twins), len(report.near_misses)) == (36, 12)  # each twin from both sides
    assert report.recall >= 0.95
    assert report.twins_called_same >= 0.9
    assert report.near_misses_called_same <= 0.05
    assert report.others_called_same == []


def test_the_same_holds_without_any_link(shared_material):
    lines = (shared_material / "samples" / "incidents.jsonl").read_text().splitlines()
    cut = [json.dumps({**json.loads(line), "evidence_urls": []}) for line in lines]
    report = match_report(cut)
    assert report.recall >= 0.95
    assert report.near_misses_called_same <= 0.05


def test_the_command_prints_shares_and_no_text(tmp_path):
    story = "Camat mengajak warga memilih nomor dua di balai desa waktu pengajian."
    line = (
        '{{"id": "{id}", "date": "2024-10-05", "regency_code": "33.08", "act_types": ["mobilise_citizens"], '
        '"official_position": "camat", "agency_code": "R-33.08", "narrative_id": "{story}", {more}}}'
    )
    path = tmp_path / "lines.jsonl"
    path.write_text(
        line.format(id="A", story=story, more='"expected_duplicates": ["B"]')
        + "\n"
        + line.format(id="B", story=story, more='"expected_duplicates": []')
        + "\n"
        + line.format(id="C", story="Lain sama sekali ceritanya ini.", more='"near_miss_of": "A"')
    )
    out = StringIO()
    call_command("match_report", path, "--pairs", stdout=out)
    told = out.getvalue()
    assert "twin A B: rank 1" in told
    assert "twins 1: 100.0% among the first 3, 100.0% offered as the same" in told
    assert "near misses 1: 0.0% offered as the same" in told
    assert "pengajian" not in told


def test_a_line_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text("{")
    with pytest.raises(CommandError, match="not JSON"):
        call_command("match_report", path)


@pytest.mark.long
def test_the_desk_offers_the_twins_of_imported_samples(shared_material):
    lines = (shared_material / "samples" / "incidents.jsonl").read_text().splitlines()
    list(import_lines(lines, source="samples"))
    known = dict(ImportedRecord.objects.values_list("external_id", "complaint"))
    viewer = person("ratna")
    found, wrong = [], []
    for told in map(json.loads, lines):
        if not told["expected_duplicates"] and not told["near_miss_of"]:
            continue
        own = Complaint.objects.get(pk=known[told["id"]])
        offered = {
            each.complaint.pk: each.match.verdict
            for each in candidates(complaint=own, viewer=viewer)
        }
        found += [known[twin] in offered for twin in told["expected_duplicates"]]
        if told["near_miss_of"]:
            wrong.append(offered.get(known[told["near_miss_of"]]) == Verdict.SAME)
    assert (len(found), len(wrong)) == (36, 12)
    assert sum(found) / len(found) >= 0.95
    assert sum(wrong) / len(wrong) <= 0.05
