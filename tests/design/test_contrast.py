"""Every contrast the design promises, recomputed from tokens.css (WCAG 2.x relative luminance)."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"

# text, ground, least ratio: body text AAA, other text AA, control borders and focus 3
PAIRS = [
    *[("text", ground, 7.0) for ground in ("paper", "surface", "sunken", "ink-50")],
    *[("text", f"{tone}-50", 7.0) for tone in ("red", "amber", "green", "blue")],
    *[("text-2", ground, 7.0) for ground in ("paper", "surface", "sunken")],
    *[("text-2", f"{tone}-50", 4.5) for tone in ("red", "amber", "green", "blue", "ink")],
    *[("text-3", ground, 4.5) for ground in ("paper", "surface", "sunken")],
    *[("link", ground, 7.0) for ground in ("paper", "surface", "sunken", "ink-50")],
    *[("ink", ground, 7.0) for ground in ("paper", "surface", "ink-50")],
    *[(tone, f"{tone}-50", 4.5) for tone in ("red", "amber", "green", "blue")],
    *[(tone, ground, 4.5) for tone in ("red", "amber", "green") for ground in ("paper", "surface")],
    ("on-button", "button", 7.0),
    ("on-button", "button-hover", 7.0),
    ("surface", "text", 7.0),
    ("surface", "text-2", 4.5),
    *[("line-strong", ground, 3.0) for ground in ("paper", "surface", "sunken")],
    *[("focus", ground, 3.0) for ground in ("paper", "surface", "sunken", "focus-halo")],
    ("on-deep", "deep", 7.0),
    ("on-deep-2", "deep", 7.0),
    ("on-deep-3", "deep", 7.0),
    ("on-deep", "deep-3", 7.0),
    ("deep-line", "deep", 3.0),
    ("focus-deep", "deep", 3.0),
    ("focus-deep", "focus-halo-deep", 3.0),
    ("deep", "on-deep-2", 7.0),
]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", block))


def _blocks() -> dict[str, dict[str, str]]:
    source = TOKENS.read_text()
    found = {
        "light": re.search(r":root \{(.*?)\n  \}", source, re.DOTALL),
        "system": re.search(r":root:not\(\[data-theme=\"light\"\]\) \{(.*?)\}", source, re.DOTALL),
        "chosen": re.search(r":root\[data-theme=\"dark\"\] \{(.*?)\}", source, re.DOTALL),
    }
    return {name: _colours(match.group(1)) if match else {} for name, match in found.items()}


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the WCAG ratio of two colours, 1–21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_formula_against_known_values():
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21.0
    assert round(contrast("#4C2A85", "#FFFFFF"), 2) == 10.62
    assert contrast("#777777", "#777777") == 1.0


def test_both_copies_of_the_dark_scheme_agree():
    blocks = _blocks()
    assert len(blocks["system"]) > 20
    assert blocks["system"] == blocks["chosen"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_contrast(scheme, text, ground, least):
    blocks = _blocks()
    colours = blocks["light"] | (blocks["system"] if scheme == "dark" else {})
    ratio = contrast(colours[text], colours[ground])
    assert ratio >= least, f"{text} on {ground} ({scheme}): {ratio:.2f} < {least}"


def test_no_other_stylesheet_names_a_status_colour():
    """Colours live in tokens.css; white, black and the ink's own shades may appear beside it."""
    tokens = {value.upper() for block in _blocks().values() for value in block.values()}
    allowed = {"#FFFFFF", "#FFF", "#000", "#222", "#333", "#999", "#C9B8EC"}
    for sheet in TOKENS.parent.glob("*.css"):
        if sheet == TOKENS:
            continue
        used = {match.upper() for match in re.findall(r"#[0-9A-Fa-f]{3,8}\b", sheet.read_text())}
        assert used - allowed - tokens == set(), sheet.name
        assert not (used & tokens - allowed), f"{sheet.name}: use the token"
