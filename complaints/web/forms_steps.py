"""Forms of the steps officers take of a record, and of the small things beside them."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import dateformat
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.forms import CardNote, HouseForm, RadioCards
from complaints.rules.refusals import Review, why_not_on
from complaints.services.notes import MAX_NOTE
from complaints.states import ComplaintAction, RefusalGround, TakeoverGround
from complaints.web.forms_desk import DayField, ReasonForm

AS_TIP = _(
    "Syarat formal tidak terpenuhi, syarat materiel terpenuhi. Diusulkan menjadi informasi awal "
    "(Perbawaslu 7/2022 ps 24 ayat (8))."
)


class StepForm(ReasonForm):
    """One step of a record: what the table demands, and no more."""

    def reason_text(self) -> str:
        """Return the reason as it goes on the record."""
        return str(self.cleaned_data["reason"])

    def target(self) -> Office | None:
        """Return the office that was chosen, where one is."""
        return None


class RefusalForm(StepForm):
    """Why a report should not be registered: the ground in the law's words, then one's own."""

    ground = forms.ChoiceField(
        label=_("Dasar"),
        choices=RefusalGround.choices,
        widget=RadioCards,
        error_messages={"required": _("Pilih dasarnya")},
    )
    field_order = ("ground", "reason", "seen")

    def say_what_is_against(self, review: Review) -> None:
        """Say under each ground that the record contradicts why it cannot be taken now."""
        ground: Any = self.fields["ground"].widget
        ground.notes = {
            value: CardNote(text=why)
            for value in RefusalGround.values
            if (why := why_not_on(value, review))
        }

    def reason_text(self) -> str:
        """Return ground and words together: the plenary reads both."""
        label = RefusalGround(self.cleaned_data["ground"]).label
        return f"{label}. {self.cleaned_data['reason']}"


class TakeoverForm(StepForm):
    """Why the level above should take the matter."""

    ground = forms.ChoiceField(
        label=_("Dasar (ps 40 ayat (3))"),
        choices=TakeoverGround.choices,
        widget=RadioCards,
        error_messages={"required": _("Pilih dasarnya")},
    )
    field_order = ("ground", "reason", "seen")


class DelegationForm(StepForm):
    """To which office right below."""

    office = forms.ChoiceField(
        label=_("Kantor tujuan"), error_messages={"required": _("Pilih kantor tujuan")}
    )
    field_order = ("office", "reason", "seen")

    def __init__(self, *args: Any, offices: Iterable[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {str(row.pk): row for row in offices}
        names = [(key, row.name) for key, row in self.offices.items()]
        self.fields["office"].choices = [("", _("Pilih kantor")), *names]  # type: ignore[attr-defined]

    def target(self) -> Office | None:
        """Return the office that was chosen."""
        return self.offices.get(self.cleaned_data["office"])


def step_form(
    action: ComplaintAction,
    data: QueryDict | None,
    *,
    needs_reason: bool,
    seen: str,
    offices: Iterable[Office] = (),
    review: Callable[[], Review],
    as_tip: bool = False,
) -> StepForm:
    """Return the form of a step; ``as_tip`` words a refusal as the proposal to keep the content.

    ``review`` reads what a refusal is held against; nothing else asks for it.
    """
    shared: dict[str, Any] = {"needs_reason": needs_reason, "initial": {"seen": seen}}
    if action is ComplaintAction.PROPOSE_DELEGATION:
        return DelegationForm(data, offices=offices, **shared)
    if action is ComplaintAction.PROPOSE_TAKEOVER:
        return TakeoverForm(data, **shared)
    if action is ComplaintAction.PROPOSE_REFUSAL and not as_tip:
        refusal = RefusalForm(data, **shared)
        refusal.say_what_is_against(review())
        return refusal
    form = StepForm(data, **shared)
    if as_tip:
        form.initial["reason"] = gettext(str(AS_TIP))
    elif not needs_reason:
        del form.fields["reason"]
        form.reason_text = lambda: ""  # type: ignore[method-assign]
    return form


def _officer_words(officer: User) -> str:
    """Return a colleague's name, and until when they are away if they are."""
    until = getattr(officer, "away_until", None)
    if until is None:
        return officer.name
    day = dateformat.format(until, "j M")
    return gettext("%(name)s (tidak hadir sampai %(day)s)") % {"name": officer.name, "day": day}


class AssignForm(HouseForm):
    """Who is to have the record; ``seen`` is who had it when the page was drawn."""

    to = forms.ChoiceField(label=_("Petugas"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, officers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officers = {str(row.public_id): row for row in officers}
        names = [(key, _officer_words(row)) for key, row in self.officers.items()]
        nobody = pgettext_lazy("assignee", "Tidak seorang pun")
        self.fields["to"].choices = [("", nobody), *names]  # type: ignore[attr-defined]

    def chosen(self) -> User | None:
        """Return who was chosen, None for nobody."""
        return self.officers.get(self.cleaned_data["to"])

    def seen_holder(self) -> int | None:
        """Return the key of who had it when the page was drawn, None for nobody."""
        text = self.cleaned_data["seen"]
        return int(text) if text.isascii() and text.isdigit() else None


class SnoozeForm(HouseForm):
    """Until which day a record sleeps; empty wakes it."""

    until = DayField(
        label=_("Tunda sampai"),
        required=False,
        help_text=_(
            "Laporan hilang dari daftar berikutnya sampai hari itu. Tenggat tetap berjalan."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class NoteForm(HouseForm):
    """A note for other officers."""

    text = forms.CharField(
        label=_("Catatan internal"),
        max_length=MAX_NOTE,
        help_text=_("Hanya petugas yang membaca. Tidak ikut ke pelapor atau lembaga penerima."),
        widget=forms.Textarea({"rows": 5, "maxlength": MAX_NOTE}),
        error_messages={"required": _("Tulis catatannya")},
    )
