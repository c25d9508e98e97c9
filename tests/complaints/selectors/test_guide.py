"""The guide: every cell answers, the registry gives what is law, words are complete in both languages."""

import datetime as dt
import io
import itertools
import re
import time
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import translation
from redis.exceptions import ConnectionError as GoneError

from bawaslu_cases.registry import freshness
from bawaslu_cases.registry.models import (
    ActKind,
    ActRule,
    DataLoad,
    Employment,
    GuideCase,
    GuideCircumstance,
    GuideObject,
    GuideQuestion,
    SanctionClass,
    SanctionType,
    Stage,
    Verdict,
    ViolationRule,
)
from bawaslu_cases.registry.services import FILES, load_file
from complaints.selectors import guide as reading
from complaints.selectors.guide import current_guide, read_guide, search_questions
from complaints.selectors.guide_table import SENTENCES, STAGES, Guide

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 11, 21)
BEFORE, AFTER = STAGES
STAGES_ASKED = (BEFORE, AFTER, None)


@pytest.fixture
def guide() -> Guide:
    return read_guide(ON)


@pytest.fixture
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.delete(freshness.KEY)
    monkeypatch.setattr(reading, "_kept", None)


def cells(guide: Guide) -> list[tuple[str, str, str]]:
    return list(itertools.product(guide.acts, guide.targets, guide.circumstances))


def test_the_table_is_as_large_as_it_is_said_to_be(guide):
    assert set(guide.acts) == set(ActKind.objects.values_list("code", flat=True))
    assert (len(guide.acts), len(guide.targets), len(guide.circumstances)) == (19, 6, 7)


def test_every_cell_has_verdict_why_article_sanctions_and_what_to_do_instead(guide):
    """19 acts × 6 objects × 7 circumstances × 3 answers about the stage: 2,394 cells."""
    lacking = []
    for (act, about, circumstance), stage in itertools.product(cells(guide), STAGES_ASKED):
        answer = guide.answer(act, about, circumstance, stage)
        complete = (
            answer.verdict in SENTENCES
            and answer.why.indonesian
            and answer.why.english
            and answer.instead.indonesian
            and answer.instead.english
            and all(
                outcome.rules
                and all(rule.bases and rule.title.english for rule in outcome.rules)
                and outcome.sanctions
                and all(entry.types for entry in outcome.sanctions)
                for outcome in answer.outcomes
            )
        )
        if not complete:
            lacking.append((act, about, circumstance, stage))

    assert lacking == []


def test_every_line_of_the_table_decides_some_cell(guide):
    deciding = {
        guide.outcome(*cell, stage).case.code
        for cell, stage in itertools.product(cells(guide), STAGES)
    }

    assert {case.code for case in guide.cases} - deciding == set()


def test_no_is_never_typed_and_always_has_a_rule_that_reaches_the_person(guide):
    assert not GuideCase.objects.filter(verdict=Verdict.NO).exists()
    for cell, stage in itertools.product(cells(guide), STAGES):
        outcome = guide.outcome(*cell, stage)
        employment = guide.circumstances[cell[2]].employment
        assert outcome.rules, cell
        assert all(employment in guide.rules[rule.code].applies_to for rule in outcome.rules)
        assert all(guide.rules[rule.code].stage in {Stage.ANY, stage} for rule in outcome.rules)


def test_law_comes_from_the_registry_and_changes_with_it(guide):
    ViolationRule.objects.filter(code="DS-06", valid_to=None).update(
        legal_bases=["Peraturan Baru ps 1"], sanction_class=SanctionClass.LIGHT
    )
    SanctionType.objects.filter(code="TL").update(name="Teguran baru")

    outcome = read_guide(ON).outcome("LIKE_COMMENT", "TEAM", "PRIVATE", AFTER)

    assert outcome.rules[0].bases == ("Peraturan Baru ps 1",)
    assert [entry.sanction_class for entry in outcome.sanctions] == [SanctionClass.LIGHT]
    assert "Teguran baru" in outcome.sanctions[0].types
    was = guide.outcome("LIKE_COMMENT", "TEAM", "PRIVATE", AFTER)
    assert was.sanctions[0].sanction_class == SanctionClass.SEVERE


def test_an_act_without_a_rule_is_unclear_not_allowed():
    ActRule.objects.filter(act__code="WEAR_ATTRIBUTES").delete()

    outcome = read_guide(ON).outcome("WEAR_ATTRIBUTES", "CANDIDATE", "PRIVATE", AFTER)

    assert (outcome.verdict, outcome.rules, outcome.range) == (Verdict.UNCLEAR, (), ())


def test_data_types_no_article_of_the_rules_again():
    """Sources of a case name the decree's row; articles and levels stand in violation_rules.csv only."""
    texts = itertools.chain.from_iterable(
        GuideCase.objects.values_list("why_id", "why_en", "instead_id", "instead_en")
    )
    levels = re.compile(
        r"hukuman (berat|sedang|ringan)|sanksi moral|ps 14|pemotongan", re.IGNORECASE
    )

    assert [text for text in texts if levels.search(text)] == []


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        (("LIKE_COMMENT", "TEAM", "PRIVATE"), "NO"),
        (("JOIN_GROUP", "CANDIDATE", "PRIVATE"), "BETTER_NOT"),
        (("JOIN_GROUP", "TEAM", "UNAWARE"), "CONDITION"),
        (("LIKE_COMMENT", "PARTY", "PRIVATE"), "UNCLEAR"),
        (("PHOTO_SYMBOL", "CANDIDATE", "SOCIAL"), "CONDITION"),
        (("ATTEND_EVENT", "CANDIDATE", "PRIVATE"), "BETTER_NOT"),
        (("ATTEND_EVENT", "CANDIDATE", "ON_DUTY"), "NO"),
        (("ATTEND_EVENT", "SPOUSE", "PRIVATE"), "NO"),
        (("ATTEND_EVENT", "SPOUSE", "LEAVE"), "CONDITION"),
        (("WEAR_ATTRIBUTES", "CANDIDATE", "ON_DUTY"), "NO"),
        (("USE_STATE_RESOURCES", "CANDIDATE", "ON_DUTY"), "NO"),
        (("PRESSURE_OTHERS", "CANDIDATE", "ON_DUTY"), "NO"),
        (("ID_CARD_SUPPORT", "CANDIDATE", "PRIVATE"), "NO"),
        (("ID_CARD_SUPPORT", "OFFICIAL", "PRIVATE"), "YES"),
        (("PARTY_MEMBERSHIP", "PARTY", "LEAVE"), "NO"),
        (("CAMPAIGN_TEAM", "OFFICIAL", "PRIVATE"), "CONDITION"),
        (("OTHER", "OFFICIAL", "PRIVATE"), "YES"),
        (("OTHER", "CANDIDATE", "PRIVATE"), "UNCLEAR"),
        (("DISPLAY_MATERIAL", "CANDIDATE", "CONTRACT"), "NO"),
    ],
)
def test_verdicts_that_people_ask_for(guide, cell, verdict):
    assert guide.answer(*cell).verdict == verdict


@pytest.mark.parametrize(
    ("cell", "before", "after"),
    [
        # the same act is ethics before and discipline after the determination
        (("LIKE_COMMENT", "TEAM", "PRIVATE"), [["KE-04"], ["MORAL"]], [["DS-06"], ["SEVERE"]]),
        (("PHOTO_SYMBOL", "TEAM", "PRIVATE"), [["KE-05"], ["MORAL"]], [["DS-07"], ["SEVERE"]]),
        (("CAMPAIGN_TEAM", "TEAM", "PRIVATE"), [["DS-09"], ["MODERATE"]], [["DS-10"], ["SEVERE"]]),
        # attending only is moderate, with active support severe
        (
            ("ATTEND_EVENT", "CANDIDATE", "PRIVATE"),
            [["KE-03", "DS-13a"], ["MORAL", "MODERATE"]],
            [["DS-13a", "DS-04"], ["MODERATE", "SEVERE"]],
        ),
        (
            ("ATTEND_EVENT", "PARTY", "PRIVATE"),
            [["KE-06", "DS-08"], ["MORAL", "SEVERE"]],
            [["DS-08"], ["SEVERE"]],
        ),
    ],
)
def test_both_stages_where_the_determination_changes_it(guide, cell, before, after):
    outcomes = guide.answer(*cell).outcomes

    assert [
        [
            [rule.code for rule in each.rules],
            [str(entry.sanction_class) for entry in each.sanctions],
        ]
        for each in outcomes
    ] == [before, after]


@pytest.mark.parametrize(
    ("cell", "rules", "range_"),
    [
        (("PARTY_MEMBERSHIP", "PARTY", "PRIVATE"), ["DS-05"], ["DISMISSAL"]),
        (("USE_STATE_RESOURCES", "CANDIDATE", "ON_DUTY"), ["DS-13d"], ["SEVERE"]),
        (("SPOUSE_CAMPAIGN", "SPOUSE", "PRIVATE"), ["KE-07"], ["MORAL"]),
    ],
)
def test_one_block_where_the_stage_makes_no_difference(guide, cell, rules, range_):
    answer = guide.answer(*cell, AFTER)

    assert not answer.differs_by_stage
    assert answer.chosen_stage is None
    assert [rule.code for rule in answer.leading.rules] == rules
    assert [str(each) for each in answer.leading.range] == range_


def test_leave_matters_to_whoever_stands_before_determination_only(guide):
    answer = guide.answer("SELF_CANDIDACY", "SELF", "LEAVE")

    assert [outcome.verdict for outcome in answer.outcomes] == ["CONDITION", "NO"]
    assert answer.verdict == "NO"
    assert guide.answer("SELF_CANDIDACY", "SELF", "LEAVE", BEFORE).verdict == "CONDITION"
    assert guide.answer("SELF_CANDIDACY", "SELF", "LEAVE", AFTER).why.indonesian.startswith(
        "Mendekati partai"
    )


def test_criminal_provisions_are_those_of_the_rules(guide):
    outcome = guide.outcome("CAMPAIGN_TEAM", "TEAM", "PRIVATE", AFTER)

    assert len(outcome.criminal) == 1
    assert outcome.criminal[0].startswith("UU 7/2017 ps 280 ayat (2)-(3) jo. ps 494")


def test_contract_staff_are_told_so(guide):
    assert guide.circumstances["CONTRACT"].employment == Employment.PPNPN
    assert guide.answer("LIKE_COMMENT", "TEAM", "CONTRACT").is_contract
    assert not guide.answer("LIKE_COMMENT", "TEAM", "PRIVATE").is_contract


def test_twelve_most_asked_six_situations_and_every_act_asked_about(guide):
    assert [question.top for question in guide.most_asked] == list(range(1, 13))
    assert len(guide.situations) == 6
    assert all(situation.questions for situation in guide.situations)
    assert {question.answer.act.code for question in guide.questions} == set(guide.acts)
    assert len(list(guide.questions)) == GuideQuestion.objects.in_force(ON).count()


def test_every_text_has_both_languages():
    fields = [
        field.name
        for model in (GuideCase, GuideQuestion, GuideObject, GuideCircumstance)
        for field in model._meta.fields
        if field.name.endswith("_id") and not field.is_relation
    ]
    assert len(fields) == 12
    for model in (GuideCase, GuideQuestion, GuideObject, GuideCircumstance):
        for row in model.objects.all():
            for field in model._meta.fields:
                name = field.name.removesuffix("_id")
                if field.name != name and not field.is_relation:
                    pair = (getattr(row, f"{name}_id"), getattr(row, f"{name}_en"))
                    assert bool(pair[0]) == bool(pair[1]), (row, name)


def test_sentences_are_short_enough_to_read_at_once():
    """Bar U15: no sentence over 20 words, none of the banned words."""
    banned = re.compile(
        r"\b(terlapor|dikenakan|selambat-lambatnya|invalid|submit)\b", re.IGNORECASE
    )
    texts = [
        text
        for model in (GuideCase, GuideQuestion)
        for row in model.objects.all()
        for name in ("why_id", "instead_id", "answer_id", "violating_id", "allowed_id")
        if (text := getattr(row, name, ""))
    ]
    assert len(texts) > 200
    sentences = [part for text in texts for part in re.split(r"(?<=[.?!])\s", text)]
    assert [part for part in sentences if len(part.split()) > 20] == []
    assert [text for text in texts if banned.search(text)] == []


def test_words_are_those_of_the_page(guide):
    question = guide.question("memilih-di-tps")
    assert question is not None
    assert str(question.question) == "memilih di TPS"
    with translation.override("en"):
        assert str(question.question) == "vote at the polling station"
        assert str(replace(question.question, english="")) == "memilih di TPS"


def test_an_answer_long_unreviewed_says_so():
    question = read_guide(dt.date(2027, 11, 22)).question("memilih-di-tps")
    assert question is not None
    assert question.answer.is_outdated
    fresh = read_guide(dt.date(2027, 11, 21)).question("memilih-di-tps")
    assert fresh is not None
    assert not fresh.answer.is_outdated


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bolehkah asn ngelike", "menyukai-unggahan-calon"),
        ("like", "menyukai-unggahan-calon"),
        ("menyukai postingan", "menyukai-unggahan-calon"),
        ("stikr motor", "stiker-calon-di-motor"),
        ("grup wa", "grup-wa-jadi-grup-dukungan"),
        ("mobil dinas", "memakai-mobil-dinas"),
        ("fotokopi ktp", "menyerahkan-ktp-dukungan"),
        ("suami saya calon bupati", "mendampingi-suami-istri-calon"),
        ("nyoblos", "memilih-di-tps"),
        ("kepala sekolah menyuruh guru hadir", "mewajibkan-bawahan-hadir"),
        ("vote", "memilih-di-tps"),
        ("berfoto jari", "foto-simbol-jari"),
    ],
)
def test_search_finds_by_stem_by_slang_and_past_a_typo(guide, typed, expected):
    assert expected in [question.slug for question in search_questions(guide, typed)[:3]]


@pytest.mark.parametrize("typed", ["", "  ", "?!", "a", "\x00", "xyzzyq plugh", "& | ! ( '"])
def test_search_for_nothing_finds_nothing(guide, typed):
    assert search_questions(guide, typed) == []


def test_search_takes_one_query(guide, django_assert_num_queries):
    with django_assert_num_queries(1):
        search_questions(guide, "like " * 200)
    with django_assert_num_queries(0):
        search_questions(guide, "")


def test_search_without_the_database_looks_words_up_as_they_stand(guide, monkeypatch):
    def down(*_arguments: object) -> None:
        raise DatabaseError("down")

    monkeypatch.setattr(reading, "_search", down)
    assert [each.slug for each in search_questions(guide, "nyoblos")] == ["memilih-di-tps"]


@pytest.mark.usefixtures("_nothing_kept")
def test_a_kept_guide_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(12):
        first = current_guide(ON)
    with django_assert_num_queries(0):
        assert current_guide(ON) is first


@pytest.mark.usefixtures("_nothing_kept")
def test_another_day_is_read_anew():
    assert current_guide(ON) is not current_guide(ON + dt.timedelta(days=1))


@pytest.mark.usefixtures("_nothing_kept")
def test_loading_the_registry_ends_what_is_kept(django_capture_on_commit_callbacks):
    first = current_guide(ON)
    file = next(file for file in FILES if file.name == "guide_objects.csv")
    GuideObject.objects.filter(code="TEAM").update(label_id="Lain")

    with django_capture_on_commit_callbacks(execute=True) as marks:
        load_file(file=file, at=DataLoad.objects.latest("loaded_at").loaded_at, force=True)

    assert len(marks) == 1
    assert current_guide(ON) is not first
    assert str(current_guide(ON).targets["TEAM"].label) == "Tim, akun, atau grup pemenangan"


@pytest.mark.usefixtures("_nothing_kept")
def test_a_load_that_changes_nothing_ends_nothing(django_capture_on_commit_callbacks):
    first = current_guide(ON)
    with django_capture_on_commit_callbacks(execute=True) as marks:
        call_command("load_registry", "--force", verbosity=0, stdout=io.StringIO())
    assert marks == []
    assert current_guide(ON) is first


@pytest.mark.usefixtures("_nothing_kept")
def test_a_correction_by_hand_waits_ten_minutes_at_most(monkeypatch):
    first = current_guide(ON)
    later = time.monotonic() + reading.KEPT_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert current_guide(ON) is not first


@pytest.mark.usefixtures("_nothing_kept")
def test_without_database_and_cache_the_last_guide_answers(monkeypatch):
    first = current_guide(ON)

    def gone(*_arguments: object) -> None:
        raise DatabaseError("down")

    def cold(*_arguments: object, **_options: object) -> None:
        raise GoneError

    monkeypatch.setattr(reading, "read_guide", gone)
    monkeypatch.setattr(cache, "get", cold)
    monkeypatch.setattr(cache, "set", cold)
    freshness.mark_changed()
    assert freshness.version() is None
    assert current_guide(ON) is first
    assert current_guide(ON + dt.timedelta(days=1)) is first

    monkeypatch.setattr(reading, "_kept", None)
    with pytest.raises(DatabaseError):
        current_guide(ON)


def test_every_circumstance_names_whose_rules_are_asked():
    assert set(GuideCircumstance.objects.values_list("employment", flat=True)) == {"PNS", "PPNPN"}
