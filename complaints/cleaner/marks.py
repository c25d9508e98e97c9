"""What an officer orders on a copy: boxes burnt in, and the mark of whoever takes it along.

It is done where copies are made: no other process decodes a picture.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from complaints.cleaner.errors import FailureError

ORDERS_BYTES = 64 * 1024
MOST_BOXES = 200
LONGEST_MARK = 120
Alter = Callable[[Image.Image, int], Image.Image]
"""Takes a picture and its page (1 for an image), gives the picture to write."""


@dataclass(frozen=True)
class Box:
    """A region to burn out; all four as shares of the picture, from its upper left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Orders:
    """Boxes and the words of the watermark, either may be missing."""

    boxes: tuple[Box, ...] = ()
    watermark: str = ""

    def to_json(self) -> bytes:
        """Return what :func:`read_orders` reads."""
        boxes = [[box.page, box.x, box.y, box.width, box.height] for box in self.boxes]
        return json.dumps({"boxes": boxes, "watermark": self.watermark}).encode()

    def alter(self, canvas: Image.Image, page: int) -> Image.Image:
        """Return the picture with what was ordered for this page."""
        draw = ImageDraw.Draw(canvas)
        for box in self.boxes:
            if box.page == page:
                draw.rectangle(_pixels(box, canvas.size), fill="black")
        return _watermarked(canvas, self.watermark) if self.watermark else canvas


def read_orders(line: bytes) -> Orders:
    """Read orders. Raises FailureError("answer") for what makes no sense."""
    try:
        told: Any = json.loads(line)
        boxes = tuple(
            Box(int(page), *(float(share) for share in shares)) for page, *shares in told["boxes"]
        )
        watermark = str(told["watermark"])
    except (ValueError, TypeError, KeyError) as error:
        raise FailureError("answer") from error
    sane = all(
        box.page >= 1
        and 0 <= box.x < 1
        and 0 <= box.y < 1
        and 0 < box.width <= 1
        and 0 < box.height <= 1
        for box in boxes
    )
    if not sane or len(boxes) > MOST_BOXES or len(watermark) > LONGEST_MARK:
        raise FailureError("answer")
    return Orders(boxes, watermark)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return whole pixels, outwards: a region is never smaller than it was drawn."""
    width, height = size
    left, top = int(box.x * width), int(box.y * height)
    right = min(width, -int(-(box.x + box.width) * width // 1))
    bottom = min(height, -int(-(box.y + box.height) * height // 1))
    return left, top, max(right - 1, left), max(bottom - 1, top)


def _watermarked(canvas: Image.Image, words: str) -> Image.Image:
    """Lay the words over the picture again and again, light and dark, so that no crop is without."""
    size = max(14, min(canvas.size) // 28)
    font = ImageFont.load_default(size)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(words))
    line = Image.new("L", (right - left + size * 3, bottom - top + size * 3), 0)
    ImageDraw.Draw(line).text((size - left, size - top), words, font=font, fill=255)
    tile = line.rotate(24, expand=True)
    mask = Image.new("L", canvas.size, 0)
    for row, y in enumerate(range(0, canvas.height, max(1, tile.height * 3 // 4))):
        for x in range(-(row % 2) * tile.width // 2, canvas.width, tile.width):
            mask.paste(tile, (x, y), tile)
    dark = mask.point(lambda level: level * 70 // 255)
    light = mask.point(lambda level: level * 90 // 255)
    canvas.paste(Image.new("RGB", canvas.size, "white"), (1, 1), light)
    canvas.paste(Image.new("RGB", canvas.size, "black"), (0, 0), dark)
    return canvas
