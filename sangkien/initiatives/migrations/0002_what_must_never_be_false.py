from django.db import migrations

from sangkien.core.append_only import protect, unprotect

# A test compares these pairs with initiatives.states.STATE_STEPS; a new step needs a migration of its own.
STATE_STEPS = """
CREATE FUNCTION refuse_unknown_state_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.state IN ('draft', 'submitted')) OR (TG_OP = 'UPDATE' AND (OLD.state, NEW.state) IN (
        ('draft', 'submitted'),
        ('submitted', 'returned'),
        ('submitted', 'valid'),
        ('submitted', 'invalid'),
        ('submitted', 'withdrawn'),
        ('returned', 'submitted'),
        ('returned', 'withdrawn'),
        ('valid', 'invalid'),
        ('invalid', 'submitted')
    )) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'initiative % cannot go from % to %', NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, NEW.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER initiative_starts BEFORE INSERT ON initiatives_initiative
    FOR EACH ROW EXECUTE FUNCTION refuse_unknown_state_step();
CREATE TRIGGER initiative_steps BEFORE UPDATE ON initiatives_initiative
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_unknown_state_step();
"""

# Checked when the transaction commits, because authors are written one by one.
SHARES = """
CREATE FUNCTION refuse_wrong_shares() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint;
    total bigint;
BEGIN
    IF TG_TABLE_NAME = 'initiatives_initiative' THEN which := NEW.id; ELSE which := coalesce(NEW.initiative_id, OLD.initiative_id); END IF;
    IF EXISTS (SELECT FROM initiatives_initiative WHERE id = which AND state <> 'draft') THEN
        SELECT coalesce(sum(share), 0) INTO total FROM initiatives_author WHERE initiative_id = which;
        IF total <> 100 THEN
            RAISE EXCEPTION 'the shares of initiative % add up to %, not 100', which, total
                USING ERRCODE = 'check_violation', CONSTRAINT = 'shares_total_100';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER initiative_shares AFTER INSERT OR UPDATE OF state ON initiatives_initiative
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'submitted') EXECUTE FUNCTION refuse_wrong_shares();
CREATE CONSTRAINT TRIGGER author_shares AFTER INSERT OR UPDATE OR DELETE ON initiatives_author
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_wrong_shares();
"""

UNION_OF_PATH = """
ALTER TABLE initiatives_event ADD CONSTRAINT event_union_is_second_in_path
    CHECK (union_id IS NOT DISTINCT FROM unit_path[2]);
"""


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0001_initial"), ("core", "0002_moments_and_append_only")]

    operations = [
        migrations.RunSQL(protect("initiatives_event"), unprotect("initiatives_event")),
        migrations.RunSQL(
            STATE_STEPS,
            "DROP TRIGGER initiative_steps ON initiatives_initiative;"
            "DROP TRIGGER initiative_starts ON initiatives_initiative;"
            "DROP FUNCTION refuse_unknown_state_step();",
        ),
        migrations.RunSQL(
            SHARES,
            "DROP TRIGGER author_shares ON initiatives_author;"
            "DROP TRIGGER initiative_shares ON initiatives_initiative;"
            "DROP FUNCTION refuse_wrong_shares();",
        ),
        migrations.RunSQL(UNION_OF_PATH, "ALTER TABLE initiatives_event DROP CONSTRAINT event_union_is_second_in_path"),
    ]
