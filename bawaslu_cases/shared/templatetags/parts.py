"""What stands many times on a page, and what stands the same on every page: drawn cheaply.

An include costs a page twenty times what the markup of an icon is worth, and half of what the desk draws
(its help, its names of files) is the same for everybody.
"""

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, Variable
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


class IconNode(Node):
    """Draws one symbol of a file of symbols; one that stands in the template by name only once a process."""

    def __init__(self, name: FilterExpression, sprite: FilterExpression | None) -> None:
        self._name, self._sprite = name, sprite
        self._is_constant = sprite is None and not isinstance(name.var, Variable)
        self._drawn: SafeString | None = None

    def render(self, context: Context) -> SafeString:
        """Return the markup; both values are escaped."""
        if self._drawn is not None:
            return self._drawn
        sprite = "icons.svg" if self._sprite is None else self._sprite.resolve(context)
        drawn = icon_markup(str(self._name.resolve(context)), sprite)
        if self._is_constant:
            self._drawn = drawn
        return drawn


def icon_markup(name: str, sprite: str) -> SafeString:
    """Return one icon beside words, hidden from screen readers. No query."""
    return mark_safe(  # noqa: S308 -- both values are escaped
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="'
        f'{conditional_escape(static(sprite))}#{conditional_escape(name)}"/></svg>\n'
    )


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """Draw an icon: ``{% icon "lock" %}``, or of another file ``{% icon "lock" "icons-start.svg" %}``."""
    _tag, name, *sprite = token.split_contents()
    if len(sprite) > 1:
        raise template.TemplateSyntaxError("icon takes a name and at most one file")
    return IconNode(
        parser.compile_filter(name), parser.compile_filter(sprite[0]) if sprite else None
    )


class SameForAllNode(Node):
    """Draws its content once a process and language, and without the page's context.

    So nothing of one person or request can be in it: what it asks the context for is not there.
    """

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return the content in the language of the moment."""
        language = get_language()
        drawn = self._drawn.get(language)
        if drawn is None:
            alone = Context({}, autoescape=context.autoescape)
            alone.template = context.template
            with alone.render_context.push_state(context.template):  # type: ignore[arg-type]
                drawn = self.nodelist.render(alone)
            self._drawn[language] = drawn
        return drawn


@register.tag
def same_for_all(parser: Parser, _token: Token) -> SameForAllNode:
    """Draw what is between this and ``endsame_for_all`` once a process and language. No blocks inside."""
    nodelist = parser.parse(("endsame_for_all",))
    parser.delete_first_token()
    return SameForAllNode(nodelist)
