"""Real processes for the tests that kill: one submits and says so, one folds. Started with ``-m``, ended by SIGKILL.

Arguments: what to do (``submit`` or ``fold``), the name of the test database, and a number to vary what happens by.
"""

from __future__ import annotations

import random
import sys
import time


def main(what: str, database: str, seed: int) -> None:
    """Do one thing until killed."""
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    if what == "submit":
        submit_on(seed)
    else:
        fold_on(seed)


def say(text: object) -> None:
    """Print a line at once."""
    print(text, flush=True)


def submit_on(seed: int) -> None:
    """Submit one initiative after the other and print the number of each once it has been committed."""
    from django.db import connection, transaction

    from sangkien.initiatives.actions import submit_new
    from sangkien.initiatives.inputs import AuthorInput, InitiativeContent
    from sangkien.initiatives.models import Kind
    from sangkien.people.categories import Category
    from sangkien.people.models import Person
    from sangkien.programmes.models import Field, Programme
    from sangkien.units.models import Unit

    luck = random.Random(seed)
    programme, field, actor = Programme.objects.get(), Field.objects.all()[0], Person.objects.get(username="member")
    units = list(Unit.objects.filter(path__len=4))
    phase = programme.phases.get()
    say("ready")
    while True:
        content = InitiativeContent(
            kind=Kind.TECHNICAL_SOLUTION,
            field=field,
            title="Cải tiến",
            problem="Kẹt.",
            solution="Lắp lưỡi gạt.",
            applied_on=phase.applied_from,
            recognised_by="Hội đồng",
            benefit_claimed=luck.randrange(10**9),
        )
        authors = [AuthorInput(name="Trần Thị Hoa", category=luck.choice(list(Category)), share=100)]
        with transaction.atomic():
            number = submit_new(
                actor=actor, programme=programme, content=content, authors=authors, unit=luck.choice(units)
            ).pk
            if luck.random() < 0.1:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.1)")
        say(number)


def fold_on(seed: int) -> None:
    """Fold without a pause, in small batches so that a kill can come between them."""
    from sangkien.tally.fold import fold

    luck = random.Random(seed)
    say("ready")
    while True:
        result = fold(batch=luck.choice((1, 3, 20)))
        if not result.more:
            time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
