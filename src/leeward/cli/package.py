"""`leeward package FILE`: for whoever receives a referral. Checks hashes, signature and format, and writes what is inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def package(
    file: Annotated[Path, typer.Argument(help="The package, as it came (.zip or .zip.age).", exists=True, dir_okay=False)],
    key: Annotated[
        Path | None, typer.Option(help="File with your age secret key, for an encrypted one.", exists=True, dir_okay=False)
    ] = None,
    signed_by: Annotated[str, typer.Option(help="The public key that the sender told you; else the one inside is taken.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder to write the files to.", file_okay=False)] = None,
) -> None:
    """Checks a referral that came to you, and says what it is about."""
    from leeward.server.desk.package import PackageError, unpack

    identity = _identity(key) if key else ""
    if key and not identity:
        typer.secho(f"{key}: no line begins with AGE-SECRET-KEY-. Give the file that `age-keygen` wrote.", fg="red", err=True)
        raise typer.Exit(2)
    try:
        opened = unpack(file.read_bytes(), identity, signed_by)
    except PackageError as error:
        typer.secho(f"{file}: {error}", fg="red", err=True)
        raise typer.Exit(1) from error
    report = opened.report
    proof = "signed by the sender’s key" if signed_by else f"signed by {opened.signing_key} (ask the sender whether this is theirs)"
    typer.echo(f"The package holds: hashes, format, and {proof}.")
    typer.echo(_plain(f"{report['report_id']}, {report['timestamp']}, from {report['reporter']['org']}: {report['type']}"))
    typer.echo(_plain(report.get("description", "")))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, body in sorted(opened.files.items()):
            (out / name).write_bytes(body)
            typer.echo(f"wrote {out / name}")


def _plain(text: str) -> str:
    """Without signs that steer a terminal: whoever made a package wrote it."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def _identity(file: Path) -> str:
    """The key in a file as `age-keygen` writes it: comments, then one line."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
