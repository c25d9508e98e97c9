"""The rules every template keeps, read from the files themselves."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TELLING = ("lapor", "bawaslu", "asn", "netral", "aduan")
MAX_LINES = 250


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _markup(path: Path) -> str:
    """Return the file without its comments."""
    source = path.read_text()
    source = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", source, flags=re.DOTALL)
    return re.sub(r"\{#.*?#\}", "", source)


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_template_compiles(path):
    get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_include_takes_only_what_it_is_given(path):
    """A page may cut a part of itself out for a second page; that part shares the page's context."""
    own_part = f'"{path.parent.relative_to(TEMPLATES)}/'
    for tag in re.findall(r"\{% include .*?%\}", _markup(path)):
        if own_part in tag and path.parent.name not in {"components", "layouts", "forms"}:
            continue
        assert tag.endswith(" only %}"), tag


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_included_and_static_files_exist(path):
    for name in re.findall(r"\{% include [\"']([\w/.]+)[\"']", _markup(path)):
        if not name.startswith("django/"):
            assert (TEMPLATES / name).exists(), name
    for name in re.findall(r"\{% static [\"']((?:css|js|fonts)/[\w/.-]+)[\"']", _markup(path)):
        assert (ROOT / "static" / name).exists(), name


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_icon_exists_in_the_sprite(path):
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    used = set(re.findall(r"components/icon\.html\" with name=\"([\w-]+)\"", _markup(path)))
    used |= set(re.findall(r"\{% icon \"([\w-]+)\"", _markup(path)))
    used |= set(re.findall(r" icon(?:_after)?=\"([\w-]+)\"", _markup(path)))
    assert used <= symbols


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_nothing_inline_and_nothing_from_elsewhere(path):
    markup = _markup(path)
    assert not re.search(r"\sstyle\s*=", markup)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", markup)
    assert "<style" not in markup
    assert "javascript:" not in markup
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", markup, re.DOTALL):
        if 'type="application/json"' not in attributes:
            assert "src=" in attributes, attributes
            assert body.strip() == ""
    for address in re.findall(r"(?:src|href|action)=\"(https?:)?//", markup):
        pytest.fail(f"resource of another site: {address}")


@pytest.mark.parametrize("path", COMPONENTS, ids=_name)
def test_component_says_what_it_takes(path):
    source = path.read_text()
    assert source.startswith("{% comment %}")
    comment = source.split("{% endcomment %}", 1)[0]
    assert "Inputs:" in comment
    assert source.count("\n") <= MAX_LINES


def test_every_component_is_documented():
    documented = (ROOT / "docs" / "components.md").read_text()
    missing = [path.stem for path in COMPONENTS if f"`{path.stem}`" not in documented]
    assert missing == []


def test_no_two_inputs_are_methods_of_a_dict():
    """``row.values`` on a dict is its method, not its key: such a name never shows anything."""
    for path in COMPONENTS:
        assert not re.search(r"\w\.(values|items|keys|get|pop|copy)\b", _markup(path)), path.name


def test_reporter_layout_is_neutral():
    page = render_to_string("layouts/form.html", {"product": {"quick_exit_url": "https://x.test/"}})
    text = re.sub(r"<[^>]+>", " ", page)
    links = re.findall(r"href=\"([^\"]*)\"", page)
    for word in TELLING:
        assert not re.search(rf"\b{word}", text.lower()), word
        assert not any(word in link.lower() for link in links), word
    assert '<meta name="robots" content="noindex,nofollow">' in page


def test_h15_first_tab_stop_leaves_and_second_skips():
    page = render_to_string("layouts/form.html", {"product": {"quick_exit_url": "https://x.test/"}})
    stops = re.findall(r"<(?:a|button|input)\b[^>]*>", page.split("<body", 1)[1])
    assert "data-quick-exit" in stops[0]
    assert 'href="#content"' in stops[1]


@pytest.mark.parametrize("path", STYLES, ids=_name)
def test_styles_are_plain_and_local(path):
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert "http:" not in source
    assert "https:" not in source
    assert "@import" not in source
    assert not re.search(r"\{[^{}@]*&", source), "no nesting: old phones drop it"


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_scripts_use_no_sink_and_keep_nothing_on_the_device(path):
    source = path.read_text()
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in source
    for store in ("localStorage", "sessionStorage", "indexedDB", "serviceWorker", "caches."):
        assert store not in source


def test_reporter_scripts_set_no_cookie():
    for name in ("quick_exit", "form", "counter", "reveal", "copy_code", "print"):
        assert "document.cookie" not in (ROOT / "static" / "js" / f"{name}.js").read_text()
