import datetime as dt
import itertools
import json
from pathlib import Path

import pytest

from bawaslu_cases.registry.models import (
    ActAlias,
    ActKind,
    ActRule,
    Category,
    Contest,
    Employment,
    SanctionClass,
    ViolationRule,
)
from bawaslu_cases.registry.selectors import (
    Deed,
    act_named,
    intake_acts,
    rules_in_force,
    sanction_types,
    violation_rule_for,
    violation_rules_for,
)

pytestmark = pytest.mark.django_db

BEFORE = dt.date(2024, 9, 21)
AFTER = dt.date(2024, 9, 22)


def proposed(*acts: str, on: dt.date = AFTER, contest: str | None = "pilkada-2024-pb", **facts):
    return violation_rule_for(
        acts=acts,
        contest=Contest.objects.get(code=contest) if contest else None,
        event_on=on,
        employment=facts.get("employment", Employment.PNS),
    )


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("POST_SUPPORT", "KE-02", "DS-02"),
        ("LIKE_COMMENT", "KE-04", "DS-06"),
        ("JOIN_GROUP", "KE-04", "DS-06"),
        ("PHOTO_SYMBOL", "KE-05", "DS-07"),
        ("ATTEND_EVENT", "KE-03", "DS-04"),
        ("CAMPAIGN_TEAM", "DS-09", "DS-10"),
        ("WEAR_ATTRIBUTES", "KE-06", "DS-13b"),
        ("DISPLAY_MATERIAL", "KE-01", "DS-01"),
        ("PRESSURE_OTHERS", "DS-08", "DS-08"),
        ("USE_STATE_RESOURCES", "DS-13d", "DS-13d"),
        ("FAVOURING_DECISION", "DS-12", "DS-12"),
        ("ID_CARD_SUPPORT", "DS-11", "DS-11"),
        ("OTHER", "DS-13", "DS-13"),
        ("ENDORSE_IN_SPEECH", "KE-06", "DS-08"),
        ("PRESSURE_SUBORDINATES", "DS-13c", "DS-13c"),
        ("GIVE_GOODS", "DS-08", "DS-08"),
        ("SELF_CANDIDACY", "DS-03", "DS-13"),
        ("PARTY_MEMBERSHIP", "DS-05", "DS-05"),
        ("SPOUSE_CAMPAIGN", "KE-07", "KE-07"),
    ],
)
def test_each_act_before_and_after_determination(act: str, before: str, after: str):
    codes = [proposal.rule.code for day in (BEFORE, AFTER) if (proposal := proposed(act, on=day))]

    assert codes == [before, after]


def test_the_table_above_covers_every_act():
    mark = next(
        mark
        for mark in test_each_act_before_and_after_determination.pytestmark
        if mark.name == "parametrize"
    )

    assert {row[0] for row in mark.args[1]} == set(ActKind.objects.values_list("code", flat=True))


def test_the_public_form_asks_for_twelve_acts_and_other(django_assert_num_queries):
    with django_assert_num_queries(1):
        codes = [act.code for act in intake_acts()]

    assert codes == [
        "POST_SUPPORT",
        "LIKE_COMMENT",
        "JOIN_GROUP",
        "PHOTO_SYMBOL",
        "ATTEND_EVENT",
        "CAMPAIGN_TEAM",
        "WEAR_ATTRIBUTES",
        "DISPLAY_MATERIAL",
        "PRESSURE_OTHERS",
        "USE_STATE_RESOURCES",
        "FAVOURING_DECISION",
        "ID_CARD_SUPPORT",
        "OTHER",
    ]


def test_the_same_act_is_ethics_before_and_discipline_after():
    before, after = proposed("PHOTO_SYMBOL", on=BEFORE), proposed("PHOTO_SYMBOL", on=AFTER)

    assert before is not None
    assert after is not None
    assert (before.category, before.sanction_class) == (Category.ETHICS, SanctionClass.MORAL)
    assert (after.category, after.sanction_class) == (Category.DISCIPLINE, SanctionClass.SEVERE)


def test_the_heaviest_act_leads_and_the_rest_are_alternatives():
    proposal = proposed("LIKE_COMMENT", "CAMPAIGN_TEAM", "PHOTO_SYMBOL", on=BEFORE)

    assert proposal is not None
    assert (proposal.rule.code, proposal.act.code) == ("DS-09", "CAMPAIGN_TEAM")
    assert [rule.code for rule in proposal.alternatives] == ["KE-04", "KE-05"]


def test_of_equals_the_first_of_the_form_leads():
    proposal = proposed("PHOTO_SYMBOL", "LIKE_COMMENT", on=BEFORE)

    assert proposal is not None
    assert proposal.act.code == "LIKE_COMMENT"


def test_other_leads_only_when_alone():
    proposal = proposed("OTHER", "LIKE_COMMENT", on=BEFORE)

    assert proposal is not None
    assert proposal.rule.code == "KE-04"


def test_outside_any_contest_the_phase_is_before():
    proposal = proposed("LIKE_COMMENT", on=dt.date(2026, 5, 1), contest=None)

    assert proposal is not None
    assert proposal.rule.code == "KE-04"


@pytest.mark.parametrize(
    ("employment", "on", "code"),
    [
        (Employment.PNS, AFTER, "DS-06"),
        (Employment.PPPK, AFTER, "DS-06"),
        (Employment.UNKNOWN, AFTER, "DS-06"),
        (Employment.PPNPN, AFTER, "DS-06"),
        (Employment.PPNPN, dt.date(2023, 1, 3), "KE-04"),
        (Employment.PPNPN, dt.date(2023, 1, 2), None),  # before SE MenPANRB 1/2023
        (Employment.NON_ASN, AFTER, None),
    ],
)
def test_whom_the_rules_reach(employment, on, code):
    proposal = proposed("LIKE_COMMENT", on=on, employment=employment)

    assert (proposal.rule.code if proposal else None) == code


def test_unknown_acts_and_no_acts_give_no_proposal():
    assert proposed("NO_SUCH_ACT") is None
    assert proposed() is None


@pytest.mark.parametrize(
    ("employment", "acts", "queries"),
    [
        (Employment.PNS, ("LIKE_COMMENT",), 3),
        (Employment.UNKNOWN, ("LIKE_COMMENT", "PHOTO_SYMBOL", "ATTEND_EVENT"), 3),
        (Employment.NON_ASN, ("LIKE_COMMENT",), 0),
    ],
)
def test_proposal_queries(django_assert_num_queries, employment, acts, queries):
    contest = Contest.objects.get(code="pilkada-2024-pb")

    with django_assert_num_queries(queries):
        violation_rule_for(acts=acts, contest=contest, event_on=AFTER, employment=employment)


def test_each_step_is_explained():
    proposal = proposed("DISPLAY_MATERIAL", "GIVE_GOODS", on=AFTER, employment=Employment.UNKNOWN)

    assert proposal is not None
    assert proposal.explanation == [
        ("Perbuatan: Memasang atau membagikan spanduk, stiker, atau barang", ""),
        (
            (
                "Perbuatan lain, sanksinya tidak lebih berat: "
                "Memberi uang, barang, atau bantuan untuk mendukung calon"
            ),
            "",
        ),
        (
            "Peristiwa 22-09-2024 sesudah penetapan calon 22-09-2024 (Pilkada 2024: Bupati)",
            "PKPU 2/2024; PSU 2025 menurut putusan MK",
        ),
        (
            "Aturan DS-01: Memasang spanduk/baliho/alat peraga calon",
            (
                "SKB 22 September 2022 Lampiran II butir B.1; PP 94/2021 ps 5 huruf n angka 5; "
                "PP 94/2021 ps 14 huruf i angka 3; UU 20/2023 ps 9 ayat (2)"
            ),
        ),
        ("Disiplin, Hukuman disiplin berat", ""),
        ("Status kepegawaian belum diketahui; dianggap ASN sampai diperiksa", ""),
        (
            "Periksa unsur pidana bersama Gakkumdu",
            (
                "UU 10/2016 ps 71 ayat (1) jo. ps 188 "
                "(Pilkada: penjara 1-6 bulan dan/atau denda Rp600 ribu-Rp6 juta)"
            ),
        ),
    ]


def test_criminal_overlap_is_that_of_the_contests_own_law():
    proposal = proposed("DISPLAY_MATERIAL", on=dt.date(2024, 1, 20), contest="pemilu-2024-pl")

    assert proposal is not None
    articles = [article for text, article in proposal.explanation if "pidana" in text]
    assert articles == ["UU 7/2017 ps 283 ayat (1) (Pemilu: larangan)"]


@pytest.mark.parametrize(
    ("on", "contest", "sanction", "basis"),
    [
        ("2016-11-20", "pilkada-2017-pb", "MODERATE", "PP 53/2010 ps 12 angka 7 dan 9"),
        ("2019-03-20", "pemilu-2019-pl", "MODERATE", "PP 53/2010 ps 12 angka 7 dan 9"),
        ("2020-10-20", "pilkada-2020-pb", "MODERATE", "SKB 10 September 2020"),
        ("2024-01-20", "pemilu-2024-pl", "SEVERE", "PP 94/2021 ps 14 huruf i angka 3"),
    ],
)
def test_the_law_is_that_of_the_events_day(on, contest, sanction, basis):
    proposal = proposed("ATTEND_EVENT", on=dt.date.fromisoformat(on), contest=contest)

    assert proposal is not None
    assert (proposal.rule.code, proposal.sanction_class) == ("DS-04", sanction)
    assert basis in proposal.rule.legal_bases


def test_standing_oneself_turned_from_ethics_to_discipline_with_the_skb_of_2022():
    days = [dt.date(2020, 2, 15), dt.date(2022, 9, 21), dt.date(2022, 9, 22), dt.date(2024, 5, 22)]

    codes = [
        proposal.rule.code
        for day in days
        if (proposal := proposed("SELF_CANDIDACY", on=day, contest=None))
    ]

    assert codes == ["KE-H1", "KE-H1", "DS-03", "DS-03"]


def test_old_law_says_that_it_must_be_checked():
    proposal = proposed("ATTEND_EVENT", on=dt.date(2019, 3, 20), contest="pemilu-2019-pl")

    assert proposal is not None
    assert "Dasar hukum untuk tanggal ini perlu diperiksa" in [
        text for text, _article in proposal.explanation
    ]


def test_before_the_civil_service_law_of_2014_there_is_no_rule():
    assert proposed("LIKE_COMMENT", on=dt.date(2014, 1, 14), contest=None) is None


def test_rules_of_today_are_the_twenty_rows_and_four_sub_codes(django_assert_num_queries):
    with django_assert_num_queries(1):
        codes = [rule.code for rule in rules_in_force(dt.date(2024, 10, 7))]

    assert codes == [
        *(f"DS-{number:02}" for number in range(1, 14)),
        "DS-13a",
        "DS-13b",
        "DS-13c",
        "DS-13d",
        *(f"KE-{number:02}" for number in range(1, 8)),
    ]


def test_rules_agree_with_the_domain_file(shared_material: Path):
    rows = json.loads((shared_material / "domain" / "violations.json").read_text("utf-8"))
    # DS-05's class is written as severe there; its text says dismissal without honour
    classes = {row["code"]: row["sanction_class"].upper() for row in rows} | {"DS-05": "DISMISSAL"}
    expected = {
        (row["code"], row["category"].upper(), row["title_id"], classes[row["code"]])
        for row in rows
    }

    ours = rules_in_force(dt.date(2024, 10, 7)).values_list(
        "code", "category", "title_id", "sanction_class"
    )

    assert set(ours) == expected


def test_every_rule_an_act_points_to_exists_for_as_long_as_it_points():
    gaps = []
    for mapping in ActRule.objects.select_related("act"):
        last = mapping.valid_to or dt.date(2040, 1, 1)
        # before the SKB of 2022 a rule may stand under another code (DS-03 was KE-H1)
        first = mapping.valid_from or min(last, dt.date(2022, 9, 22))
        gaps += [
            f"{mapping} {day}"
            for day in (first, last)
            if not ViolationRule.objects.in_force(day).filter(code=mapping.rule_code).exists()
        ]

    assert gaps == []


def test_versions_of_a_rule_leave_no_gap():
    gaps = []
    for code in ViolationRule.objects.values_list("code", flat=True).distinct().order_by("code"):
        rows = list(ViolationRule.objects.filter(code=code).order_by("valid_from"))
        gaps += [
            f"{code} {earlier.valid_to}"
            for earlier, later in itertools.pairwise(rows)
            if (earlier.valid_to or dt.date.min) + dt.timedelta(days=1) != later.valid_from
        ]

    assert gaps == []


def test_a_pair_names_each_other():
    rules = {rule.code: rule.pair_code for rule in rules_in_force(dt.date(2024, 10, 7))}

    assert {code: rules[pair] for code, pair in rules.items() if pair} == {
        code: code for code, pair in rules.items() if pair
    }


def test_aliases_find_their_act():
    act = act_named("mobilise_subordinates")

    assert act is not None
    assert act.code == "PRESSURE_SUBORDINATES"
    assert act_named("LIKE_COMMENT") == ActKind.objects.get(code="LIKE_COMMENT")
    assert act_named("no_such_word") is None


def test_every_act_of_the_samples_has_an_alias(shared_material: Path):
    lines = (shared_material / "samples" / "incidents.jsonl").read_text("utf-8").splitlines()
    used = {act for line in lines for act in json.loads(line)["act_types"]}

    assert used - set(ActAlias.objects.values_list("alias", flat=True)) == set()


@pytest.mark.parametrize(
    ("sanction_class", "on", "codes"),
    [
        (SanctionClass.MORAL, "2024-10-07", ["MORAL_CLOSED", "MORAL_OPEN"]),
        (SanctionClass.LIGHT, "2024-10-07", ["TL", "TT", "PTP"]),
        (
            SanctionClass.MODERATE,
            "2024-10-07",
            ["TPP25_6", "TPP25_9", "TPP25_12", "KGB_1Y", "KP_1Y", "TP_1Y"],
        ),
        (SanctionClass.MODERATE, "2020-10-07", ["KGB_1Y", "KP_1Y", "TP_1Y"]),
        (SanctionClass.SEVERE, "2024-10-07", ["TJ_12", "BJ_12", "PDHTAPS", "PHK"]),
        (SanctionClass.DISMISSAL, "2024-10-07", ["PTDH", "PHK_TH"]),
    ],
)
def test_sanctions_of_a_class_on_a_day(django_assert_num_queries, sanction_class, on, codes):
    with django_assert_num_queries(1):
        found = sanction_types(sanction_class=sanction_class, on=dt.date.fromisoformat(on))
        assert [sanction.code for sanction in found] == codes


def test_dismissal_rests_on_the_law_of_the_day():
    bases = [
        sanction_types(sanction_class=SanctionClass.DISMISSAL, on=day).get(code="PTDH").legal_basis
        for day in (dt.date(2023, 10, 30), dt.date(2023, 10, 31))
    ]

    assert bases == ["UU 5/2014 ps 87 ayat (4) huruf c", "UU 20/2023 ps 52"]


@pytest.mark.parametrize("contest", [None, "pilkada-2024-pb"])
def test_many_deeds_get_what_each_would_get_alone_in_three_queries(
    contest, django_assert_max_num_queries
):
    acts = list(ActKind.objects.values_list("code", flat=True))
    found = Contest.objects.get(code=contest) if contest else None
    deeds = [
        Deed((act, *more), on, kind)
        for act in acts
        for more in ((), ("POST_SUPPORT",))
        for on in (dt.date(2019, 3, 1), BEFORE, AFTER)
        for kind in (Employment.PNS, Employment.UNKNOWN, Employment.NON_ASN, Employment.PPPK)
    ]

    with django_assert_max_num_queries(3):
        together = violation_rules_for(deeds, contest=found)

    again = Contest.objects.get(code=contest) if contest else None
    for deed in deeds:
        alone = violation_rule_for(
            acts=deed.acts, contest=again, event_on=deed.event_on, employment=deed.employment
        )
        assert together[deed] == alone
    assert any(together.values())
