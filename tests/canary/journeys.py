"""What reporters and officers do with the running product, each with words of their own.

Every lane has its invented reporter, so that a hit names the lane it leaked from. The tip's tells who he
is in his story, where nobody should; the others only where they are asked.
"""

from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from bawaslu_cases.embedded.pytest_plugin import CHROMIUM
from bawaslu_cases.world.demo_people import PASSWORD, PEOPLE
from tests.canary.forms import Canary, fresh_word
from tests.canary.stack import Stack
from tests.canary.visitor import Answer, Visitor, digits_in
from tests.e2e.conftest import FLAGS
from tests.factories import PASSWORD as VAULT_PASSWORD
from tests.support.browser import PATIENCE_MS
from tests.support.vault import VaultWorld, vault_world

Changes = dict[str, dict[str, Any]]
SERVER_ERROR = 500


def secret_line() -> str:
    """Return a line that is nobody's identity and for certain eyes only; one word of it is rare."""
    return f"soal {fresh_word()} saja"


TURN = """
INSERT INTO complaints_verificationturn (id, complaint_id, "group", verifier_id, since)
SELECT gen_random_uuid(), complaint.id, identity.group_a, verifier.id, current_date
  FROM complaints_complaint complaint
  JOIN complaints_sealedidentity identity ON identity.complaint_id = complaint.id
  JOIN accounts_user verifier ON verifier.email = %s
 WHERE complaint.public_id = %s
    ON CONFLICT (complaint_id, "group") DO UPDATE SET verifier_id = excluded.verifier_id
"""
"""The round of the job, for one report and a verifier whose keys are here."""


@dataclass
class Told:
    """All words of a run. What is no reporter's is for the eyes its name says."""

    tip: Canary = field(default_factory=Canary)
    sealed: Canary = field(default_factory=Canary)
    open: Canary = field(default_factory=Canary)
    raised: Canary = field(default_factory=Canary)
    browser: Canary = field(default_factory=Canary)
    letter: str = field(default_factory=secret_line)
    """From the desk to the reporter."""
    reply: str = field(default_factory=secret_line)
    """From the reporter of the sealed lane to the verification desk."""
    plight: str = field(default_factory=secret_line)
    """To LPSK alone."""
    reason: str = field(default_factory=secret_line)
    """From the verifier to the custodian."""
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def lanes(self) -> dict[str, Canary]:
        """Every reporter by the name of his lane."""
        lanes = ("tip", "sealed", "open", "raised", "browser")
        return {name: getattr(self, name) for name in lanes}

    @property
    def texts(self) -> dict[str, str]:
        """Label → text. A label begins with the lane and ends with what it is."""
        told = {
            f"{lane} {name}": text
            for lane, canary in self.lanes.items()
            for name, text in canary.everything.items()
        }
        lines = {name: getattr(self, name) for name in ("letter", "reply", "plight", "reason")}
        return told | lines | {f"code {name}": digits for name, digits in self.codes.items()}


def answers_of(canary: Canary, decoy: Canary, lane: str, *, contact: str = "") -> Changes:
    """Return the answers that hold the reporter's words."""
    return {
        "lane": {"lane": lane},
        "people": {"p0-name": decoy.name},
        "story": {"story": f"Pak camat, {canary.sentence}."},
        "witness": {"witness": "yes", "contact": canary.witness},
        "identity": name_of(canary, contact=contact),
    }


def name_of(canary: Canary, *, contact: str = "") -> dict[str, str]:
    """Return what the page asks for a name."""
    return {
        "name": canary.name,
        "address": canary.address,
        "eligible": "on",
        "contact": contact or canary.phone,
        "nik": canary.nik,
    }


def tip_answers(canary: Canary, decoy: Canary) -> Changes:
    """Return the answers of somebody who tells in the story who he is."""
    story = (
        f"Pak camat, {canary.sentence}. Nama saya {canary.name}, NIK {canary.nik}, HP {canary.phone}, "
        f"surel {canary.email}, {canary.address}."
    )
    return answers_of(canary, decoy, "tip") | {"story": {"story": story}}


@dataclass
class Journeys:
    """One run of all of them; ``seen`` by everybody else is kept with what reporters saw."""

    stack: Stack
    decoy: Canary
    told: Told = field(default_factory=Told)
    own: dict[str, list[Answer]] = field(default_factory=dict)
    """Lane → what its reporter was shown after sending."""
    sent_by_browser: list[str] = field(default_factory=list)
    """Addresses, headers and bodies of all requests of the page that seals."""
    opened: dict[str, Any] = field(default_factory=dict)
    """What the verifier read at the end of the opening with two people."""
    vault_pages: dict[str, list[Answer]] = field(default_factory=dict)
    reports: dict[str, UUID] = field(default_factory=dict)
    others: set[UUID] = field(default_factory=set)
    """Reports that were there before this run."""

    def __post_init__(self) -> None:
        self.others = self._sent()

    def visitor(self) -> Visitor:
        """Return somebody nobody knows."""
        return Visitor(self.stack.base_url)

    def officer(self, email: str, password: str = PASSWORD) -> Visitor:
        """Return somebody signed in."""
        visitor = self.visitor()
        visitor.sign_in(email, password)
        if password == VAULT_PASSWORD:
            visitor.prove_again(password)
        return visitor

    # --- reporters ----------------------------------------------------------------------------------

    def tip(self) -> None:
        """Send a tip and read it with its code."""
        visitor = self.visitor()
        self.told.codes["tip"] = visitor.report(**tip_answers(self.told.tip, self.decoy))
        visitor.post("/f/", {"do": "kept"})
        self._note("tip", self.open_mailbox("tip")[1])

    def sealed(self) -> None:
        """Put a draft aside, take it up elsewhere, mistype the name once, send."""
        changes = answers_of(self.told.sealed, self.decoy, "sealed")
        visitor = self.visitor()
        at = visitor.walk(changes, to="witness")
        witness = {"step": at.hidden("step"), "do": "save", **changes["witness"]}
        saved = digits_in(visitor.post("/f/", witness))
        visitor.post("/f/", {"do": "saved_leave"})
        self.told.codes["saved"] = saved
        later = self.visitor()
        later.get("/f/")
        page = later.post("/f/", {"do": "resume", "code": saved})
        later.walk(changes, page, to="identity")
        wrong = {**changes["identity"], "eligible": ""}
        shown = later.post("/f/", {"step": "identity", "do": "next", **wrong})
        assert "Galat:" in shown.text
        assert self.told.sealed.name in shown.text, "what was typed is shown in the answer alone"
        page = later.post("/f/", {"step": "identity", "do": "next", **changes["identity"]})
        later.walk(changes, page)
        self.told.codes["sealed"] = later.press_send()
        later.post("/f/", {"do": "kept"})
        self.remember("sealed")

    def open(self) -> None:
        """Send an open report."""
        canary = self.told.open
        visitor = self.visitor()
        changes = answers_of(canary, self.decoy, "open", contact=canary.email)
        self.told.codes["open"] = visitor.report(**changes)
        self.remember("open")

    def raised(self) -> None:
        """Send a tip without a name and give the name later."""
        canary = self.told.raised
        visitor = self.visitor()
        self.told.codes["raised"] = visitor.report(**answers_of(canary, self.decoy, "tip"))
        self.remember("raised")
        visitor, _page = self.open_mailbox("raised")
        visitor.post("/s/isi", {"do": "go:lane"})
        visitor.post("/s/isi", {"do": "lane:sealed"})
        wrong = {**name_of(canary), "eligible": ""}
        shown = visitor.post("/s/isi", {"page": "name", **wrong})
        assert canary.name in shown.text, "the page shows what was mistyped"
        page = visitor.post("/s/isi", {"page": "name", **name_of(canary)})
        assert "Nama Anda terkunci di laporan ini." in page.text
        self._note("raised", page)

    def browser(self) -> None:
        """Seal the name in a real browser; note every request it makes."""
        canary = self.told.browser
        changes = answers_of(canary, self.decoy, "sealed")
        visitor = self.visitor()
        visitor.walk(changes, to="identity")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
            context = chromium.new_context(base_url=self.stack.base_url, locale="id-ID")
            context.set_default_timeout(PATIENCE_MS)
            cookies = visitor.cookies.items()
            context.add_cookies(
                [{"name": n, "value": v, "url": self.stack.base_url} for n, v in cookies]
            )
            page = context.new_page()
            page.on(
                "request",
                lambda request: self.sent_by_browser.append(
                    f"{request.method} {request.url} {request.headers} {request.post_data or ''}"
                ),
            )
            page.goto("/f/")
            expect(page.get_by_text("Isian Anda dikunci di HP ini")).to_be_visible()
            page.get_by_label("Nama lengkap").fill(canary.name)
            page.get_by_label("Alamat").fill(canary.address)
            page.get_by_label("Nomor HP atau email").fill(canary.phone)
            page.get_by_label("NIK").fill(canary.nik)
            page.get_by_label("Saya warga negara Indonesia").check()
            page.get_by_role("button", name="Kunci dan lanjut", exact=True).click()
            expect(page.get_by_role("heading", name="Periksa sebelum dikirim")).to_be_visible()
            chromium.close()
        self.told.codes["browser"] = visitor.press_send()
        self.remember("browser")

    def half_way(self) -> None:
        """Fill in a draft and go away without a word."""
        self.visitor().walk(tip_answers(self.told.tip, self.decoy), to="witness")

    def crash_at_sending(self) -> Answer:
        """Send while the table of reports is missing: an exception nobody foresaw, with all values."""
        away = "ALTER TABLE complaints_complaint{} RENAME TO complaints_complaint{}"
        visitor = self.visitor()
        visitor.walk(tip_answers(self.told.tip, self.decoy))
        self.stack.sql(away.format("", "_away"))
        try:
            sent = {"step": "check", "do": "send", "statement": "on"}
            first = visitor.post("/f/", sent)
            # whoever is fast is asked to press once more
            return first if first.status == SERVER_ERROR else visitor.post("/f/", sent)
        finally:
            self.stack.sql(away.format("_away", ""))

    def crash_at_the_name(self) -> Answer:
        """Give a name that is sealed and then cannot be kept: it lies in every frame of the trace."""
        table = "ALTER TABLE complaints_reportersession"
        changes = answers_of(self.told.sealed, self.decoy, "sealed")
        visitor = self.visitor()
        visitor.walk(changes, to="identity")
        self.stack.sql(f"{table} ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")
        try:
            named = {"step": "identity", "do": "next", **changes["identity"]}
            return visitor.post("/f/", named)
        finally:
            self.stack.sql(f"{table} DROP CONSTRAINT nothing_more")

    def open_mailbox(self, lane: str) -> tuple[Visitor, Answer]:
        """Open a report's page with its digits."""
        visitor = self.visitor()
        page = visitor.post("/s/", {"code": self.told.codes[lane]})
        assert page.url.endswith("/s/isi"), page.text[:2000]
        return visitor, page

    def mailbox(self) -> None:
        """Let the reporter of the sealed lane write, tell how he fares, ask LPSK and read the desk."""
        canary, told = self.told.sealed, self.told
        visitor, page = self.open_mailbox("sealed")
        assert told.letter in page.text, "the reporter reads the desk's letter"
        send = visitor.post
        for key, fields in (
            ("write", {"text": told.reply}),
            ("check_in", {"safety": "pressure", "text": told.reply}),
            # refused first: what was typed waits in the sealed session
            ("lpsk", {"name": canary.name, "contact": canary.phone, "threat": ""}),
            (
                "lpsk",
                {
                    "name": canary.name,
                    "contact": canary.phone,
                    "threat": told.plight,
                    "use_identity": "on",
                },
            ),
        ):
            send("/s/isi", {"do": f"go:{key}"})
            page = send("/s/isi", {"page": key, **fields})
        assert "terkunci untuk LPSK" in page.text
        self._note("sealed", page)

    def withdraw(self) -> None:
        """Take the open report back: its wraps are erased."""
        visitor, _page = self.open_mailbox("open")
        visitor.post("/s/isi", {"do": "go:withdraw"})
        page = visitor.post("/s/isi", {"page": "withdraw", "understood": "on"})
        assert "ditarik" in page.text
        self._note("open", page)

    # --- officers -----------------------------------------------------------------------------------

    def letters(self) -> None:
        """Write to the reporter of the sealed lane and read what came from him."""
        desk = self.officer(next(row.email for row in PEOPLE if row.mailbox == "penerima.jateng"))
        path = f"/kerja/laporan/{self.reports['sealed']}/surat/"
        page = desk.post(path, {"text": self.told.letter})
        assert "Pesan dikirim." in page.text

    def verify(self, world: VaultWorld | None = None) -> None:
        """Open the sealed identity with two people, attest, and write the neutral summary."""
        world, report = world or vault_world(), self.reports["sealed"]
        vera = self.officer("vera@contoh.id", VAULT_PASSWORD)
        kurnia = self.officer("kurnia@contoh.id", VAULT_PASSWORD)
        self.stack.sql(TURN, "vera@contoh.id", str(report))
        at = f"/brankas/laporan/{report}/"
        pages = [vera.get("/brankas/"), vera.get(at), vera.get(f"{at}bagian/")]
        words = vera.get(f"{at}uraian/")
        asked = world.ask("vera", report, at=timezone.now(), reason=self.told.reason)
        own = {"request": asked.request.to_json(), "key_sealed": asked.sealed_esk.hex()}
        href = vera.send(f"{at}permintaan/", own)["href"]
        read = kurnia.get(href)
        assert self.told.reason in read.text, "the custodian reads why"
        part = kurnia.get(f"{href}berkas/")
        released = {
            "request": asked.request.id,
            "custodian": world.officers["kurnia"].id,
            "sealed": world.release("kurnia", asked.request, part.json()["part"]).hex(),
        }
        kurnia.send(f"{href}rilis/", released)
        opening = vera.send(f"{href}buka/", {})
        share = bytes.fromhex(opening["release"]["sealed"])
        self.opened = world.open("vera", asked, share, opening["part"])
        said = world.attest("vera", asked.request, blob_of(opening["part"]), on=today())
        vera.send(f"{href}pernyataan/", said.to_json())
        # Nobody wrote one before.
        summary = {
            "text": "Seorang camat mengajak warga memilih.",
            "seen": sha256(b"").hexdigest(),
        }
        pages += [vera.post(f"{at}ringkasan/", summary), vera.get(href), words, part]
        self.vault_pages = {"vera": pages, "kurnia": [kurnia.get("/brankas/"), kurnia.get(href)]}

    def everything_of(self, email: str, password: str, skip: set[str]) -> list[Answer]:
        """Return every page one person reaches by links, and what a search for the words shows."""
        visitor = self.visitor()
        landed = visitor.sign_in(email, password)
        if password == VAULT_PASSWORD:
            visitor.prove_again(password)
        found = list(visitor.crawl(landed.url.removeprefix(self.stack.base_url), skip=skip))
        # the page shows what was asked for; the address must not end in a log
        visitor.get(f"/kerja/antrean/?q={quote(self.told.tip.sentence.split()[2])}")
        return found

    # --- what is known of them ------------------------------------------------------------------------

    def _note(self, lane: str, page: Answer) -> None:
        self.own.setdefault(lane, []).append(page)

    def remember(self, lane: str) -> None:
        """Keep the id of the report just sent: reporters run one after another, keys tell no order."""
        (self.reports[lane],) = self._sent() - self.others - {*self.reports.values()}

    def _sent(self) -> set[UUID]:
        sent = "SELECT public_id FROM complaints_complaint WHERE lane <> 'finding'"
        return {UUID(str(found)) for found in self.stack.column(sent)}


def blob_of(part: dict[str, Any]) -> Any:
    """Return of a part what an attestation names."""
    return SimpleNamespace(report=part["report"], ciphertext=b64decode(part["ciphertext"]))


def today() -> Any:
    """Return the day an attestation is signed on."""
    return timezone.now().date()
