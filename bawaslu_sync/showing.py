"""How items and progress are shown. Nothing protected unless it was asked for by name."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from bawaslu_sync.items import Item
from bawaslu_sync.words import say


def state_words(item: Item, items: Iterable[Item] = ()) -> str:
    """Return why an item is where it is, in a few words."""
    if item.state == "parked":
        return say("perlu diperbaiki")
    if item.state == "sent":
        return say("terkirim")
    if item.state == "dropped":
        return say("dibuang")
    if item.is_unsure:
        return say("menunggu kepastian dari server (dikirim {at})", at=item.tried_at[:16])
    ahead = next((each for each in items if each.number == item.for_item), None)
    if ahead is not None and ahead.state != "sent":
        return say("menunggu butir {n}", n=ahead.number)
    return say("menunggu dikirim")


def lines_of(item: Item, items: Iterable[Item] = ()) -> list[str]:
    """Return an item as lines: kind, number, state, and what the server objects to, by field."""
    kind = {"complaint": say("laporan"), "finding": say("temuan"), "evidence": say("berkas")}
    state = state_words(item, items)
    reference = (item.answer or {}).get("reference")
    if reference:
        state += f" ({reference})"
    lines = [say("{kind} {n}: {state}", kind=kind[item.kind], n=item.number, state=state)]
    if item.state == "parked" and item.problem:
        lines.append(f"    {item.problem['code']}: {item.problem['detail']}")
        for name, messages in item.problem["errors"].items():
            lines += [f"    {name}: {message}" for message in messages]
    if item.receipt:
        lines.append(
            "    "
            + say(
                "Tanda terima butir {n} belum diserahkan: bawaslu-sync receipt {n}", n=item.number
            )
        )
    return lines


def as_json(value: Any) -> str:
    """Return JSON for a person to read."""
    return json.dumps(value, ensure_ascii=False, indent=2)


class ProgressBar:
    """Bars on a terminal: items, and the bytes of a file that is on its way. Silent elsewhere."""

    def __init__(self, total: int) -> None:
        self._items: tqdm[Any] = tqdm(
            total=total, desc=say("Mengirim"), disable=None, file=sys.stderr, leave=False
        )
        self._file: tqdm[Any] | None = None

    def began(self, item: Item) -> None:
        """Show which one is sent."""
        self._items.set_postfix_str(f"#{item.number}")

    def file_at(self, item: Item, received: int) -> None:
        """Show how far a file is."""
        if self._file is None:
            self._file = tqdm(
                total=(item.file or {}).get("size"),
                unit="B",
                unit_scale=True,
                disable=None,
                file=sys.stderr,
                leave=False,
            )
        self._file.update(received - self._file.n)

    def ended(self, item: Item) -> None:  # noqa: ARG002 -- contract
        """Go on to the next."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._items.update(1)

    def close(self) -> None:
        """Take the bars away."""
        if self._file is not None:
            self._file.close()
        self._items.close()
