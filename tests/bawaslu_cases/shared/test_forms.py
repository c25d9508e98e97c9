"""The house form: what it says when an answer is wrong, and that it keeps what was typed."""

from datetime import date
from typing import Any

import pytest
from django import forms

from bawaslu_cases.shared.forms import (
    CheckboxList,
    DatalistInput,
    DayMonthYearField,
    HouseForm,
    HouseRenderer,
    RadioCards,
    ReporterForm,
)


class ExampleForm(ReporterForm):
    heading_field = "kind"
    step_note = "Langkah 1 dari 8"
    reveals = {"detail": "kind=other"}

    kind = forms.ChoiceField(
        label="Jenis",
        choices=[("a", "Satu"), ("other", "Lainnya")],
        widget=RadioCards(
            notes={"a": {"tag": "Aman", "audience": [{"sees": True, "text": "Kami"}]}}
        ),
    )
    detail = forms.CharField(label="Rincian", required=False, widget=DatalistInput(["Satu", "Dua"]))
    acts = forms.MultipleChoiceField(
        label="Apa yang dilakukan?",
        choices=[("Di lapangan", [("x", "Hadir")]), ("y", "Lain")],
        widget=CheckboxList,
    )
    on = DayMonthYearField(label="Tanggal", help_text="Contoh")
    story = forms.CharField(label="Cerita", max_length=40, widget=forms.Textarea)


def _dated(day: str, month: str, year: str) -> forms.Form:
    class Dated(HouseForm):
        on = DayMonthYearField(label="Tanggal", required=False)

    return Dated({"on_day": day, "on_month": month, "on_year": year})


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("14", "11", "2026"), date(2026, 11, 14)),
        (("1", "2", "2024"), date(2024, 2, 1)),
        ((" 9 ", "Agustus", "2026"), date(2026, 8, 9)),
        (("9", "agt.", "2026"), date(2026, 8, 9)),
        (("29", "2", "2028"), date(2028, 2, 29)),
        (("", "", ""), None),
    ],
)
def test_date_as_people_type_it(parts, expected):
    form = _dated(*parts)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["on"] == expected


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("31", "2", "2026"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("1", "13", "2026"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("1", "x", "2026"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("1", "1", "26"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("٣", "1", "2026"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("-1", "1", "2026"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("0", "1", "0000"), "Tanggal itu tidak ada. Contoh: 14 11 2026"),
        (("1", "", "2026"), "Tulis hari, bulan, dan tahun. Contoh: 14 11 2026"),
    ],
)
def test_impossible_date_is_refused_and_kept(parts, message):
    form = _dated(*parts)
    assert form.errors == {"on": [message]}
    page = str(form)
    for part in filter(None, parts):
        assert f'value="{part}"' in page


def test_every_error_stands_in_the_summary_and_at_its_field():
    form = ExampleForm({"on_day": "31", "on_month": "2", "on_year": "2026"})
    assert form.error_links == [
        {"href": "#id_kind_0", "text": "Pilih jenis"},
        {"href": "#id_acts_0_0", "text": "Jawab dulu pertanyaan ini"},
        {"href": "#id_on_0", "text": "Tanggal itu tidak ada. Contoh: 14 11 2026"},
        {"href": "#id_story", "text": "Isi cerita"},
    ]
    page = str(form)
    for link in form.error_links:
        assert f'id="{link["href"][1:]}"' in page
        assert page.count(link["text"]) == 1


def test_heading_field_is_the_only_h1():
    page = str(ExampleForm())
    assert page.count("<h1>") == 1
    assert "<h1>Jenis</h1>" in page
    assert page.count("Langkah 1 dari 8") == 1


def test_page_of_the_form():
    page = str(ExampleForm())
    assert page.count('class="choice choice--card') == 2
    assert "Aman" in page
    assert "Kami" in page
    assert "<legend>Di lapangan</legend>" in page
    assert '<datalist id="id_detail_list"><option value="Satu">' in page
    assert 'data-reveal="kind=other"' in page
    assert page.count("(boleh dikosongkan)") == 1
    # no silent limit: the counter says it, the server refuses it
    assert 'data-counter="40"' in page
    assert "maxlength" not in page.split("<textarea", 1)[1].split(">", 1)[0]
    assert page.count('autocomplete="off"') == 5
    assert " required" not in page


def test_choices_keep_their_answers():
    page = str(ExampleForm({"kind": "other", "acts": ["y"]}))
    assert page.count(" checked") == 2
    assert '<label class="choice" for="id_acts_1"' in page


def test_a_form_may_word_its_own_error():
    class Own(HouseForm):
        name = forms.CharField(error_messages={"required": "Tulis nama lengkap Anda"})

    assert Own({}).errors == {"name": ["Tulis nama lengkap Anda"]}


def test_all_forms_share_one_engine():
    """An engine for every form compiled its templates for every form."""
    assert HouseRenderer().engine is HouseRenderer().engine


def looks(form: HouseForm, name: str) -> Any:
    """Return a field with what the house and its kind add to it, which the base class does not name."""
    return form.fields[name]


def test_fixed_choices_are_neither_copied_nor_rewritten_for_a_form():
    class Colours(HouseForm):
        colour = forms.ChoiceField(choices=[("r", "Merah"), ("b", "Biru")], widget=RadioCards)

    one, other = Colours({"colour": "r"}), Colours({"colour": "x"})
    assert looks(one, "colour") is not looks(other, "colour")
    assert looks(one, "colour").choices is looks(other, "colour").choices
    assert looks(one, "colour").widget.choices is looks(other, "colour").choices
    assert one.is_valid()
    assert not other.is_valid()
    looks(one, "colour").choices = [("g", "Hijau")]
    assert list(looks(other, "colour").choices) == [("r", "Merah"), ("b", "Biru")]
    assert "Biru" in str(Colours()["colour"])


def test_what_a_form_changes_of_a_field_stays_its_own_and_looks_are_those_of_its_class():
    class Parent(HouseForm):
        heading_field = "name"
        name = forms.CharField(label="Nama")

    class Child(Parent):
        heading_field = ""
        reveals = {"name": "kind=asn"}

    parent, child = Parent(), Child()
    assert (looks(parent, "name").heading, looks(child, "name").heading) == (True, False)
    assert (looks(parent, "name").reveal, looks(child, "name").reveal) == (None, "kind=asn")
    looks(parent, "name").widget.attrs["autofocus"] = True
    looks(parent, "name").error_messages["required"] = "Lain"
    again = looks(Parent({}), "name")
    assert "autofocus" not in again.widget.attrs
    assert str(again.error_messages["required"]) == "Isi nama"
