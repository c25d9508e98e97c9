"""What the API takes in: every field declared, its type as it stands, nothing guessed (check P07).

The framework turns numbers into text, "yes" into true and drops what it does not know. Here all three are
refused and named: a system that sends ``known_no`` for ``known_on`` must not believe that it was kept.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

UNKNOWN_FIELD = _("Bidang ini tidak dikenal.")
NEEDED: dict[str, Any] = {
    "required": _("Bidang ini wajib diisi."),
    "null": _("Bidang ini tidak boleh null."),
}
"""What every field says. The framework's own words exist in Indonesian for some of its errors only."""
MAX_NAMED = 20
"""Unknown fields named in one answer; a flood of them is not repeated."""


class StrictSerializer(serializers.Serializer[dict[str, Any]]):
    """Named fields and no others."""

    default_error_messages = NEEDED | {"invalid": _("Tulis sebuah objek JSON.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the values. Raises ValidationError for what is wrong and for what is unknown, at once."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        unknown = [str(name)[:80] for name in data if name not in self.fields][:MAX_NAMED]
        errors: dict[str, Any] = {name: [UNKNOWN_FIELD] for name in unknown}
        values: Any = {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                errors |= error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return values


class TextField(serializers.CharField):
    """Text, and only text: a number is not its digits."""

    default_error_messages = NEEDED | {
        "invalid": _("Tulis sebuah teks."),
        "blank": _("Bidang ini tidak boleh kosong."),
        "max_length": _("Paling banyak {max_length} huruf."),
        "min_length": _("Paling sedikit {min_length} huruf."),
    }

    def to_internal_value(self, data: Any) -> str:
        """Return the text, without spaces around it."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false, not words for them."""

    default_error_messages = NEEDED | {"invalid": _("Tulis true atau false.")}

    TRUE_VALUES: ClassVar[set[Any]] = {True}  # type: ignore[misc]
    FALSE_VALUES: ClassVar[set[Any]] = {False}  # type: ignore[misc]

    def to_internal_value(self, data: Any) -> bool:
        """Return it. 1 equals true in Python and is refused all the same."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DayField(serializers.DateField):
    """A day as YYYY-MM-DD."""

    default_error_messages = NEEDED | {
        "invalid": _("Tulis tanggal sebagai TAHUN-BULAN-HARI, seperti 2026-11-21."),
        "datetime": _("Tulis tanggal sebagai TAHUN-BULAN-HARI, seperti 2026-11-21."),
    }

    def to_internal_value(self, value: Any) -> dt.date:
        """Return the day."""
        if not isinstance(value, str) or len(value) != len("2026-11-21"):
            self.fail("invalid")
        return super().to_internal_value(value)


class CodeField(serializers.ChoiceField):
    """One of a list of codes, as text."""

    default_error_messages = NEEDED | {"invalid_choice": _("Pilihan ini tidak dikenal.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the code."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """A public id as 32 or 36 signs."""

    default_error_messages = NEEDED | {"invalid": _("Ini bukan id.")}

    def to_internal_value(self, data: Any) -> UUID:
        """Return the id."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class ManyField(serializers.ListField):
    """A list."""

    default_error_messages = NEEDED | {
        "not_a_list": _("Tulis sebuah daftar."),
        "empty": _("Daftar ini tidak boleh kosong."),
        "max_length": _("Paling banyak {max_length} butir."),
        "min_length": _("Paling sedikit {min_length} butir."),
    }


class ObjectField(serializers.DictField):
    """A JSON object whose shape another layer judges."""

    default_error_messages = NEEDED | {"not_a_dict": _("Tulis sebuah objek JSON.")}
