"""Every setting of a process, typed; each can be given as an environment variable ``RAPPORT_…``."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

SmsProvider = Literal["demo", "http", "none"]
Role = Literal["api", "realtime", "worker"]
ROLES: tuple[Role, ...] = ("api", "realtime", "worker")
LONGEST_DRAIN_S = 600


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator decides; everything else is a policy inside the product."""

    data: Path = Path("data")
    """Folder of the embedded database, of the keys and of the files. RAPPORT_DATA"""
    database_url: str | None = None
    """Address of a PostgreSQL database, ``postgresql://…``; the embedded one without it. RAPPORT_DATABASE_URL"""
    migrate: bool = True
    """Bring a database of an older version up when a process starts; with false it does not start, and
    ``rapport migrate`` is run before, while the older version serves. RAPPORT_MIGRATE"""
    nats_url: str | None = None
    """NATS servers through which processes wake each other and share work, ``nats://host:4222``, commas between;
    PostgreSQL's NOTIFY without it. RAPPORT_NATS_URL"""
    role: str = "api,realtime,worker"
    """Which parts run in this process, commas between: ``api`` (HTTP, the apps), ``realtime`` (sockets), ``worker``
    (followers, jobs). Fewer than all need PostgreSQL. RAPPORT_ROLE"""
    blobs_url: str | None = None
    """Where files are kept: ``s3://bucket/prefix?endpoint=…&region=…`` or ``file:///folder``. RAPPORT_BLOBS_URL"""
    host: str = "127.0.0.1"
    """Address to listen on. RAPPORT_HOST"""
    port: int = 8000
    """Port to listen on; 0 takes a free one. RAPPORT_PORT"""
    public_url: str | None = None
    """Address under which phones and browsers reach this server; else taken from the request. RAPPORT_PUBLIC_URL"""
    certificate: Path | None = None
    """TLS certificate chain (PEM); with ``key`` the server speaks HTTPS itself. RAPPORT_CERTIFICATE"""
    key: Path | None = None
    """TLS private key (PEM). RAPPORT_KEY"""
    sms: SmsProvider = "none"
    """How one-time codes reach phones: ``http`` (a provider), ``demo`` (a visible inbox) or ``none``. RAPPORT_SMS"""
    sms_url: str | None = None
    """Address of the provider; ``{phone}`` and ``{code}`` are filled in, and sent as JSON too. RAPPORT_SMS_URL"""
    sms_token: str | None = None
    """Bearer token for the HTTP provider. RAPPORT_SMS_TOKEN"""
    password_memory_kib: int = 47104
    """Memory of one password hash (Argon2id) in KiB; more is safer and slower. RAPPORT_PASSWORD_MEMORY_KIB"""
    password_rounds: int = 2
    """Rounds of one password hash (Argon2id). RAPPORT_PASSWORD_ROUNDS"""
    push_services: str = (
        "fcm.googleapis.com *.push.services.mozilla.com web.push.apple.com *.push.apple.com *.notify.windows.com"
    )
    """Push services that browsers may name: hosts (``*.`` for any below) or whole origins. RAPPORT_PUSH_SERVICES"""
    demo: bool = False
    """Serve the demo company's list of accounts and the visible inbox. RAPPORT_DEMO"""
    drain_s: float = 0.5
    """Seconds from 503 at ``/readyz`` to closing the port: what a balancer needs to notice. RAPPORT_DRAIN_S"""
    trust_proxy: bool = False
    """Believe X-Forwarded-* headers of a balancer in front. RAPPORT_TRUST_PROXY"""
    metrics_token: str | None = None
    """Bearer token for ``/metrics``; without one only this machine may read it. RAPPORT_METRICS_TOKEN"""
    log_format: Literal["text", "json"] = "text"
    """Log lines for people or for machines. RAPPORT_LOG_FORMAT"""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """The least important lines that are written. RAPPORT_LOG_LEVEL"""

    @property
    def roles(self) -> frozenset[Role]:
        """What this process does."""
        return frozenset(role for role in ROLES if role in _words(self.role))


class SettingsError(Exception):
    """A setting cannot be read; the message is one sentence for the operator."""


def read_settings(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Return the settings from the environment, with ``given`` values (command-line options) on top."""
    source = os.environ if environment is None else environment
    values: dict[str, object] = {
        field: source[f"RAPPORT_{field.upper()}"]
        for field in Settings.__struct_fields__
        if f"RAPPORT_{field.upper()}" in source
    }
    values |= {
        name: str(value) if isinstance(value, Path) else value for name, value in given.items() if value is not None
    }
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting is not valid: {error}") from error
    if (settings.certificate is None) != (settings.key is None):
        raise SettingsError("RAPPORT_CERTIFICATE and RAPPORT_KEY belong together: give both or neither.")
    if unknown := sorted(_words(settings.role) - set(ROLES)):
        raise SettingsError(f"RAPPORT_ROLE names {', '.join(unknown)}; the roles are {', '.join(ROLES)}.")
    if not settings.roles:
        raise SettingsError(f"RAPPORT_ROLE names no role; the roles are {', '.join(ROLES)}.")
    if settings.database_url is None and settings.nats_url is not None:
        raise SettingsError("RAPPORT_NATS_URL needs RAPPORT_DATABASE_URL: the embedded database has one process.")
    if settings.database_url is None and len(settings.roles) < len(ROLES):
        raise SettingsError("RAPPORT_ROLE needs RAPPORT_DATABASE_URL: the embedded database belongs to one process.")
    if not 0 <= settings.drain_s <= LONGEST_DRAIN_S:
        raise SettingsError(f"RAPPORT_DRAIN_S is {settings.drain_s}; it is between 0 and {LONGEST_DRAIN_S} seconds.")
    if settings.sms == "http" and settings.sms_url is None:
        raise SettingsError("RAPPORT_SMS=http needs RAPPORT_SMS_URL.")
    return settings


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")} - {""}
