"""A database that stops answering, for pages that must outlive it."""

from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection


def _refuse(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def lost_database():
    @contextmanager
    def lost():
        with connection.execute_wrapper(_refuse):
            yield

    return lost
