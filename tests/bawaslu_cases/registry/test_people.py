import pytest

from bawaslu_cases.registry.models import Employment, Region
from bawaslu_cases.registry.selectors import employment_of, position_hint

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ("kepala desa", Employment.NON_ASN),
        ("Pj. Kepala Desa", Employment.NON_ASN),
        ("kepala kampung", Employment.NON_ASN),
        ("keuchik", Employment.NON_ASN),
        ("perangkat desa", Employment.NON_ASN),
        ("pamong kalurahan", Employment.NON_ASN),
        ("Ketua RT 03", Employment.NON_ASN),
        ("anggota DPRD", Employment.NON_ASN),
        ("bupati", Employment.NON_ASN),
        ("guru honorer", Employment.PPNPN),
        ("THL kecamatan", Employment.PPNPN),
        ("guru PPPK", Employment.PPPK),
        ("penjabat bupati", Employment.PNS),
        ("camat", Employment.PNS),
        ("lurah", Employment.PNS),
        ("kepala distrik", Employment.PNS),
        ("plt kepala dinas", Employment.PNS),
        ("staf", Employment.UNKNOWN),
        ("guru", Employment.UNKNOWN),
        ("", Employment.UNKNOWN),
    ],
)
def test_what_a_position_says(django_assert_num_queries, position, expected):
    with django_assert_num_queries(1):
        assert employment_of(position) == expected


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("34.01", Employment.NON_ASN),
        ("34.02", Employment.NON_ASN),
        ("34.03", Employment.NON_ASN),
        ("34.04", Employment.NON_ASN),
        ("34.71", Employment.PNS),  # Kota Yogyakarta has kelurahan, not kalurahan
        ("33.71", Employment.PNS),
    ],
)
def test_a_lurah_in_the_regencies_of_yogyakarta_heads_a_village(region, expected):
    place = Region.objects.get(code=region)

    assert employment_of("lurah", region=place) == expected


@pytest.mark.parametrize(
    ("position", "text", "expected"),
    [
        ("guru", "Dia PNS bukan honorer.", Employment.PNS),
        ("guru", "Setahu saya statusnya honorer.", Employment.PPNPN),
        ("staf", "Katanya dia bukan ASN.", Employment.NON_ASN),
        # the position decides; villagers in the story do not
        ("camat", "Camat mengajak kepala desa, dia bukan ASN.", Employment.PNS),
        ("staf", "Kepala desa juga hadir.", Employment.UNKNOWN),
    ],
)
def test_the_story_counts_only_where_the_position_is_silent(position, text, expected):
    assert employment_of(position, text) == expected


def test_a_hint_gives_its_reason():
    hint = position_hint("kepala desa")

    assert hint is not None
    assert "UU 6/2014" in hint.reason


@pytest.mark.parametrize(
    ("employment", "expected"),
    [
        (Employment.PNS, True),
        (Employment.PPPK, True),
        (Employment.UNKNOWN, True),
        (Employment.PPNPN, False),
        (Employment.NON_ASN, False),
    ],
)
def test_who_counts_as_a_civil_servant(employment, expected):
    assert employment.is_asn is expected
