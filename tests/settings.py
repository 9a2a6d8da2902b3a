"""Settings of the tests: the real ones, with a quick password hasher and a data folder of their own."""

import os
from pathlib import Path

os.environ.setdefault("SANGKIEN_DATA", str(Path(__file__).resolve().parent.parent / "var" / "tests"))

from sangkien.ops.messages import compile_catalogues

compile_catalogues()  # before the first text is looked up: what is read then is kept

from sangkien.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "attachments": ATTACHMENTS_STORAGE,  # noqa: F405
}

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  an empty one: files come from where they are written
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  threads of the live server come and go
OFFICERS_NEED_SECOND_FACTOR = False  # where a test is about it, it says True

SMS_SENDER = "console"  # also where a DATABASE_URL makes it a server
