"""Evidence: sealed originals, the safe copies made of them, and what of links may be compared.

protection.md C. Nothing here holds the digest of an original in clear: the accused may own the same
file and could match it. It lies in the manifest, sealed with the file.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.complaint import Complaint
from complaints.states import EvidenceAction, EvidenceStatus


class Upload(models.Model):
    """A file on its way in. Its key lies in the reporter's session, which the server cannot open.

    ``complaint`` is set where the report was sent before the file was whole. ``length`` is the true size
    in bytes, announced before the first part; ``received`` how much of it is here. ``object_name`` stands
    once all parts were joined. The row goes when the file becomes evidence, or when its time is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    length = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    object_name = models.CharField(max_length=80, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="upload_holds_at_most_its_length",
                condition=models.Q(received__gte=0, received__lte=models.F("length")),
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class UploadPart(models.Model):
    """One sealed piece of an upload; the next one begins where it ends."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    offset = models.BigIntegerField()
    size = models.BigIntegerField()
    object_name = models.CharField(max_length=80)

    class Meta:
        ordering = ["offset"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "offset"], name="upload_part_once"),
        ]

    def __str__(self) -> str:
        return f"part of {self.upload_id} from {self.offset}"


class Evidence(models.Model):
    """One file of a record: the sealed original and where its safe copy stands.

    ``manifest`` (canonical JSON: object, SHA-256 and size of the original, its name, the day it came) is
    sealed under the file's own key. ``manifest_sha256`` covers a random salt too, so that it proves the
    manifest later and tells nothing before; it is what the audit log holds. ``wrap`` is the file's key,
    sealed to the verification desk ``group`` in ``epoch`` or, while no desk's key was at hand, under the
    server's keyring. ``refusal`` is the cleaner's code for what it would not take. ``sealed_sha256`` covers
    the object as it lies in the storage, noted by the first check of it; it tells nothing of the file.
    """

    class Kind(models.TextChoices):
        UNKNOWN = "", _("Berkas")
        IMAGE = "image", _("Foto atau gambar")
        PDF = "pdf", _("Dokumen PDF")
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Rekaman suara")
        TEXT = "text", _("Teks")

    class Scheme(models.TextChoices):
        DESK = "desk"
        ENVELOPE = "envelope"

    class Scan(models.TextChoices):
        """What the virus scanner said."""

        NOT_SCANNED = "not_scanned", _("Tidak dipindai")
        CLEAN = "clean", _("Dipindai, tidak ditemukan virus")
        HIT = "hit", _("Terdeteksi virus")
        STALE = "stale", _("Daftar virus usang")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="evidence")
    number = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    received_on = models.DateField()
    status = models.CharField(max_length=10, choices=EvidenceStatus.choices)
    status_at = models.DateTimeField()
    kind = models.CharField(max_length=6, choices=Kind.choices, blank=True)
    object_id = models.UUIDField(unique=True)
    object_name = models.CharField(max_length=80, blank=True)
    sealed_bytes = models.BigIntegerField()
    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    group = models.CharField(max_length=40, blank=True)
    epoch = models.PositiveIntegerField(null=True)
    wrap = models.BinaryField(null=True)
    manifest = models.BinaryField(null=True)
    manifest_sha256 = models.BinaryField()
    manifest_logged_on = models.DateField(null=True)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    refusal = models.CharField(max_length=40, blank=True)
    sealed_sha256 = models.BinaryField(null=True)
    checked_on = models.DateField(null=True)
    image_hashes = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        ordering = ["complaint", "number"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="evidence_number_once"),
            models.CheckConstraint(
                name="evidence_status_known",
                condition=models.Q(status__in=EvidenceStatus.values),
            ),
            models.CheckConstraint(
                name="evidence_names_the_desk_it_is_sealed_to",
                condition=(
                    models.Q(scheme="envelope", group="", epoch__isnull=True)
                    | (models.Q(scheme="desk", epoch__isnull=False) & ~models.Q(group=""))
                ),
            ),
            # What was erased has no key any more, whoever erased it.
            models.CheckConstraint(
                name="evidence_erased_has_no_key",
                condition=~models.Q(status="erased")
                | models.Q(wrap__isnull=True, manifest__isnull=True, object_name=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_on"],
                name="evidence_manifest_not_logged",
                condition=models.Q(manifest_logged_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"bukti-{self.number}"


class EvidenceEvent(TransitionEvent):
    """History of a piece of evidence: half of its chain of custody, the audit log is the other."""

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="evidence_event_action_known",
                condition=models.Q(action__in=["create", *EvidenceAction.values]),
            ),
        ]


class CleanerJob(models.Model):
    """The file's key, sealed to the cleaner for as long as it works on the file; then the row goes.

    After that the cleaner's key opens nothing any more (check E27).
    """

    evidence = models.OneToOneField(
        Evidence, on_delete=models.CASCADE, primary_key=True, related_name="cleaner_job"
    )
    wrap = models.BinaryField()

    def __str__(self) -> str:
        return f"cleaning of {self.evidence_id}"


class Derivative(models.Model):
    """A safe copy that officers see, sealed under the server's keyring.

    Generation 0 is the cleaner's; later ones are an officer's, with ``regions`` burnt in
    (page, then left, top, width and height in ten-thousandths of the picture). ``part`` tells
    the copy itself from pictures of its pages and a video's still. ``chain_sha256`` covers the chain of
    the copy it was made of (for generation 0 the manifest's digest) and this row's facts.
    """

    class Part(models.TextChoices):
        MAIN = "main"
        PAGE = "page"
        POSTER = "poster"

    append_only = True

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="derivatives")
    generation = models.PositiveSmallIntegerField(default=0)
    part = models.CharField(max_length=6, choices=Part.choices, default=Part.MAIN)
    page = models.PositiveSmallIntegerField(default=0)
    made_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_on = models.DateField()
    content_type = models.CharField(max_length=40)
    extension = models.CharField(max_length=5)
    size_bytes = models.BigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    pages = models.PositiveSmallIntegerField(null=True)
    seconds = models.FloatField(null=True)
    sha256 = models.BinaryField()
    chain_sha256 = models.BinaryField()
    regions = models.JSONField(default=list)
    log = models.JSONField(default=list)
    tools = models.JSONField(default=dict)

    class Meta:
        ordering = ["evidence", "generation", "part", "page"]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "generation", "part", "page"], name="derivative_once"
            ),
            models.CheckConstraint(
                name="derivative_of_an_officer_names_them",
                condition=models.Q(generation=0, made_by__isnull=True)
                | models.Q(generation__gt=0, made_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"copy {self.generation} of {self.evidence_id}"


class DerivativeFile(models.Model):
    """Where a copy lies and its key, sealed under the server's keyring. Erased apart from the facts."""

    derivative = models.OneToOneField(
        Derivative, on_delete=models.CASCADE, primary_key=True, related_name="file"
    )
    object_name = models.CharField(max_length=80)
    key = models.BinaryField()
    checked_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"file of {self.derivative_id}"


class OriginalOpening(models.Model):
    """Who took the sealed original to open it at the desk, what for and when. Never changed."""

    append_only = True

    class Purpose(models.TextChoices):
        MANUAL_CHECK = "manual_check", _("Pemeriksaan manual: salinan aman tidak dapat dibuat")
        COMPARE = "compare", _("Membandingkan salinan dengan aslinya")
        COURT = "court", _("Salinan untuk pengadilan")

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="openings")
    verifier = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    reason = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="original_opening_purpose_known",
                condition=models.Q(purpose__in=["manual_check", "compare", "court"]),
            ),
        ]

    def __str__(self) -> str:
        return f"opening of {self.evidence_id}"


class EvidenceLink(models.Model):
    """What of a link may be seen and compared: never the mark of whoever shared it.

    The link as it was given lies in the sealed statement. ``key`` is the canonical key of the post
    (``complaints/links``), "" where the link does not tell it; then ``clean_url`` is empty too and the
    long form is asked for. ``erased_on`` is the day on which what it named was erased with the record's
    evidence.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="links")
    platform = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, blank=True)
    key = models.CharField(max_length=300, blank=True)
    clean_url = models.CharField(max_length=2048, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    added_on = models.DateField()
    erased_on = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "key"],
                condition=~models.Q(key=""),
                name="evidence_link_once",
            ),
        ]
        indexes = [
            models.Index(fields=["key"], name="evidence_link_key", condition=~models.Q(key="")),
        ]

    def __str__(self) -> str:
        return self.key or self.platform
