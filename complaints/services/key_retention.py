"""Ending keys: closing an epoch, erasing it for good, and taking the dead rows off the disk."""

import re
import time
from datetime import datetime

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.keyring.models import Erasure, GroupEpoch, KeyGroup, MemberWrap, ReportWraps
from bawaslu_cases.shared.databases import KEYRING
from complaints.errors import VaultRefusedError
from complaints.models import Evidence
from complaints.services.vault import KEYRING_BACKUPS_KEPT


def close_epoch(*, group: str) -> GroupEpoch | None:
    """Let nothing new be sealed to a group until it has another epoch; None when it had none."""
    row = GroupEpoch.objects.filter(group_id=group, is_current=True).first()
    if row is not None:
        row.is_current = False
        row.save(update_fields=["is_current"])
    return row


class EpochInUseError(VaultRefusedError):
    """Shares still lie under this epoch's key: erasing it would erase them."""

    code = "epoch_in_use"


def erase_epoch(*, group: str, epoch: int, at: datetime, with_reports: bool = False) -> Erasure:
    """Erase every copy of an epoch's key that the server keeps; what is sealed to it never opens again.

    Members' clients keep none. Raises EpochInUseError for the current epoch, and while shares or originals
    of evidence lie under it unless ``with_reports``. Run :func:`empty_keyring` afterwards.
    """
    row = GroupEpoch.objects.filter(group_id=group, epoch=epoch).first()
    if row is None or row.is_current:
        raise EpochInUseError(_("Masa kunci ini masih dipakai atau tidak ada."))
    side = "a" if row.group.side == KeyGroup.Side.A else "b"
    under = ReportWraps.objects.filter(**{f"group_{side}": group, f"epoch_{side}": epoch})
    if under.exists() and not with_reports:
        raise EpochInUseError(_("Masih ada identitas yang terkunci dengan kunci ini."))
    originals = Evidence.objects.filter(group=group, epoch=epoch, wrap__isnull=False)
    if originals.exists() and not with_reports:
        raise EpochInUseError(_("Masih ada berkas asli yang terkunci dengan kunci ini."))
    with transaction.atomic(using=KEYRING):
        MemberWrap.objects.filter(group_epoch=row).delete()
        under.delete()
        return Erasure.objects.create(
            group=group,
            epoch=epoch,
            why=Erasure.Why.EPOCH,
            erased_on=at.date(),
            complete_on=at.date() + KEYRING_BACKUPS_KEPT,
        )


class KeyringBusyError(VaultRefusedError):
    """A transaction on the keyring stays open, so dead rows could not be taken off the disk."""

    code = "keyring_busy"


WAIT_SECONDS, ASK_EVERY_SECONDS = 30.0, 0.1
_LEFT = re.compile(r"(\d+) dead row versions cannot be removed yet")


def _rewrite(cursor: CursorWrapper, table: str) -> int:
    """Copy a table without its dead rows; return how many had to be copied too, as the server tells.

    The copy alone would keep what any transaction of the whole server could see, those of the other
    databases too. Clearing first asks only about this database, and leaves the copy nothing dead to keep.
    """
    notices: list[str] = cursor.connection.notices
    cursor.execute(f'VACUUM (INDEX_CLEANUP ON) "{table}"')
    notices.clear()
    cursor.execute(f'VACUUM (FULL, VERBOSE) "{table}"')
    return sum(int(number) for number in _LEFT.findall("".join(notices)))


def empty_keyring() -> None:
    """Rewrite the tables of wraps without their dead rows and begin a new file of the change log.

    A deleted row stays in the table's file until then (protection.md 0.7). Needs the owner's rights and
    no transaction; locks both tables for as long as they are copied, milliseconds at 100,000 reports.
    A dead row that an open transaction of the keyring could still see is copied too (the server's own
    analysis of tables is one), so it is done again until none is. Raises KeyringBusyError when that
    takes too long: run it again.
    """
    until = time.monotonic() + WAIT_SECONDS
    with connections[KEYRING].cursor() as cursor:
        for model in (ReportWraps, MemberWrap):
            while _rewrite(cursor, model._meta.db_table):
                if time.monotonic() > until:
                    raise KeyringBusyError(
                        _("Basis data kunci sedang dipakai. Jalankan penghapusan sekali lagi.")
                    )
                time.sleep(ASK_EVERY_SECONDS)
        cursor.execute("SELECT pg_switch_wal()")
