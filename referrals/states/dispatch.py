"""The declared tables of delivery: a destination's confirmation by two, and one version's way to it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import PLENARY_ROLES, Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class Channel(models.TextChoices):
    """How a destination is reached."""

    INBOX = "inbox", _("Kotak masuk di sistem ini")
    WEBHOOK = "webhook", _("Sambungan antarsistem")
    EMAIL = "email", _("Pemberitahuan surel dengan tautan sekali pakai")
    SFTP = "sftp", _("SFTP")
    FOLDER = "folder", _("Folder bersama")
    PRINT = "print", _("Cetak dan serah terima")


class DestinationStatus(models.TextChoices):
    """Whether referrals go there."""

    PROPOSED = "proposed", _("Menunggu orang kedua")
    ACTIVE = "active", _("Dipakai")
    ENDED = "ended", _("Tidak dipakai")


class DestinationAction(models.TextChoices):
    """What administrators do with an address."""

    CONFIRM = "confirm", _("Setujui")
    END = "end", _("Hentikan")


ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_D = DestinationStatus

DESTINATION_LIFECYCLE: StateMachine[DestinationStatus, DestinationAction] = StateMachine(
    _D.PROPOSED,
    {
        DestinationAction.CONFIRM: Transition(
            frozenset({_D.PROPOSED}), _D.ACTIVE, ADMINISTRATORS, second_person="create"
        ),
        DestinationAction.END: Transition(
            frozenset({_D.PROPOSED, _D.ACTIVE}), _D.ENDED, ADMINISTRATORS, needs_reason=True
        ),
    },
)
"""An address of a recipient: nobody alone decides where cases go."""


class DispatchStatus(models.TextChoices):
    """Where one version stands on its way to one destination."""

    PENDING = "pending", _("Dalam antrean kirim")
    TO_HAND_OVER = "to_hand_over", _("Menunggu serah terima")
    SENT = "sent", _("Terkirim")
    ACKNOWLEDGED = "acknowledged", _("Tanda terima ada")
    RETURNED = "returned", _("Dikembalikan")
    REFUSED = "refused", _("Ditolak")
    SUPERSEDED = "superseded", _("Tidak berlaku lagi")


class DispatchAction(models.TextChoices):
    """What moves it. Only a hand-over is a person's; the rest follows from what the line said."""

    SEND = "send", _("Kirim")
    PRINT = "print", _("Siapkan untuk diserahkan")
    HAND_OVER = "hand_over", _("Catat serah terima")
    ACKNOWLEDGE = "acknowledge", _("Catat tanda terima")
    RETURN = "return", _("Catat pengembalian")
    REFUSE = "refuse", _("Catat penolakan")
    SUPERSEDE = "supersede", _("Hentikan pengiriman")
    SEND_AGAIN = "send_again", _("Kirim ulang")


SENDERS = frozenset({Role.CASE_OFFICER}) | PLENARY_ROLES
_S = DispatchStatus
_ARRIVED = frozenset({_S.SENT, _S.ACKNOWLEDGED})
_OPEN = frozenset({_S.PENDING, _S.TO_HAND_OVER}) | _ARRIVED

DISPATCH_LIFECYCLE: StateMachine[DispatchStatus, DispatchAction] = StateMachine(
    _S.PENDING,
    {
        DispatchAction.SEND: Transition(frozenset({_S.PENDING}), _S.SENT),
        DispatchAction.PRINT: Transition(frozenset({_S.PENDING}), _S.TO_HAND_OVER),
        DispatchAction.HAND_OVER: Transition(
            frozenset({_S.TO_HAND_OVER}), _S.ACKNOWLEDGED, SENDERS
        ),
        DispatchAction.SEND_AGAIN: Transition(
            frozenset({_S.SENT}), _S.PENDING, SENDERS, needs_reason=True
        ),
        DispatchAction.ACKNOWLEDGE: Transition(frozenset({_S.SENT}), _S.ACKNOWLEDGED),
        DispatchAction.RETURN: Transition(_ARRIVED, _S.RETURNED),
        DispatchAction.REFUSE: Transition(_ARRIVED, _S.REFUSED),
        DispatchAction.SUPERSEDE: Transition(_OPEN | {_S.RETURNED, _S.REFUSED}, _S.SUPERSEDED),
    },
)
"""One version to one destination. A later answer than ``returned`` or ``refused`` changes nothing."""
