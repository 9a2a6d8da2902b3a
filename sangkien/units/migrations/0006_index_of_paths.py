"""An index of what stands below a unit, for searching within somebody's own part of the tree."""

from django.db import migrations

MAKE = "CREATE INDEX unit_paths ON units_unit USING gin (path)"


class Migration(migrations.Migration):
    dependencies = [("units", "0005_words_of_upper_units")]

    operations = [migrations.RunSQL(MAKE, "DROP INDEX unit_paths")]
