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


class LetterTemplate(models.Model):
    """One wording of one office, in force from a day until the day before ``valid_until``.

    A macro is a wording with more: the step it belongs to, what is asked for, who has the record after.
    Words in force are never changed: an office ends one and writes the next.
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
        ]

    def __str__(self) -> str:
        return self.code
