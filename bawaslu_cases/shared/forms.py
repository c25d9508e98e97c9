"""Forms in the house look: one base, one renderer, the widgets HTML lacks.

Every form of the product derives from :class:`HouseForm`; the templates are in ``templates/forms``.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self, TypedDict

import django.forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.forms import DeclarativeFieldsMetaclass
from django.forms.renderers import DjangoTemplates as DjangoTemplatesRenderer
from django.forms.utils import ErrorDict
from django.template.backends.django import DjangoTemplates
from django.utils.choices import BaseChoiceIterator, normalize_choices
from django.utils.functional import Promise, cached_property, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# Characters of a day, a month and a year as people type them.
_DAY_WIDTH, _YEAR_WIDTH = 2, 4
_MONTHS = (
    ("januari", "jan"),
    ("februari", "feb", "pebruari"),
    ("maret", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "jun"),
    ("juli", "jul"),
    ("agustus", "agu", "ags", "agt", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "okt", "oct"),
    ("november", "nov", "nop", "nopember"),
    ("desember", "des", "dec"),
)


class ErrorLink(TypedDict):
    """One line of the error summary: where to go and what to do there."""

    href: str
    text: str


class AudienceLine(TypedDict):
    """Who learns something when this card is chosen."""

    sees: bool
    text: Text


class CardNote(TypedDict, total=False):
    """The words of a choice card beside its title."""

    tag: Text
    tone: str
    extra_tag: Text
    text: Text
    audience: Sequence[AudienceLine]


class HouseRenderer(DjangoTemplatesRenderer):
    """Draws forms from ``templates/forms`` and, for plain widgets, from Django's own templates."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    @cached_property
    def engine(self) -> DjangoTemplates:
        """Return the engine that sees the project's templates and Django's form templates."""
        return _form_engine()


@cache
def _form_engine() -> DjangoTemplates:
    """Make the engine of all forms, once a process.

    Django makes a renderer for every form; with an engine each, every form looked for the template tags
    of all apps and compiled its templates anew: 40 % of what a page of the form cost.
    """
    builtin = Path(django.forms.__file__).parent / "templates"
    return DjangoTemplates(
        {
            "APP_DIRS": False,
            "DIRS": [settings.BASE_DIR / "templates", builtin],
            "NAME": "house_forms",
            "OPTIONS": {
                "builtins": [
                    "django.templatetags.i18n",
                    "django.templatetags.static",
                    "bawaslu_cases.shared.templatetags.parts",
                ],
            },
        }
    )


class FixedChoices(BaseChoiceIterator):
    """Choices that forms share and none of them changes: nobody copies or rewrites them for a form."""

    def __init__(self, choices: Iterable[tuple[Any, Any]]) -> None:
        self._choices = normalize_choices(list(choices))

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self._choices)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class _Fields(dict[str, forms.Field]):
    """The fields of a class, which each form gets a copy of: of the fields, not of their names."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, forms.Field]:
        return {name: copy.deepcopy(field, {}) for name, field in self.items()}


class _Dressed(DeclarativeFieldsMetaclass):
    """Dresses the fields of a form where its class is written, not each time that a form is made."""

    base_fields: dict[str, forms.Field]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made: Any = super().__new__(cls, *args, **kwargs)
        # Copies: a field of a parent is the same object in every child, each with looks of its own.
        made.base_fields = _Fields(copy.deepcopy(made.base_fields))
        for name, field in made.base_fields.items():
            made.dress(name, field)
        return made


class HouseForm(forms.Form, metaclass=_Dressed):
    """A form whose fields say what to do when they are wrong and never lose what was typed.

    The browser's own bubbles stay off (``novalidate`` is the template's part): the server words the
    errors, in the summary and at the field alike. ``heading_field`` names the field whose label is
    the page's h1; ``step_note`` is the line above it ("Langkah 2 dari 8").
    """

    default_renderer = HouseRenderer
    use_required_attribute = False
    heading_field: str | None = None
    step_note: Text | None = None
    # field name -> "other_field=value[,value]": script hides the field until that answer is chosen
    reveals: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @classmethod
    def dress(cls, name: str, field: Any) -> None:
        """Give a field of this class what the house's templates and refusals need."""
        _word_required_error(name, field)
        _dress_widget(field)
        if isinstance(field, forms.ChoiceField) and isinstance(field.choices, list):
            field.choices = FixedChoices(field.choices)
        field.heading = name == cls.heading_field
        field.step_note = cls.step_note if field.heading else None
        field.reveal = cls.reveals.get(name)

    @property
    def error_links(self) -> list[ErrorLink]:
        """Return the error summary in the order of the fields; the text equals the field's own."""
        links: list[ErrorLink] = []
        errors: ErrorDict = self.errors
        for bound in self.visible_fields():
            links.extend(
                ErrorLink(href=f"#{_first_id(bound)}", text=str(text))
                for text in errors.get(bound.name, [])
            )
        links.extend(
            ErrorLink(href=f"#form-error-{index}", text=str(text))
            for index, text in enumerate(self.non_field_errors())
        )
        return links


class ReporterForm(HouseForm):
    """A form of the reporter's area: the browser is asked to remember and correct nothing."""

    @classmethod
    def dress(cls, name: str, field: Any) -> None:
        """Let the browser neither fill in nor mark what is typed."""
        super().dress(name, field)
        for widget in [field.widget, *getattr(field.widget, "widgets", [])]:
            if isinstance(widget, (forms.TextInput, forms.Textarea)):
                widget.attrs.setdefault("autocomplete", "off")
                widget.attrs.setdefault("spellcheck", "false")

    def __getitem__(self, name: str) -> forms.BoundField:
        """Return a new bound field each time.

        One that the form kept would hold the form in turn: a ring with everything typed in it, in memory
        until Python looks for rings (check C10).
        """
        if name not in self.fields:
            return super().__getitem__(name)
        bound: forms.BoundField = self.fields[name].get_bound_field(self, name)
        return bound


class RadioCards(forms.RadioSelect):
    """Radio buttons as full-width cards. ``notes`` maps a value to the words under its title."""

    template_name = "forms/widgets/radio_cards.html"

    def __init__(
        self,
        attrs: Mapping[str, Any] | None = None,
        choices: Iterable[tuple[Any, Any]] = (),
        notes: Mapping[str, CardNote] | None = None,
    ) -> None:
        self.notes = dict(notes or {})
        super().__init__(dict(attrs or {}), choices)

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return Django's option with the card's words added."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        option["note"] = self.notes.get(str(option["value"]))
        return option


class CheckboxList(forms.CheckboxSelectMultiple):
    """Checkboxes with full-width targets; grouped choices become fieldsets of their own."""

    template_name = "forms/widgets/checkbox_list.html"

    def __init__(
        self,
        attrs: Mapping[str, Any] | None = None,
        choices: Iterable[tuple[Any, Any]] = (),
        notes: Mapping[str, CardNote] | None = None,
    ) -> None:
        self.notes = dict(notes or {})
        super().__init__(dict(attrs or {}), choices)

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return Django's option with its explanation added."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        option["note"] = self.notes.get(str(option["value"]))
        return option


class DatalistInput(forms.TextInput):
    """Free text with suggestions; what is typed counts, whether suggested or not."""

    template_name = "forms/widgets/datalist_input.html"

    def __init__(
        self, suggestions: Iterable[Text] = (), attrs: Mapping[str, Any] | None = None
    ) -> None:
        self.suggestions = suggestions
        super().__init__(dict(attrs or {}))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return Django's context with the suggestions and the id that ties them to the input."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["suggestions"] = list(self.suggestions)
        widget["attrs"]["list"] = f"{widget['attrs'].get('id', name)}_list"
        return context


class DayMonthYearWidget(forms.MultiWidget):
    """A date as three fields, as people say it; faster and less error-prone than a calendar."""

    template_name = "forms/widgets/day_month_year.html"
    use_fieldset = True

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        digits = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            {
                "day": forms.TextInput({**digits, "maxlength": _DAY_WIDTH}),
                "month": forms.TextInput({"autocomplete": "off", "maxlength": 9}),
                "year": forms.TextInput({**digits, "maxlength": _YEAR_WIDTH}),
            },
            dict(attrs or {}),
        )

    def decompress(self, value: Any) -> list[int | None]:
        """Return day, month and year of a date, or three blanks."""
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return Django's context with a label for each part."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        labels = (gettext("Hari"), gettext("Bulan"), gettext("Tahun"))
        for part, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            part["part_label"] = label
        return context


class DayMonthYearField(forms.MultiValueField):
    """A date typed as day, month, year; months as number or Indonesian name. Cleans to a date."""

    widget = DayMonthYearWidget

    default_error_messages = {
        "required": _("Tulis tanggalnya. Contoh: 14 11 2026"),
        "invalid": _("Tanggal itu tidak ada. Contoh: 14 11 2026"),
        "incomplete": _("Tulis hari, bulan, dan tahun. Contoh: 14 11 2026"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            fields=(
                forms.CharField(required=False),
                forms.CharField(required=False),
                forms.CharField(required=False),
            ),
            require_all_fields=False,
            **kwargs,
        )

    def compress(self, data_list: Sequence[str]) -> date | None:
        """Return the date.

        Raises ValidationError with code ``incomplete`` or ``invalid``.
        """
        parts = [(part or "").strip() for part in data_list]
        if not any(parts):
            return None
        if not all(parts):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        day, month, year = parts
        if len(year) != _YEAR_WIDTH:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return date(_whole(year), _month_number(month), _whole(day))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def _whole(text: str) -> int:
    """Return the number of a purely ASCII-digit text; raise ValueError for everything else."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("not a number")
    return int(text)


def _month_number(text: str) -> int:
    """Return 1–12 for a number or an Indonesian (or English short) month name."""
    lowered = text.lower().rstrip(".")
    for number, names in enumerate(_MONTHS, start=1):
        if lowered in names:
            return number
    return _whole(text)


def _word_required_error(name: str, field: forms.Field) -> None:
    """Replace Django's generic "this field is required" by what to do, unless the form said so.

    Worded only when it is shown: a form is made many times for each time that it refuses something.
    """
    if field.error_messages.get("required") is not _GENERIC:
        return
    chooses = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    label = field.label
    if not isinstance(label, Promise):  # such a one would be translated to see whether it is empty
        label = label or name.replace("_", " ")
    field.error_messages["required"] = _required_words(label, chooses=chooses)


_GENERIC = forms.Field.default_error_messages["required"]


def _words_for_required(label: Text, *, chooses: bool) -> str:
    label = str(label)
    if label.endswith("?"):
        return gettext("Jawab dulu pertanyaan ini")
    label = label[:1].lower() + label[1:]
    template = gettext("Pilih %(label)s") if chooses else gettext("Isi %(label)s")
    return template % {"label": label}


_required_words = lazy(_words_for_required, str)


def _dress_widget(field: forms.Field) -> None:
    """Give a textarea its counter instead of a limit that silently cuts pasted text."""
    widget = field.widget
    if isinstance(widget, forms.Textarea):
        limit = widget.attrs.pop("maxlength", None)
        if limit is not None:
            widget.attrs.setdefault("data-counter", limit)


def _first_id(bound: forms.BoundField) -> str:
    """Return the id of the control an error leads to: the first one of a group."""
    widget = bound.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        # an option inside a group carries two numbers
        return str(next((option.id_for_label for option in bound.subwidgets), bound.auto_id))
    if isinstance(widget, forms.MultiWidget):
        return f"{bound.auto_id}_0"
    return str(bound.id_for_label or bound.auto_id)
