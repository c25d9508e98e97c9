"""Tags for what stands many times on a page, and for what is the same for everybody."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import translation


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_the_tag_and_the_component_draw_one_icon():
    by_tag = drawn('{% icon "lock" %}')
    assert 'icons.svg#lock"' in by_tag or "#lock" in by_tag
    assert render_to_string("components/icon.html", {"name": "lock"}).strip() == by_tag.strip()
    assert drawn("{% icon name %}", name="lock") == by_tag
    other = drawn('{% icon "lock" "icons-start.svg" %}')
    assert "icons-start" in other


def test_a_name_from_the_page_is_escaped_and_not_kept():
    template = Template("{% icon name %}")
    assert '"><script>' not in template.render(Context({"name": '"><script>'}))
    assert "#moon" in template.render(Context({"name": "moon"}))


def test_an_icon_has_a_name_and_at_most_a_file():
    with pytest.raises(TemplateSyntaxError):
        Template('{% icon "a" "b" "c" %}')


def test_what_is_the_same_for_all_knows_nothing_of_the_page():
    template = Template(
        "{% same_for_all %}[{{ name }}{{ request }}{{ user }}]{% endsame_for_all %}"
    )
    assert template.render(Context({"name": "Sari", "user": "Sari"})) == "[]"
    assert template.render(Context({"name": "Joko"})) == "[]"


def test_what_is_the_same_for_all_is_drawn_once_a_language():
    template = Template('{% same_for_all %}{% translate "Tutup" %}{% endsame_for_all %}')
    with translation.override("id"):
        assert template.render(Context()) == "Tutup"
    with translation.override("en"):
        assert template.render(Context()) == "Close"
    with translation.override("id"):
        assert template.render(Context()) == "Tutup"
