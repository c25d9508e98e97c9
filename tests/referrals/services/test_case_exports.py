"""A whole case file: what is in it, what is never in it, and that it is handed out once."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from django.core.files.storage import default_storage

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, Complaint
from complaints.services.notes import write_note
from complaints.services.recusals import recuse_oneself
from complaints.services.triage import confirm_tip
from referrals.models import CaseExport
from referrals.packets.canonical import digest
from referrals.services.case_exports import (
    KEPT,
    MASK,
    build_export,
    expire_exports,
    fetch_export,
    order_export,
)
from tests.factories import AT, assessed_case, decided_case, facts, person, traced_tip, with_grades
from tests.referrals.stages import answered
from tests.referrals.stages import decided as decided_from
from tests.support.documents import finalised
from tests.support.evidence import GPS_CANARY, cleaned_evidence, photo

pytestmark = pytest.mark.django_db

SENTENCE = "kenari kuning bersiul tiga kali di balik pendopo"
WITNESS = "Zulkarnaen Burungkenari, rumah biru"


def ordered(case: Case, **changes: Any) -> CaseExport:
    told: dict[str, Any] = {"purpose": "Supervisi", "officer": person("sari"), "at": AT}
    return order_export(case=case, **(told | changes))


def built(case: Case, **changes: Any) -> CaseExport:
    order = ordered(case, **changes)
    build_export(subject_id=order.pk.hex, at=AT)
    order.refresh_from_db()
    return order


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def taken(case: Case, **changes: Any) -> dict[str, bytes]:
    content, _ending = fetch_export(order=built(case, **changes), at=AT)
    return files_of(content)


def case_with_everything() -> tuple[Case, Complaint]:
    source = traced_tip(story=f"{SENTENCE}. Saya melihat sendiri.", witness=WITNESS)
    own = with_grades(confirm_tip(complaint=source, facts=facts(), officer=person("sari"), at=AT))
    cleaned_evidence(own, photo(), at=AT)
    case = decided_from(own)
    write_note(subject=case, text="Hubungi Kenari besok.", author=person("sari"), at=AT)
    answered(case)
    return case, source


def test_everything_of_the_case_under_one_manifest():
    case, _source = case_with_everything()

    files = taken(case)

    manifest = json.loads(files["manifest.json"])
    assert manifest["case"] == case.reference
    assert (manifest["taken_by"], manifest["taken_on"], manifest["purpose"]) == (
        person("sari").public_id.hex,
        "2024-10-07",
        "Supervisi",
    )
    listed = {each["name"]: (each["sha256"], each["size_bytes"]) for each in manifest["files"]}
    assert listed == {
        name: (digest(content), len(content))
        for name, content in files.items()
        if name != "manifest.json"
    }
    kinds = sorted({name.partition("/")[0] for name in listed})
    assert kinds == ["bukti", "linimasa.csv", "linimasa.json", "perkara.json", "rujukan"]
    assert all(files[name].startswith(b"%PDF") for name in listed if name.startswith("rujukan/"))
    entries = json.loads(files["linimasa.json"])["entries"]
    assert [row["hari"] for row in entries] == sorted(row["hari"] for row in entries)
    assert len(files["linimasa.csv"].decode().splitlines()) >= len(entries) + 1


def test_nothing_of_the_reporter_no_notes_and_no_originals():
    case, source = case_with_everything()

    files = taken(case)

    whole = b"\n".join(content for name, content in files.items()).decode("latin-1")
    for word in ("kenari kuning", "Burungkenari", "Kenari besok", GPS_CANARY, source.reference):
        assert word not in whole
    assert '"bagian":"Pelapor"' not in whole
    # the same search finds what is allowed to be there
    assert case.reference in whole


def test_words_of_a_reporter_are_masked_and_told_in_the_manifest():
    case, _source = case_with_everything()
    Case.objects.filter(pk=case.pk).update(
        assessment=f"Menurut catatan, {SENTENCE}. Unsur terpenuhi. Telepon 0812-9876-5432."
    )

    files = taken(case)

    told = json.loads(files["perkara.json"])["kajian"]
    assert told == f"Menurut catatan, {MASK}. Unsur terpenuhi. Telepon {MASK}."
    notes = json.loads(files["manifest.json"])["masked"]
    assert [note["name"] for note in notes] == ["perkara/kajian", "perkara/kajian"]
    assert SENTENCE not in json.dumps(notes)


@pytest.mark.usefixtures("vault_keys")
def test_final_papers_go_as_they_were_signed():
    from complaints.services.documents import About

    case = assessed_case()
    paper = finalised(About(case=case), "B.13")

    files = taken(case)

    (name,) = (name for name in files if name.startswith("dokumen/"))
    assert digest(files[name]) == paper.sha256


def test_the_same_state_gives_the_same_bytes():
    case, _source = case_with_everything()

    assert built(case).sha256 == built(case).sha256
    assert built(case, purpose="Arsip").sha256 != built(case).sha256


def test_copies_carry_the_takers_mark():
    case, _source = case_with_everything()

    first = taken(case)
    second = taken(case, officer=person("joko"))

    (name,) = (name for name in first if name.startswith("bukti/"))
    assert first[name] != second[name]


def test_closed_for_the_officers_own_key():
    identity = pyrage.x25519.Identity.generate()
    case = decided_case()

    content, ending = fetch_export(order=built(case, age_key=str(identity.to_public())), at=AT)

    assert ending == "zip.age"
    assert "manifest.json" in files_of(pyrage.decrypt(content, [identity]))


def test_handed_out_once_and_gone(django_capture_on_commit_callbacks):
    order = built(decided_case())
    name = order.storage_name
    with default_storage.open(name) as stored:
        assert not stored.read().startswith(b"PK")

    with django_capture_on_commit_callbacks(execute=True):
        fetch_export(order=order, at=AT)

    assert not default_storage.exists(name)
    with pytest.raises(ConflictError):
        fetch_export(order=order, at=AT)


def test_what_nobody_fetched_goes(django_capture_on_commit_callbacks):
    order = built(decided_case())

    assert expire_exports(at=AT + KEPT - timedelta(seconds=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_exports(at=AT + KEPT) == 1
    assert not default_storage.exists(order.storage_name)


def test_who_lost_the_case_meanwhile_gets_nothing():
    case = decided_case()
    order = ordered(case, officer=person("joko"))
    recuse_oneself(subject=case, user=person("joko"), at=AT, reason="relative")

    build_export(subject_id=order.pk.hex, at=AT)

    order.refresh_from_db()
    assert (order.stage, order.failure, order.storage_name) == ("failed", "not_permitted", "")


def test_asking_is_in_the_log_and_has_its_limits():
    case = decided_case()
    ordered(case)

    assert AuditEvent.objects.filter(action="case.export").count() == 1
    for changes in ({"purpose": " "}, {"age_key": "age1kunci"}, {"age_key": "ssh-ed25519 AAAA"}):
        with pytest.raises(DomainError):
            ordered(case, **changes)
    for who in ("nur", "vera", "anwar", "tono"):
        with pytest.raises(NotPermittedError):
            ordered(case, officer=person(who))
    ordered(case)
    with pytest.raises(ConflictError):
        ordered(case)
