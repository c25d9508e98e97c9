"""Papers of this app: ``.typ`` templates here, filled with data, never with markup."""

from complaints.letters.capture import TEMPLATE, ShownCopy, capture_minutes, minutes_data
from complaints.letters.forms import form_paper, form_pictures

__all__ = [
    "TEMPLATE",
    "ShownCopy",
    "capture_minutes",
    "form_paper",
    "form_pictures",
    "minutes_data",
]
