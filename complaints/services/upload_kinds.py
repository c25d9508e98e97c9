"""What a file on its way in may be called, and what its first bytes say."""

from django.utils.translation import gettext_lazy as _

from complaints.cleaner.errors import RefusalError
from complaints.cleaner.kinds import HEAD_BYTES, claimed_format
from complaints.cleaner.limits import MEGABYTE, SIZE_BYTES
from complaints.errors import UploadRefusedError

MAX_NAME = 200
"""Characters kept of a file's name."""
_KIND = _("Berkas jenis ini tidak bisa diterima.")


def shown_name(name: str) -> str:
    """Return a file's name without folders and without signs that hide or turn what follows."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:MAX_NAME]


def judge_head(head: bytes, length: int) -> None:
    """Refuse what begins like nothing that is taken, once enough of it is here to tell.

    Only a kindness: it spares its owner the rest of the upload. The cleaner decides (check E09).
    """
    if len(head) < min(HEAD_BYTES, length):
        return
    try:
        claimed = claimed_format(head[:HEAD_BYTES])
    except RefusalError as refusal:
        raise UploadRefusedError(_KIND, code=refusal.code) from None
    most = SIZE_BYTES[claimed.kind if claimed else "text"]
    if length > most:
        raise UploadRefusedError(
            _("Berkas jenis ini paling besar %(size)d MB.") % {"size": most // MEGABYTE},
            code="too_large",
        )
