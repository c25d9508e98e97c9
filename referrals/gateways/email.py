"""A notice without content: something waits, fetched once over a link that ends by itself."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.outbox.topics import PermanentError
from referrals.gateways.base import Address, AddressError, Handed, Parcel

SUBJECT = "Ada berkas untuk lembaga Anda / A file is waiting for your office"
BODY = """\
Ada berkas resmi untuk lembaga Anda. Buka tautan ini untuk mengambilnya, satu kali,
paling lambat 14 hari lagi. Berkasnya terkunci dengan kunci lembaga Anda.

An official file is waiting for your office. Open this link to fetch it, once, within
14 days. The file is closed with your office's key.

{link}

Surel ini sengaja tanpa isi dan tidak dibaca jika dibalas.
This message has no content on purpose; replies are not read.
"""


class EmailGateway:
    """Sends the notice; the link is the same at every attempt, and so is the message's id."""

    carries = False
    fields: tuple[str, ...] = ("email",)

    def checked(self, address: Address) -> dict[str, Any]:
        """Return the mailbox."""
        email = str(address.get("email", "")).strip()
        try:
            validate_email(email)
        except ValidationError as error:
            raise AddressError("email", str(_("Tulis alamat surel yang benar."))) from error
        return {"email": email}

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:
        """Send by the configured server. Raises what it raises."""
        if not settings.EMAIL_HOST or not parcel.link:
            raise PermanentError("no mail server is configured")
        message_id = f"<{parcel.key}@{settings.EMAIL_MESSAGE_DOMAIN}>"
        EmailMessage(
            SUBJECT,
            BODY.format(link=parcel.link),
            to=[address["email"]],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        ).send()
        return Handed()
