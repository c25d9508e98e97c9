"""From the plenary's decision to the sanction and its proof. Knows complaints, never the reverse."""
