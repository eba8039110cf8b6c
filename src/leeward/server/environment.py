"""The settings that an operator gives, read from the environment. Each stands in docs/operations.md (a test checks it)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SETTINGS: dict[str, str] = {
    "LEEWARD_SECRET_KEY": "Secret from which all keys are derived; at least 32 characters. `leeward up` makes one for the demo.",
    "LEEWARD_DATA": "Folder for the database, banks and generated secrets (default: var).",
    "DATABASE_URL": "postgres://user:password@host:5432/name; without it SQLite in LEEWARD_DATA.",
    "LEEWARD_HOSTS": "Host names that the server answers to, separated by commas (default: 127.0.0.1,localhost).",
    "LEEWARD_HTTPS": "1 where the server is reached by HTTPS: cookies become secure and HSTS is sent (default: 0).",
    "LEEWARD_POLICY": "Path of the policy file (default: the one that ships with Leeward).",
    "LEEWARD_ENCODER_FROM": "Score of the fast stage from which the encoder looks, in hundredths: 5 is the default, 100 leaves it out.",
    "LEEWARD_WORKERS": "Worker processes of `leeward up`, and those among which rates are shared (default: 2).",
    "LEEWARD_RATE": "Screening requests a second that one API key may make; each worker grants its share (default: 2000).",
    "LEEWARD_EMAIL_URL": "smtp://user:password@host:587; without it mail is written to the log.",
    "LEEWARD_KEEP_DECISIONS_DAYS": "Days after which decision records are deleted (default: 180).",
    "LEEWARD_KEEP_CASES_DAYS": "Days after which a closed case is deleted with all that was told (default: 190; an appeal has six months).",
    "LEEWARD_URL": "Address under which people reach the server, for links in mails and on receipts (default: http://127.0.0.1:8000).",
    "LEEWARD_PROXIES": "How many trusted proxies stand in front, each of which adds to X-Forwarded-For (default: 0).",
    "LEEWARD_CONTACT": "Mail address of whoever runs this server; web push and referrals name it (default: leeward@localhost.invalid).",
    "LEEWARD_CYBERTIP_URL": "Base address of a CyberTipline-shaped receiver, with user:password; without it such referrals are refused.",
    "LEEWARD_DEMO": "1 for the demo: the playground is open and the home page says so (default: 0).",
}
"""name -> what it means."""
MIN_SECRET = 32


class SettingError(SystemExit):
    """A setting is missing or wrong; the message says what to set."""


def get(name: str, default: str = "") -> str:
    """A setting; only names of SETTINGS exist."""
    assert name in SETTINGS, name  # noqa: S101
    return os.environ.get(name, default)


def flag(name: str) -> bool:
    """A setting that is on with 1, true or yes."""
    return get(name).lower() in ("1", "true", "yes")


def number(name: str, default: int, least: int = 1) -> int:
    """A setting that is a whole number."""
    raw = get(name, str(default))
    if not raw.isdigit() or int(raw) < least:
        raise SettingError(f"{name} is {raw!r}: set it to a whole number, {least} or more.")
    return int(raw)


def data_folder() -> Path:
    """Where Leeward keeps its files; made on first use."""
    folder = Path(get("LEEWARD_DATA", "var")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key() -> str:
    """The secret; refuses to start without one."""
    value = get("LEEWARD_SECRET_KEY")
    if len(value) < MIN_SECRET:
        raise SettingError(
            f"LEEWARD_SECRET_KEY is {'missing' if not value else 'too short'}: set it to at least {MIN_SECRET} random characters, "
            "for example from `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    return value


def database() -> dict[str, Any]:
    """Django's database settings."""
    url = get("DATABASE_URL")
    if not url:
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;"
        options = {"timeout": 10, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": data_folder() / "leeward.sqlite3", "OPTIONS": options, "CONN_MAX_AGE": None}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SettingError(
            f"DATABASE_URL begins with {parts.scheme!r}: use postgres://user:password@host:5432/name, or leave it out for SQLite."
        )
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"), "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""), "HOST": parts.hostname or "", "PORT": str(parts.port or ""), "CONN_MAX_AGE": None,
    }  # fmt: skip


def email() -> dict[str, Any]:
    """Django's mail settings as a dictionary of names and values."""
    url = get("LEEWARD_EMAIL_URL")
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": parts.hostname or "", "EMAIL_PORT": parts.port or 587,
        "EMAIL_HOST_USER": unquote(parts.username or ""), "EMAIL_HOST_PASSWORD": unquote(parts.password or ""), "EMAIL_USE_TLS": True,
    }  # fmt: skip
