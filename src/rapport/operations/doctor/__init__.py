"""Looking whether an installation is sound, served or not: one finding per check, none of which changes anything."""

from rapport.database import is_made
from rapport.kernel.errors import Refusal
from rapport.operations.doctor.conversations import check_cursors, check_logs, check_numbers, check_tails
from rapport.operations.doctor.findings import Check, Finding, problem
from rapport.operations.doctor.machine import (
    check_certificate,
    check_clock,
    check_disk,
    check_keys,
    check_public_url,
    check_sms,
)
from rapport.operations.doctor.stores import check_files, check_store
from rapport.operations.doctor.wall import check_wall
from rapport.operations.doctor.work import check_followers, check_jobs, check_leases, check_parked, check_schema
from rapport.operations.errors import OperationError
from rapport.operations.reading import reading
from rapport.settings import Settings

__all__ = ["Finding", "examine"]

OF_THE_DATABASE: tuple[Check, ...] = (
    check_logs,
    check_tails,
    check_cursors,
    check_numbers,
    check_followers,
    check_parked,
    check_jobs,
    check_leases,
    check_clock,
    check_wall,
)
OF_THE_MACHINE: tuple[Check, ...] = (
    check_disk,
    check_keys,
    check_public_url,
    check_certificate,
    check_sms,
)


def examine(settings: Settings) -> list[Finding]:
    """Run every check; raises OperationError and SchemaError where there is nothing to look at."""
    if not is_made(settings.data, settings.database_url):
        place = settings.data if settings.database_url is None else "the database of RAPPORT_DATABASE_URL"
        raise OperationError(f"There is no installation in {place}.")
    with reading(settings) as tx:
        schema = check_schema(tx, settings)
        if schema.status != "ok":
            return [schema, *(check(tx, settings) for check in OF_THE_MACHINE)]
        findings = [schema, *(check(tx, settings) for check in OF_THE_DATABASE)]
        store = check_store(tx, settings)
        findings.append(store)
        if store.status == "ok":
            try:
                findings.append(check_files(tx, settings))
            except Refusal as refusal:
                findings.append(problem("files", refusal.text("en"), "Look again when the store answers."))
        return [*findings, *(check(tx, settings) for check in OF_THE_MACHINE)]
