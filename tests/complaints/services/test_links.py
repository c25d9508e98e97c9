"""What of a link leaves the seal, and long forms that officers paste."""

import json

import pytest

from bawaslu_cases.audit.selectors import Filters, trail_page
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import EvidenceLink, MatchKey, Statement
from complaints.selectors.case_file import opened_statement
from complaints.selectors.links import links_of
from complaints.services.links import MAX_LINKS, add_link, expand_link, keep_links
from tests.factories import AT, person, report, tip

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])

SHARED = "https://www.instagram.com/reel/AaBbCcDdEe1/?igsh=MWRahasiaPembagi"
SHORT = "https://vt.tiktok.com/ZSRahasiaPembagi/"
PHONE = "https://wa.me/628110000001"
GIVEN = [SHARED, SHORT, PHONE, "bukan tautan", "https://instagram.com/p/AaBbCcDdEe1"]
KEPT = [
    (
        "instagram",
        "media",
        "instagram:media:AaBbCcDdEe1",
        "https://www.instagram.com/p/AaBbCcDdEe1/",
    ),
    ("tiktok", "hidden", "", ""),
    ("whatsapp", "phone", "", ""),
]


def kept(complaint):
    return list(complaint.links.values_list("platform", "kind", "key", "clean_url"))


def keys_of(complaint):
    return set(MatchKey.objects.filter(complaint=complaint).values_list("key", flat=True))


def test_a_tip_keeps_links_cleaned_and_each_thing_once():
    complaint = tip(links=GIVEN)
    assert kept(complaint) == KEPT
    assert {row.added_by for row in complaint.links.all()} == {None}


def test_a_sealed_report_keeps_the_same_facts_and_nothing_of_who_shared_them(vault_keys):
    complaint = report(links=GIVEN)
    assert kept(complaint) == KEPT
    rows = json.dumps(list(complaint.links.values()), default=str)
    assert "Rahasia" not in rows
    assert "62811" not in rows
    assert complaint.statement.scheme == Statement.Scheme.DESK


def test_the_link_as_given_lies_in_the_statement_alone():
    complaint = tip(links=GIVEN)
    held = json.loads(
        envelope.unseal(
            bytes(complaint.statement.sealed), context=("statement", str(complaint.public_id))
        )
    )
    assert held["links"] == GIVEN
    shown = opened_statement(complaint=complaint, viewer=person("sari")).links
    assert shown == (
        "https://www.instagram.com/p/AaBbCcDdEe1/",
        "TikTok · tautan pendek; tersegel",
        "WhatsApp · nomor telepon; tersegel",
        "Bukan alamat web; tersegel",
        "https://www.instagram.com/p/AaBbCcDdEe1/",
    )


def test_keeping_links_is_one_query_and_none_without(django_assert_num_queries):
    complaint = tip()
    with django_assert_num_queries(0):
        assert keep_links(complaint=complaint, links=[], on=AT.date()) == []
    with django_assert_num_queries(1):
        assert len(keep_links(complaint=complaint, links=GIVEN, on=AT.date())) == 3


def test_links_of_a_record_are_two_queries(django_assert_num_queries):
    complaint = tip(links=GIVEN)
    with django_assert_num_queries(2):
        rows = links_of(complaint)
    assert [(row.label, row.captures) for row in rows] == [
        ("Instagram · unggahan", 0),
        ("TikTok · tautan pendek", 0),
        ("WhatsApp · nomor telepon", 0),
    ]
    bare = tip()
    with django_assert_num_queries(1):
        assert links_of(bare) == []


def test_an_officer_gives_a_hidden_link_its_long_form():
    complaint = tip(links=[SHORT])
    link, before = complaint.links.get(), keys_of(complaint)
    officer = person("sari")

    expand_link(
        link=link,
        url="https://www.tiktok.com/@guru_contoh/video/7000000000000000001?_t=8kMark&_r=1",
        officer=officer,
        at=AT,
    )

    assert kept(complaint) == [
        (
            "tiktok",
            "video",
            "tiktok:video:7000000000000000001",
            "https://www.tiktok.com/@guru_contoh/video/7000000000000000001",
        )
    ]
    assert len(keys_of(complaint) - before) == 1
    wanted = Filters(subjects=(f"complaint:{complaint.public_id.hex}",), action="link.")
    (entry,) = trail_page(reader=person("nur").public_id, filters=wanted).entries
    assert (entry.action, entry.actor) == ("link.expand", officer.public_id.hex)
    assert json.loads(entry.detail) == {"link": link.public_id.hex, "platform": "tiktok"}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://vm.tiktok.com/ZMabcdef1/", "masih tautan pendek"),
        ("https://www.instagram.com/p/AaBbCcDdEe1/", "menuju tempat lain"),
        ("javascript:alert(1)", "http atau www"),
        ("https://wa.me/628110000001", "masih tautan pendek"),
    ],
)
def test_a_long_form_that_tells_nothing_is_refused(url, says):
    link = tip(links=[SHORT]).links.get()
    with pytest.raises(DomainError, match=says) as refused:
        expand_link(link=link, url=url, officer=person("sari"), at=AT)
    assert refused.value.field == "url"
    link.refresh_from_db()
    assert link.key == ""


def test_a_long_form_that_is_there_already_is_refused():
    url = "https://www.tiktok.com/@guru_contoh/video/7000000000000000001"
    complaint = tip(links=[url, SHORT])
    with pytest.raises(DomainError, match="sudah ada"):
        expand_link(link=complaint.links.get(key=""), url=url, officer=person("sari"), at=AT)
    assert complaint.links.filter(key="").count() == 1


def test_who_was_slower_is_told():
    url = "https://www.tiktok.com/@guru_contoh/video/700000000000000000{}"
    link = tip(links=[SHORT]).links.get()
    stale = EvidenceLink.objects.get(pk=link.pk)
    expand_link(link=link, url=url.format(1), officer=person("sari"), at=AT)
    with pytest.raises(ConflictError):
        expand_link(link=stale, url=url.format(2), officer=person("sari"), at=AT)
    assert kept(link.complaint)[0][2] == "tiktok:video:7000000000000000001"


def test_an_officer_adds_a_link_once():
    complaint = tip()
    row = add_link(complaint=complaint, url=SHARED, officer=person("sari"), at=AT)
    assert (row.added_by, row.added_on) == (person("sari"), AT.date())
    assert row.clean_url == KEPT[0][3]
    with pytest.raises(DomainError, match="sudah ada"):
        add_link(complaint=complaint, url=KEPT[0][3], officer=person("sari"), at=AT)


def test_a_record_holds_so_many_links_and_no_more():
    complaint = tip()
    url = "https://x.com/dinas_contoh/status/18000000000000000{:02}"
    keep_links(complaint=complaint, links=[url.format(n) for n in range(MAX_LINKS)], on=AT.date())
    with pytest.raises(DomainError, match="Paling banyak 30"):
        add_link(complaint=complaint, url=url.format(99), officer=person("sari"), at=AT)


@pytest.mark.parametrize("who", ["dewi", "anwar", "vera", "nur"])
def test_only_officers_change_links(who):
    complaint = tip(links=[SHORT])
    with pytest.raises(NotPermittedError):
        add_link(complaint=complaint, url=SHARED, officer=person(who), at=AT)
    with pytest.raises(NotPermittedError):
        expand_link(link=complaint.links.get(), url=SHARED, officer=person(who), at=AT)
