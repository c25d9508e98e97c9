"""An office's own wordings of messages to reporters; the nation's stand in ``complaints/data``."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.states import Requirement


class LetterStep(models.TextChoices):
    """What sending the wording does besides."""

    MESSAGE = "message", _("Pesan biasa")
    ASK_REPAIR = "ask_repair", _("Minta dilengkapi")


class Approval(models.TextChoices):
    """Whether a second person of the office read a wording."""

    BEFORE = "before", _("Berlaku sebelum orang kedua diminta")
    WAITING = "waiting", _("Menunggu rekan")
    APPROVED = "approved", _("Disetujui")
    REFUSED = "refused", _("Tidak disetujui")


IN_USE = (Approval.BEFORE, Approval.APPROVED)
"""What letters offer. The release before writes without asking anybody: its rows are BEFORE."""


class LetterTemplate(models.Model):
    """One wording of one office, in force from a day until the day before ``valid_until``.

    A macro is a wording with more: the step it belongs to, what is asked for, who has the record after.
    Words are never changed: one colleague proposes them, another approves or refuses (``decided_by``), and
    an office ends one before it writes the next of the same name. ``valid_from`` is the day of the
    proposal until it is approved, of the approval after; a refusal ends it on its day.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="letter_templates")
    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    body = models.TextField()
    step = models.CharField(max_length=12, choices=LetterStep.choices)
    requirements = ArrayField(
        models.CharField(max_length=20, choices=Requirement.choices), default=list, blank=True
    )
    assigns_sender = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approval = models.CharField(
        max_length=8, choices=Approval.choices, db_default=Approval.BEFORE.value
    )
    # Nobody looks for what somebody decided: no index, so that adding it held users for a moment alone.
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_on = models.DateField(null=True)
    refusal = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                name="letter_template_step_known",
                condition=models.Q(step__in=LetterStep.values),
            ),
            models.CheckConstraint(
                name="letter_template_ends_after_it_begins",
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
            ),
            models.UniqueConstraint(
                fields=["office", "code"],
                condition=models.Q(valid_until__isnull=True),
                name="one_letter_template_in_force",
            ),
            models.CheckConstraint(
                name="letter_template_approved_by_another",
                condition=models.Q(
                    approval__in=["before", "waiting"],
                    decided_by__isnull=True,
                    decided_on__isnull=True,
                )
                | models.Q(
                    ~models.Q(decided_by=models.F("made_by")),
                    approval__in=["approved", "refused"],
                    decided_by__isnull=False,
                    decided_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="letter_template_refused_with_words",
                condition=models.Q(
                    ~models.Q(refusal=""), ~models.Q(valid_until=None), approval="refused"
                )
                | (~models.Q(approval="refused") & models.Q(refusal="")),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def requirement_words(self) -> list[str]:
        """What it asks for, in words."""
        return [str(Requirement(code).label) for code in self.requirements]

    @property
    def is_waiting(self) -> bool:
        """Whether a colleague may still approve or refuse it."""
        return self.approval == Approval.WAITING and self.valid_until is None
