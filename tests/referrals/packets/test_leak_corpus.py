"""Invented people planted wherever a reporter can write: none of them leaves (checks K02, K19).

Each search has its positive control: with the lint put aside the same search finds what was planted.
"""

import io
import itertools
import json
import random
import re
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from complaints.models import Derivative
from complaints.services.messages import send_to_desk
from complaints.services.triage import confirm_tip
from referrals.errors import LeakError
from referrals.models import Referral
from referrals.packets import outgoing_packet
from referrals.packets.leaks import Finding, LeakSources, leaks_in, word_runs
from referrals.services import packets
from referrals.services.delivery import issue_referral, outbox_subject
from referrals.services.packets import attach_copy, review_draft
from referrals.services.recommend import approve_referral, propose_referral
from tests.factories import AT, facts, person, traced_tip, with_grades
from tests.referrals import stages
from tests.support.evidence import evidence_of, let_through

GIVEN = ("Kartinah", "Yohanes", "Nurhasanah", "Made", "Siti", "Bonar", "Tjandra", "Umi", "Lalu")
FAMILY = ("Widyaningrum", "Tambunan", "Wiryawan", "Pattiasina", "Rumbiak", "Kusumawardhani")
NEUTRAL = (
    "Pada {day} terlapor menyampaikan ajakan memilih salah satu pasangan calon di hadapan peserta. "
    "{leak} Kegiatan berlangsung di luar jam dinas dan dihadiri perangkat desa."
)


def _identity(number: int) -> dict[str, str]:
    draw = random.Random(number)  # the same people in every run
    digits = "".join(str(draw.randrange(10)) for _place in range(10))
    return {
        "name": f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}",
        "nik": f"3308{draw.randrange(10, 72)}0582{digits[:6]}",
        "nip": f"19850505201001{draw.randrange(1000, 9999)}",
        "phone": f"08{draw.randrange(11, 99)}{digits[:8]}",
        "email": f"orang{number}@contoh{draw.randrange(9)}.id",
        "link": f"https://www.instagram.com/p/C{digits[:6]}/?igsh=M{digits}",
        "day": f"{draw.randrange(1, 28)} Oktober 2024",
        "phrase": " ".join(
            draw.choice(
                ("melihat", "amplop", "merah", "jendela", "sopir", "sore", "kursi", "teras")
            )
            for _word in range(8)
        ),
    }


def _written(value: str, number: int) -> str:
    """Write digits the ways people do."""
    if not value.isdigit():
        return value
    gap = ("", " ", "-", ".")[number % 4]
    return gap.join(re.findall(r"\d{1,4}", value))


FORMS = {
    "nik": "Saksi ber-NIK {} hadir.",
    "nip": "Pegawai dengan NIP {} mencatat.",
    "phone": "Rekaman ada di nomor {} milik peserta.",
    "email": "Foto dikirim lewat {} sesudahnya.",
    "link": "Unggahan {} memuat foto.",
    "day": "Hal itu disampaikan {} kepada kantor.",
    "phrase": "Tampak {} di dekat pintu.",
    "name": "Di antara peserta duduk {} bersama lainnya.",
}


def _sources(who: dict[str, str]) -> LeakSources:
    return LeakSources(
        numbers=frozenset({"197001012000011904"}),
        names=("Contoh Wiratama",),
        protected=(who["name"],),
        copied=word_runs(f"Saya {who['phrase']} lalu pulang."),
        days=frozenset({date(2024, 10, int(who["day"].split()[0]))}),
    )


def test_k02_four_hundred_leaky_summaries_are_all_stopped():
    missed = []
    for number, kind in itertools.product(range(50), FORMS):
        who = _identity(number)
        planted = _written(who[kind], number)
        text = NEUTRAL.format(day="29 September 2024", leak=FORMS[kind].format(planted))
        found = leaks_in({"summary": text}, _sources(who))
        at = text.index(planted)
        # the digits of a link may be found as those of a telephone; either way it is stopped there
        if not any(
            each.blocks and each.start < at + len(planted) and each.end > at for each in found
        ):
            missed.append((number, kind))

    assert missed == []


def test_clean_summaries_pass():
    stopped = []
    for number in range(200):
        text = NEUTRAL.format(
            day="29 September 2024",
            leak=f"Terlapor, NIP 197001012000011904, hadir bersama {number} orang.",
        )
        if leaks_in({"summary": text}, _sources(_identity(number))):
            stopped.append(number)

    assert stopped == []


def test_no_sentence_of_a_reporter_passes_word_by_word(shared_material):
    missed, tried = [], 0
    lines = (shared_material / "samples" / "incidents.jsonl").read_text().splitlines()
    for line in lines:
        story = " ".join(_texts(json.loads(line)))
        sources = LeakSources(copied=word_runs(story))
        for sentence in re.split(r"(?<=[.!?])\s+", story):
            if len(re.findall(r"[^\W_]+", sentence)) < 8:
                continue
            tried += 1
            codes = {each.code for each in leaks_in({"summary": sentence}, sources)}
            # another kind may take the same place; either way it does not pass
            if not codes - {"source"}:
                missed.append(sentence[:20])

    assert tried > 300
    assert missed == []


def _texts(value):
    if isinstance(value, str):
        yield value
    for part in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _texts(part)


# --- through the product ----------------------------------------------------------------------------


def _planted(number: int) -> dict[str, str]:
    who = _identity(number)
    mark = f"KENARI{number}"
    return who | {
        "story": f"Saya {who['name']}, {mark}A, {who['phrase']}, NIK {who['nik']}.",
        "witness": f"Bu Melatikenari {who['phone']}",
        "other_act": f"{mark}B menulis di {who['email']}",
        "place": f"rumah {mark}C",
        "account": f"@{mark}D",
        "message": f"{mark}E: nomor saya {who['phone']}",
        "file": f"{mark}F {who['name']}",
    }


def _referral(number: int) -> tuple[Referral, list[str]]:
    """A tip full of its reporter, traced and confirmed with an officer's own words, proposed."""
    told = _planted(number)
    tip = traced_tip(
        story=told["story"],
        witness=told["witness"],
        other_act=told["other_act"],
        place=told["place"],
        links=(told["link"],),
        reporter_kind="asn_same",
        known_on=date(2024, 10, 6),
    )
    send_to_desk(complaint=tip, text=told["message"], at=AT)
    evidence_of(tip, told["file"].encode(), at=AT, name=f"{told['file']}.jpg")
    finding = with_grades(confirm_tip(complaint=tip, facts=facts(), officer=person("sari"), at=AT))
    referral = stages.fresh(
        propose_referral(case=stages.decided(finding), officer=person("sari"), at=AT)
    )
    own = evidence_of(finding, b"asli", at=AT, added_by=person("sari"))
    let_through(own, "salinan tangkapan petugas")
    attach_copy(
        referral=referral,
        copy=Derivative.objects.select_related("evidence", "file").get(evidence=own),
        officer=person("sari"),
        at=AT,
        is_checked=False,
    )
    tokens = [told[kind] for kind in ("name", "nik", "phone", "email", "phrase", "link")]
    return referral, [*tokens, f"KENARI{number}", tip.reference, "asn_same"]


def _everything(referral: Referral) -> str:
    """Everything a packet says: names of files, record, letter with its metadata, copies."""
    packet = outgoing_packet(referral, referral.version)
    said = [packet.file_name, packet.manifest.decode(), packet.record_json.decode()]
    reader = PdfReader(io.BytesIO(packet.letter_pdf))
    said += [page.extract_text() for page in reader.pages]
    catalog: Any = reader.trailer["/Root"]
    said += [
        str(reader.metadata),
        catalog["/Metadata"].get_object().get_data().decode(),
    ]
    said += [file.content.decode("utf-8", "replace") for file in packet.attachments]
    return " ".join(" ".join(said).split())


def _sent(referral: Referral) -> str:
    looked = review_draft(referral=referral, at=AT)
    approve_referral(
        referral=referral,
        approver=person("joko"),
        at=AT + timedelta(hours=1),
        acknowledged=[each.key for each in looked.warnings],
    )
    issue_referral(subject_id=outbox_subject(referral), destination="", at=AT)
    return _everything(stages.fresh(referral))


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(4))
def test_k19_what_a_reporter_wrote_is_in_no_packet(number):
    referral, tokens = _referral(number)

    said = _sent(referral)

    assert [token for token in tokens if token.casefold() in said.casefold()] == []
    assert "Contoh Wiratama" in said


@pytest.mark.django_db
def test_k19_an_officer_who_copies_is_stopped_and_the_search_would_have_found_it(monkeypatch):
    referral, tokens = _referral(9)
    who = _planted(9)
    Referral.objects.filter(pk=referral.pk).update(
        summary=f"Terlapor hadir; {who['phrase']}. NIK {who['nik']}, {who['phone']}, {who['email']}, "
        f"{who['link']} dan Melatikenari, KENARI9, {who['name']}."
    )
    referral = stages.fresh(referral)

    with pytest.raises(LeakError) as refusal:
        _sent(referral)
    assert {each.code for each in refusal.value.findings} == {
        *("copied", "number", "phone", "email", "shared_link", "protected_name")
    }

    def nothing(*_texts: object, **_more: object) -> list[Finding]:
        return []

    monkeypatch.setattr(packets, "leaks_in", nothing)
    said = _sent(referral).casefold()
    found = [token for token in tokens if token.casefold() in said]
    assert found == tokens[:7]  # all but the record's own name and what the reporter is
