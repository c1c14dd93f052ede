"""Whether the machine and its settings are fit to serve."""

import shutil
import stat
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy import select

from rapport.database import FILE_NAME
from rapport.kernel.clock import MINUTE, SECOND
from rapport.kernel.journal import journal
from rapport.kernel.keys import KeysError, open_keys
from rapport.kernel.statements import scalar
from rapport.kernel.tx import ReadTx
from rapport.operations.doctor.findings import Finding, ok, problem, warning
from rapport.settings import Settings

AHEAD_US = MINUTE
WATCHED_S = 0.2
DRIFT_S = 0.1
LITTLE_BYTES, NEARLY_NOTHING_BYTES = 2 << 30, 256 << 20
LONG_LOG_BYTES = 512 << 20
EXPIRING = timedelta(days=21)
LOCAL = {"localhost", "127.0.0.1", "::1"}
_newest = scalar(select(journal.c.at).order_by(journal.c.id.desc()).limit(1))


def check_clock(tx: ReadTx, _settings: Settings) -> Finding:
    """Compare the machine's clock with the newest fact, and watch whether it runs."""
    newest = tx.one(_newest)
    if newest is not None and newest > tx.now + AHEAD_US:
        return problem(
            "clock",
            f"The newest fact is from {(newest - tx.now) // SECOND} s in the future: the clock went back.",
            "Set the clock and let it follow a time server; times of entries are in order again when it caught up.",
        )
    began, began_steady = time.time(), time.monotonic()
    time.sleep(WATCHED_S)
    drift = (time.time() - began) - (time.monotonic() - began_steady)
    if abs(drift) > DRIFT_S:
        return warning(
            "clock",
            f"The clock was set by {drift:.1f} s while we looked.",
            "Let it follow a time server in small steps.",
        )
    return ok("clock", "The clock runs and is behind no fact.")


def check_disk(_tx: ReadTx, settings: Settings) -> Finding:
    """Look how much room is left, and how long the write-ahead log is."""
    usage = shutil.disk_usage(settings.data)
    free = f"{usage.free // (1 << 20)} MiB are free on the disk of {settings.data}"
    advice = "Make room: without any, nothing more can be sent."
    if usage.free < NEARLY_NOTHING_BYTES:
        return problem("disk", f"Only {free}.", advice)
    if usage.free < LITTLE_BYTES:
        return warning("disk", f"Only {free}.", advice)
    log = settings.data / f"{FILE_NAME}-wal"
    if settings.database_url is None and log.exists() and log.stat().st_size > LONG_LOG_BYTES:
        return warning(
            "disk",
            f"The write-ahead log has {log.stat().st_size // (1 << 20)} MiB.",
            "Something reads for very long (a backup, another program): it shrinks when that ends.",
        )
    return ok("disk", f"{free}.")


def check_keys(_tx: ReadTx, settings: Settings) -> Finding:
    """Look whether the keys are whole and closed to others."""
    try:
        open_keys(settings.data, make=False)
    except KeysError as error:
        return problem("keys", str(error), "The server does not start without.")
    return ok("keys", "The keys are whole, and nobody else can read them.")


def check_public_url(_tx: ReadTx, settings: Settings) -> Finding:
    """Look under which address phones are sent here."""
    url = settings.public_url
    if url is None:
        return warning(
            "public_url",
            "No public address is set: codes carry whatever address an administrator's browser used.",
            "Set RAPPORT_PUBLIC_URL to the https:// address that phones reach.",
        )
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOCAL:
        return warning(
            "public_url",
            f"{url} is not encrypted: browsers allow neither recordings nor notifications there.",
            "Serve https:// (RAPPORT_CERTIFICATE and RAPPORT_KEY, or a balancer in front).",
        )
    return ok("public_url", f"Phones are sent to {url}.")


def check_certificate(_tx: ReadTx, settings: Settings) -> Finding:
    """Look when the certificate ends, and who can read its key."""
    if settings.certificate is None or settings.key is None:
        return ok("certificate", "The server speaks plain HTTP itself.")
    try:
        certificate = x509.load_pem_x509_certificate(settings.certificate.read_bytes())
        mode = stat.S_IMODE(settings.key.stat().st_mode)
    except (OSError, ValueError) as error:
        return problem("certificate", f"The certificate cannot be read ({error}).", "Mend RAPPORT_CERTIFICATE.")
    ends = certificate.not_valid_after_utc
    if ends < datetime.now(UTC):
        return problem("certificate", f"The certificate ended on {ends:%Y-%m-%d}.", "Renew it, then restart.")
    if ends < datetime.now(UTC) + EXPIRING:
        return warning("certificate", f"The certificate ends on {ends:%Y-%m-%d}.", "Renew it, then restart.")
    if mode & 0o077:
        return warning(
            "certificate", f"{settings.key} is open to others (mode {mode:03o}).", f"Run `chmod 600 {settings.key}`."
        )
    return ok("certificate", f"The certificate is good until {ends:%Y-%m-%d}.")


def check_sms(_tx: ReadTx, settings: Settings) -> Finding:
    """Look how one-time codes reach phones."""
    if settings.sms == "http":
        return ok("sms", "One-time codes go to the provider of RAPPORT_SMS_URL.")
    said = {
        "none": "One-time codes reach nobody: consumers stay guests of one device, employees need a password.",
        "demo": "One-time codes lie in an inbox that everybody can read.",
    }
    return warning("sms", said[settings.sms], "Set RAPPORT_SMS=http and RAPPORT_SMS_URL.")
