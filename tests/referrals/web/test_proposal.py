"""The page of a proposal: departures with a reason, the gate with its links, the second referral."""

import re

import pytest
from django.urls import reverse

from bawaslu_cases.registry.models import Agency
from complaints.services.intake import ReportedPerson
from referrals.models import PpkCandidacy, Referral, ReferralItem
from referrals.services.recommend import resubmit_referral
from referrals.services.review import return_referral
from tests.factories import AT, decided_case, facts, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

REASON = "Terlapor hanya sekali menyampaikan ajakan dan segera mencabutnya."


def _as(client, key):
    client.force_login(person(key))
    return client


def _page(client, case):
    response = client.get(reverse("referrals:case", args=[case.public_id]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def _post(client, case, **fields):
    return client.post(reverse("referrals:case", args=[case.public_id]), fields)


def _departing(**fields):
    return {"action": "propose"} | {f"butir-1-{name}": value for name, value in fields.items()}


def test_each_line_shows_article_certainty_types_and_the_criminal_side(client):
    page = _page(_as(client, "sari"), decided_case())

    assert "Disiplin DS-08" in page
    assert "PP 94/2021 ps 8 ayat (4)" in page
    assert "Dua sumber atau lebih" in page
    assert "Pemberhentian dengan hormat tidak atas permintaan sendiri" in page
    assert "UU 10/2016 ps 71 ayat (1) jo. ps 188" in page
    assert "Usulkan pemeriksaan Gakkumdu" in page


def test_both_bases_stand_where_both_apply(client):
    found = decided_case(event_on=AT.date().replace(month=9, day=1), known_on=AT.date())

    page = _page(_as(client, "sari"), found)

    assert "Berlaku juga" in page
    assert "PP 42/2004 ps 11 huruf c" in page
    assert "PP 94/2021 ps 5 huruf n angka 6" in page


def test_the_gate_says_where_each_missing_thing_is_filled_in(client):
    first = facts().people[0]
    found = decided_case(
        place="", people=[ReportedPerson(name=first.name, position="Camat", agency=first.agency)]
    )
    allegation = found.allegations.get()

    page = _page(_as(client, "sari"), found)

    address = reverse("referrals:complete", args=[found.public_id, allegation.public_id])
    gate = page[page.index('id="gate-title"') : page.index('id="to-title"')]
    filled_in = re.findall(
        rf'<a href="{address}">Isi<span class="visually-hidden">: ([^<]+)<', gate
    )
    assert filled_in == [
        "Contoh Wiratama: NIP atau NIK",
        "Contoh Wiratama: unit kerja",
        "Contoh Wiratama: tempat kejadian",
    ]
    assert "3 belum ada" in gate
    assert "14/BA/X/2024, 07-10-2024" in gate


def test_a_departure_goes_into_the_record_and_before_the_approver(client):
    found = decided_case()
    answer = _post(
        _as(client, "sari"),
        found,
        **_departing(
            sanction_class="MODERATE",
            types=["KGB_1Y"],
            bases="PP 94/2021 ps 13\nPP 94/2021 ps 44",
            reason=REASON,
        ),
    )

    line = ReferralItem.objects.get()
    assert answer.status_code == 302
    assert (line.is_departure, line.sanction_class, line.departure_reason) == (
        True,
        "MODERATE",
        REASON,
    )
    assert [each["code"] for each in line.sanction_types] == ["KGB_1Y"]
    assert line.legal_bases == ["PP 94/2021 ps 13", "PP 94/2021 ps 44"]
    assert line.proposed["class"] == "SEVERE"
    assert [each["code"] for each in line.proposed["types"]] == ["TJ_12", "BJ_12", "PDHTAPS"]
    page = _as(client, "dewi").get(reverse("referrals:detail", args=[line.referral.public_id]))
    shown = page.content.decode()
    assert "menyimpang dari usulan" in shown
    assert REASON in shown
    assert "Menurut aturan" in shown


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"sanction_class": "MODERATE"}, "Tulis alasan menyimpang, paling sedikit 20 huruf"),
        ({"sanction_class": "MODERATE", "reason": "Terlalu berat."}, "paling sedikit 20 huruf"),
        ({"reason": REASON}, "Pilih apa yang berbeda dari usulan"),
        (
            {"sanction_class": "MODERATE", "types": ["PDHTAPS"], "reason": REASON},
            "Jenis PDHTAPS tidak termasuk golongan Hukuman disiplin sedang",
        ),
        ({"bases": "x" * 251, "reason": REASON}, "masing-masing paling panjang 250 huruf"),
        ({"sanction_class": "HANGING", "reason": REASON}, "Pilih"),
    ],
)
def test_a_departure_that_cannot_stand_keeps_what_was_typed(client, fields, told):
    found = decided_case()

    response = _post(_as(client, "sari"), found, **_departing(**fields))

    page = response.content.decode()
    assert response.status_code == 200
    assert told in page
    assert fields.get("reason", "") in page
    assert not Referral.objects.exists()


def test_saying_what_the_rules_say_is_no_departure(client):
    _post(_as(client, "sari"), decided_case(), **_departing(types=["TJ_12", "BJ_12", "PDHTAPS"]))

    line = ReferralItem.objects.get()
    assert (line.is_departure, line.departure_reason) == (False, "")


def test_the_second_referral_rests_on_the_criminal_articles_alone(client):
    found = decided_case()
    _post(_as(client, "sari"), found, action="propose")
    _post(client, found, action="propose_crime")

    referrals = {each.recipient.code: each for each in Referral.objects.select_related("recipient")}
    assert sorted(referrals) == ["BKN", "GAKKUMDU"]
    line = referrals["GAKKUMDU"].lines().get()
    assert [each.split(" (")[0] for each in line.legal_bases] == ["UU 10/2016 ps 71 ayat"]
    assert line.sanction_types == []
    assert "Usulkan pemeriksaan Gakkumdu" not in _page(client, found)


def test_without_a_criminal_side_there_is_no_second_referral(client):
    found = decided_case(acts=["LIKE_COMMENT"])
    page = _page(_as(client, "sari"), found)

    _post(client, found, action="propose_crime")

    assert "Gakkumdu" not in page
    assert not Referral.objects.exists()


def test_a_ppk_who_stands_for_election_hands_over_to_the_governor(client):
    found = decided_case()
    own = Agency.objects.get(code="R-33.08")
    _as(client, "sari")
    _post(client, found, action="note_candidacy", agency=own.pk, source="SK KPU 1/2024")

    page = _page(client, found)
    assert "Gubernur Jawa Tengah" in page
    assert "benturan kepentingan" in page
    noted = PpkCandidacy.objects.get()
    _post(client, found, action="end_candidacy", candidacy=noted.pk)

    assert "Gubernur Jawa Tengah" not in _page(client, found)
    noted.refresh_from_db()
    assert noted.ended_by == person("sari")


def test_a_candidacy_needs_a_source_and_is_noted_once(client):
    found = decided_case()
    own = Agency.objects.get(code="R-33.08")
    _as(client, "sari")

    bare = _post(client, found, action="note_candidacy", agency=own.pk, source="")
    _post(client, found, action="note_candidacy", agency=own.pk, source="SK KPU 1/2024")
    _post(client, found, action="note_candidacy", agency=own.pk, source="SK KPU 2/2024")

    assert "Tulis sumbernya" in bare.content.decode()
    assert [each.source for each in PpkCandidacy.objects.all()] == ["SK KPU 1/2024"]


@pytest.mark.parametrize("key", ["dewi", "nur"])
def test_only_officers_propose_and_note(client, key):
    found = decided_case()
    _as(client, "nur" if key == "nur" else key)

    for action in ("propose", "propose_crime", "note_candidacy", "end_candidacy"):
        assert _post(client, found, action=action).status_code == 403


def test_people_whom_no_rule_reaches_are_named_beside_the_others(client):
    first = facts().people[0]
    village = ReportedPerson(name="Contoh Kades", position="Kepala Desa", employment="NON_ASN")

    page = _page(_as(client, "sari"), decided_case(people=[first, village]))

    assert "Contoh Kades" in page
    assert "Bukan ASN: perbuatannya diatur peraturan lain" in page
    assert "Disiplin DS-08" in page


def test_a_superseded_version_stays_readable_with_its_departure(client):
    found = decided_case()
    _post(
        _as(client, "sari"),
        found,
        **_departing(sanction_class="MODERATE", reason=REASON),
    )
    referral = stages.carried_after_approval(Referral.objects.get())
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")
    resubmit_referral(
        referral=referral,
        officer=person("sari"),
        at=AT,
        reason="Dilengkapi.",
        summary="Ringkasan kedua.",
    )

    page = client.get(reverse("referrals:detail", args=[referral.public_id])).content.decode()

    former = page[page.index('id="versi-1"') :]
    assert "Camat mengajak warga memilih" in former
    assert REASON in former[: former.index("</details>")]
    second = referral.lines().get()
    # an officer's word holds in the next version as long as the rules still offer it
    assert (second.version, second.sanction_class, second.departure_reason) == (
        2,
        "MODERATE",
        REASON,
    )


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(client, django_assert_num_queries, people):
    first = facts().people[0]
    named = [
        ReportedPerson(
            name=f"Contoh {number}",
            position="Camat",
            unit="Kecamatan",
            unit_kind=first.unit_kind,
            agency=first.agency,
            nip=f"19700101200001190{number}",
            employment="PNS",
        )
        for number in range(people)
    ]
    found = decided_case(people=named)
    _page(_as(client, "sari"), found)

    with django_assert_num_queries(PAGE_QUERIES):
        _page(client, found)


PAGE_QUERIES = 22
"""Who asks (4), rules and people (8), authority above, gate (4), referrals (2), candidates, agencies."""
