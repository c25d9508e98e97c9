"""Text: UTF-8 and nothing else, with what cannot be seen made visible."""

import re
import unicodedata

from complaints.cleaner.errors import RefusalError
from complaints.cleaner.output import Copy, Output

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction: with them a text shows other words than it holds."""
PLAIN = "\n\t"
INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}
JOINERS = set("\u200c\u200d")
"""Scripts and emoji need them."""

MARKUP_START = re.compile(r"\s*<(?:[!?]|[a-z][\w:-]*[\s/>])", re.IGNORECASE)
MARKUP_ANYWHERE = re.compile(
    r"<(?:!doctype|html|svg|script|iframe|object|embed|body)\b", re.IGNORECASE
)
MAIL = re.compile(
    r"(?:(?:from|to|subject|date|received|return-path|delivered-to|x-[\w-]+|mime-version"
    r"|message-id|content-[\w-]+)[ :].*\n)(?:.*\n){0,80}?(?:mime-version|message-id|received"
    r"|content-type):",
    re.IGNORECASE,
)
PROGRAM_START = ("#!", "@echo off", "[internetshortcut]")
OFFICE_START = ("{\\rtf", "%!ps")


def clean_text(content: bytes, output: Output) -> Copy:
    """Write the text anew. Raises RefusalError for what is no text, or text of another trade."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusalError("unknown") from error
    if "\0" in text:
        raise RefusalError("unknown")
    _refuse_other_trades(text)
    removed = set()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        removed.add("line_ends")
    shown = []
    for character in text:
        if character in BIDI:
            removed.add("bidi_characters")
        elif character in PLAIN or character in JOINERS:
            shown.append(character)
            continue
        elif unicodedata.category(character) in INVISIBLE:
            removed.add("control_characters")
        else:
            shown.append(character)
            continue
        shown.append(f"[U+{ord(character):04X}]")
    part = output.add("".join(shown).encode(), "main", "text/plain")
    return Copy("text", (part,), removed=removed)


def _refuse_other_trades(text: str) -> None:
    start = text.lstrip().lower()
    if MARKUP_START.match(text) or MARKUP_ANYWHERE.search(text):
        raise RefusalError("markup")
    if MAIL.match(text.replace("\r\n", "\n")):
        raise RefusalError("mail")
    if start.startswith(OFFICE_START):
        raise RefusalError("office")
    if start.startswith(PROGRAM_START):
        raise RefusalError("program")
