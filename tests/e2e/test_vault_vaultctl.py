"""Two people open an identity with ``vaultctl`` alone: files down, work offline, files up.

No script runs in the pages and the keys never come near the server: every key operation is a process of
its own that knows nothing but files.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from bawaslu_cases.keyring.models import KeyBundle
from complaints.models import Attestation, OriginalOpening, UnsealRequest
from complaints.services.exchange import custodian_part
from complaints.services.originals import OPEN_FOR, open_taking
from complaints.states import Requirement, UnsealStatus
from complaints.vault.crypto.canonical import canonical_json
from tests.factories import IDENTITY, STORY, in_hand, person, report
from tests.support.evidence import evidence_of, photo
from tests.support.vault import PASSPHRASE, VaultWorld, signed_in

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Officer:
    """One officer at one offline machine: a folder, a browser without script, a passphrase in the head."""

    who: str
    folder: Path
    client: Client

    def download(self, path: str, name: str) -> Path:
        """Save what the page links to."""
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        assert "attachment" in answer["Content-Disposition"]
        return self.save(answer.content, name)

    def save(self, content: bytes, name: str) -> Path:
        """Keep a file."""
        saved = self.folder / name
        saved.write_bytes(content)
        return saved

    def upload(self, path: str, name: str) -> Any:
        """Send a file through the page's form."""
        file = SimpleUploadedFile(name, (self.folder / name).read_bytes())
        return self.client.post(path, {"file": file})

    def vaultctl(
        self, *arguments: str, secrets: Sequence[str] = (PASSPHRASE,)
    ) -> subprocess.CompletedProcess[str]:
        """Run one command in the folder; secrets go through a pipe."""
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{secret}\n" for secret in secrets).encode())
        os.close(writing)
        try:
            return subprocess.run(
                [
                    *(sys.executable, "-m", "complaints.vaultctl", "--secrets-fd", str(reading)),
                    *arguments,
                ],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
                pass_fds=[reading],
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
        finally:
            os.close(reading)

    def work(self, *arguments: str, **options: Any) -> str:
        """Run a command of an unlocked officer, which must succeed; return what it said."""
        common = ("--bundle", "bundle.json", "--trust", "trust.json", "--listing", "listing.json")
        done = self.vaultctl(arguments[0], *common, *arguments[1:], **options)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def officers(vault_keys: VaultWorld, tmp_path: Path) -> tuple[Officer, Officer]:
    """Return Vera and Kurnia, each with their own files and the root from the ceremony's paper."""
    made = []
    for who in ("vera", "kurnia"):
        user = person(who)
        KeyBundle.objects.create(
            officer=user.public_id, bundle=canonical_json(vault_keys.bundle(who))
        )
        folder = tmp_path / who
        folder.mkdir()
        trust = {"root_pk": vault_keys.root_pk.hex(), "least_serial": 1}
        (folder / "trust.json").write_text(json.dumps(trust))
        officer = Officer(who, folder, signed_in(Client(), user))
        officer.download("/brankas/kunci/?file=bundle", "bundle.json")
        officer.download("/brankas/kunci/?file=listing", "listing.json")
        made.append(officer)
    return made[0], made[1]


@pytest.mark.long
def test_v05_two_people_open_with_vaultctl(officers: tuple[Officer, Officer]) -> None:
    vera, kurnia = officers
    complaint = in_hand(report(timezone.now()))
    page = f"/brankas/laporan/{complaint.public_id}/"

    vera.download(f"{page}uraian/?file=0", "words.json")
    assert STORY in vera.work("desk-read", "--words", "words.json")

    vera.download(f"{page}bagian/?file=part", "part.json")
    (vera.folder / "why.txt").write_text("KTP belum dicocokkan.")
    vera.work(
        *("request", "--part", "part.json", "--reason-file", "why.txt"),
        *("--purpose", "formal_requirements", "--own", "own.json", "--out", "request.json"),
    )
    sent = vera.upload(f"{page}permintaan/", "own.json")
    href = f"/brankas/permintaan/{UnsealRequest.objects.get().id}/"
    assert sent["Location"] == href

    assert "KTP belum dicocokkan." in kurnia.client.get(href).content.decode()
    kurnia.download(f"{href}berkas/?file=part", "part.json")
    kurnia.download(f"{href}berkas/?file=request", "request.json")
    shown = kurnia.work(
        *("release", "--part", "part.json", "--request", "request.json"),
        *("--out", "release.json"),
        secrets=(PASSPHRASE, complaint.public_id.hex[:8]),
    )
    assert "KTP belum dicocokkan." in shown
    assert kurnia.upload(f"{href}rilis/", "release.json").status_code == 302

    handed = vera.client.post(f"{href}buka/")
    vera.save(handed.content, "release.json")
    opened = vera.work(
        *("open", "--part", "part.json", "--own", "own.json", "--release", "release.json")
    )
    for text in IDENTITY.values():
        assert text in opened
    # once is once
    assert vera.client.post(f"{href}buka/")["Location"] == href

    answers = ("name_present", "address_present", "adult_citizen", "not_the_reported")
    vera.download(f"{href}berkas/?file=texts", "texts.json")
    vera.work(
        *("attest", "--part", "part.json", "--own", "own.json", "--release", "release.json"),
        *("--texts", "texts.json", "--out", "attestation.json"),
        *(word for name in answers for word in ("--finding", f"{name}=yes")),
    )
    assert vera.upload(f"{href}pernyataan/", "attestation.json")["Location"] == page
    assert Attestation.objects.get().is_complete
    assert complaint.checks.get(requirement=Requirement.REPORTER).is_met
    assert UnsealRequest.objects.get().status == UnsealStatus.ATTESTED


def test_v08_vaultctl_refuses_a_swapped_key(
    officers: tuple[Officer, Officer], vault_keys: VaultWorld
) -> None:
    """Even a server that lies about the request gets no share out of the custodian's client."""
    _vera, kurnia = officers
    complaint = in_hand(report(timezone.now()))
    asked = vault_keys.ask("vera", complaint.public_id, at=timezone.now())
    other = vault_keys.ask("vito", complaint.public_id, at=timezone.now())
    forged = asked.request.to_json() | {"epk": other.request.epk.hex()}
    kurnia.save(json.dumps(forged).encode(), "request.json")
    kurnia.save(json.dumps(custodian_part(complaint)).encode(), "part.json")
    common = ("--bundle", "bundle.json", "--trust", "trust.json", "--listing", "listing.json")
    done = kurnia.vaultctl(
        *("release", *common, "--part", "part.json", "--request", "request.json"),
        *("--out", "release.json", "--yes"),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad_signature" in done.stderr
    assert not (kurnia.folder / "release.json").exists()


def test_a_sealed_original_opens_at_the_desk_with_vaultctl(
    officers: tuple[Officer, Officer],
) -> None:
    vera, kurnia = officers
    complaint = in_hand(report(timezone.now()))
    content = photo()
    evidence = evidence_of(complaint, content, at=timezone.now(), name="IMG_2210.jpg")
    page = f"/brankas/berkas/{evidence.public_id}/"

    assert vera.client.get(f"{page}kunci/").status_code == 404
    assert vera.client.get(f"{page}isi/").status_code == 404
    sent = vera.client.post(page, {"purpose": "manual_check", "reason": "Salinan gagal dibuat."})
    assert sent["Location"] == page
    vera.download(f"{page}kunci/", "part.json")
    answer = vera.client.get(f"{page}isi/")
    sealed = vera.save(b"".join(answer.streaming_content), "bukti.bks")  # type: ignore[attr-defined]
    assert content[:64] not in sealed.read_bytes()

    files = ("--part", "part.json", "--object", "bukti.bks", "--out", "bukti.jpg")
    said = vera.work("file-open", *files)

    assert (vera.folder / "bukti.jpg").read_bytes() == content
    assert (vera.folder / "bukti.jpg").stat().st_mode & 0o077 == 0
    assert "name: IMG_2210.jpg" in said
    opening = OriginalOpening.objects.get()
    assert (opening.verifier_id, opening.purpose) == (person("vera").pk, "manual_check")
    assert b"Salinan gagal" not in bytes(opening.reason)
    # Nobody of the other side, nothing altered, no second file over the first.
    assert kurnia.client.get(page).status_code == 403
    common = ("--bundle", "bundle.json", "--trust", "trust.json", "--listing", "listing.json")
    assert vera.vaultctl("file-open", *common, *files).returncode == 1
    sealed.write_bytes(sealed.read_bytes()[:-7])
    again = (*files[:-1], "lain.jpg")
    assert vera.vaultctl("file-open", *common, *again).returncode == 1
    assert not (vera.folder / "lain.jpg").exists()


def test_a_purpose_opens_the_way_for_an_hour(officers: tuple[Officer, Officer]) -> None:
    vera, _kurnia = officers
    evidence = evidence_of(in_hand(report(timezone.now())), photo(), at=timezone.now())
    page = f"/brankas/berkas/{evidence.public_id}/"

    refused = vera.client.post(page, {"purpose": "compare", "reason": " "})
    assert "Tulis alasannya." in refused.content.decode()
    assert not OriginalOpening.objects.exists()
    vera.client.post(page, {"purpose": "compare", "reason": "Membandingkan."})
    assert vera.client.get(f"{page}kunci/").status_code == 200
    later = timezone.now() + OPEN_FOR + timedelta(seconds=1)
    assert open_taking(evidence=evidence, verifier=person("vera"), at=later) is None
