"""Golden letters: one record for each kind of recipient, and every word of the letter drawn from it.

``python -m tests.referrals.letters.test_golden FOLDER`` writes the texts anew, and pages to look at.
"""

import json
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader

from bawaslu_cases.shared.typesetter import pictures
from referrals.letters import letter_words, recommendation_letter
from referrals.letters.recommendation import TEMPLATE_FILE

GOLDEN = Path(__file__).with_name("golden")
SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "referral-record.schema.json"
KINDS = ("civil_service", "crime_check", "other")


def _record(kind):
    return json.loads((GOLDEN / f"{kind}.json").read_text(encoding="utf-8"))


def _text(kind):
    reader = PdfReader(BytesIO(recommendation_letter(_record(kind))))
    pages = (" ".join(page.extract_text().split()) for page in reader.pages)
    return "\n\n".join(pages) + "\n"


@pytest.mark.parametrize("kind", KINDS)
def test_letter_word_by_word(kind):
    jsonschema.validate(_record(kind), json.loads(SCHEMA.read_text(encoding="utf-8")))

    assert _text(kind) == (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8")


def test_who_needs_less_reads_less():
    crime, other = _text("crime_check"), _text("other")

    for words in ("PPK", "Golongan sanksi", "Hukuman disiplin", "Pangkat"):
        assert words not in crime
        assert words not in other
    for words in ("NIP", "Kajian:", "berita acara", "Balai Desa Sukamaju Bentuk"):
        assert words not in other


ALONE = """
import json, sys
from hashlib import sha256
import django
django.setup()
from referrals.letters import recommendation_letter
print(sha256(recommendation_letter(json.load(sys.stdin))).hexdigest())
"""


@pytest.mark.long
def test_letters_drawn_before_change_no_byte():
    records = [
        _record(kind) | {"number": f"{number:03}/Rekom"} for number, kind in enumerate(KINDS)
    ]
    together = [sha256(recommendation_letter(each)).hexdigest() for each in [*records, *records]]

    alone = [
        subprocess.run(
            [sys.executable, "-c", ALONE],
            input=json.dumps(each),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for each in records
    ]

    assert together == [*alone, *alone]


if __name__ == "__main__":
    for kind in KINDS:
        (GOLDEN / f"{kind}.txt").write_text(_text(kind), encoding="utf-8")
        for number, page in enumerate(pictures(TEMPLATE_FILE, letter_words(_record(kind)), ppi=70)):
            (Path(sys.argv[1]) / f"{kind}-{number + 1}.png").write_bytes(page)
