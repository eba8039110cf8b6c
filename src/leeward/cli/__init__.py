"""The command line: `leeward screen`, `leeward up`, `leeward policy`, `leeward bank`, `leeward keys`, `leeward staff`,
`leeward register`, `leeward family`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from leeward import __version__
from leeward.cli.family import family_app
from leeward.cli.listen import listen
from leeward.cli.package import package
from leeward.cli.register import register_app

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Leeward protects the minors on an online service."
)
policy_app = typer.Typer(no_args_is_help=True, help="Check, explain and try out policies.")
bank_app = typer.Typer(no_args_is_help=True, help="Banks of known harmful hashes and links.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys of services.")
staff_app = typer.Typer(no_args_is_help=True, help="People who work with Leeward.")
app.add_typer(policy_app, name="policy")
app.add_typer(bank_app, name="bank")
app.add_typer(keys_app, name="keys")
app.add_typer(staff_app, name="staff")
app.add_typer(register_app, name="register")
app.add_typer(family_app, name="family")

SKIPPED = 3
"""Exit code when some lines could not be screened and were reported."""
ACTOR = "cli"

PolicyPath = Annotated[Optional[Path], typer.Option("--policy", help="A policy file; the default policy without it.")]  # noqa: UP045  (typer)


def _fail(error: object, code: int = 1) -> typer.Exit:
    typer.secho(str(error), fg="red", err=True)
    return typer.Exit(code)


def _engine(policy: Path | None, banks: Path | None = None) -> Any:
    from leeward.engine.banks import BankError, current
    from leeward.engine.policy import PolicyError, load_policy
    from leeward.engine.screen import Engine

    try:
        return Engine(load_policy(policy) if policy else None, bank=current(banks) if banks else None)
    except (PolicyError, BankError) as error:
        raise _fail(error) from error


@app.command()
def screen(
    text: Annotated[Optional[str], typer.Argument(help="A text to screen.")] = None,  # noqa: UP045
    file: Annotated[Optional[Path], typer.Option(help="Events instead: .jsonl, .csv or .parquet.")] = None,  # noqa: UP045
    out: Annotated[Optional[Path], typer.Option(help="Where decisions go, one a line (default: stdout).")] = None,  # noqa: UP045
    audience: Annotated[str, typer.Option(help="Age band of who reads.")] = "unknown",
    actor: Annotated[str, typer.Option(help="Age band of who writes.")] = "unknown",
    relationship: Annotated[str, typer.Option(help="What the service knows of the two.")] = "unknown",
    surface: Annotated[str, typer.Option(help="dm, group, public, livestream or game.")] = "dm",
    language: Annotated[Optional[str], typer.Option(help="Language of the text and of the reasons.")] = None,  # noqa: UP045
    image: Annotated[Optional[Path], typer.Option(help="A picture to screen. It is looked at, not kept.")] = None,  # noqa: UP045
    policy: PolicyPath = None,
    banks: Annotated[Optional[Path], typer.Option(help="Folder of a bank built by `leeward bank build`.")] = None,  # noqa: UP045
    as_json: Annotated[bool, typer.Option("--json", help="The decision as JSON.")] = False,
) -> None:
    """Screens a text, a picture, or a file of events (in order, thread state kept)."""
    from leeward.cli.screening import screen_file, screen_one

    if file is not None:
        skipped = screen_file(file, out, _engine(policy, banks), language)
        raise typer.Exit(SKIPPED if skipped else 0)
    if text is None and image is None:
        raise _fail("Nothing to screen: give a text, --image or --file. See `leeward screen --help`.", 2)
    fields = {"text": text or "", "surface": surface, "relationship": relationship, "language": language}
    event = {**fields, "actor": {"age_band": actor}, "audience": {"age_band": audience}}
    screen_one(event, image, _engine(policy, banks), as_json)


@policy_app.command("check")
def policy_check(path: Annotated[Path, typer.Argument(help="A policy file.")]) -> None:
    """Says whether a policy can be used; points at the place where it cannot."""
    from leeward.engine.policy import PolicyError, load_policy

    try:
        policy = load_policy(path)
    except PolicyError as error:
        raise _fail(error) from error
    typer.echo(f"{policy.reference}: {len(policy.document.table)} rows and {len(policy.document.rules)} rules hold.")


@policy_app.command("explain")
def policy_explain(
    event: Annotated[str, typer.Argument(help="An event as JSON, or the path of a file with one.")], policy: PolicyPath = None
) -> None:
    """Tells for one event every row and rule that was asked, and what each said."""
    from leeward.cli.policy import explain
    from leeward.engine.events import InvalidEventError

    raw = Path(event).read_text(encoding="utf-8") if not event.lstrip().startswith("{") and Path(event).is_file() else event
    try:
        explain(raw, _engine(policy))
    except InvalidEventError as error:
        raise _fail(error) from error


@policy_app.command("backtest")
def policy_backtest(
    new: Annotated[Path, typer.Argument(help="The policy to try.")],
    events: Annotated[Path, typer.Argument(help="Events: .jsonl, .csv or .parquet.")],
    against: Annotated[Optional[Path], typer.Option(help="The policy to compare with (default: the default policy).")] = None,  # noqa: UP045
    samples: Annotated[int, typer.Option(help="Examples to show of each change.")] = 3,
) -> None:
    """What would change with another policy, by harm and band, with samples."""
    from leeward.cli.policy import backtest

    skipped = backtest(_engine(new), _engine(against), events, samples)
    raise typer.Exit(SKIPPED if skipped else 0)


@bank_app.command("build")
def bank_build(
    sources: Annotated[list[Path], typer.Argument(help="Signals: .csv or .jsonl with kind, value, source and perhaps harm.")],
    out: Annotated[Optional[Path], typer.Option(help="Folder of the banks (default: banks in LEEWARD_DATA).")] = None,  # noqa: UP045
) -> None:
    """Builds a bank from lists of signals, and puts it in place. Running servers take it up within seconds."""
    from leeward.engine.banks import BankError, build, read_signals

    root = out or _banks()
    try:
        folder = build((signal for path in sources for signal in read_signals(path)), root)
    except BankError as error:
        raise _fail(error) from error
    typer.echo(f"Built {folder} and made it the current bank.")
    bank_show(root)


@bank_app.command("show")
def bank_show(root: Annotated[Optional[Path], typer.Argument(help="Folder of the banks.")] = None) -> None:  # noqa: UP045
    """What the current bank holds."""
    bank = _bank(root or _banks())
    typer.echo(f"Bank {bank.version}: " + ", ".join(f"{count} {kind}" for kind, count in bank.counts.items()))


@bank_app.command("check")
def bank_check(
    value: Annotated[str, typer.Argument(help="A link, 64 hexadecimal digits, or the path of a picture.")],
    root: Annotated[Optional[Path], typer.Option("--banks", help="Folder of the banks.")] = None,  # noqa: UP045
) -> None:
    """Whether the bank knows a link, a hash or a picture."""
    from leeward.engine.images import ImageError, fingerprint

    bank = _bank(root or _banks())
    try:
        if Path(value).is_file():
            media = fingerprint(Path(value).read_bytes())
            matches = bank.sha256(media.sha256) + bank.pdq(media.pdq)
        elif len(value) == 64 and all(char in "0123456789abcdefABCDEF" for char in value):
            matches = bank.sha256(value.lower()) + bank.pdq(value.lower())
        else:
            matches = bank.link(value)
    except ImageError as error:
        raise _fail(error) from error
    for match in matches:
        typer.echo(f"{match.kind}: {match.harm}, listed by {match.source}" + (f", {match.distance} bits away" if match.distance else ""))
    if not matches:
        typer.echo("Not in the bank.")


def _banks() -> Path:
    return Path(os.environ.get("LEEWARD_DATA", "var")) / "banks"


def _bank(root: Path) -> Any:
    from leeward.engine.banks import BankError, current

    try:
        bank = current(root)
    except BankError as error:
        raise _fail(error) from error
    if bank is None:
        raise _fail(f"There is no bank in {root}. Build one with `leeward bank build signals.csv`.")
    return bank


def _server() -> None:
    from leeward.cli.up import configure

    configure()


@app.command()
def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="Open the playground and make a demo service with a key.")] = False,
) -> None:
    """Starts the server: migrates the database, then serves and works until it is stopped."""
    from leeward.cli.up import run

    raise typer.Exit(run(host, port, demo))


app.command("listen")(listen)
app.command("package")(package)


@keys_app.command("create")
def keys_create(
    service: Annotated[str, typer.Option(help="Name of the service.")],
    organisation: Annotated[str, typer.Option(help="Who runs it.")],
    scope: Annotated[list[str], typer.Option(help="screen, report, family, label, exchange or read; may be repeated.")] = ["screen"],  # noqa: B006
    name: Annotated[str, typer.Option(help="Where the key will be used.")] = "made by hand",
    youngest: Annotated[str, typer.Option(help="Youngest plausible age band of the service's users.")] = "10-12",
    days: Annotated[Optional[int], typer.Option(help="Days until the key ends.")] = None,  # noqa: UP045
) -> None:
    """Makes a key, and the service where it is new. The key is printed this one time."""
    _server()
    from leeward.server.people import actions

    try:
        made = actions.create_service(organisation, service, youngest, ACTOR)
        typer.echo(actions.create_key(made, name, scope, ACTOR, days))
    except actions.NotPossible as error:
        raise _fail(error) from error


@keys_app.command("list")
def keys_list() -> None:
    """All keys, without their secrets."""
    _server()
    from leeward.server.people.models import ApiKey

    for key in ApiKey.objects.select_related("service").order_by("created_at"):
        state = "revoked" if key.revoked_at else "in use"
        typer.echo(f"{key.id}  {state:8}  {key.service.name}  {key.name}  {','.join(key.scopes)}")


@keys_app.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="The 12 characters after lw_.")]) -> None:
    """Ends a key."""
    _server()
    from leeward.server.people import actions
    from leeward.server.people.models import ApiKey

    key = ApiKey.objects.filter(pk=key_id).first()
    if key is None:
        raise _fail(f"There is no key {key_id!r}. See `leeward keys list`.")
    actions.revoke_key(key, ACTOR)
    typer.echo(f"{key} is revoked.")


@staff_app.command("create")
def staff_create(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    organisation: Annotated[str, typer.Option(help="For whom.")],
    role: Annotated[str, typer.Option(help="admin, engineer, moderator or lead.")] = "moderator",
) -> None:
    """Makes an account for a member of staff. The password is asked for; the second factor is set up at the first sign-in."""
    _server()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from leeward.server.people import actions
    from leeward.server.people.models import Organisation

    owner = Organisation.objects.filter(name=organisation).first()
    if owner is None:
        raise _fail(f"There is no organisation {organisation!r}. Make it with its first service: `leeward keys create`.")
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(password)
        actions.create_staff(email, password, owner, role, ACTOR)
    except ValidationError as error:
        raise _fail(" ".join(error.messages)) from error
    except actions.NotPossible as error:
        raise _fail(error) from error
    typer.echo(f"{email} can sign in at /staff/.")


@staff_app.command("operator")
def staff_operator(organisation: Annotated[str, typer.Argument(help="Who runs this server.")]) -> None:
    """Says which organisation runs this server: its moderators read the reports that name no service."""
    _server()
    from leeward.server.people import actions
    from leeward.server.people.models import Organisation

    owner = Organisation.objects.filter(name=organisation).first()
    if owner is None:
        raise _fail(f"There is no organisation {organisation!r}. Make it with its first service: `leeward keys create`.")
    actions.set_operator(owner, ACTOR)
    typer.echo(f"{organisation} runs this server.")


@staff_app.command("flagger")
def staff_flagger(name: Annotated[str, typer.Argument(help="A trusted flagger (DSA Art. 22).")]) -> None:
    """Gives a trusted flagger its code for /tell/flagger/. It is shown this one time."""
    _server()
    from leeward.server.people import actions

    try:
        code = actions.create_flagger(name, ACTOR)
    except actions.NotPossible as error:
        raise _fail(error) from error
    typer.echo(code)


@app.command()
def version() -> None:
    """Leeward's version."""
    typer.echo(__version__)


def main() -> None:
    """Entry point."""
    try:
        app()
    except BrokenPipeError:
        sys.exit(0)
