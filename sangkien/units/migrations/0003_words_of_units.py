from django.db import migrations

# The words that a unit is found by, in a column that only the search reads: in the model it would be fetched with
# every unit. Each word of ``search_key`` as it is; a prefix of it finds the unit through the index.
MAKE = """
ALTER TABLE units_unit ADD COLUMN words tsvector
    GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(search_key, ' '), ''))) STORED;
CREATE INDEX unit_words ON units_unit USING gin (words);
"""


class Migration(migrations.Migration):
    dependencies = [("units", "0002_unit_requests")]

    operations = [migrations.RunSQL(MAKE, "ALTER TABLE units_unit DROP COLUMN words")]
