"""Guards over the whole server: what must hold for every address, setting, error and indicator."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from leeward.server import environment
from leeward.server.api import api
from leeward.server.core import indicators, problems

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "src/leeward/server"
ALLAUTH = "accounts/"


def views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for item in resolver.url_patterns:
        where = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from views(item, where)
        elif isinstance(item, URLPattern):
            yield where, item.callback


def test_every_address_says_whom_it_is_for() -> None:
    silent = [where for where, view in views(get_resolver()) if not where.startswith((ALLAUTH, "v1/")) and not hasattr(view, "audience")]
    assert silent == []


@pytest.mark.django_db
def test_every_route_of_the_api_asks_for_a_key(client: Client) -> None:
    paths = api.get_openapi_schema()["paths"]
    assert paths
    for path, methods in paths.items():
        for method in methods:
            assert client.generic(method.upper(), path, b"{}", "application/json").status_code == 401, (method, path)


@pytest.mark.django_db
def test_no_page_runs_inline_script_or_loads_from_elsewhere(client: Client) -> None:
    for where in ("/", "/play", "/accounts/login/", "/nothing"):
        answer = client.get(where)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, where
        html = answer.content.decode()
        assert "<script>" not in html and " style=" not in html and " onclick=" not in html, where
        assert 'src="http' not in html and 'href="http' not in html.replace('href="https://www.wikipedia.org/"', ""), where


@pytest.mark.django_db
def test_posting_needs_the_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    for where in ("/play", "/language/", "/accounts/login/"):
        assert strict.post(where, {}).status_code == 403, where


def test_every_setting_error_and_indicator_is_documented() -> None:
    docs = ROOT / "docs"
    operations, errors, measured = ((docs / f"{name}.md").read_text(encoding="utf-8") for name in ("operations", "errors", "indicators"))
    assert [name for name in environment.SETTINGS if f"`{name}`" not in operations] == []
    assert [code for code in problems.KINDS if f"`{code}`" not in errors] == []
    assert indicators.REGISTRY
    assert [code for code in indicators.REGISTRY if f"`{code}`" not in measured] == []


def calls(tree: ast.AST, names: set[str]) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "router")  # DELETE as a method of HTTP
    ]


def test_rooms_write_only_in_actions() -> None:
    """No view, form, rule, API or access module saves, creates or deletes."""
    writes = {"save", "create", "bulk_create", "update_or_create", "get_or_create", "delete"}
    for name in ("views", "forms", "rules", "api", "access", "indicators", "sheets", "faces", "office"):
        for path in SERVER.glob(f"*/{name}.py"):
            assert calls(ast.parse(path.read_text(encoding="utf-8")), writes) == [], path


UNAUDITED = {"save_draft", "drop_draft", "use", "note_try", "pull"}
"""Drafts name nobody; minutes of use are counted every minute; a delivery, and an asking, is its own record."""


@pytest.mark.parametrize("room", ["people", "reports", "desk", "families", "register"])
def test_every_writing_action_is_audited(room: str) -> None:
    """Every public action that writes calls audit.record, or a helper of its room that does (step, _changed)."""
    files = sorted(SERVER.glob(f"{room}/actions.py")) or sorted(SERVER.glob(f"{room}/actions/*.py"))
    assert files
    bodies = [node for path in files for node in ast.parse(path.read_text(encoding="utf-8")).body]
    for function in (node for node in bodies if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")):
        if (
            calls(function, {"save", "create", "get_or_create", "update_or_create", "create_user", "bulk_create"})
            and function.name not in UNAUDITED
        ):
            named = {node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
            assert calls(function, {"record", "step"}) or named & {"step", "_changed", "_make_final"}, (
                f"{room}: {function.name} is not audited"
            )


def test_the_deployment_check_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.management import call_command

    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # the browser tests set it
    monkeypatch.setattr(settings, "SESSION_COOKIE_SECURE", True)
    monkeypatch.setattr(settings, "CSRF_COOKIE_SECURE", True)
    monkeypatch.setattr(settings, "SECURE_HSTS_SECONDS", 31_536_000)
    call_command("check", "--deploy", "--fail-level", "ERROR")


@pytest.mark.parametrize(("name", "value", "says"), [("LEEWARD_SECRET_KEY", "short", "32"), ("LEEWARD_SECRET_KEY", "", "missing")])
def test_a_wrong_secret_says_what_to_set(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(environment.SettingError, match=says):
        environment.secret_key()


def test_other_wrong_settings_say_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEEWARD_WORKERS", "many")
    with pytest.raises(environment.SettingError, match="whole number"):
        environment.number("LEEWARD_WORKERS", 2)
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    with pytest.raises(environment.SettingError, match="postgres://"):
        environment.database()
    monkeypatch.setenv("DATABASE_URL", "postgres://me:p%40ss@db:5433/lw")
    assert environment.database() | {"CONN_MAX_AGE": None} == {
        "ENGINE": "django.db.backends.postgresql", "NAME": "lw", "USER": "me", "PASSWORD": "p@ss",
        "HOST": "db", "PORT": "5433", "CONN_MAX_AGE": None,
    }  # fmt: skip
