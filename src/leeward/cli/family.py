"""`leeward family …`: whose age credentials are taken, and when there is no school."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

family_app = typer.Typer(no_args_is_help=True, help="Families: issuers of age credentials, school holidays.")
ACTOR = "cli"
COLUMNS = ("country", "region", "name", "start", "end")


def _server() -> None:
    from leeward.cli.up import configure

    configure()


def _fail(error: object) -> typer.Exit:
    typer.secho(str(error), fg="red", err=True)
    return typer.Exit(1)


@family_app.command("trust")
def trust(
    issuer: Annotated[str, typer.Argument(help="The issuer as it stands in `iss`, an https:// address.")],
    keys: Annotated[Path, typer.Argument(help="Its public keys: a JWK Set as a JSON file.", exists=True, dir_okay=False)],
) -> None:
    """From now on takes age credentials of an issuer. Its keys replace those that stood here."""
    _server()
    from leeward.server.families import actions

    try:
        told = json.loads(keys.read_text(encoding="utf-8"))
        actions.trust_issuer(issuer, told["keys"], ACTOR)
    except (ValueError, KeyError, TypeError) as error:
        raise _fail(error if isinstance(error, actions.NotPossible) else f'{keys} is no JWK Set: {{"keys": [...]}} is needed.') from error
    typer.echo(f"{issuer} is trusted with {len(told['keys'])} keys.")


@family_app.command("distrust")
def distrust(issuer: Annotated[str, typer.Argument(help="The issuer.")]) -> None:
    """Takes no more credentials of an issuer; ages that it vouched for count as self-declared from now on."""
    _server()
    from leeward.server.families import actions

    try:
        actions.distrust_issuer(issuer, ACTOR)
    except actions.NotPossible as error:
        raise _fail(error) from error
    typer.echo(f"{issuer} is not trusted any more.")


@family_app.command("holidays")
def holidays(
    file: Annotated[Path, typer.Argument(help=f"CSV with the columns {', '.join(COLUMNS)}.", exists=True, dir_okay=False)],
) -> None:
    """Loads school holidays. `region` may stay empty for the whole country; days are YYYY-MM-DD, `end` is the last one."""
    _server()
    from leeward.server.families import actions

    rows = []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            try:
                days = dt.date.fromisoformat(row["start"].strip()), dt.date.fromisoformat(row["end"].strip())
                rows.append((row["country"].strip().upper(), row["region"].strip().upper(), row["name"].strip()[:80], *days))
            except (KeyError, ValueError, AttributeError) as error:
                raise _fail(f"Line {number} cannot be read ({error}). Nothing was loaded. Columns: {', '.join(COLUMNS)}.") from error
    try:
        new = actions.load_holidays(rows, ACTOR)
    except actions.NotPossible as error:
        raise _fail(error) from error
    typer.echo(f"{new} holidays are new, {len(rows) - new} were known.")
