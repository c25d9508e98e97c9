"""What a person typed reaches no log line and no error report."""

import json
import logging
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from bawaslu_cases.settings import env
from bawaslu_cases.shared.logging import (
    AllowListFormatter,
    BlindExceptionReporterFilter,
    JsonLinesFormatter,
)

CANARY = "Siti Nurbaya 3308014107900001"


def record_of(error: Exception, name: str = "complaints") -> logging.LogRecord:
    try:
        raise error
    except type(error):
        return logging.LogRecord(name, logging.ERROR, __file__, 1, "failed", (), sys.exc_info())


def test_exception_line_has_type_and_place_but_no_text():
    line = AllowListFormatter().format(record_of(ValueError(f"Key (nik)=({CANARY}) exists")))

    assert "ValueError #" in line
    assert "record_of" in line
    assert CANARY not in line
    # Positive control: the standard formatter would have written it.
    assert CANARY in logging.Formatter().format(record_of(ValueError(CANARY)))


def test_request_line_loses_its_path():
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", (CANARY,), None
    )
    record.status_code = 500

    assert AllowListFormatter().format(record) == "ERROR django.request request failed 500"


def test_line_as_json_has_the_same_and_cannot_be_broken_in_two():
    record = record_of(ValueError(CANARY))
    record.msg = 'failed\n{"level": "forged"}'
    (line,) = JsonLinesFormatter().format(record).splitlines()
    value = json.loads(line)
    assert (value["level"], value["logger"]) == ("ERROR", "complaints")
    assert value["event"] == record.msg
    assert value["error"].startswith("ValueError #")
    assert CANARY not in line


def test_form_of_the_log_is_one_of_two(monkeypatch):
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    assert env.choice("LOG_FORMAT", "text", "json") == "text"
    monkeypatch.setenv("LOG_FORMAT", "json")
    assert env.choice("LOG_FORMAT", "text", "json") == "json"
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be one of text, json"):
        env.choice("LOG_FORMAT", "text", "json")


def test_error_report_shows_no_posted_value_and_no_variable(settings):
    settings.DEFAULT_EXCEPTION_REPORTER_FILTER = (
        f"{BlindExceptionReporterFilter.__module__}.{BlindExceptionReporterFilter.__name__}"
    )
    request = RequestFactory().post("/f/", {"story": CANARY})
    try:
        story = request.POST["story"]
        raise RuntimeError("x") if story else AssertionError
    except RuntimeError:
        reporter = ExceptionReporter(request, *sys.exc_info())

    assert CANARY not in reporter.get_traceback_text()
    assert CANARY not in reporter.get_traceback_html()
