"""The command ``rapport``: try the demo, make an installation, run it. Every option is a setting of the same name."""

import asyncio
import logging
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import click
import structlog

from rapport import __version__
from rapport.app import build_runtime, join_ports
from rapport.database import FILE_NAME as DATABASE
from rapport.database import is_made
from rapport.demo.opening import NotADemo, is_founded, open_demo, publish_demo
from rapport.demo.terminal import describe, reachable_url
from rapport.features.identity.api import create_operator, reset_operator
from rapport.features.organization.actions.standing import invite_member
from rapport.features.organization.api import create_corp, create_member, verify_corp
from rapport.features.organization.types import NewMember
from rapport.folder import FolderError, open_folder, serving_alone
from rapport.kernel.actor import MemberActor
from rapport.kernel.clock import SystemClock
from rapport.kernel.errors import NotFound, Refusal
from rapport.kernel.installation import replace_keys, settle_keys
from rapport.kernel.keys import FILE_NAME, KeysError, OtherKeysError, make_keys
from rapport.kernel.logs import configure_logs
from rapport.kernel.tx import Tx
from rapport.migrations import SchemaError
from rapport.operations.commands import COMMANDS
from rapport.operations.errors import OperationError
from rapport.serving import BrokenProcessError, serve
from rapport.settings import Settings, SettingsError, read_settings

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])


class _OneSentence(click.Group):
    """What stops a command is one sentence for the operator, never a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's own signature
        try:
            return super().invoke(ctx)
        except (SettingsError, FolderError, SchemaError, KeysError, OperationError, BrokenProcessError) as error:
            raise click.ClickException(str(error)) from error
        except Refusal as refusal:
            raise click.ClickException(refusal.text("en")) from refusal


def _listening(command: Command) -> Command:
    """Add the options of whoever opens a port."""
    options = [
        click.option("--host", help="Address to listen on; 0.0.0.0 lets phones in. [127.0.0.1]"),
        click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [8000]"),
        click.option("--certificate", type=_FILE, help="TLS certificate chain (PEM), with --key."),
        click.option("--key", type=_FILE, help="TLS private key (PEM), with --certificate."),
        click.option("--public-url", help="Address under which phones and browsers reach this server."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(cls=_OneSentence)
@click.version_option(__version__, prog_name="rapport")
def main() -> None:
    """Rapport: every employee a verified window of the company's service."""


for _operation in COMMANDS:
    main.add_command(_operation)


@main.command()
@click.option("--data", type=_FOLDER, default=Path("data"), show_default=True, help="Folder of the database and files.")
@_listening
def run(**options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Start with a demo company, made on first start and kept after that."""
    _serve_demo(options)


@main.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder of the database and files.")
@_listening
def demo(**options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Start the demo company in any folder; DIR/demo.json appears when it is ready, with accounts and tokens."""
    _serve_demo(options)


@main.command(name="serve")
@click.option("--data", type=_FOLDER, help="Folder of the database and files. [data]")
@_listening
def serve_installation(**options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Run an installation that ``rapport init`` made."""
    settings = _installation(options)
    _prepare(settings)
    with _alone(settings):
        _serve(settings, lambda url: click.echo(f"Rapport {__version__} answers at {url}"))


@main.command()
@click.option("--data", type=_FOLDER, help="Folder for the database and files. [data]")
@click.option("--public-url", help="Address under which phones and browsers will reach the server, https://…")
@click.option("--corp", prompt="Full name of the company", help="Full name of the first corp.")
@click.option("--short-name", prompt="Short name (the badge behind every name)", help="The corp's short name.")
@click.option("--owner", prompt="Userid of its owner", help="Userid of the corp's owner.")
@click.option("--owner-name", prompt="Name of the owner", help="The owner's real name.")
@click.option("--owner-phone", help="The owner's phone, for signing in with it.")
@click.option("--operator", default="operator", show_default=True, help="Login of the operator, who runs the platform.")
@click.option("--operator-name", default="Operator", show_default=True, help="The operator's name.")
def init(**options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Make an installation: database, keys, the operator, the first corp, its owner.

    It prints a link for the owner's password and a one-time secret for the operator's.
    """
    settings = read_settings(data=options["data"], public_url=options["public_url"])
    if is_made(settings.data, settings.database_url):
        place = settings.data if settings.database_url is None else "the database of RAPPORT_DATABASE_URL"
        raise click.ClickException(f"There is an installation in {place} already; nothing was changed.")
    open_folder(settings.data)
    _quiet(logging.ERROR)
    owner = NewMember(
        userid=options["owner"],
        name=options["owner_name"],
        phone=options["owner_phone"],
        role="owner",
        serves_customers=False,
    )

    def install(tx: Tx) -> tuple[str, str]:
        corp = create_corp(tx, options["corp"], options["short_name"])
        verify_corp(tx, corp.corp_id)
        create_member(tx, corp.corp_id, owner)
        actor = MemberActor(corp.corp_id, owner.userid, "init", "owner", "admin", "zh-CN")
        _, operators = create_operator(tx, options["operator"], options["operator_name"])
        return invite_member(tx, actor, owner.userid), operators

    had_keys = (settings.data / FILE_NAME).exists()
    try:
        owners, operators = asyncio.run(_write(settings, install))
    except BaseException:
        if settings.database_url is None:
            for leftover in settings.data.glob(f"{DATABASE}*"):
                leftover.unlink()
        if not had_keys:
            (settings.data / FILE_NAME).unlink(missing_ok=True)
        raise
    base = _base(settings)
    click.echo(f"\nMade {options['corp']} in {settings.data}. Start it with: rapport serve --data {settings.data}")
    click.echo(f"Keep {settings.data / FILE_NAME} as safe as the database, and both in the backup.")
    click.echo(f"Then {owner.name} opens this link once and sets a password:\n\n  {base}/staff/invitation#{owners}\n")
    _tell_operator(base, options["operator"], operators)


def _tell_operator(base: str, login: str, secret: str) -> None:
    click.echo(
        f"The operator {login} sets a password with this one-time secret:\n\n"
        f"  curl {base}/api/operator/invitations/{secret} \\\n"
        """    -H 'Content-Type: application/json' -d '{"password": "..."}'\n"""
    )


async def _write(settings: Settings, command: Callable[[Tx], Result], *, with_new_keys: bool = False) -> Result:
    """Run one command on the installation's database; the server may be running beside."""
    join_ports()
    rt = build_runtime(settings, SystemClock())
    try:
        if not (with_new_keys or await rt.db.write(lambda tx: settle_keys(tx, rt.keys))):
            raise OtherKeysError
        return await rt.db.write(command)
    finally:
        await rt.db.close()


def _installation(options: dict[str, Any]) -> Settings:
    settings = read_settings(**options)
    _check_made(settings)
    _quiet(logging.ERROR)
    return settings


def _check_made(settings: Settings) -> None:
    if not is_made(settings.data, settings.database_url):
        place = settings.data if settings.database_url is None else "the database of RAPPORT_DATABASE_URL"
        raise click.ClickException(f"There is no installation in {place}: make one with `rapport init`.")


@main.group(name="operator")
def operator_group() -> None:
    """Who runs the platform: founds corps, verifies and suspends them."""


@operator_group.command()
@click.argument("login")
@click.option("--name", prompt="Name of the operator", help="The operator's name.")
@click.option("--data", type=_FOLDER, help="Folder of the database and files. [data]")
@click.option("--public-url", help="Address under which the server is reached.")
def add(login: str, name: str, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Add an operator and print the one-time secret with which LOGIN sets a password."""
    settings = _installation(options)
    made, secret = asyncio.run(_write(settings, lambda tx: create_operator(tx, login, name)))
    _tell_operator(_base(settings), made.operator_id, secret)


@operator_group.command()
@click.argument("login")
@click.option("--data", type=_FOLDER, help="Folder of the database and files. [data]")
@click.option("--public-url", help="Address under which the server is reached.")
def reset(login: str, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Print a new one-time secret for LOGIN, who is locked out or lost the password; sessions end, it stops working."""
    settings = _installation(options)
    try:
        found, secret = asyncio.run(_write(settings, lambda tx: reset_operator(tx, login)))
    except NotFound:
        raise click.ClickException(f"There is no operator {login} in {settings.data}.") from None
    _tell_operator(_base(settings), found.operator_id, secret)


@main.command()
@click.option("--data", type=_FOLDER, help="Folder of the database and files. [data]")
def keys(**options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Make new keys for an installation that lost its own.

    One-time codes on their way stop counting, and devices have to subscribe to push anew.
    """
    settings = _installation(options)
    open_folder(settings.data)
    made = make_keys(settings.data)
    asyncio.run(_write(settings, lambda tx: replace_keys(tx, made), with_new_keys=True))
    click.echo(f"Made {settings.data / FILE_NAME}; keep it as safe as the database, and both in the backup.")


def _base(settings: Settings) -> str:
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def _serve_demo(options: dict[str, Any]) -> None:
    settings = read_settings(**options, demo=True, sms="demo")
    _prepare(settings)
    with _alone(settings):
        _open_and_serve_demo(settings)


def _open_and_serve_demo(settings: Settings) -> None:
    try:
        founded = is_founded(settings.data, settings.database_url)
    except NotADemo:
        place = f"{settings.data} holds an installation; give the demo another folder."
        if settings.database_url is not None:
            place = "The database of RAPPORT_DATABASE_URL holds something already; give the demo an empty one."
        raise click.ClickException(place) from None
    if not founded:
        click.echo("正在准备演示企业 … preparing the demo company …")
    _quiet(logging.CRITICAL)
    company = open_demo(settings)
    configure_logs(settings.log_format, settings.log_level)

    def ready(base_url: str) -> None:
        whole = publish_demo(settings.data, company, reachable_url(settings, base_url))
        click.echo(describe(settings, whole))

    _serve(settings, ready)


def _prepare(settings: Settings) -> None:
    open_folder(settings.data)
    _check_port(settings)
    _check_certificate(settings)
    configure_logs(settings.log_format, settings.log_level)


def _check_port(settings: Settings) -> None:
    """Say in a sentence what the server could only say in a stack trace."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise click.ClickException(
                f"Cannot listen on {settings.host}:{settings.port} ({reason}); choose another port with --port."
            ) from error


def _check_certificate(settings: Settings) -> None:
    if settings.certificate is None or settings.key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.certificate, settings.key, password="")
    except (OSError, ValueError) as error:
        reason = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
        raise click.ClickException(
            f"RAPPORT_CERTIFICATE {settings.certificate} and RAPPORT_KEY {settings.key} are no PEM certificate chain "
            f"with its unencrypted key ({reason})."
        ) from error


def _alone(settings: Settings) -> AbstractContextManager[None]:
    """Let one process serve an embedded database; those of PostgreSQL are many."""
    return serving_alone(settings.data) if settings.database_url is None else nullcontext()


def _quiet(level: int) -> None:
    configure_logs("text", "error")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


def _serve(settings: Settings, ready: Callable[[str], None]) -> None:
    try:
        asyncio.run(serve(settings, ready=ready))
    except KeyboardInterrupt:
        sys.exit(0)
