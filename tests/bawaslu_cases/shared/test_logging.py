"""What a person typed reaches no log line and no error report."""

import logging
import sys

from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from bawaslu_cases.shared.logging import AllowListFormatter, BlindExceptionReporterFilter

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
