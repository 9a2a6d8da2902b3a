"""Titles of what is open are found by their letters without marks: one index serves words typed with and without."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

# The letters of Vietnamese with marks, by what is left without them.
MARKED = {
    "a": "àáâãăạảấầẩẫậắằẳẵặ",
    "d": "đ",
    "e": "èéêẹẻẽếềểễệ",
    "i": "ìíĩỉị",
    "o": "òóôõơọỏốồổỗộớờởỡợ",
    "u": "ùúũưụủứừửữự",
    "y": "ýỳỵỷỹ",
}
LETTERS = "".join(MARKED.values())
BARE = "".join(bare * len(letters) for bare, letters in MARKED.items())

# Nothing but "translate" and "lower": as immutable as an index asks for, and seen through by the planner.
FUNCTION = f"""
CREATE FUNCTION without_marks(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(lower($1), '{LETTERS}', '{BARE}')
"""


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0004_verification")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION without_marks(text)"),
        migrations.RemoveIndex(model_name="initiative", name="initiative_open_words"),
        migrations.AddIndex(
            model_name="initiative",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector(
                    models.Func("title", function="without_marks", output_field=models.TextField()), config="simple"
                ),
                condition=models.Q(("state", "submitted"), ("state", "returned"), _connector="OR"),
                gin_pending_list_limit=512,
                name="initiative_open_bare_words",
            ),
        ),
    ]
