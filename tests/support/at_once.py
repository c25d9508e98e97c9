"""Several people who press at the same moment: threads, each with a connection of its own."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import Self, TypeVar

from django.db import connection, connections
from django.db.models import Model
from django.test import Client

from bawaslu_cases.accounts.models import User

Result = TypeVar("Result")


def at_once(steps: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run the steps in threads that start together; return what each gave, in their order."""
    start = Barrier(len(steps))

    def run(step: Callable[[], Result]) -> Result:
        try:
            start.wait(timeout=120)
            return step()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))


def pressed_at_once(
    posts: Sequence[tuple[User, str, Mapping[str, object]]],
) -> list[tuple[int, str]]:
    """Post forms at the same moment, each as somebody; return status and page of each, in their order."""
    clients = []
    for user, _address, _form in posts:
        client = Client()
        client.force_login(user)
        clients.append(client)

    return at_once(
        [
            partial(_pressed, client, address, form)
            for client, (_user, address, form) in zip(clients, posts, strict=True)
        ]
    )


PATIENCE_S = 120


class Rivals:
    """People who press for one row again and again, each time at the same moment. Use in ``with``."""

    def __init__(self, users: Sequence[User]) -> None:
        self._clients = [Client() for _user in users]
        for client, user in zip(self._clients, users, strict=True):
            client.force_login(user)
        self._threads = [ThreadPoolExecutor(1) for _user in users]
        self._holder = connection.copy()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for thread in self._threads:
            thread.submit(connections.close_all).result()
            thread.shutdown()
        self._holder.close()

    def press(
        self, row: Model, posts: Sequence[tuple[str, Mapping[str, object]]]
    ) -> list[tuple[int, str]]:
        """Post a form for each, address and fields in their order; return status and page of each.

        The row is locked until all of them wait for it: each has read how it stood by then, however slow
        the machine is, so none is merely later than the other.
        """
        with self._locked(row):
            answers = [
                thread.submit(_pressed, client, address, form)
                for thread, client, (address, form) in zip(
                    self._threads, self._clients, posts, strict=True
                )
            ]
            _wait_for_lock(len(answers))
        return [answer.result() for answer in answers]

    @contextmanager
    def _locked(self, row: Model) -> Iterator[None]:
        self._holder.set_autocommit(False)
        try:
            rows = type(row)._default_manager.using(self._holder.alias)
            text, values = rows.filter(pk=row.pk).values("pk").query.sql_with_params()
            with self._holder.cursor() as cursor:
                cursor.execute(f"{text} FOR NO KEY UPDATE", values)
            yield
        finally:
            self._holder.rollback()
            self._holder.set_autocommit(True)


def _pressed(client: Client, address: str, form: Mapping[str, object]) -> tuple[int, str]:
    response = client.post(address, dict(form))
    return response.status_code, response.content.decode()


def _wait_for_lock(number: int) -> None:
    """Wait until so many connections of this database wait for a lock."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() == (number,):
                return
        time.sleep(0.002)
    raise AssertionError("they do not all wait for the row")
