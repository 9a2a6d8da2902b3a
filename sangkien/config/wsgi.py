"""What granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sangkien.config.settings")
application = get_wsgi_application()

# What has been made so far stays while the process lives: looking through it for garbage, again and again while
# requests are answered, would only cost time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
