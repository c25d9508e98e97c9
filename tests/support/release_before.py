"""The release that this one is put over: its code, and the last migration of each app in it.

Until there are releases it is what stood on main before this one's migrations. With each release: its commit,
and the last migrations as ``manage.py showmigrations`` lists them then.
"""

from typing import Final

COMMIT: Final = "0b687654ef0ce0a9d797c35508b48fdd58a5197d"

LAST: Final = {
    "accounts": "0009_webhooks",
    "audit": "0001_initial",
    "complaints": "0039_triggers_as_owner",
    "keyring": "0001_initial",
    "referrals": "0015_follow_up_lists",
    "registry": "0007_rules_by_two",
    "shared": "0001_outbox_and_numbers",
}
