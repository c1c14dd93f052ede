"""The operator's commands.

Each loads what it needs when it runs: `rapport serve` starts without.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from rapport.settings import Settings, read_settings

_FOLDER = click.Path(file_okay=False, path_type=Path)
_data = click.option("--data", type=_FOLDER, help="Folder of the database, the keys and the files. [data]")


@click.command(name="backup")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder in which the backup gets a name by its time, or the name of a new file that ends with .tar.",
)
@_data
def backup_command(to: Path, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Back up database, files and keys, while the server serves."""
    from rapport.operations.backup import back_up  # noqa: PLC0415

    made = asyncio.run(back_up(read_settings(**options), to))
    click.echo(f"Backed up to {made.path}: {made.rows} rows, {made.files} files of {made.file_bytes} bytes.")
    if made.missing:
        click.echo(
            f"{len(made.missing)} files are not in it because their bytes are lost: see `rapport doctor`.", err=True
        )


@click.command(name="restore")
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path))
@_data
def restore_command(source: Path, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Restore a backup into an empty folder, and into the empty database of RAPPORT_DATABASE_URL if that is set."""
    from rapport.operations.restore import restore  # noqa: PLC0415

    settings = read_settings(**options)
    done = restore(settings, source)
    click.echo(
        f"Restored {done.rows} rows and {done.manifest.files} files into {_place(settings)}; clients start over."
    )
    if done.manifest.missing:
        click.echo("The backup was made without files whose bytes were lost: see `rapport doctor`.", err=True)


@click.command(name="move")
@click.option("--to", required=True, help="Address of an empty PostgreSQL database, postgresql://…")
@_data
def move_command(to: str, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Move a stopped embedded installation to PostgreSQL; its files and keys stay in the folder."""
    from rapport.operations.move import move  # noqa: PLC0415

    settings = read_settings(**options)
    moved = move(settings, to)
    click.echo(f"Moved {moved.rows} rows of {len(moved.tables)} tables; every table was compared.")
    click.echo(
        f"From now on start with RAPPORT_DATABASE_URL and --data {settings.data}. "
        f"Put {settings.data / 'rapport.db'} away: what is written to it no longer counts."
    )


@click.command(name="migrate")
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=60,
    show_default=True,
    help="Seconds to wait for whoever keeps tables busy.",
)
@click.option(
    "--grant", metavar="ROLE", help="Let a role of PostgreSQL that owns nothing serve (RAPPORT_DATABASE_URL)."
)
@_data
def migrate_command(wait: float, grant: str | None, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Bring the database to the revision of this version, while the version before it serves; safe to repeat."""
    from rapport.database import FILE_NAME  # noqa: PLC0415  `rapport serve` starts without
    from rapport.migrations import HEAD, grant_serving, migrate, migrate_postgres  # noqa: PLC0415
    from rapport.operations.errors import OperationError  # noqa: PLC0415

    settings = read_settings(**options)
    if settings.database_url is None:
        if not (settings.data / FILE_NAME).exists():
            raise OperationError(f"There is no installation in {settings.data}: make one with `rapport init`.")
        if grant is not None:
            raise OperationError("The embedded database has no roles: --grant is for that of RAPPORT_DATABASE_URL.")
        migrated = migrate(settings.data / FILE_NAME, patience_s=wait)
    else:
        migrated = migrate_postgres(settings.database_url, patience_s=wait)
    if not migrated.done:
        click.echo(f"The database is at revision {HEAD} already.")
    elif migrated.before is None:
        click.echo(f"Made the tables of revision {HEAD} in an empty database.")
    else:
        click.echo(f"Migrated the database from revision {migrated.before} to {HEAD}.")
    if grant is not None and settings.database_url is not None:
        grant_serving(settings.database_url, grant)
        click.echo(f"The role {grant} may serve it.")


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings for machines.")
@_data
def doctor_command(as_json: bool, **options: Any) -> None:  # noqa: ANN401, FBT001  click hands them over by name
    """Look whether an installation is sound, served or not; nothing is changed. Exit code 1 says that it is not."""
    from rapport.operations.doctor import examine  # noqa: PLC0415

    findings = examine(read_settings(**options))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"checks": findings})))
    else:
        for finding in findings:
            click.echo(f"{finding.status:8} {finding.name:12} {finding.said}")
            if finding.advice is not None:
                click.echo(f"{'':21} {finding.advice}")
    if any(finding.status == "problem" for finding in findings):
        raise click.exceptions.Exit(1)


@click.command(name="load")
@click.option("--profile", type=click.Choice(["retailer"]), required=True, help="How large the corp is to be.")
@click.option("--members", type=click.IntRange(2, 100_000), help="Members, instead of the profile's 10,000.")
@click.option("--customers", type=click.IntRange(1), help="Customers, instead of the profile's 3,000,000.")
@click.option("--messages", type=click.IntRange(0), help="Messages, instead of the profile's 5,000,000.")
@click.option("--corp", default="山野户外零售有限公司", show_default=True, help="Full name of the corp to be made.")
@click.option("--short-name", default="山野", show_default=True, help="Its short name.")
@_data
def load_command(profile: str, **options: Any) -> None:  # noqa: ANN401  click hands them over by name
    """Fill an installation with an invented corp of a large retailer's size, to rehearse with and to measure.

    A load that broke off goes on where it stopped when it is started again. The embedded engine is loaded while no
    server runs; 3 million customers take 8 GB there, and 2 GB of memory while they are loaded.
    """
    from rapport.operations.load.loading import Founding, Load  # noqa: PLC0415
    from rapport.operations.load.plans import PROFILES  # noqa: PLC0415

    given = {name: options.pop(name) for name in ("members", "customers", "messages")}
    size = msgspec.structs.replace(
        PROFILES[profile], **{name: value for name, value in given.items() if value is not None}
    )
    founding = Founding(options.pop("corp"), options.pop("short_name"), size)
    settings = read_settings(**options)
    load, rows, began = Load(settings, founding), 0, time.monotonic()
    before = load.check()
    if before:
        click.echo(f"Going on after {before} customers.")
    with click.progressbar(length=size.customers - before, label="Customers") as bar:
        for step in load.steps():
            rows += step.rows
            bar.update(step.customers - before - bar.pos)
    assert load.loaded is not None, "it came to its end"
    seconds = time.monotonic() - began
    click.echo(f"Loaded {founding.name}: {rows} rows in {seconds:.0f} s ({rows / seconds:.0f} per second).")
    base = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    click.echo(
        f"Its owner {load.loaded.owner} sets a password with this link:\n\n"
        f"  {base}/staff/invitation#{load.loaded.secret}\n"
    )


def _place(settings: Settings) -> str:
    if settings.database_url is None:
        return str(settings.data)
    return f"{settings.data} and the database of RAPPORT_DATABASE_URL"


COMMANDS = (backup_command, restore_command, move_command, migrate_command, doctor_command, load_command)
