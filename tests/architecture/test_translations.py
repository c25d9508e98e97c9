"""Two languages, each whole: the catalogue is complete, and no page of one shows a sentence of the other.

The walk reads what a person reads, attributes that are spoken included, on every public page, every page
of the form with and without mistakes, the return page and the error pages. Two nets catch what is wrong:
texts of the other language's catalogue, and words that stand in every other sentence of that language,
for what nobody marked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core.cache import cache as django_cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from bawaslu_cases.registry.models import ActKind, GuideQuestion, GuideSituation
from complaints.models import Complaint, Evidence
from complaints.services.checkins import Safety, check_in
from complaints.services.file_refusals import REFUSALS
from complaints.services.intake import submit_complaint
from complaints.services.messages import send_to_reporter
from complaints.services.reports import ask_repair
from complaints.states import EvidenceStatus, Lane, Requirement
from complaints.web import intake, public
from tests.complaints.web.test_uploads import TUS, picture
from tests.complaints.web.walk import ANSWERS, NOT_NEUTRAL, NOW
from tests.factories import facts, person, report
from tests.support import catalogue

LANGUAGES = ("id", "en")
PREFIX = {"id": "", "en": "/en"}
COMMON = {
    # Words of the other language that no page of this one has a reason to hold.
    "en": "yang dan tidak untuk dengan anda sudah belum atau bisa ini itu dari pada kami akan oleh "
    "karena bila kalau jangan boleh hanya saja semua setiap ke di bukan nama orang laporan petugas",
    "id": "the of and you your is are not with this that from cannot have been for who what when it "
    "by was must only their they we",
}
"""Keyed by the page's language."""
NOT_NEUTRAL_EN = ("report", "complain", "neutral", "civil", "election", "violat", "whistle")
"""Words that no title of the reporter's area may hold in English."""
STORY = {"story": "Zyzzyva Kanari 0812 3456 7890 Xyzzy Plugh"}
"""In no language, with a clue, so that the page about clues comes too."""
NAMES = (
    # Names and legal citations stay as they are in either language.
    r"“.*?”",
    r"(UU|PP|SKB|SE|PKPU|Perbawaslu)\b[^.;]*",
    r"nama@contoh\.id",
    r"CC BY 4\.0",
)


@dataclass(frozen=True)
class Texts:
    """What one language says: texts as they stand, and patterns of those with something filled in."""

    plain: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def say(self, text: str) -> bool:
        """Whether this is one of them."""
        return text in self.plain or any(pattern.fullmatch(text) for pattern in self.patterns)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@cache
def texts(language: str) -> Texts:
    """Return the interface's texts in a language, markup within them taken apart as a page has it."""
    plain, patterns = set(), []
    for message in catalogue.kept():
        for whole in (
            catalogue.indonesian(message) if language == "id" else catalogue.english(message)
        ):
            for part in map(squeezed, re.split(r"<[^>]+>", whole.replace("%%", "%"))):
                if not re.search(r"%\(\w+\)[sd]", part):
                    plain.add(part)
                elif len(re.findall(r"\w{2,}", re.sub(r"%\(\w+\)[sd]", "", part))) > 1:
                    filled = re.escape(part)
                    patterns.append(re.compile(re.sub(r"%\\\(\w+\\\)[sd]", ".+", filled)))
    return Texts(frozenset(plain - {""}), tuple(patterns))


def marks(text: str) -> list[str]:
    """Return what a translation has to keep: placeholders, tags, percent signs, spaces at the ends."""
    return sorted(re.findall(r"%\(\w+\)[sd]|</?\w+>|%%|^\s|\s$", text))


class Reader(HTMLParser):
    """Collects what a page says."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt", "content")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._other = 0
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # what names a language of its own is the document of the API, word by word
        own = tag != "html" and "lang" in given
        self._silent = own or tag in {"script", "style", "textarea", "code"}
        # the link to the other language is in that language
        self._other += tag == "a" and "hreflang" in given
        for name, value in given.items():
            if value and (name in self.SPOKEN or (name.startswith("data-") and " " in value)):
                self.said.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        self._other = 0 if tag == "a" else self._other

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._other:
            self.said.append(data)


def foreign(html: str, language: str) -> list[str]:
    """Return what a page says in the wrong language."""
    reader = Reader()
    reader.feed(html)
    own, other = texts(language), texts("en" if language == "id" else "id")
    common = re.compile(rf"\b({'|'.join(COMMON[language].split())})\b", re.IGNORECASE)
    wrong = []
    for said in map(squeezed, reader.said):
        bare = said
        for name in NAMES:
            bare = re.sub(name, "", bare)
        if not said or said in own.plain:
            continue
        if common.search(bare) or (other.say(said) and not own.say(said)):
            wrong.append(said)
    return wrong


def told(response: Any, language: str, *, neutral: bool = False) -> list[str]:
    """Return what is wrong with an answer: foreign words, no language named, a title that tells."""
    html = response.content.decode()
    wrong = foreign(html, language)
    title = html[html.index("<title>") : html.index("</title>")].lower()
    if neutral:
        wrong += [
            f"{word} in the title" for word in (*NOT_NEUTRAL, *NOT_NEUTRAL_EN) if word in title
        ]
    if f'<html lang="{language}"' not in html:
        wrong.append("the page does not name its language")
    return wrong


# --- the catalogue -------------------------------------------------------------------------------


@pytest.mark.long
def test_every_text_of_the_interface_is_in_the_catalogue():
    asked = {(message.id, message.context) for message in catalogue.asked() if message.id}
    kept = {(message.id, message.context) for message in catalogue.kept() if message.id}

    assert asked - kept == set(), "run python -m tests.support.catalogue, then translate"
    assert kept - asked == set(), "run python -m tests.support.catalogue"


def test_every_text_has_english_with_the_same_placeholders():
    lacking, wrong = [], []
    for message in catalogue.kept():
        if not message.id:
            continue
        asked = message.id if isinstance(message.id, str) else message.id[0]
        given = catalogue.english(message)
        if message.fuzzy or not given or not all(given):
            lacking.append(asked)
        wrong += [(asked, english) for english in given if marks(english) != marks(asked)]

    assert lacking == []
    assert wrong == []


def test_compiled_catalogue_is_what_the_source_compiles_to():
    assert catalogue.MO.read_bytes() == catalogue.compiled(catalogue.kept())


@pytest.mark.long
def test_extraction_sees_templates_code_and_plurals():
    asked = {message.id for message in catalogue.asked()}

    assert {"Keluar cepat", "Laporkan dengan aman.", "Anda melapor sebagai apa?"} <= asked
    assert any(isinstance(each, tuple) for each in asked)


@pytest.mark.parametrize(
    ("language", "html"),
    [
        ("en", "<p>Keluar cepat</p>"),
        ("en", "<p>Langkah 3 dari 8</p>"),
        ("en", '<a aria-label="Galat">!</a>'),
        ("en", "<p>Kalimat ini tidak ditandai</p>"),
        ("id", "<p>Leave quickly</p>"),
        ("id", "<p>Nobody marked this sentence</p>"),
    ],
)
def test_the_nets_catch_the_other_language(language, html):
    assert foreign(html, language)


# --- the walk ------------------------------------------------------------------------------------


def public_addresses() -> Iterator[str]:
    """Yield every public page under its plain address; one each of the many the guide has."""
    no_pages = {"public:guide_answer", "public:try_out", "public:quick_exit"} | {
        f"figures:{name}" for name in ("slash", "csv", "json", "feed", "place")
    }
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and str(entry.pattern) == "":
            for group in entry.url_patterns:
                assert isinstance(group, URLResolver)
                for page in group.url_patterns:
                    name = f"{group.namespace}:{getattr(page, 'name', '')}"
                    if group.namespace in {"public", "figures"} and name not in no_pages:
                        assert isinstance(page, URLPattern)
                        yield reverse(name)
    yield reverse("public:try_out", args=["create-finding"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stop the clock, and let the form be filled in faster than any person."""
    django_cache.clear()
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages_speak_one_language(client, clock, language):
    cell = "tindakan=like_comment&objek=team&keadaan=active"
    addresses = [
        *public_addresses(),
        *(f"/bolehkah/{slug}/" for slug in GuideQuestion.objects.values_list("slug", flat=True)),
        *(
            f"/bolehkah/?situasi={code}"
            for code in GuideSituation.objects.values_list("code", flat=True)
        ),
        *(
            f"/bolehkah/cek/?tindakan={code.lower()}"
            for code in ActKind.objects.values_list("code", flat=True)[:3]
        ),
        "/bolehkah/?q=like",
        "/bolehkah/?q=zzzz",
        "/bolehkah/cek/?lanjut=1",
        f"/bolehkah/cek/?{cell.rpartition('&')[0]}",
        f"/bolehkah/cek/?{cell}&calon=tidak-tahu",
        "/halaman-yang-tidak-ada",
    ]
    assert len(addresses) > 50

    wrong = {at: told(client.get(PREFIX[language] + at), language) for at in addresses}

    assert {at: each for at, each in wrong.items() if each} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_error_pages_speak_one_language(rf, language):
    request = rf.get(f"{PREFIX[language]}/")
    with translation.override(language):
        answers = {
            name: getattr(public, name)(request)
            for name in (
                "bad_request",
                "forbidden",
                "csrf_failure",
                "not_found",
                "too_many_requests",
                "server_error",
                "unavailable",
            )
        }

    assert {
        name: told(each, language) for name, each in answers.items() if told(each, language)
    } == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys", "clock")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lane", ["tip", "sealed"])
def test_form_speaks_one_language(client, language, lane):
    """Every page of it, as it comes and with everything wrong."""
    form, seen, wrong = f"{PREFIX[language]}/f/", [], {}

    def look(name: str, response: Any) -> Any:
        if found := told(response, language, neutral=True):
            wrong[name] = found
        return response

    look("safety", client.get(form))
    client.post(form, {"do": "resume", "code": "12345"})
    look("resume", client.get(form))
    page = client.post(form, {"do": "start"}, follow=True)
    answers = ANSWERS | {"lane": {"lane": lane}, "story": STORY}
    answers["when"] = {**answers["when"], "unit_exclude": "on"}
    while (step := page.context["step_key"]) not in seen:
        seen.append(step)
        look(step, page)
        if step == "check":
            break
        look(f"{step}, empty", client.post(form, {"step": step, "do": "next"}, follow=True))
        page = client.post(form, {"step": step, "do": "next", **answers.get(step, {})}, follow=True)
    assert seen[-1] == "check"
    client.post(form, {"step": "check", "do": "save"})
    look("saved", client.get(form))
    client.post(form, {"do": "saved_kept"})
    client.post(form, {"step": "check", "do": "send"})
    look("check, not stated", client.get(form))
    client.post(form, {"step": "check", "do": "send", "statement": "on", "website": ""})
    look("code", client.get(form))
    look("code gone", client.post(form, {"do": "kept"}))
    client.cookies["l"] = "unknown"
    look("expired", client.get(form))

    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys", "clock")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lane", [Lane.TIP, Lane.SEALED])
def test_return_page_speaks_one_language(client, language, lane, monkeypatch):
    door, page = f"{PREFIX[language]}/s/", f"{PREFIX[language]}/s/isi"
    wrong = {}

    def look(name: str, response: Any) -> None:
        if found := told(response, language, neutral=True):
            wrong[name] = found

    code, complaint = made(lane, monkeypatch)
    look("door", client.get(door))
    look("no code", client.post(door, {"code": "123"}, follow=True))
    look("wrong code", client.post(door, {"code": "11112222333344445555"}, follow=True))
    letter = send_to_reporter(complaint=complaint, officer=person("sari"), text="7731", at=NOW)
    if lane == Lane.SEALED:
        ask_repair(
            complaint=complaint,
            officer=person("sari"),
            requirements=list(Requirement),
            message=letter,
            at=NOW,
        )
    assert client.post(door, {"code": code}).status_code == 303
    look("home", client.get(page))
    for part in ("write", "repair", "check_in", "withdraw", "lpsk", "lane", "files"):
        client.post(page, {"do": f"go:{part}"})
        look(part, client.get(page))
        client.post(page, {"page": part})
        look(f"{part}, empty", client.get(page))
    client.post(page, {"do": "lane:open"})
    look("name", client.get(page))
    look("name, empty", client.post(page, {"page": "name"}, follow=True))
    client.post(page, {"do": "go:home"})
    client.post(page, {"page": "write", "text": "7731"})
    look("sent", client.get(page))

    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys", "clock")
@pytest.mark.parametrize("language", LANGUAGES)
def test_files_speak_one_language(client, language):
    """Files that came, that did not, and that are still on their way when the form is sent."""
    form, seen, wrong = f"{PREFIX[language]}/f/", [], {}

    def look(name: str, response: Any, *words: str) -> Any:
        if found := told(response, language, neutral=True):
            wrong[name] = found
        for word in words:
            assert word in response.content.decode(), name
        return response

    answers = ANSWERS | {"story": STORY}
    page = client.post(form, {"do": "start"}, follow=True)
    while (step := page.context["step_key"]) != "links":
        page = client.post(form, {"step": step, "do": "next", **answers.get(step, {})}, follow=True)
    brought = {"a.jpg": picture(9_000), "b.docx": b"PK\x03\x04" + bytes(9_000), "c.jpg": b""}
    files = [SimpleUploadedFile(name, content) for name, content in brought.items()]
    data = {"step": "links", "do": "next", **answers["links"], "upload": files, "whole": "1"}
    look("brought", client.post(form, data, follow=True), "a.jpg", "b.docx: ", "c.jpg: ")
    for name, length, version in (
        ("late.jpg", "9000", "1.0.0"),
        ("huge.jpg", "1" * 12, "1.0.0"),
        ("none.jpg", "", "1.0.0"),
        ("old.jpg", "9000", "0.2"),
    ):
        headers = TUS | {"Upload-Length": length, "Tus-Resumable": version}
        answer = client.post(f"{form}berkas/", headers=headers)
        seen.append(answer.status_code)
        if answer.content and (said := foreign(f"<p>{answer.json()['detail']}</p>", language)):
            wrong[name] = said
    assert seen == [201, 413, 400, 412]
    page = look("on its way", client.get(form))
    while (step := page.context["step_key"]) != "check":
        data = {"step": step, "do": "next", **answers.get(step, {})}
        page = client.post(form, data, follow=True)
    look("check", page, "a.jpg")
    client.post(form, {"step": "check", "do": "send", "statement": "on", "website": ""})
    look("code", client.get(form), "data-uploads")
    look("files left", client.post(form, {"do": "kept"}, follow=True), "data-uploads")

    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys", "clock")
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_became_of_a_file_is_told_in_one_language(client, language, monkeypatch):
    """Every state, and every reason the cleaner or the door can give."""
    page, wrong, said = f"{PREFIX[language]}/s/isi", {}, set()
    code, _complaint = made(Lane.TIP, monkeypatch)
    client.post(f"{PREFIX[language]}/s/", {"code": code})
    client.post(page, {"do": "go:files"})
    files = [SimpleUploadedFile("a.jpg", picture(9_000)), SimpleUploadedFile("b.jpg", b"")]
    client.post(page, {"page": "files", "do": "add", "upload": files, "whole": "1"})
    look = client.get(page)
    assert "b.jpg: " in look.content.decode()
    if found := told(look, language, neutral=True):
        wrong["files"] = found
    client.post(page, {"page": "files", "do": "go:home"})
    for status, refusal in (
        *((EvidenceStatus.REFUSED, code) for code in REFUSALS),
        *((status, "") for status in EvidenceStatus),
    ):
        gone: dict[str, Any] = {}
        if status == EvidenceStatus.ERASED:
            gone = {"wrap": None, "manifest": None, "object_name": ""}
        assert Evidence.objects.update(status=status, refusal=refusal, **gone) == 1
        look = client.get(page)
        said.add(re.search(r'files__state">([^<]+)', look.content.decode())[1])  # type: ignore[index]
        if found := told(look, language, neutral=True):
            wrong[f"{status} {refusal}"] = found

    assert wrong == {}
    assert len(said) > len(EvidenceStatus)


def made(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Complaint]:
    """Submit a record and return its code with it."""
    codes: list[str] = []

    def kept(**given: Any) -> Any:
        submitted = submit_complaint(**given)
        codes.append(" ".join(submitted.code))
        return submitted

    monkeypatch.setattr("tests.factories.submit_complaint", kept)
    if lane == Lane.TIP:
        return " ".join(
            (done := submit_complaint(facts=facts(), lane=lane, at=NOW)).code
        ), done.complaint
    complaint = report(at=NOW, lane=lane)
    return codes[0], complaint


# --- what is kept --------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys", "clock")
def test_desk_reads_indonesian_whatever_the_reporter_reads(monkeypatch):
    kept: list[str] = []
    monkeypatch.setattr(
        "complaints.services.checkins.send_to_desk", lambda **given: kept.append(given["text"])
    )
    complaint = submit_complaint(facts=facts(), lane=Lane.TIP, at=NOW).complaint

    with translation.override("en"):
        check_in(complaint=complaint, safety=Safety.SAFE, text="", at=NOW)

    assert kept == ["Aman"]


@pytest.mark.django_db
def test_no_public_page_leaves_a_cookie_in_either_language():
    """Checks R12, H10: the address alone remembers the language."""
    for prefix in PREFIX.values():
        client = Client(headers={"accept-language": "en"})
        for at in public_addresses():
            response = client.get(prefix + at)
            assert response.cookies == {}, at
            assert "Accept-Language" not in response.get("Vary", ""), at
            language = "en" if prefix else "id"
            assert response["Content-Language"] == language
            assert f'<html lang="{language}"' in response.text
