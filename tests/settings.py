"""Settings of the tests: the real ones, with a secret and a folder of their own."""

import os
import tempfile

os.environ["LEEWARD_SECRET_KEY"] = "a-secret-that-only-the-tests-know-of"
os.environ["LEEWARD_DATA"] = tempfile.mkdtemp(prefix="leeward-tests-")
os.environ["LEEWARD_DEMO"] = "1"

from leeward.server.settings import *  # noqa: F403

if "DATABASE_URL" not in os.environ:  # a real file, since the tests write from several threads
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["LEEWARD_DATA"], "test.sqlite3")}  # noqa: F405, PTH118
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
