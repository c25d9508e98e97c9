"""The questions of the form, one class a page. A refusal says what to do and keeps what was typed.

Nothing here is stored: the answers live sealed in the reporter's session until they are sent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import (
    CheckboxList,
    ErrorLink,
    FixedChoices,
    RadioCards,
    ReporterForm,
)
from complaints.links import MAX_LENGTH
from complaints.selectors.intake import acts_for_reporters
from complaints.services.intake import MAX_STORY, MIN_STORY
from complaints.services.links import as_pasted
from complaints.web.file_words import held_files
from complaints.web.forms_files import BringsFilesForm

MAX_PEOPLE = 5
MAX_LINKS = 5
OTHER_ACT = "OTHER"
NIP_DIGITS = 18
UNDISCLOSED = "undisclosed"
Typed = Mapping[str, Sequence[str]]


class StepForm(ReporterForm):
    """A question. ``at`` is when it was answered, so that "today" stays the day it was said."""

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        self.at = at
        super().__init__(*args, **kwargs)


class WhoForm(StepForm):
    """Step 1. Kept as a category only; never shown to the recipient or the employing official."""

    KINDS = (
        ("citizen", _("Warga")),
        ("asn", _("ASN (PNS atau PPPK)")),
        ("observer", _("Pengawas, pemantau, atau peserta pemilu")),
        (UNDISCLOSED, _("Lebih baik tidak menjawab")),
    )
    SAME = (
        ("yes", _("Ya")),
        ("no", _("Tidak")),
        (UNDISCLOSED, _("Lebih baik tidak menjawab")),
    )
    heading_field = "kind"
    reveals = {"same_agency": "kind=asn"}

    kind = forms.ChoiceField(
        label=_("Anda melapor sebagai apa?"),
        help_text=_("Supaya saran perlindungan kami cocok untuk Anda"),
        choices=KINDS,
        widget=RadioCards,
        error_messages={"required": _("Pilih Anda melapor sebagai apa")},
    )
    same_agency = forms.ChoiceField(
        label=_("Kalau Anda ASN: apakah Anda satu instansi dengan orang yang dilaporkan?"),
        choices=SAME,
        widget=RadioCards,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["same_agency"].plain_label = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask civil servants the second half of the question."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == "asn" and not cleaned.get("same_agency"):
            self.add_error("same_agency", _("Pilih apakah Anda satu instansi"))
        return cleaned


@remembered
def _acts(_language: str | None) -> FixedChoices:
    """Return what can be ticked. The headings are words of a language."""
    return FixedChoices(acts_for_reporters())


class ActsForm(StepForm):
    """Step 3."""

    heading_field = "acts"
    reveals = {"other_act": f"acts={OTHER_ACT}"}

    acts = forms.MultipleChoiceField(
        label=_("Apa yang dilakukan ASN itu?"),
        help_text=_("Pilih yang paling mendekati, boleh lebih dari satu"),
        widget=CheckboxList,
        error_messages={"required": _("Pilih paling sedikit satu perbuatan")},
    )
    other_act = forms.CharField(
        label=_("Kalau lainnya, ceritakan singkat"), max_length=200, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acts = self.fields["acts"]
        assert isinstance(acts, forms.MultipleChoiceField)  # noqa: S101 -- declared above
        acts.choices = _acts(get_language())
        self.fields["other_act"].plain_label = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Let words under "other" count as a tick, and ask for them where there is only the tick."""
        cleaned: dict[str, Any] = super().clean() or {}
        words = (cleaned.get("other_act") or "").strip()
        ticked = self["acts"].data
        if words and not ticked:
            self.errors.pop("acts", None)
            cleaned["acts"] = [OTHER_ACT]
        if OTHER_ACT in cleaned.get("acts", []) and not words:
            self.add_error("other_act", _("Ceritakan singkat perbuatan lainnya"))
        return cleaned


class LinkField(forms.CharField):
    """A link as people paste it, also without its scheme, also a short one: nobody is refused for that.

    Cleans to the text as it was given, which goes into the seal and nowhere else.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_LENGTH,
            widget=forms.TextInput({"inputmode": "url", "autocapitalize": "none"}),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        """Return the link.

        Raises ValidationError when it is no web address or leads to a sign-in page.
        """
        try:
            return as_pasted(str(super().clean(value)))
        except DomainError as error:
            raise forms.ValidationError(error.message) from error  # type: ignore[arg-type]


class MediaForm(StepForm):
    """Step 3b, asked when an act happened on social media."""

    PLATFORMS: tuple[tuple[str, str | Promise], ...] = (
        ("facebook", "Facebook"),
        ("instagram", "Instagram"),
        ("tiktok", "TikTok"),
        ("whatsapp", "WhatsApp"),
        ("x", "X"),
        ("youtube", "YouTube"),
        ("other", _("Lainnya")),
        ("unknown", _("Tidak ingat")),
    )
    heading_field = "platform"

    platform = forms.ChoiceField(
        label=_("Di media sosial mana?"),
        choices=PLATFORMS,
        widget=RadioCards,
        error_messages={"required": _("Pilih media sosialnya, atau pilih tidak ingat")},
    )
    link = LinkField(
        label=_("Tautan unggahan atau akun"),
        help_text=_(
            "Tekan lama unggahan, pilih Bagikan, lalu Salin tautan. "
            "Unggahan bisa dihapus sewaktu-waktu, jadi simpan juga tangkapan layarnya"
        ),
        required=False,
    )


class PersonForm(StepForm):
    """One reported person: whatever is known. A wrong NIP is remarked on later, never refused."""

    name = forms.CharField(label=_("Nama"), max_length=200, required=False)
    position = forms.CharField(
        label=_("Jabatan"), help_text=_("Misalnya camat atau guru"), max_length=120, required=False
    )
    agency = forms.CharField(label=_("Instansi atau kantor"), max_length=200, required=False)
    account = forms.CharField(label=_("Nama akun media sosial"), max_length=120, required=False)
    nip = forms.CharField(
        label="NIP",
        help_text=_("18 angka, tidak perlu dicari"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was typed."""
        return not any(self.cleaned_data.values())

    @property
    def is_known(self) -> bool:
        """Whether there is a name, a position or an account to go by."""
        known = self.cleaned_data
        return bool(known.get("name") or known.get("position") or known.get("account"))


class PeopleForm:
    """Step 4: up to five persons on one page; blank ones after the first do not count."""

    def __init__(self, data: Any = None, *, at: datetime, count: int = 1) -> None:
        self.persons = [PersonForm(data, at=at, prefix=f"p{number}") for number in range(count)]
        if data is not None:
            self._judge()

    def is_valid(self) -> bool:
        """Say whether somebody is named and every block that is not blank can be used."""
        return not self.errors

    def _judge(self) -> None:
        if self.errors:
            return
        vague = [person for person in self.persons if not (person.is_known or person.is_blank)]
        if not vague and not self.known:
            vague = self.persons[:1]
        for person in vague:
            person.add_error("name", _("Tulis nama, jabatan, atau nama akun orang yang dilaporkan"))

    @property
    def errors(self) -> bool:
        """Whether any block has one."""
        return any(person.errors for person in self.persons)

    @property
    def error_links(self) -> list[ErrorLink]:
        """Return the lines of the error summary."""
        return [link for person in self.persons for link in person.error_links]

    @property
    def known(self) -> list[dict[str, Any]]:
        """Return what was said of each person that counts."""
        return [person.cleaned_data for person in self.persons if person.is_known]


class StoryForm(StepForm):
    """Step 6. What may give the writer away is asked about on a page of its own."""

    heading_field = "story"

    story = forms.CharField(
        label=_("Ceritakan apa yang terjadi"),
        help_text=_(
            "Apa yang Anda lihat atau dengar? Apa persisnya kata-katanya? "
            "Siapa lagi yang ada di sana?"
        ),
        required=False,
        widget=forms.Textarea({"rows": 10, "data-counter": MAX_STORY}),
    )

    def clean_story(self) -> str:
        """Return the story with plain line ends, as they count."""
        story = str(self.cleaned_data["story"]).replace("\r\n", "\n").strip()
        if len(story) < MIN_STORY:
            raise forms.ValidationError(
                _("Ceritakan sedikit lebih panjang, paling sedikit 20 huruf")
            )
        over = len(story) - MAX_STORY
        if over > 0:
            raise forms.ValidationError(
                ngettext(
                    "Cerita terlalu panjang. Kurangi %(over)d huruf",
                    "Cerita terlalu panjang. Kurangi %(over)d huruf",
                    over,
                )
                % {"over": over}
            )
        return story


class LinksForm(BringsFilesForm, StepForm):
    """Step 7. ``held`` are the files that came already, ``not_taken`` name and code of those refused."""

    link_0 = LinkField(label=_("Tautan"), required=False)
    link_1 = LinkField(label=_("Tautan kedua"), required=False)
    link_2 = LinkField(label=_("Tautan ketiga"), required=False)
    link_3 = LinkField(label=_("Tautan keempat"), required=False)
    link_4 = LinkField(label=_("Tautan kelima"), required=False)
    field_order = (*(f"link_{number}" for number in range(MAX_LINKS)), "upload", "has_files")

    has_files = forms.BooleanField(
        label=_("Saya punya bukti lain, nanti saya serahkan"), required=False
    )

    def __init__(
        self,
        *args: Any,
        count: int = 1,
        held: Sequence[Mapping[str, Any]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.held = held_files(held)
        for number in range(count, MAX_LINKS):
            del self.fields[f"link_{number}"]

    @property
    def links(self) -> list[str]:
        """Return the links given, each once."""
        given = [self.cleaned_data.get(f"link_{number}", "") for number in range(MAX_LINKS)]
        return list(dict.fromkeys(link for link in given if link))


class WitnessForm(StepForm):
    """Step 8."""

    WITNESSES = (
        ("yes", _("Ada, dan bersedia dihubungi")),
        ("silent", _("Ada, tetapi jangan dihubungi")),
        ("no", _("Tidak ada")),
        ("unknown", _("Tidak tahu")),
    )
    heading_field = "witness"
    reveals = {"contact": "witness=yes"}

    witness = forms.ChoiceField(
        label=_("Adakah orang lain yang melihat?"),
        help_text=_("Jangan menulis nama saksi tanpa izinnya"),
        choices=WITNESSES,
        widget=RadioCards,
        error_messages={"required": _("Pilih apakah ada saksi")},
    )
    contact = forms.CharField(
        label=_("Kalau bersedia: cara menghubungi saksi"), max_length=200, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].plain_label = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask how, where a witness may be contacted."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("witness") == "yes" and not (cleaned.get("contact") or "").strip():
            self.add_error(
                "contact", _("Tulis cara menghubungi saksi, atau pilih jangan dihubungi")
            )
        return cleaned


class CheckForm(StepForm):
    """The last page. ``website`` is a trap for programs: people never see it."""

    statement = forms.BooleanField(
        label=_("Isi laporan ini benar sepanjang yang saya tahu."),
        error_messages={"required": _("Centang pernyataan sebelum mengirim")},
    )
    website = forms.CharField(
        required=False, widget=forms.TextInput({"tabindex": "-1"}), label=_("Jangan diisi")
    )


def nip_remark(typed: str) -> str | Promise:
    """Return what to say about a NIP that cannot be one, or nothing."""
    digits = typed.replace(" ", "")
    if not digits or (digits.isascii() and digits.isdigit() and len(digits) == NIP_DIGITS):
        return ""
    return gettext("NIP terdiri dari 18 angka. Kosongkan saja kalau tidak yakin")
