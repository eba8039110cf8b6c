"""`leeward up`: makes what is missing, migrates, then runs the server and its worker until stopped."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from leeward.server.people.models import Service

SECRET_FILE = "secret"
DEMO_KEY_FILE = "demo-key"


def configure() -> None:
    """Sets Django up; in a folder where `leeward up` ran, with the secret that it made there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leeward.server.settings")
    stored = Path(os.environ.get("LEEWARD_DATA", "var")) / SECRET_FILE
    if "LEEWARD_SECRET_KEY" not in os.environ and stored.exists():
        os.environ["LEEWARD_SECRET_KEY"] = stored.read_text().strip()
    import django

    django.setup()


def _secret(data: Path) -> None:
    """Makes a secret for the demo and keeps it beside the data, readable by its owner only."""
    if "LEEWARD_SECRET_KEY" in os.environ:
        return
    path = data / SECRET_FILE
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    os.environ["LEEWARD_SECRET_KEY"] = path.read_text().strip()


def _demo_key(data: Path) -> str:
    from leeward.server.people import actions

    path = data / DEMO_KEY_FILE
    if not path.exists():
        service = actions.create_service("Pebble Games", "Pebble Chat", "10-12", "leeward up")
        key = actions.create_key(service, "demo", ["screen", "read", "report", "family"], "leeward up")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(key)
    return path.read_text().strip()


def _demo_people(url: str) -> None:
    """The invented people and what they did: moderators and a partner, a first day on their service, and two alliances in the register."""
    from leeward.cli import demo as life
    from leeward.server.desk import actions as desk
    from leeward.server.people import actions, demo
    from leeward.server.register import archive
    from leeward.server.register import demo as alliance

    service = actions.create_service("Pebble Games", "Pebble Chat", "10-12", "leeward up")
    lead = demo.make_staff()
    if lead is not None:
        typer.echo("Making the demo's invented past, once …")
        desk.create_partner(lead, "Example Hotline", "hotline", "DE", "download", "", "")
        _demo_webhook(service)
        life.first_day(service)
    archive.load("leeward up")
    alliance.load(service, url)


def _demo_webhook(service: Service) -> None:
    """The demo's service is told by webhook on this machine: they wait, and are tried again, until `leeward listen` takes them."""
    from leeward.cli.listen import DEMO_PORT, DEMO_SECRET_FILE
    from leeward.server.people import actions

    secret = actions.set_webhook(service, f"http://127.0.0.1:{DEMO_PORT}/", "leeward up")
    path = Path(os.environ.get("LEEWARD_DATA", "var")) / DEMO_SECRET_FILE
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret)


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def run(host: str, port: int, demo: bool) -> int:
    """Runs until Ctrl-C or SIGTERM; returns the exit code."""
    if _is_taken(host, port):
        typer.secho(f"Port {port} is in use: stop what runs there, or choose another with --port.", fg="red", err=True)
        return 1
    data = Path(os.environ.get("LEEWARD_DATA", "var"))
    if demo:
        os.environ["LEEWARD_DEMO"] = "1"
        _secret(data)
    configure()
    from django.core.management import call_command

    from leeward.server import environment

    call_command("migrate", interactive=False, verbosity=0)
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Leeward is at http://{shown}:{port}/")
    if demo:
        key = _demo_key(data)
        _demo_people(f"http://{shown}:{port}")
        typer.echo(f"Playground: http://{shown}:{port}/play")
        typer.echo(f"Tell:       http://{shown}:{port}/tell/")
        typer.echo(f"Register:   http://{shown}:{port}/register/")
        typer.echo(f"Desk:       http://{shown}:{port}/staff/demo/ (signs in as one of the invented people)")
        typer.echo("Webhooks:   leeward listen --refuse 2 (shows them signed, and tried again)")
        typer.echo(f"API:        curl -H 'Authorization: Bearer {key}' http://{shown}:{port}/v1/screen \\")
        typer.echo("""              -d '{"text": "how old r u?", "relationship": "stranger", "audience": {"age_band": "10-12"}}'""")
    return _serve(host, port, environment.number("LEEWARD_WORKERS", 2))


def _serve(host: str, port: int, workers: int) -> int:
    server = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", "1", "--no-ws", "--log-level", "warning", "--respawn-failed-workers", "leeward.server.wsgi:application",
    ]  # fmt: skip
    processes = [subprocess.Popen(server), subprocess.Popen([sys.executable, "-m", "leeward.server", "work"])]
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    while not stopping and all(process.poll() is None for process in processes):
        time.sleep(0.2)
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stopping else 1
