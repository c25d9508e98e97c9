"""Migrations that render only the model they change: the first start in seconds instead of half a minute.

While Django applies migrations it keeps a class for every model as it was at that step. When a model
gets a field, an index or a constraint, Django makes anew the classes of all models that are related to it,
however distantly, which here are nearly all: 38,000 classes for 800 steps, nine tenths of the whole time.
For these steps PostgreSQL needs the table itself and the tables its new columns point at, no more.

What stays as Django does it: whatever renames or removes, and a change of a field that others point at.
Before such a step all classes are made anew, so that no relation is missing from what it looks at. Code of
a migration (``RunPython``) gets all classes anew too, as Django does after its own, smaller delays.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState
from django.db.migrations.utils import field_is_referenced

_NARROW = "_bc_renders_one"
_BEFORE = "_bc_state_before"


@contextmanager
def rendering_what_changed() -> Iterator[None]:
    """Apply migrations in the block with fewer classes; harmless around a block that applies none."""
    patches: dict[str, Callable[..., Any]] = {
        "clone": _clone(ProjectState.clone),
        "add_field": _add_field(ProjectState.add_field),
        "alter_field": _alter_field(ProjectState.alter_field),
        "reload_model": _reload_model(ProjectState.reload_model),
        "reload_models": _reload_models(ProjectState.reload_models),
    }
    originals = {name: getattr(ProjectState, name) for name in patches}
    for name, patch in patches.items():
        setattr(ProjectState, name, patch)
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(ProjectState, name, original)


def _clone(original: Callable[..., Any]) -> Callable[..., Any]:
    def clone(state: Any) -> Any:
        """Remember the copy, which is the state before the step that comes."""
        made = original(state)
        state.__dict__[_BEFORE] = made
        return made

    return clone


def _add_field(original: Callable[..., Any]) -> Callable[..., Any]:
    def add_field(state: Any, app: str, model: str, name: str, field: Any, *options: Any) -> None:
        with _narrow(state, when=not field.many_to_many):
            original(state, app, model, name, field, *options)

    return add_field


def _alter_field(original: Callable[..., Any]) -> Callable[..., Any]:
    def alter_field(state: Any, app: str, model: str, name: str, field: Any, *options: Any) -> None:
        alone = not field.many_to_many and not field_is_referenced(
            state, (app, model), (name, field)
        )
        with _narrow(state, when=alone):
            original(state, app, model, name, field, *options)

    return alter_field


def _reload_model(original: Callable[..., Any]) -> Callable[..., Any]:
    def reload_model(state: Any, app: str, model: str, delay: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's
        if "apps" not in state.__dict__:
            return
        key = (app, model)
        if (delay or state.__dict__.get(_NARROW) or _is_new(state, key)) and not _is_base(
            state, key
        ):
            state.is_delayed = True
            state._reload({key})  # noqa: SLF001 -- the part of Django's own that renders
        else:
            _make_anew(state)
            original(state, app, model, delay)

    return reload_model


def _reload_models(original: Callable[..., Any]) -> Callable[..., Any]:
    def reload_models(state: Any, models: Any, delay: bool = True) -> None:  # noqa: FBT001, FBT002 -- Django's
        _make_anew(state)
        original(state, models, delay)

    return reload_models


@contextmanager
def _narrow(state: Any, *, when: bool) -> Iterator[None]:
    state.__dict__[_NARROW] = when
    try:
        yield
    finally:
        del state.__dict__[_NARROW]


def _is_new(state: Any, key: tuple[str, str]) -> bool:
    """Say whether a model has no class yet: then nothing points at an old one."""
    return key[1] not in state.apps.all_models[key[0]]


def _is_base(state: Any, key: tuple[str, str]) -> bool:
    """Say whether other models inherit from it: their classes would keep the old one."""
    return ".".join(key) in {
        base.lower()
        for model in state.models.values()
        for base in model.bases
        if isinstance(base, str)
    }


def _make_anew(state: Any) -> None:
    """Forget all classes, of the step to come and before it, so that they are made anew together."""
    for each in (state, state.__dict__.get(_BEFORE)):
        if each is not None:
            each.clear_delayed_apps_cache()
