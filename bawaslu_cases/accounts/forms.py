"""Sign-in and password forms in the words of this house."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseRenderer


class StaffLoginForm(LoginForm):  # type: ignore[misc]
    """E-mail and password. No placeholder, and no link to a reset: an administrator resets."""

    default_renderer = HouseRenderer
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wording = {
            "login": (_("Surel"), _("Tulis alamat surel")),
            "password": (_("Kata sandi"), _("Tulis kata sandi")),
        }
        for name, (label, required) in wording.items():
            field = self.fields[name]
            field.label = label
            field.help_text = ""
            field.error_messages["required"] = required
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].error_messages["invalid"] = _("Tulis alamat surel yang lengkap")
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class StaffReauthenticateForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before a step that changes the account."""

    default_renderer = HouseRenderer
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.label = _("Kata sandi")
        field.error_messages["required"] = _("Tulis kata sandi")
        field.widget.attrs.pop("placeholder", None)


class StaffChangePasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The old password and the new one twice; the label says it, no placeholder repeats it."""

    default_renderer = HouseRenderer
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("Tulis kata sandi")
            field.widget.attrs.pop("placeholder", None)
        self.fields["password1"].help_text = _(
            "Paling sedikit 15 huruf. Jangan kata sandi yang umum, atau mirip nama dan surel Anda."
        )
