"""The servers around this very run."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from redis import Redis

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _own_share_stays():
    """A run inside this one takes its share of the servers in the environment: this run's stays its own."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_each_process_has_its_own_valkey_and_media():
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    index = int(process.removeprefix("gw")) + 1 if process else 0
    if "EMBEDDED_TEST_VALKEY" not in os.environ:
        pytest.skip("REDIS_URL is given")

    assert settings.REDIS_URL.endswith(f"?db={2 * index}")
    assert settings.CELERY_BROKER_URL.endswith(f"?virtual_host={2 * index + 1}")
    assert Path(settings.MEDIA_ROOT).name == (process or "main")
    # What processes that tests start are given.
    assert os.environ["MEDIA_ROOT"] == str(settings.MEDIA_ROOT)
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    cache.set("own", 1)
    assert Redis.from_url(settings.REDIS_URL).dbsize() > 0


@pytest.mark.django_db
def test_the_database_is_a_test_database_of_postgresql_18():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), current_setting('server_version_num')::int / 10000"
        )
        name, version = cursor.fetchone()

    assert name.startswith("test_")
    assert version >= 15


def test_queries_beside_an_event_loop_are_allowed_to_browser_tests_only():
    assert "DJANGO_ALLOW_ASYNC_UNSAFE" not in os.environ


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", {"skipped": 1, "passed": 1}), ("true", {"errors": 1, "passed": 1})]
)
def test_a_missing_browser_skips_on_a_laptop_and_fails_in_ci(pytester, monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    pytester.makeini("[pytest]\nmarkers = browser: drives Chromium\ndjango_find_project = false")
    pytester.makeconftest(
        "from pathlib import Path\n"
        "from bawaslu_cases.embedded import pytest_plugin\n"
        "pytest_plugin.CHROMIUM = Path('/nowhere/chromium')\n"
    )
    pytester.makepyfile(
        "import pytest\n@pytest.mark.browser\ndef test_browser(): pass\ndef test_other(): pass\n"
    )
    root = Path(__file__).resolve().parents[3]
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    result = pytester.runpytest_subprocess(
        "-p", "bawaslu_cases.embedded.pytest_plugin", "--ds", "bawaslu_cases.settings.test"
    )

    result.assert_outcomes(**outcome)


def test_browser_tests_run_last(pytester, monkeypatch):
    pytester.makeini("[pytest]\nmarkers = browser: drives Chromium")
    pytester.makepyfile(
        "import os, pytest\n"
        "@pytest.mark.browser\n"
        "def test_a(): assert os.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] == '1'\n"
        "def test_b(): assert 'DJANGO_ALLOW_ASYNC_UNSAFE' not in os.environ\n"
        "def test_c(): assert 'DJANGO_ALLOW_ASYNC_UNSAFE' not in os.environ\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr("bawaslu_cases.embedded.pytest_plugin.CHROMIUM", Path("/bin/sh"))

    result = pytester.runpytest_inprocess(
        "-p", "bawaslu_cases.embedded.pytest_plugin", "-p", "no:django", "-p", "no:randomly", "-v"
    )

    result.stdout.fnmatch_lines(["*test_b PASSED*", "*test_c PASSED*", "*test_a PASSED*"])


def test_one_migrates_while_the_others_do_what_needs_no_database(pytester, monkeypatch):
    pytester.makeini("[pytest]\nmarkers =\n  django_db: reads\n  xdist_group: one process")
    pytester.makepyfile(
        test_it="import pytest\n"
        "@pytest.fixture(scope='module')\n"
        "def shared(): return 1\n"
        "def test_a(): pass\n"
        "@pytest.mark.django_db\n"
        "def test_b(): pass\n"
        "def test_c(request, shared):\n"
        "    assert request.node.get_closest_marker('xdist_group').args == ('test_it.py',)\n"
        "@pytest.mark.django_db\n"
        "def test_d(request): assert request.node.get_closest_marker('xdist_group') is None\n",
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    result = pytester.runpytest_inprocess(
        "-p", "bawaslu_cases.embedded.pytest_plugin", "-p", "no:django", "-p", "no:randomly", "-v"
    )

    result.stdout.fnmatch_lines(
        ["*test_b PASSED*", "*test_a PASSED*", "*test_c PASSED*", "*test_d PASSED*"]
    )
