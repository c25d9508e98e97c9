"""Registration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles, scope."""

    name = "bawaslu_cases.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Tell the outbox who mails invitations and notices."""
        from bawaslu_cases.shared.outbox import topics  # noqa: PLC0415 -- models are loaded by now

        topics.register("accounts.invite", _send_invitation, max_attempts=8, queue="notify")
        topics.register("webhook.send", _send_webhooks)
        topics.register("accounts.dormant", _send_dormancy_notice, max_attempts=8, queue="notify")


# The services are loaded at the first message: a web process that mails nothing starts without them.
def _send_invitation(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from bawaslu_cases.accounts.services.invitations import (  # noqa: PLC0415 -- start-up time
        send_invitation,
    )

    send_invitation(subject_id=subject_id)


def _send_dormancy_notice(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from bawaslu_cases.accounts.services.dormancy import (  # noqa: PLC0415 -- start-up time
        send_dormancy_notice,
    )

    send_dormancy_notice(subject_id=subject_id)


def _send_webhooks(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from bawaslu_cases.accounts.services.webhook_sending import (  # noqa: PLC0415 -- start-up time
        send_waiting,
    )

    send_waiting(subject_id=subject_id)
