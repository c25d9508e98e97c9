"""Which maker of copies takes the file."""

import os
from typing import BinaryIO

from complaints.cleaner import limits
from complaints.cleaner.errors import RefusalError
from complaints.cleaner.facts import Facts
from complaints.cleaner.kinds import HEAD_BYTES, claimed_format
from complaints.cleaner.marks import Orders
from complaints.cleaner.output import Output


def clean(source: int, target: BinaryIO, *, ffmpeg: str, orders: Orders | None = None) -> Facts:
    """Read a descriptor, write the copy to ``target``, return what it is.

    With ``orders`` the source is a copy already, and only pictures and PDF take them. A copy may be
    larger than what it was made of.

    Each maker is loaded when it is needed: a decoder that is not asked cannot be attacked, and the
    start is a good part of a small file's time. Raises RefusalError, FailureError, MemoryError.
    """
    size = os.fstat(source).st_size
    if size > limits.LARGEST_BYTES:
        raise RefusalError("too_large")
    found = claimed_format(os.pread(source, HEAD_BYTES, 0))
    kind = found.kind if found else "text"
    output = Output(target)
    if orders and kind not in {"image", "pdf"}:
        raise RefusalError("unknown")
    alter = orders.alter if orders else None
    if found and kind in {"video", "audio"}:
        from complaints.cleaner.media import clean_media  # noqa: PLC0415 -- see above

        return clean_media(size, found.decoder, ffmpeg, source, output).facts()
    if not orders and size > limits.SIZE_BYTES[kind]:
        raise RefusalError("too_large")
    content = os.pread(source, size, 0)
    if found and kind == "image":
        from complaints.cleaner.images import clean_image  # noqa: PLC0415 -- see above

        return clean_image(content, found.decoder, output, alter=alter).facts()
    if found:
        from complaints.cleaner.documents import clean_pdf  # noqa: PLC0415 -- see above

        return clean_pdf(content, output, alter=alter).facts()
    from complaints.cleaner.texts import clean_text  # noqa: PLC0415 -- see above

    return clean_text(content, output).facts()
