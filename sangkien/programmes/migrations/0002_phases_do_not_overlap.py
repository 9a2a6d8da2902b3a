from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial")]

    operations = [
        # A range of one programme stands for "the same programme": equality under GiST would need an extension.
        migrations.RunSQL(
            """
            ALTER TABLE programmes_phase ADD CONSTRAINT phases_do_not_overlap EXCLUDE USING gist (
                int4range(programme_id, programme_id, '[]') WITH &&, tstzrange(opens_at, closes_at) WITH &&)
            """,
            "ALTER TABLE programmes_phase DROP CONSTRAINT phases_do_not_overlap",
        )
    ]
