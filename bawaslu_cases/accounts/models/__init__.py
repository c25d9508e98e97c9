"""Accounts: people, their roles, when they are away, and changes that two administrators make."""

from bawaslu_cases.accounts.models.absence import Absence
from bawaslu_cases.accounts.models.api_client import (
    ApiCall,
    ApiClient,
    ApiCredential,
    ApiToken,
    KeptAnswer,
    SpentAssertion,
)
from bawaslu_cases.accounts.models.change import StaffChange, StaffChangeEvent, StaffChangeKind
from bawaslu_cases.accounts.models.invitation import DormancyNotice, Invitation
from bawaslu_cases.accounts.models.sign_on import ProviderLink
from bawaslu_cases.accounts.models.user import RoleGrant, User, UserManager
from bawaslu_cases.accounts.models.webhook import (
    SCOPE_OF_EVENT,
    WebhookEvent,
    WebhookMessage,
    WebhookSubscription,
    WebhookTarget,
)

__all__ = [
    "SCOPE_OF_EVENT",
    "Absence",
    "ApiCall",
    "ApiClient",
    "ApiCredential",
    "ApiToken",
    "DormancyNotice",
    "Invitation",
    "KeptAnswer",
    "ProviderLink",
    "RoleGrant",
    "SpentAssertion",
    "StaffChange",
    "StaffChangeEvent",
    "StaffChangeKind",
    "User",
    "UserManager",
    "WebhookEvent",
    "WebhookMessage",
    "WebhookSubscription",
    "WebhookTarget",
]
