"""How the processes of an installation reach each other, chosen by the settings."""

from rapport.kernel.bells import Bell, BusError, NoBell, WorkQueue
from rapport.kernel.jobs import LEASE_US
from rapport.settings import Settings, SettingsError


async def open_bus(settings: Settings) -> tuple[Bell, WorkQueue | None]:
    """Return what wakes the other processes, not yet run, and the queue of work if there is one.

    Raises SettingsError for what waiting does not mend; servers that are away are waited for.
    """
    if settings.database_url is None:
        return NoBell(), None
    # Drivers are loaded where they are used: the embedded engine starts without.
    if settings.nats_url is None:
        from rapport.kernel.engines.postgres_bell import PostgresBell  # noqa: PLC0415

        return PostgresBell(settings.database_url), None
    from rapport.kernel.engines.nats import NatsBus, servers_of  # noqa: PLC0415

    try:
        bus = NatsBus(servers_of(settings.nats_url), redelivered_after_s=LEASE_US / 1_000_000)
        await bus.check()
    except BusError as error:
        raise SettingsError(str(error)) from error
    return bus, bus
