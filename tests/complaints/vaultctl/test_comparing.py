"""What a verifier's client finds of an open identity in texts for others (check K05)."""

import json
from pathlib import Path

import pytest

from complaints.vault.crypto.errors import MalformedError
from complaints.vaultctl.comparing import IdentityInTextError, Leak, Texts, leaks_in, refuse_leaks

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors/identity_in_text_v1.json").read_text(encoding="utf-8")
)


def texts(text, known=()):
    return Texts((("Ringkasan", text),), tuple(known))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["what"])
def test_k05_fields_that_a_text_repeats(case):
    identity = case.get("identity", VECTORS["identity"])
    found = leaks_in(identity, texts(case["text"], case["known"]))
    assert [leak.field for leak in found] == case["fields"]


def test_k05_the_place_is_shown_with_the_words_around_it():
    found = leaks_in({"name": "Kartinah"}, texts("Menurut warga, ibu\nKartinah ada di balai desa."))
    assert found == [Leak("Ringkasan", "name", "Menurut warga, ibu Kartinah ada di balai desa.")]


def test_k05_clean_text_passes_and_the_refusal_names_nobody():
    refuse_leaks({"name": "Kartinah"}, texts("Camat mengumpulkan warga."))
    with pytest.raises(IdentityInTextError) as refused:
        refuse_leaks({"name": "Kartinah"}, texts("Kartinah melihatnya."))
    assert "Kartinah" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"texts": []},
        {"texts": {}, "known": []},
        {"texts": [{"place": "a"}], "known": []},
        {"texts": [{"place": "a", "text": 1}], "known": []},
        {"texts": [], "known": [1]},
    ],
)
def test_texts_of_another_form_are_refused(value):
    with pytest.raises(MalformedError):
        Texts.from_json(value)
