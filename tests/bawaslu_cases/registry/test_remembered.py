"""What a process keeps of the registry: asked once, anew when it changes, never an error."""

import time
from itertools import count

import pytest
from django.core.cache import cache

from bawaslu_cases.registry import remembered as module
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.registry.models import Office
from bawaslu_cases.registry.remembered import remembered

_numbers = count(1000, 1000)


@pytest.fixture(autouse=True)
def _remembering(settings, monkeypatch):
    cache.clear()
    settings.REGISTRY_KEPT_SECONDS = 60
    monkeypatch.setattr(module, "ASK_AGAIN_SECONDS", 0.0)
    fresh = module._Freshness()
    # What another test left in this process under a number of its own is no answer here.
    fresh.number = next(_numbers)
    monkeypatch.setattr(module, "_freshness", fresh)


@pytest.fixture
def asked():
    return []


@pytest.fixture
def question(asked):
    @remembered
    def double(number: int, *, add: int = 0) -> int:
        asked.append(number)
        if number < 0:
            raise ValueError
        return 2 * number + add

    return double


def test_it_is_asked_once_for_each_set_of_arguments(question, asked):
    assert [question(1), question(1), question(2), question(1, add=5), question(1)] == [
        2,
        2,
        4,
        7,
        2,
    ]
    assert asked == [1, 2, 1]


def test_it_is_asked_again_when_the_registry_changed(question, asked):
    question(1)
    mark_changed()
    question(1)
    question(1)
    assert asked == [1, 1]


def test_the_version_is_looked_at_once_a_second_at_most(question, asked, monkeypatch):
    monkeypatch.setattr(module, "ASK_AGAIN_SECONDS", 3600.0)
    question(1)
    mark_changed()
    question(1)
    assert asked == [1]


def test_it_is_asked_again_after_its_time(question, asked, settings):
    settings.REGISTRY_KEPT_SECONDS = 0.01
    question(1)
    time.sleep(0.02)
    question(1)
    assert asked == [1, 1]


def test_nothing_is_kept_when_it_is_switched_off(question, asked, settings):
    settings.REGISTRY_KEPT_SECONDS = 0
    question(1)
    question(1)
    assert asked == [1, 1]


def test_an_error_is_not_kept(question, asked):
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            question(-1)
    assert asked == [-1, -1]


def test_it_keeps_a_bounded_number(question, asked, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    for number in (1, 2, 3, 4, 1):
        question(number)
    assert asked == [1, 2, 3, 4, 1]


def test_a_cache_that_is_gone_leaves_the_age(question, asked, settings):
    question(1)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    question(1)
    assert asked == [1]


@pytest.mark.django_db
def test_rows_are_told_apart_by_their_key(django_assert_num_queries):
    central, java = Office.objects.get(level="RI"), Office.objects.get(region__code="33")
    with django_assert_num_queries(4):
        first = registry.calendar_at_hand(office=central)
        second = registry.calendar_at_hand(office=java)
    with django_assert_num_queries(0):
        assert registry.calendar_at_hand(office=Office(pk=central.pk)) is first
        assert registry.calendar_at_hand(office=java) is second
    assert first is not second
