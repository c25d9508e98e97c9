"""What people do with a request to open an identity."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class UnsealPurpose(models.TextChoices):
    """What an identity may be opened for (protection.md B.4)."""

    FORMAL_REQUIREMENTS = "formal_requirements", _("Memeriksa syarat formal")
    LEAK_CHECK = "leak_check", _("Memeriksa kebocoran sebelum rujukan dikirim")
    LPSK_HANDOVER = "lpsk_handover", _("Menyerahkan ke LPSK atas permintaan pelapor")
    COURT_ORDER = "court_order", _("Perintah pengadilan")
    CORRECTION = "correction", _("Memperbaiki data atas permintaan pelapor")


class UnsealStatus(models.TextChoices):
    """Where a request to open an identity stands."""

    PENDING = "pending", "Menunggu kustodian"
    RELEASED = "released", "Dilepas"
    OPENED = "opened", "Dibuka"
    ATTESTED = "attested", "Dibuka dan dinyatakan"
    DENIED = "denied", "Ditolak"
    WITHDRAWN = "withdrawn", "Dibatalkan"
    EXPIRED = "expired", "Lewat waktu"


class DenialReason(models.TextChoices):
    """Why a custodian does not let go of a share: chosen, never written (check V01)."""

    NOT_NEEDED = "not_needed", "Identitas tidak diperlukan untuk tujuan ini"
    UNCLEAR = "unclear", "Alasan tidak jelas"
    NO_BASIS = "no_basis", "Dasar hukum tidak cukup"
    CONFLICT = "conflict", "Ada benturan kepentingan"
    DUPLICATE = "duplicate", "Sudah dibuka untuk tujuan yang sama"


class UnsealAction(models.TextChoices):
    """What people do with a request to open an identity."""

    RELEASE = "release", "Lepas bagian kunci"
    DENY = "deny", "Tolak"
    WITHDRAW = "withdraw", "Batalkan"
    OPEN = "open", "Buka"
    ATTEST = "attest", "Nyatakan hasil"
    EXPIRE = "expire", "Lewat waktu"


_U = UnsealStatus

UNSEAL_LIFECYCLE: StateMachine[UnsealStatus, UnsealAction] = StateMachine(
    _U.PENDING,
    {
        UnsealAction.RELEASE: Transition(
            frozenset({_U.PENDING}),
            _U.RELEASED,
            frozenset({Role.CUSTODIAN}),
            second_person="create",
        ),
        UnsealAction.DENY: Transition(
            frozenset({_U.PENDING}), _U.DENIED, frozenset({Role.CUSTODIAN}), needs_reason=True
        ),
        UnsealAction.WITHDRAW: Transition(
            frozenset({_U.PENDING, _U.RELEASED}), _U.WITHDRAWN, frozenset({Role.VERIFIER})
        ),
        # The share is served once, with this step; what the browser does then is out of our sight.
        UnsealAction.OPEN: Transition(
            frozenset({_U.RELEASED}), _U.OPENED, frozenset({Role.VERIFIER})
        ),
        UnsealAction.ATTEST: Transition(
            frozenset({_U.OPENED}), _U.ATTESTED, frozenset({Role.VERIFIER})
        ),
        UnsealAction.EXPIRE: Transition(frozenset({_U.PENDING, _U.RELEASED}), _U.EXPIRED),
    },
)
"""Opening an identity: one unit asks, another releases. The table is the lesser half of the rule:
without the released share the keys do not fit (complaints/vault/crypto)."""
