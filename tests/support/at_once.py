"""Several people who press at the same moment: threads, each with a connection of its own."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

from django.db import connections
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

    def press(client: Client, address: str, form: Mapping[str, object]) -> tuple[int, str]:
        response = client.post(address, dict(form))
        return response.status_code, response.content.decode()

    return at_once(
        [
            partial(press, client, address, form)
            for client, (_user, address, form) in zip(clients, posts, strict=True)
        ]
    )
