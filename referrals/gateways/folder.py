"""A folder that both sides see: a file appears there whole, under its last name, or not at all."""

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.outbox.topics import PermanentError
from referrals.gateways.base import Address, AddressError, Handed, Parcel

FOLDER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class FolderGateway:
    """Writes below ``settings.REFERRAL_DROP_ROOT``, in the folder of the destination."""

    carries = True
    fields: tuple[str, ...] = ("folder",)

    def checked(self, address: Address) -> dict[str, Any]:
        """Return the folder's name: one word, no path."""
        folder = str(address.get("folder", "")).strip()
        if not FOLDER.fullmatch(folder):
            raise AddressError("folder", str(_("Huruf kecil, angka, dan tanda hubung saja.")))
        return {"folder": folder}

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:
        """Write beside, then rename; a file that is there already was handed over."""
        if not settings.REFERRAL_DROP_ROOT:
            raise PermanentError("no drop folder is configured")
        folder = Path(settings.REFERRAL_DROP_ROOT) / self.checked(address)["folder"]
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        target = folder / parcel.file_name
        if target.exists():
            return Handed(receipt=parcel.file_name)
        beside = folder / f".{parcel.file_name}.part"
        with beside.open("wb") as file:
            file.write(parcel.content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        return Handed(receipt=parcel.file_name)
