"""The reporter's receipt and the reporter's short-lived session. Useless without what they hold."""

from django.db import models

from complaints.models.complaint import Complaint


class Receipt(models.Model):
    """What remains of a receipt code: its handle, a salt, what proves it, its mailbox's public key.

    ``consent_pk`` checks a consent that only the holder of the code can sign.
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="receipt"
    )
    handle = models.CharField(max_length=5)
    salt = models.BinaryField()
    verifier = models.BinaryField()
    mailbox_pk = models.BinaryField()
    consent_pk = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["handle"], name="receipt_handle")]

    def __str__(self) -> str:
        return f"receipt of {self.complaint_id}"


class ReporterSession(models.Model):
    """A draft or an opened mailbox, sealed under a key that only the reporter's cookie holds.

    Keyed by a digest of the cookie, so a copy of the database opens none of them.
    """

    token_digest = models.BinaryField(primary_key=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "reporter session"


class SavedDraft(models.Model):
    """A draft that its reporter put aside, sealed under a key that only the 20 digits give.

    Gone three days after it was last kept; the day is known, never the hour.
    """

    handle = models.CharField(max_length=5)
    salt = models.BinaryField()
    verifier = models.BinaryField()
    sealed = models.BinaryField()
    expires_on = models.DateField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["handle"], name="saved_draft_handle")]

    def __str__(self) -> str:
        return "saved draft"
