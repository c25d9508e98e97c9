"""Papers of this app: ``.typ`` templates here, filled with data, never with markup."""

from complaints.letters.capture import TEMPLATE, capture_minutes, minutes_data

__all__ = ["TEMPLATE", "capture_minutes", "minutes_data"]
