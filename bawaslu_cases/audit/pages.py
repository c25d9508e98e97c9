"""What reporters are served, signed at its release, compared by anybody (check H20). Needs no Django.

The manifest names pages and scripts with their SHA-256. ``manage.py page_manifest`` makes it from a
release that is trusted; whoever watches the real server runs this file, alone if need be:

    python pages.py MANIFEST KEY https://host

It prints what differs and exits 1. KEY is the verifier line that lies beside the audit checkpoints.
What differs on every load (form token, puzzle, filling) is masked; nothing else is.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAGES: Final = ("/f/", "/s/", "/jejak", "/en/f/", "/en/s/")
"""Pages that are the same for everybody: the first of the form, and of the way back."""

LABEL: Final = b"bawaslu/pages/v1\n"
SECONDS: Final = 20

_MASKS: Final = (
    re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*'),
    re.compile(rb'(data-(?:challenge|salt|signature|most)=")[^"]*'),
)


class ManifestError(ValueError):
    """The file is no manifest, or not signed by this key."""


def masked(page: bytes) -> bytes:
    """Return a page without what is new on every load: tokens, puzzles, filling at its end."""
    for mask in _MASKS:
        page = mask.sub(rb"\1", page)
    return page.rstrip(b"\n")


def digests(base: str, addresses: Iterable[str]) -> dict[str, str]:
    """Fetch each address from a server and return its digest, or why there is none."""
    return {address: _digest(base.rstrip("/") + address) for address in addresses}


def _digest(address: str) -> str:
    if not address.startswith(("https://", "http://")):
        raise ManifestError("a server is named by https:// or http://")
    request = Request(address, headers={"Accept-Encoding": "identity"})  # noqa: S310 -- checked above
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 -- checked above
            return hashlib.sha256(masked(answer.read())).hexdigest()
    except HTTPError as error:
        return f"status {error.code}"
    except (URLError, OSError) as error:
        return f"no answer: {type(error).__name__}"


def sign_manifest(found: Mapping[str, str], key: Ed25519PrivateKey) -> str:
    """Return the manifest as text, signed."""
    signature = base64.b64encode(key.sign(_message(found))).decode()
    return json.dumps({"digests": found, "signature": signature}, indent=1, sort_keys=True) + "\n"


def read_manifest(text: str, key: Ed25519PublicKey) -> dict[str, str]:
    """Return the digests of a manifest. Raises ManifestError unless ``key`` signed it."""
    try:
        value: dict[str, Any] = json.loads(text)
        found: dict[str, str] = value["digests"]
        key.verify(base64.b64decode(value["signature"], validate=True), _message(found))
    except (ValueError, KeyError, TypeError, InvalidSignature) as error:
        raise ManifestError("not a manifest of this key") from error
    return found


def differences(wanted: Mapping[str, str], base: str) -> list[str]:
    """Return a line for each address whose content is not what was signed."""
    got = digests(base, wanted)
    return [
        f"{address}: {got[address][:16]}, signed was {digest[:16]}"
        for address, digest in sorted(wanted.items())
        if got[address] != digest
    ]


def _message(found: Mapping[str, str]) -> bytes:
    return LABEL + json.dumps(found, sort_keys=True, separators=(",", ":")).encode()


def main(arguments: list[str]) -> int:
    """Compare; return 0 when all is as signed, 1 when not, 2 when the manifest itself is not."""
    manifest, line, base = arguments
    raw = base64.b64decode(line.strip().split("+", 2)[2])
    try:
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
        wanted = read_manifest(Path(manifest).read_text(encoding="utf-8"), key)
    except (ManifestError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    found = differences(wanted, base)
    sys.stdout.write("".join(f"{line}\n" for line in found) or f"{len(wanted)} as signed\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
