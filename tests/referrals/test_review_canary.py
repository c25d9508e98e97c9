"""The recipient's role against what it must never read: planted once, looked for on every page and file.

Everything is asked while a next version is being made in the house, and the same search finds what the
role may read, and at Bawaslu's own desk what it may not.
"""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bawaslu_cases.shared import envelope
from complaints.models import Case, Complaint, Official, Statement
from complaints.services.triage import confirm_tip
from referrals.models import Referral
from referrals.services.packets import attach_copy
from referrals.services.recommend import approve_referral, resubmit_referral
from referrals.services.review import return_referral
from tests.factories import AT, decided_case, facts, person, traced_tip, with_grades
from tests.referrals import stages
from tests.referrals.web.test_review_evidence import copy_of

pytestmark = pytest.mark.django_db

STORY = "kenari kuning bersiul tiga kali di balik pendopo"
TITLE = "Judul berkas kenari"
GRADE = "Pangkat kenari yang belum keluar"
NEXT = "Ringkasan kenari versi berikut"
OTHER = "Balai kenari yang belum diajukan"
FILE = "isi salinan kenari yang tidak ikut"
REASON = "Alasan kenari di dalam rumah"


class Planted:
    """One matter the body holds, one it has returned, one it does not know of."""

    def __init__(self) -> None:
        self.tip = traced_tip(reporter_kind="asn_same")
        statement = Statement.objects.get(complaint=self.tip)
        context = ("statement", str(self.tip.public_id))
        held = json.loads(envelope.unseal(bytes(statement.sealed), context=context))
        told = json.dumps(held | {"story": STORY}).encode()
        Statement.objects.filter(pk=statement.pk).update(
            sealed=envelope.seal(told, context=context)
        )
        finding = with_grades(
            confirm_tip(complaint=self.tip, facts=facts(), officer=person("sari"), at=AT)
        )
        proposal = stages.fresh(stages.proposed(stages.decided(finding)))
        self.copy = copy_of(proposal, "isi salinan yang ikut")
        self.stayed = copy_of(proposal, FILE)
        attach_copy(
            referral=proposal, copy=self.copy, officer=person("sari"), at=AT, is_checked=True
        )
        approve_referral(referral=proposal, approver=person("joko"), at=AT)
        self.held = stages.carried(proposal)
        Case.objects.filter(pk=self.held.case_id).update(title=TITLE)
        self.finding = finding
        self.owed = stages.answered(decided_case(place="Pasar"))
        self.hidden = stages.delivered(decided_case(place="Lapangan"))
        return_referral(
            referral=self.hidden, reviewer=person("anwar"), at=AT, reason="Pangkat kurang."
        )

    def changed_in_the_house(self) -> None:
        """Do what an officer does after a return and before anybody approves."""
        return_referral(
            referral=self.held, reviewer=person("anwar"), at=AT, reason="Pangkat kurang."
        )
        Official.objects.filter(pk=self.held.lines().get().official_id).update(grade=GRADE)
        attach_copy(
            referral=stages.fresh(self.held),
            copy=self.stayed,
            officer=person("sari"),
            at=AT,
            is_checked=True,
        )
        resubmit_referral(
            referral=stages.fresh(self.hidden),
            officer=person("sari"),
            at=AT,
            reason=REASON,
            summary=NEXT,
        )
        stages.proposed(decided_case(place=OTHER))

    def never(self) -> tuple[str, ...]:
        """Return texts and ids that no page of the role may hold."""
        rows: list[Any] = [self.tip, self.finding, self.stayed, self.stayed.evidence, self.copy]
        rows += [self.copy.evidence, self.held.case, *self.held.case.allegations.all()]
        ids = [str(row.public_id) for row in rows]
        unknown = Referral.objects.exclude(
            pk__in=[self.held.pk, self.hidden.pk, self.owed.referral_id]
        )
        ids += [str(row.public_id) for row in unknown]
        names = [self.tip.reference, self.finding.reference, "Sari", "Joko"]
        texts = [STORY, TITLE, GRADE, NEXT, OTHER, FILE, REASON]
        return (*texts, *names, *ids, *(each.replace("-", "") for each in ids))


def standing_in(text: str, planted: str) -> bool:
    """Say whether something planted stands in a text; a name as a word of its own ("Saring" is none)."""
    return bool(re.search(rf"(?<!\w){re.escape(planted)}(?!\w)", text))


def addresses(planted: Planted) -> list[tuple[str, str]]:
    held, owed = planted.held.public_id, planted.owed.public_id
    plain = [
        *("/penelaah/", "/penelaah/?lihat=selesai", "/penelaah/?tahap=delivered"),
        *("/penelaah/?tenggat=late", "/penelaah/?lihat=selesai&tahap=returned"),
        *("/penelaah/laporan-berkala/", "/penelaah/laporan-berkala/?tahun=2024&per=triwulan"),
        *("/kerja/tindak-lanjut/", "/kerja/tindak-lanjut/?lihat=tabel"),
        reverse("followup:csv"),
        reverse("followup:detail", args=[owed]),
        reverse("followup:proof", args=[owed, 1]),
        *(
            reverse(name, args=[each])
            for name in ("review:detail",)
            for each in (held, planted.hidden.public_id, planted.owed.referral.public_id)
        ),
        reverse("review:letter", args=[held, 1]),
        *(reverse("review:evidence", args=[held, number]) for number in (1, 2)),
        *(reverse("review:evidence_file", args=[held, number]) for number in (1, 2)),
    ]
    posts = [reverse("review:report_csv"), reverse("review:evidence_download", args=[held, 1])]
    return [("get", address) for address in plain] + [("post", address) for address in posts]


def read(planted: Planted, key: str = "anwar") -> Iterator[tuple[str, int, str]]:
    """Yield each address, its status, and all it says, the words of a PDF included."""
    client = Client()
    client.force_login(person(key))
    for method, address in addresses(planted):
        response = getattr(client, method)(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = body.decode("utf-8", "replace")
        if body.startswith(b"%PDF"):
            pages = PdfReader(BytesIO(body)).pages
            text += " ".join(" ".join(page.extract_text().split()) for page in pages)
        yield address, response.status_code, text + str(response.headers)


@pytest.mark.long
def test_no_page_and_no_file_tells_what_never_left():
    planted = Planted()
    ways = {address: status for address, status, _text in read(planted)}
    assert {address for address, status in ways.items() if status == 404} == {
        reverse("review:evidence", args=[planted.held.public_id, 2]),
        reverse("review:evidence_file", args=[planted.held.public_id, 2]),
    }

    planted.changed_in_the_house()
    never = planted.never()
    found: dict[str, list[str]] = {}
    said = ""
    for address, _status, text in read(planted):
        said += text
        if hits := [each for each in never if standing_in(text, each)]:
            found[address] = hits

    assert found == {}
    # the same search finds what left: words, a person, a file, the letter
    for told in (
        "Camat mengajak warga",
        "Contoh Wiratama",
        "isi salinan yang ikut",
        "bukti-01.txt",
    ):
        assert standing_in(said, told), told


def test_the_search_finds_the_planted_at_bawaslus_own_desk():
    planted = Planted()
    planted.changed_in_the_house()
    client = Client()
    client.force_login(person("sari"))
    pages = [
        reverse("desk:record", args=[planted.tip.public_id]),
        reverse("referrals:detail", args=[planted.held.public_id]),
        reverse("referrals:detail", args=[planted.hidden.public_id]),
        reverse("referrals:list"),
        reverse("desk:case", args=[planted.held.case.public_id]),
    ]
    said = " ".join(client.get(page).content.decode() for page in pages)

    for planted_text in (STORY, TITLE, NEXT, REASON, planted.tip.reference, "Sari"):
        assert planted_text in said, planted_text
    assert str(Complaint.objects.get(pk=planted.finding.pk).public_id) in said


@pytest.mark.usefixtures("one_day")
def test_nothing_done_in_the_house_changes_a_byte_of_what_is_counted():
    planted = Planted()
    return_referral(referral=planted.held, reviewer=person("anwar"), at=AT, reason="Pangkat.")
    counted = [
        *("/penelaah/", "/penelaah/laporan-berkala/?tahun=2024", "/kerja/tindak-lanjut/"),
        reverse("review:detail", args=[planted.held.public_id]),
    ]
    client = Client()
    client.force_login(person("anwar"))

    def seen() -> list[str]:
        pages = [client.get(address).content.decode() for address in counted]
        changing = r'csrfmiddlewaretoken" value="\w+"|\d\d\.\d\d WIB'
        return [re.sub(changing, "", page) for page in pages]

    before = seen()
    Official.objects.filter(pk=planted.held.lines().get().official_id).update(grade=GRADE)
    stages.proposed(decided_case(place=OTHER))
    stages.approved(decided_case(place=f"{OTHER} kedua"))

    assert seen() == before


def test_what_reaches_the_body_does_change_its_counts():
    Planted()
    client = Client()
    client.force_login(person("anwar"))
    before = client.get("/penelaah/").content.count(b"data-row>")
    stages.delivered(decided_case(place="Alun-alun"))

    assert client.get("/penelaah/").content.count(b"data-row>") == before + 1
