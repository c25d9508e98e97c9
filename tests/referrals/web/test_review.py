"""Pages of the recipient body."""

import csv
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.registry.models import Agency
from complaints.services.triage import confirm_tip
from referrals.services.follow_up import verify_answer
from referrals.services.recommend import resubmit_referral
from referrals.services.review import return_referral
from tests.factories import AT, decided_case, facts, person, traced_tip, with_grades
from tests.referrals import stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client):
    client.force_login(person("anwar"))
    return client


def signed_in(key):
    client = Client()
    client.force_login(person(key))
    return client


def _page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    page = " ".join(response.content.decode().split())
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_inbox_is_sorted_by_deadline_and_empty_says_so(reviewer):
    assert "Tidak ada rujukan yang menunggu" in _page(reviewer, reverse("review:inbox"))
    late = stages.delivered(decided_case(acts=["ATTEND_EVENT"]))
    soon = stages.delivered(decided_case(acts=["POST_SUPPORT"], platform="facebook"))
    type(soon).objects.filter(pk=soon.pk).update(due_at=AT)

    page = _page(reviewer, reverse("review:inbox"))

    assert page.index(str(soon.public_id)) < page.index(str(late.public_id))


def test_unreleased_referrals_are_not_even_counted(reviewer):
    before = _page(reviewer, reverse("review:inbox"))
    stages.proposed()
    stages.approved(decided_case(place="Lapangan"))

    assert _page(reviewer, reverse("review:inbox")) == before
    assert "Belum ada rujukan" in _page(reviewer, reverse("review:inbox") + "?lihat=selesai")


def test_next_version_in_the_house_is_hidden_until_delivered(reviewer):
    referral = stages.delivered()
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")
    resubmit_referral(
        referral=referral, officer=person("sari"), at=AT, reason="Rahasia rumah.", summary="Baru."
    )

    response = reviewer.get(reverse("review:detail", args=[referral.public_id]))

    assert response.status_code == 404


def test_happy_path_accept_and_recommend(reviewer):
    referral = stages.delivered()
    address = reverse("review:detail", args=[referral.public_id])

    assert reviewer.post(address, {"action": "accept"}).url == address
    page = _page(reviewer, address)
    assert "Rekomendasi kepada PPK" in page
    empty = reviewer.post(address, {"action": "draft", "draft-text": ""})
    assert "Tulis rekomendasi yang dibaca PPK" in empty.content.decode()
    reviewer.post(address, {"action": "draft", "draft-text": "Jatuhkan sanksi."})
    own = _page(reviewer, address)
    assert "Perlu orang kedua" in own
    assert 'name="recommend-seen"' not in own
    seen = referral.drafts.get().sha256
    reviewer.post(address, {"action": "recommend", "recommend-seen": seen})
    referral.refresh_from_db()
    assert referral.status == "drafted"

    second = signed_in("bima")
    assert f'value="{seen}"' in _page(second, address)
    second.post(address, {"action": "recommend", "recommend-seen": seen})

    referral.refresh_from_db()
    assert referral.status == "recommended"
    assert referral.follow_ups.get().recommendation == "Jatuhkan sanksi."


def test_f15_a_draft_that_a_colleague_wrote_meanwhile_is_not_written_over(reviewer):
    """Neither by who had no draft before them nor by who had an earlier one."""
    referral = stages.accepted()
    address, second = reverse("review:detail", args=[referral.public_id]), signed_in("bima")
    reviewer.post(address, {"action": "draft", "draft-text": "Yang pertama."})

    late = second.post(address, {"action": "draft", "draft-text": "Yang kedua."})

    told = late.content.decode()
    assert "Rancangan berubah sejak Anda membacanya" in told
    assert "Yang kedua." in told  # what was typed is not lost either
    assert [row.words for row in referral.drafts.all()] == ["Yang pertama."]
    seen = referral.drafts.get().sha256
    assert f'name="draft-seen" value="{seen}"' in _page(second, address)
    for words in ("Yang kedua.", "Yang ketiga."):
        second.post(address, {"action": "draft", "draft-text": words, "draft-seen": seen})
    assert {row.words for row in referral.drafts.all()} == {"Yang pertama.", "Yang kedua."}


def test_not_proven_needs_words(reviewer):
    referral = stages.accepted()
    address = reverse("review:detail", args=[referral.public_id])

    reviewer.post(address, {"action": "find_not_proven", "find_not_proven-reason": ""})
    referral.refresh_from_db()
    assert referral.status == "accepted"

    reviewer.post(address, {"action": "find_not_proven", "find_not_proven-reason": "Bukan ASN."})
    referral.refresh_from_db()
    assert referral.status == "closed"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({}, "Sebut apa yang kurang"),
        ({"return-words_0": "Pangkatnya?"}, "Pilih butir yang kurang"),
        ({"return-kind_0": "other"}, "Tulis apa yang kurang"),
        ({"return-kind_0": "blood_group"}, "Pilih butir yang kurang"),
    ],
)
def test_return_names_what_is_missing(reviewer, rows, told):
    referral = stages.accepted()
    address = reverse("review:detail", args=[referral.public_id])

    response = reviewer.post(address, {"action": "return", **rows})

    referral.refresh_from_db()
    assert told in response.content.decode()
    assert (referral.status, referral.missing_items.count()) == ("accepted", 0)


def test_return_becomes_a_checklist_that_the_next_version_answers(reviewer):
    referral = stages.accepted()
    address = reverse("review:detail", args=[referral.public_id])
    rows = {
        "return-kind_0": "grade",
        "return-kind_2": "evidence",
        "return-words_2": "Bukti nomor 2 tidak terbaca.",
    }
    reviewer.post(address, {"action": "return", **rows})
    referral.refresh_from_db()
    grade, evidence = referral.missing_items.all()
    assert [(each.number, each.kind, each.words) for each in (grade, evidence)] == [
        (1, "grade", ""),
        (2, "evidence", "Bukti nomor 2 tidak terbaca."),
    ]

    sari = signed_in("sari")
    desk = reverse("referrals:detail", args=[referral.public_id])
    page = _page(sari, desk)
    assert "Bukti nomor 2 tidak terbaca." in page
    assert "belum dijawab" in page
    answer = {
        "action": "resubmit",
        "resubmit-reason": "Dilengkapi.",
        "resubmit-summary": referral.summary,
        f"resubmit-missing_{grade.pk}": "III/d, tertulis di lembar data.",
    }
    refused = sari.post(desk, answer).content.decode()
    assert "tersisa 1" in refused
    answer[f"resubmit-missing_{evidence.pk}"] = "Diganti salinan yang terbaca."
    assert sari.post(desk, answer).status_code == 302

    assert reviewer.get(address).status_code == 404
    stages.carried_after_approval(stages.fresh(referral))
    again = _page(reviewer, address)
    assert "Diganti salinan yang terbaca." in again
    assert "Dilengkapi." not in again


def test_a_question_is_answered_by_the_office_and_by_nobodys_name(reviewer):
    referral = stages.accepted()
    address = reverse("review:detail", args=[referral.public_id])
    desk = reverse("referrals:detail", args=[referral.public_id])
    assert reviewer.post(address, {"action": "ask", "ask-words": ""}).status_code == 200
    reviewer.post(address, {"action": "ask", "ask-words": "Apa seragamnya?"})
    question = referral.questions.get()
    assert "Jawab pertanyaan penerima" not in _page(signed_in("dewi"), desk)

    sari = signed_in("sari")
    page = _page(sari, desk)
    assert ("Apa seragamnya?" in page, "Jawab pertanyaan penerima" in page) == (True, True)
    step = f"reply_{question.pk}"
    told = {"action": step, f"{step}-words": "Kata pelapor: dinas."}
    refused = sari.post(desk, told).content.decode()
    assert "Belum boleh keluar: kata yang menunjuk sumber laporan" in refused
    assert "Kata pelapor: dinas." in refused
    assert sari.post(desk, told | {f"{step}-words": "Seragam dinas."}).status_code == 302

    read = _page(reviewer, address)
    assert ("Seragam dinas." in read, "Sari" in read) == (True, False)
    assert "Jawab pertanyaan penerima" not in _page(sari, desk)


def test_inbox_is_filtered_by_what_the_letter_says(reviewer):
    severe = stages.delivered()
    other = replace(facts().people[0], agency=Agency.objects.get(code="R-51.71"))
    bali = stages.delivered(decided_case(people=[other]))
    accepted = stages.accepted(decided_case(place="Pasar"))
    type(severe).objects.filter(pk=severe.pk).update(due_at=timezone.now() - timedelta(days=1))
    type(bali).objects.filter(pk=bali.pk).update(due_at=timezone.now() + timedelta(days=5))
    inbox = reverse("review:inbox")

    def shown(query):
        page = _page(reviewer, f"{inbox}?{query}")
        return {each for each in (severe, bali, accepted) if str(each.public_id) in page}

    assert shown("instansi=R-51.71") == {bali}
    assert shown("tahap=accepted") == {accepted}
    assert shown("tahap=delivered&instansi=R-33.08") == {severe}
    assert shown("tenggat=late") == {severe, accepted}
    assert shown("tenggat=7") == {bali}
    assert shown("tenggat=3") == set()
    for nonsense in ("tahap=returned", "tahap=proposed", "instansi=R-00", "tenggat=9", "dari=x"):
        assert shown(nonsense) == {severe, bali, accepted}
    page = _page(reviewer, inbox)
    numbers = re.findall(r'tile__number">(\d+)<.*?tile__label">([^<]+)<', page)
    assert numbers == [
        ("2", "Sampai di penerima"),
        ("1", "Ditelaah penerima"),
        ("0", "Menunggu tanda tangan kedua"),
        ("2", "Lewat tenggat"),
    ]
    foreign = reverse("review:inbox") + "?instansi=R-33.08"
    assert "data-row" not in _page(signed_in("kasman"), foreign)


def test_report_page_and_file_say_who_took_them(reviewer):
    stages.delivered()
    address = reverse("review:report")

    page = _page(reviewer, f"{address}?tahun=2024")
    assert ("Oktober 2024" in page, "Anwar · BKN" in page) == (True, True)
    assert "Triwulan 4 2024" in _page(reviewer, f"{address}?tahun=2024&per=triwulan")
    response = reviewer.post(reverse("review:report_csv"), {"tahun": "2024", "per": "triwulan"})
    rows = list(csv.reader(response.content.decode("utf-8-sig").splitlines()))
    assert rows[0][-1] == "Diunduh oleh"
    assert rows[4][:7] == ["Triwulan 4 2024", "1", "0", "0", "0", "1", ""]
    assert {row[-1].rpartition(" · ")[2] for row in rows[1:]} == {f"{len(rows) - 1} baris"}
    assert all(row[-1].startswith("Anwar · BKN · ") for row in rows[1:])
    assert "no-store" in response["Cache-Control"]
    for nonsense in ("tahun=", "tahun=%C2%B2024", "tahun=99999", "per=hari", "tahun=0000"):
        assert reviewer.get(f"{address}?{nonsense}").status_code == 200


def test_prior_sanctions_stand_on_the_page(reviewer):
    former = stages.answered(decided_case(place="Lama"))
    verify_answer(follow_up=former, officer=person("sari"), at=stages.LATER)
    referral = stages.delivered()

    page = _page(reviewer, reverse("review:detail", args=[referral.public_id]))

    assert ("Sanksi sebelumnya" in page, "800/123/2024" in page) == (True, True)


DETAIL_QUERIES = 13


@pytest.mark.parametrize("people", [1, 3])
def test_detail_costs_the_same_for_one_and_three_people(
    reviewer, django_assert_num_queries, people
):
    first = facts().people[0]
    named = [
        replace(first, name=f"Contoh {number}", nip=f"19700101200001190{number}")
        for number in range(people)
    ]
    referral = stages.delivered(decided_case(people=named))

    # session, person, recipient body; referral, packet, former sanctions, letters, history,
    # follow-ups, deadlines, lines, what was named as missing, questions
    with django_assert_num_queries(DETAIL_QUERIES):
        _page(reviewer, reverse("review:detail", args=[referral.public_id]))


def test_step_that_no_longer_exists_is_told(reviewer):
    referral = stages.accepted()

    response = reviewer.post(
        reverse("review:detail", args=[referral.public_id]), {"action": "accept"}
    )

    assert "tidak berlaku lagi" in response.content.decode()


def test_page_shows_nothing_of_the_house_or_the_reporter(reviewer):
    tip = traced_tip(reporter_kind="asn_same")
    finding = with_grades(confirm_tip(complaint=tip, facts=facts(), officer=person("sari"), at=AT))
    referral = stages.delivered(stages.decided(finding))

    page = _page(reviewer, reverse("review:detail", args=[referral.public_id]))

    assert "Camat mengajak warga" in page
    for hidden in (
        tip.reference,
        finding.reference,
        "Sari",
        "Joko",
        "Diusulkan",
        "Setujui",
        "satu instansi",
        "Informasi awal",
        "informasi awal",
        "Pelapor",
        "pelapor",
    ):
        assert hidden not in page


def test_letter_of_a_version_not_delivered_is_404(reviewer):
    referral = stages.delivered()
    letter = reverse("review:letter", args=[referral.public_id, 1])

    assert reviewer.get(letter)["Content-Disposition"] == 'attachment; filename="surat-1.pdf"'
    assert reviewer.get(letter.replace("/1/", "/2/")).status_code == 404


@pytest.mark.parametrize(("key", "status"), [("kasman", 404), ("sari", 403), ("putu", 403)])
def test_strangers(client, key, status):
    referral = stages.delivered()
    client.force_login(person(key))

    response = client.get(reverse("review:detail", args=[referral.public_id]))

    assert response.status_code == status


@pytest.mark.parametrize("count", [1, 3])
def test_inbox_costs_the_same_for_one_and_three(reviewer, django_assert_num_queries, count):
    for index in range(count):
        stages.delivered(decided_case(place=f"Balai desa {index}"))

    # session, person, recipient body; agencies, one page of rows, its lines, counts
    with django_assert_num_queries(INBOX_QUERIES):
        page = _page(reviewer, reverse("review:inbox"))

    assert page.count("data-row>") == count


INBOX_QUERIES = 7
