"""`python -m leeward.server COMMAND`: Django's commands."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Runs a Django command with Leeward's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leeward.server.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
