"""Referrals and follow-ups in the change feed of the API (ADR 0042)."""

from importlib import import_module

from django.db import migrations

triggers = import_module("complaints.migrations.0033_record_change_triggers")

FUNCTIONS = """
-- Only those of one referral, of one follow-up, or of everybody in a case (the others NULL).
CREATE FUNCTION api_note_referrals(
  key bigint, the_case bigint, office bigint, kept_from bigint[], person bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note(
      'referral', r.id, r.public_id, COALESCE(office, c.office_id),
      COALESCE(kept_from, c.excluded_offices), NULL, c.id, person)
    FROM referrals_referral r JOIN complaints_case c ON c.id = r.case_id
    WHERE r.id = key OR r.case_id = the_case;
END $$;

CREATE FUNCTION api_note_follow_ups(
  key bigint, the_case bigint, office bigint, kept_from bigint[], person bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note(
      'follow_up', f.id, f.public_id, COALESCE(office, c.office_id),
      COALESCE(kept_from, c.excluded_offices), NULL, c.id, person)
    FROM referrals_followup f
    JOIN referrals_referral r ON r.id = f.referral_id
    JOIN complaints_case c ON c.id = r.case_id
    WHERE f.id = key OR r.case_id = the_case;
END $$;

CREATE FUNCTION api_referral_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM api_note(
        'referral', OLD.id, OLD.public_id, c.office_id, c.excluded_offices, NULL, c.id, 0)
      FROM complaints_case c WHERE c.id = OLD.case_id;
  ELSE
    PERFORM api_note_referrals(NEW.id, NULL, NULL, NULL, 0);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_line_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM api_note_referrals(OLD.referral_id, NULL, NULL, NULL, 0);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM api_note_referrals(NEW.referral_id, NULL, NULL, NULL, 0);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_follow_up_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM api_note(
        'follow_up', OLD.id, OLD.public_id, c.office_id, c.excluded_offices, NULL, c.id, 0)
      FROM referrals_referral r JOIN complaints_case c ON c.id = r.case_id
      WHERE r.id = OLD.referral_id;
  ELSE
    PERFORM api_note_follow_ups(NEW.id, NULL, NULL, NULL, 0);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_followed_official_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note_follow_ups(f.id, NULL, NULL, NULL, 0)
    FROM referrals_followup f WHERE f.official_id = NEW.id;
  RETURN NULL;
END $$;

-- A case that moves or is kept from somebody takes its referrals and follow-ups with it.
CREATE FUNCTION api_referred_case_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept_from bigint[] := NEW.excluded_offices;
BEGIN
  IF OLD.office_id = NEW.office_id THEN
    kept_from := api_both(OLD.excluded_offices, NEW.excluded_offices);
  ELSE
    PERFORM api_note_referrals(NULL, OLD.id, OLD.office_id, OLD.excluded_offices, 0);
    PERFORM api_note_follow_ups(NULL, OLD.id, OLD.office_id, OLD.excluded_offices, 0);
  END IF;
  PERFORM api_note_referrals(NULL, NEW.id, NEW.office_id, kept_from, 0);
  PERFORM api_note_follow_ups(NULL, NEW.id, NEW.office_id, kept_from, 0);
  RETURN NULL;
END $$;

CREATE FUNCTION api_referred_recusal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.case_id IS NOT NULL THEN
    PERFORM api_note_referrals(NULL, OLD.case_id, NULL, NULL, OLD.user_id);
    PERFORM api_note_follow_ups(NULL, OLD.case_id, NULL, NULL, OLD.user_id);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.case_id IS NOT NULL THEN
    PERFORM api_note_referrals(NULL, NEW.case_id, NULL, NULL, NEW.user_id);
    PERFORM api_note_follow_ups(NULL, NEW.case_id, NULL, NULL, NEW.user_id);
  END IF;
  RETURN NULL;
END $$;
"""

DROPPED = """
DROP FUNCTION api_referred_recusal_changed(), api_referred_case_moved(),
  api_followed_official_changed(), api_follow_up_changed(), api_line_changed(),
  api_referral_changed(),
  api_note_follow_ups(bigint, bigint, bigint, bigint[], bigint),
  api_note_referrals(bigint, bigint, bigint, bigint[], bigint);
"""

REFERRAL = "public_id case_id recipient_id number version status status_at summary due_at"
FOLLOW_UP = (
    "public_id referral_id official_id agency_id ppk_title recommended_class recommended_on status"
    " status_at due_at imposed_id gap"
)

WATCHED = (
    ("referrals", "referral", "api_referral_changed", REFERRAL),
    ("referrals", "referralitem", "api_line_changed", "referral_id version"),
    ("referrals", "followup", "api_follow_up_changed", FOLLOW_UP),
    ("complaints", "recusal", "api_referred_recusal_changed", "case_id user_id"),
)

OTHERS = (
    ("complaints_official", "api_followed_official_changed", triggers.OFFICIAL),
    ("complaints_case", "api_referred_case_moved", "office_id excluded_offices"),
)
"""Updates alone count here."""


class Migration(migrations.Migration):
    """Triggers on the tables of this app, and on what decides there who sees them."""

    dependencies = [
        ("referrals", "0011_recipient_workspace"),
        ("complaints", "0033_record_change_triggers"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROPPED),
        *[
            migrations.RunSQL(
                triggers.forward(table, function, columns, prefix=prefix),
                triggers.backward(table, function, prefix=prefix),
            )
            for prefix, table, function, columns in WATCHED
        ],
        *[
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_{function} AFTER UPDATE ON {table} FOR EACH ROW"
                f" WHEN {triggers.differs(columns)} EXECUTE FUNCTION {function}();",
                f"DROP TRIGGER {table}_{function} ON {table};",
            )
            for table, function, columns in OTHERS
        ],
    ]
