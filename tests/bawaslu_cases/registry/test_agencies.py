import csv
import datetime as dt
from pathlib import Path

import pytest

from bawaslu_cases.registry.models import Agency, RecipientBody, UnitKind
from bawaslu_cases.registry.selectors import agencies_on, ppk_for, recipient_on

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 10, 7)


def designation(agency: str, unit_kind: str = UnitKind.GENERAL, position: str = "staf"):
    return ppk_for(
        agency=Agency.objects.select_related("region").get(code=agency),
        unit_kind=unit_kind,
        position=position,
        on=DAY,
    )


@pytest.mark.parametrize(
    ("agency", "title"),
    [
        ("R-33.08", "Bupati Magelang"),
        ("R-33.71", "Wali Kota Magelang"),
        ("P-33", "Gubernur Jawa Tengah"),
        ("M-SETNEG", "Menteri Sekretaris Negara"),
        ("A-BKN", "Kepala Badan Kepegawaian Negara"),
        ("A-KPU", "Sekretaris Jenderal KPU"),
    ],
)
def test_the_ppk_is_the_head_of_the_own_agency(agency: str, title: str):
    ppk = designation(agency)

    assert (ppk.agency.code, ppk.title, ppk.conflict) == (agency, title, False)


@pytest.mark.parametrize("unit", ["31.01", "31.71", "31.72", "31.73", "31.74", "31.75"])
def test_all_six_units_of_jakarta_answer_to_the_governor(unit: str):
    ppk = designation(f"R-{unit}", position="camat")

    assert (ppk.agency.code, ppk.title, ppk.conflict) == ("P-31", "Gubernur DKI Jakarta", False)
    assert "UU 29/2007" in ppk.reason


@pytest.mark.parametrize("position", ["guru", "kepala sekolah"])
@pytest.mark.parametrize(("agency", "province"), [("R-33.08", "P-33"), ("R-51.71", "P-51")])
def test_upper_secondary_school_staff_answer_to_their_governor(agency, province, position):
    ppk = designation(agency, UnitKind.UPPER_SECONDARY_SCHOOL, position)

    assert (ppk.agency.code, ppk.conflict) == (province, False)
    assert ppk.title.startswith("Gubernur ")


def test_basic_school_staff_stay_with_the_bupati():
    ppk = designation("R-33.08", UnitKind.BASIC_SCHOOL, "guru")

    assert ppk.title == "Bupati Magelang"


@pytest.mark.parametrize(
    ("unit_kind", "position"),
    [
        (UnitKind.MADRASAH, "kepala madrasah"),
        (UnitKind.MADRASAH, "guru"),
        (UnitKind.RELIGIOUS_AFFAIRS, "kepala kua"),
    ],
)
@pytest.mark.parametrize("agency", ["R-11.11", "R-31.71", "M-AGAMA"])
def test_madrasah_and_kua_answer_to_the_minister_of_religion(agency, unit_kind, position):
    ppk = designation(agency, unit_kind, position)

    assert (ppk.agency.code, ppk.title, ppk.conflict) == ("M-AGAMA", "Menteri Agama", False)


@pytest.mark.parametrize(
    ("agency", "position", "copy_to"),
    [
        ("R-52.07", "sekretaris daerah", "Gubernur"),
        ("R-32.75", "Sekda Kota Bekasi", "Gubernur"),
        ("P-33", "Pj. Sekretaris Daerah", "Menteri Dalam Negeri"),
    ],
)
def test_a_regional_secretary_is_a_conflict_with_another_addressee(agency, position, copy_to):
    ppk = designation(agency, position=position)

    assert (ppk.agency.code, ppk.conflict) == (agency, True)
    assert copy_to in ppk.reason


def test_a_secretary_of_an_office_is_no_regional_secretary():
    assert designation("R-33.08", position="sekretaris dinas").conflict is False


@pytest.mark.parametrize("position", ["penjabat bupati", "Pj. Wali Kota", "penjabat gubernur"])
def test_an_acting_regional_head_is_reported_to_the_home_minister(position: str):
    ppk = designation("R-74.02", position=position)

    assert (ppk.agency.code, ppk.title, ppk.conflict) == ("M-DAGRI", "Menteri Dalam Negeri", True)


def test_an_ended_ministry_is_answered_for_by_its_only_successor():
    old = Agency.objects.get(code="M-KOMINFO")

    before = ppk_for(agency=old, unit_kind="GENERAL", position="staf", on=dt.date(2024, 10, 20))
    after = ppk_for(agency=old, unit_kind="GENERAL", position="staf", on=dt.date(2024, 10, 21))

    assert (before.agency.code, after.agency.code) == ("M-KOMINFO", "M-KOMDIGI")
    assert "digantikan Kementerian Komunikasi dan Digital" in after.reason


def test_of_several_successors_none_is_guessed():
    old = Agency.objects.get(code="M-PUPR")

    ppk = ppk_for(agency=old, unit_kind="GENERAL", position="staf", on=dt.date(2025, 1, 1))

    assert ppk.agency.code == "M-PUPR"
    assert "pilih instansi penggantinya" in ppk.reason


@pytest.mark.parametrize(
    ("agency", "unit_kind", "queries"),
    [
        ("R-33.08", UnitKind.GENERAL, 1),
        ("R-33.08", UnitKind.UPPER_SECONDARY_SCHOOL, 2),
        ("R-33.08", UnitKind.MADRASAH, 1),
    ],
)
def test_ppk_queries(django_assert_num_queries, agency, unit_kind, queries):
    row = Agency.objects.select_related("region").get(code=agency)

    with django_assert_num_queries(queries):
        ppk_for(agency=row, unit_kind=unit_kind, position="staf", on=DAY)


def test_agencies_of_a_day_follow_the_cabinet(django_assert_num_queries):
    with django_assert_num_queries(2):
        before = set(agencies_on(dt.date(2024, 10, 20)).values_list("code", flat=True))
        after = set(agencies_on(dt.date(2024, 10, 21)).values_list("code", flat=True))

    assert {"M-PUPR", "M-KUMHAM"} <= before - after
    assert {"M-PU", "M-PKP", "M-HUKUM", "M-HAM", "M-IMIPAS"} <= after - before


def test_agencies_are_the_reference_ones(shared_material: Path):
    path = shared_material / "refdata" / "agencies.csv"
    with path.open(encoding="utf-8") as stream:
        expected = {(row["code"], row["name"]) for row in csv.DictReader(stream)}

    assert set(Agency.objects.values_list("code", "name")) == expected
    assert len(expected) == 668


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (dt.date(2014, 11, 27), "KASN"),
        (dt.date(2024, 8, 24), "KASN"),
        (dt.date(2024, 8, 25), "BKN"),
        (dt.date(2030, 1, 1), "BKN"),
    ],
)
def test_the_recipient_changes_from_kasn_to_bkn(django_assert_num_queries, on, code):
    with django_assert_num_queries(1):
        body = recipient_on(on)

    assert body.code == code


def test_before_kasn_there_is_no_recipient():
    with pytest.raises(RecipientBody.DoesNotExist):
        recipient_on(dt.date(2014, 11, 26))


def test_the_next_body_takes_over_when_its_days_are_set():
    RecipientBody.objects.filter(code="BKN").update(valid_to=dt.date(2027, 10, 15))
    RecipientBody.objects.filter(code="NEXT").update(valid_from=dt.date(2027, 10, 16))

    bodies = [recipient_on(dt.date(2027, 10, day)).code for day in (15, 16)]

    assert bodies == ["BKN", "NEXT"]
