"""`leeward register …`: begin an alliance, load the historical one, and tie this server's tools to a register."""

from __future__ import annotations

from typing import Annotated, Any

import typer

register_app = typer.Typer(no_args_is_help=True, help="The register: alliances, seats, and what your tools push to one.")
ACTOR = "cli"


def _server() -> None:
    from leeward.cli.up import configure

    configure()


def _fail(error: object) -> typer.Exit:
    typer.secho(str(error), fg="red", err=True)
    return typer.Exit(1)


def _alliance(slug: str) -> Any:
    from leeward.server.register.models import Alliance

    found = Alliance.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Alliance.objects.values_list("slug", flat=True)) or "none yet"
        raise _fail(f"There is no alliance {slug!r} here (there are: {known}). Make one with `leeward register alliance`.")
    return found


@register_app.command("archive")
def archive() -> None:
    """Loads the historical Alliance to better protect minors online, with its sources."""
    _server()
    from leeward.server.register import archive as loader

    typer.echo(f"/register/{loader.load(ACTOR).slug}/")


@register_app.command("alliance")
def alliance(
    name: Annotated[str, typer.Argument(help="Its name.")],
    about: Annotated[str, typer.Option(help="What it is, in a sentence or two.")],
    secretariat: Annotated[str, typer.Option(help="Mail address of its secretariat, who does everything else in the office.")],
) -> None:
    """Makes an alliance that forms, and gives its secretariat a seat."""
    _server()
    from django.db import transaction

    from leeward.server.register.actions import membership
    from leeward.server.register.actions.common import NotPossible

    try:
        with transaction.atomic():
            made = membership.create_alliance(name, about, ACTOR)
            membership.give_seat(made, secretariat, "secretariat", None, ACTOR)
    except NotPossible as error:
        raise _fail(error) from error
    typer.echo(f"/register/{made.slug}/ is made. A mail to {secretariat} says how to sign in.")


@register_app.command("key")
def key() -> None:
    """Prints the public key of this server, to be entered in the office of a register."""
    _server()
    from leeward.server.core import signing

    typer.echo(signing.public_key())


@register_app.command("connect")
def connect(
    organisation: Annotated[str, typer.Argument(help="Who runs the service.")],
    service: Annotated[str, typer.Argument(help="The service whose tools measure.")],
    url: Annotated[str, typer.Option(help="Address of the register, without a path.")],
    alliance: Annotated[str, typer.Option(help="The alliance, as it stands in the register's addresses.")],
    member: Annotated[str, typer.Option(help="The member, as it stands in the register's addresses.")],
) -> None:
    """From now on pushes what the service's tools measure to a register, signed, once a day."""
    _server()
    from leeward.server.people.models import Service
    from leeward.server.register.actions import observations
    from leeward.server.register.actions.common import NotPossible

    found = Service.objects.filter(organisation__name=organisation, name=service).first()
    if found is None:
        raise _fail(f"There is no service {service!r} of {organisation!r}. `leeward keys create` makes it.")
    try:
        feed = observations.connect(found, url, alliance, member, ACTOR)
    except NotPossible as error:
        raise _fail(error) from error
    observations.send_feed(feed)
    typer.echo(f"The first bundle is on its way. Enter this key in the office of {alliance}, if it is not there: `leeward register key`.")


@register_app.command("seat")
def seat(
    alliance: Annotated[str, typer.Argument(help="The alliance, as it stands in the register's addresses.")],
    mail: Annotated[str, typer.Argument(help="Whose seat.")],
    role: Annotated[str, typer.Option(help="secretariat, editor, associated, evaluator or youth.")],
    member: Annotated[str, typer.Option(help="The member of an editor or associated member, as in the addresses.")] = "",
) -> None:
    """Gives somebody a seat in an alliance."""
    _server()
    from leeward.server.register.actions import membership
    from leeward.server.register.actions.common import NotPossible
    from leeward.server.register.models import Seat

    if role not in Seat.Role.values:
        raise _fail(f"{role!r} is not a role: use one of {', '.join(Seat.Role.values)}.")
    of = _alliance(alliance)
    try:
        made = membership.give_seat(of, mail, role, of.members.filter(slug=member).first() if member else None, ACTOR)
    except NotPossible as error:
        raise _fail(error) from error
    typer.echo(f"{mail}: {made}")
