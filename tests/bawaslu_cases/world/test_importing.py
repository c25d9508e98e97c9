"""Import: the same door as the form, every fault named, and nothing twice whatever happens."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connection

from bawaslu_cases.registry.models import Employment
from bawaslu_cases.world.importing import Fate, import_lines, proposal_for
from bawaslu_cases.world.lines import Lexicon, LineError, read_line
from bawaslu_cases.world.walk import Stage, deliver_pending
from complaints.models import Case, Complaint, ImportedRecord, Receipt, Statement
from referrals.models import FollowUp, Referral
from tests.factories import AT, person

STORY = "Kepala bidang membagikan unggahan dukungan di grup kantor pada jam kerja."


def line(number: int = 1, **changes: Any) -> str:
    plain: dict[str, Any] = {
        "external_id": f"T-{number}",
        "event_on": "2024-10-05",
        "region": "33.08",
        "regime": "pilkada",
        "acts": ["share_post"],
        "platform": "facebook",
        "position": "kepala bidang",
        "agency": "R-33.08",
        "place": "Kecamatan Contoh",
        "story": STORY,
    }
    return json.dumps({key: value for key, value in (plain | changes).items() if value is not None})


def fates(texts: list[str], **options: Any) -> list[Fate]:
    return [result.fate for result in import_lines(texts, source="tests", **options)]


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(LineError) as caught:
        read_line(text, number=1, words=Lexicon.load(), today=AT.date())
    return [(error.field, error.reason) for error in caught.value.errors]


@pytest.mark.django_db
def test_a_line_arrives_as_a_tip_with_receipt_and_sealed_story():
    assert fates([line()]) == [Fate.IMPORTED]
    complaint = Complaint.objects.get()
    assert (complaint.lane, complaint.status, complaint.office.path) == ("tip", "received", "00.33")
    assert complaint.acts == ["POST_SUPPORT"]
    assert complaint.contest is not None
    assert complaint.contest.code == "pilkada-2024-pb"
    assert str(complaint.event_on) == "2024-10-05"
    agency = complaint.official_links.get().official.agency
    assert agency is not None
    assert agency.code == "R-33.08"
    assert Receipt.objects.filter(complaint=complaint).exists()
    assert STORY.encode() not in bytes(Statement.objects.get().sealed)


@pytest.mark.django_db
def test_the_day_of_receipt_follows_from_the_id_and_is_the_same_every_time():
    words = Lexicon.load()
    days = [
        read_line(line(n), number=n, words=words, today=AT.date()).received_at.date().isoformat()
        for n in range(1, 9)
    ]
    assert set(days) <= {"2024-10-05", "2024-10-06", "2024-10-07", "2024-10-08"}
    assert len(set(days)) > 1
    again = [
        read_line(line(n), number=n, words=words, today=AT.date()).received_at.date().isoformat()
        for n in range(1, 9)
    ]
    assert days == again


@pytest.mark.django_db
def test_names_of_other_files_are_understood():
    text = json.dumps(
        {
            "id": "X-1",
            "date": "2024-10-05",
            "date_basis": "incident",
            "province_code": "33",
            "regency_code": None,
            "election": "pilkada",
            "act_types": ["like", "comment"],
            "official_position": "camat",
            "agency_code": "P-33",
            "narrative_id": STORY,
            "evidence_urls": ["https://example.org/a"],
            "outcome": "proses",
        }
    )
    read = read_line(text, number=1, words=Lexicon.load(), today=AT.date())
    assert read.facts.region.code == "33"
    assert read.facts.acts == ["LIKE_COMMENT"]
    assert read.facts.links == ("https://example.org/a",)
    assert read.facts.contest is not None
    assert read.facts.contest.code == "pilkada-2024-pg"


@pytest.mark.django_db
def test_every_fault_of_a_line_is_named_at_once():
    text = line(
        event_on="05-10-2024",
        region="99.99",
        agency="R-0",
        reporter_kind="neighbour",
        links="https://example.org",
        colour="red",
    )
    assert sorted(field for field, _reason in faults(text)) == [
        "agency",
        "colour",
        "event_on",
        "links",
        "region",
        "reporter_kind",
    ]


@pytest.mark.django_db
def test_an_unknown_act_is_answered_with_the_known_ones():
    [(field, reason)] = faults(line(acts=["dancing"]))
    assert field == "acts"
    assert reason.startswith("unknown act dancing; known are ")
    assert "share_post" in reason
    assert "POST_SUPPORT" in reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "line"),
        ("[1]", "line"),
        (line(external_id=""), "external_id"),
        (line(event_on="2024-12-01"), "event_on"),
        (line(people=["a"]), "people"),
        (line(people=[{"name": "A", "age": 3}]), "people.age"),
        (line(region=None), "region"),
        (line(acts=[]), "acts"),
        (line(date_basis="hearsay"), "date_basis"),
        (line(event_on=None), None),
    ],
)
def test_one_fault(text: str, expected: str | None):
    if expected is None:
        read = read_line(text, number=1, words=Lexicon.load(), today=AT.date())
        assert (read.facts.event_on, read.facts.event_precision) == (None, "unknown")
    else:
        assert expected in [field for field, _reason in faults(text)]


@pytest.mark.django_db
def test_a_refused_line_leaves_the_others(tmp_path: Path):
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join([line(1), line(2, story="Pendek"), "", line(4, acts=["x"]), line(5)]))
    out = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("import_complaints", str(file), stdout=out, stderr=io.StringIO())
    assert caught.value.code == 1
    told = out.getvalue()
    assert "line 2: story: Ceritakan sedikit lebih panjang, paling sedikit 20 huruf" in told
    assert "line 4: acts: unknown act x" in told
    assert set(ImportedRecord.objects.values_list("external_id", flat=True)) == {"T-1", "T-5"}
    assert Complaint.objects.count() == 2


@pytest.mark.django_db
def test_a_second_import_adds_nothing():
    texts = [line(n) for n in range(1, 4)]
    assert fates(texts) == [Fate.IMPORTED] * 3
    assert fates([*texts, line(4)]) == [Fate.SKIPPED] * 3 + [Fate.IMPORTED]
    assert Complaint.objects.count() == 4


@pytest.mark.django_db
def test_the_same_id_of_another_source_is_another_record():
    assert fates([line(1)]) == [Fate.IMPORTED]
    assert [result.fate for result in import_lines([line(1)], source="elsewhere")] == [
        Fate.IMPORTED
    ]


@pytest.mark.django_db
def test_a_finding_goes_to_the_office_of_its_region():
    rudi = person("rudi")
    assert fates([line(lane="finding")]) == [Fate.IMPORTED]
    complaint = Complaint.objects.get()
    assert (complaint.lane, complaint.status) == ("finding", "recorded")
    assert complaint.office == rudi.office
    assert complaint.events.get().actor == rudi


@pytest.mark.django_db
def test_a_finding_needs_an_officer_outside_the_demo(tmp_path: Path):
    file = tmp_path / "lines.jsonl"
    file.write_text(line(lane="finding"))
    with pytest.raises(CommandError, match="nobody has the role case_officer"):
        call_command("import_complaints", str(file))
    assert not Complaint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_import_each_line_once():
    texts = [line(n) for n in range(1, 7)]
    found: list[Fate] = []
    errors: list[Exception] = []
    start = threading.Barrier(3)

    def run() -> None:
        try:
            start.wait(120)
            found.extend(fates(texts))
        except Exception as error:  # noqa: BLE001 -- told to the test below
            errors.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert errors == []
    assert Counter(found) == {Fate.IMPORTED: 6, Fate.SKIPPED: 12}
    assert Complaint.objects.count() == 6
    assert ImportedRecord.objects.count() == 6


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_an_import_killed_in_the_middle_goes_on_without_a_double(tmp_path: Path):
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(line(n) for n in range(1, 121)))
    command = [sys.executable, "manage.py", "import_complaints", str(file), "--source", "tests"]
    settings = connection.settings_dict
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
        "DATABASE_URL": _with_database(os.environ["DATABASE_URL"], settings["NAME"]),
    }
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        end = time.monotonic() + 240
        while ImportedRecord.objects.count() < 10 and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
    _wait_for_its_last_statement()
    after_kill = ImportedRecord.objects.count()
    assert 10 <= after_kill < 120
    assert Complaint.objects.count() == after_kill
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ImportedRecord.objects.count() == 120
    assert Complaint.objects.count() == 120
    assert Receipt.objects.count() == 120


def _wait_for_its_last_statement() -> None:
    """Wait until the server has ended what it was told before the kill: that may have been a COMMIT."""
    end = time.monotonic() + 240
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.01)
    raise AssertionError("the server is still at it")


def _with_database(url: str, name: str) -> str:
    head, _, tail = url.rpartition("/")
    _old, mark, query = tail.partition("?")
    return f"{head}/{name}{mark}{query}"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_walk_ends_at_its_stage_and_goes_on_from_there(settings: Any):
    settings.DEMO = True
    reached = []
    for stage in Stage:
        [result] = import_lines([line()], source="tests", through=stage, deliver_inline=True)
        assert result.stuck == ""
        reached.append(result.stage)
    assert reached == list(Stage)
    assert Complaint.objects.count() == 2  # the tip and the finding made of it
    assert Case.objects.get().status == "closed"
    assert Referral.objects.get().status == "closed"
    assert FollowUp.objects.get().status == "verified"


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_the_walk_waits_with_the_letter(settings: Any):
    settings.DEMO = True
    [result] = import_lines([line()], source="tests", through=Stage.ACCEPTED)
    assert (result.stage, result.stuck) == (
        Stage.PROPOSED_REFERRAL,
        "a worker must deliver the letter",
    )
    assert Referral.objects.get().status == "approved"
    assert deliver_pending() == 1  # issued; the delivery was promised meanwhile
    assert deliver_pending() == 1
    [result] = import_lines([line()], source="tests", through=Stage.ACCEPTED)
    assert (result.stage, result.stuck) == (Stage.ACCEPTED, "")


@pytest.mark.django_db(transaction=True)
def test_a_village_head_is_told_apart_and_his_case_stops(settings: Any):
    settings.DEMO = True
    text = line(position="kepala desa", story="Kepala desa mengajak warga memilih nomor dua.")
    [result] = import_lines([text], source="tests", through=Stage.VERIFIED, deliver_inline=True)
    assert result.line is not None
    assert not proposal_for(result.line).is_asn
    assert result.line.facts.people[0].employment == Employment.NON_ASN
    assert result.stage == Stage.DECIDED
    assert Case.objects.get().status == "stopped"


@pytest.mark.long
@pytest.mark.django_db
def test_all_samples_arrive(shared_material: Path):
    file = shared_material / "samples" / "incidents.jsonl"
    texts = file.read_text(encoding="utf-8").splitlines()
    results = list(import_lines(texts, source="incidents"))
    assert [result.errors for result in results if result.errors] == []
    assert Counter(result.fate for result in results) == {Fate.IMPORTED: 137}
    assert Complaint.objects.count() == 137
    proposals = [proposal_for(result.line) for result in results if result.line]
    assert sum(not proposal.is_asn for proposal in proposals) == 5


@pytest.mark.django_db
def test_the_agreement_is_printed_with_each_disagreement(tmp_path: Path):
    file = tmp_path / "lines.jsonl"
    file.write_text(
        "\n".join(
            [
                line(1, expected_violation_category="discipline"),
                line(2, expected_violation_category="ethics"),
                line(3),
                line(4, position="kepala desa", expected_violation_category="none"),
            ]
        )
    )
    out = io.StringIO()
    call_command("rule_agreement", str(file), stdout=out)
    told = out.getvalue().splitlines()
    assert told[0].startswith("line 2 T-2: expected ethics, proposed discipline DS-")
    assert told[-1] == "agreement 2 of 3 (66.7 %)"
    assert not Complaint.objects.exists()
