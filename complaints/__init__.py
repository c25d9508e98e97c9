"""From the first word of a citizen or an officer to the plenary's decision. Knows no referral."""
