"""What granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leeward.server.settings")
application = get_wsgi_application()

from leeward.server.screening.engine import warm_up  # noqa: E402  (needs the apps)

warm_up()
