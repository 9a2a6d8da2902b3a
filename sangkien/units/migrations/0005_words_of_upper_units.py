from django.db import migrations

# The few units of the upper levels by themselves: a search ranks all of them, however many others match.
MAKE = "CREATE INDEX unit_upper_words ON units_unit USING gin (words) WHERE array_length(path, 1) <= 3"


class Migration(migrations.Migration):
    dependencies = [("units", "0004_tree_over_time")]

    operations = [migrations.RunSQL(MAKE, "DROP INDEX unit_upper_words")]
