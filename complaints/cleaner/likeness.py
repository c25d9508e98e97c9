"""A 64-bit perceptual hash: pictures that look alike differ in few bits.

The steps are those of ImageHash's ``phash``: 32 x 32 grey, discrete cosine transform, the 8 x 8 lowest
frequencies against their median. Written out here, as numpy and scipy weigh 100 MB for 1,024 numbers.
"""

import math
from statistics import median

from PIL import Image

SIDE, LOW = 32, 8
COSINES = [
    [math.cos(math.pi * wave * (2 * place + 1) / (2 * SIDE)) for place in range(SIDE)]
    for wave in range(LOW)
]
FLAT = 8
"""Grey levels between the darkest and the lightest of 1,024 places; below it there is nothing to know."""


def perceptual_hash(image: Image.Image) -> int | None:
    """Return the hash as a signed 64-bit number, None for an empty page or a plain surface."""
    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    grey = list(small.tobytes())
    if max(grey) - min(grey) < FLAT:
        return None
    rows = [grey[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    across = [[_dot(row, cosine) for cosine in COSINES] for row in rows]
    columns = list(zip(*across, strict=True))
    low = [_dot(column, cosine) for cosine in COSINES for column in columns]
    middle = median(low)
    bits = 0
    for value in low:
        bits = bits << 1 | (value > middle)
    return bits - (1 << 64) if bits >> 63 else bits


def _dot(left: "list[int] | tuple[float, ...]", right: list[float]) -> float:
    return sum(one * other for one, other in zip(left, right, strict=True))
