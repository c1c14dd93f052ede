"""The process's numbers as Prometheus reads them; every name is in docs/observability.md."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from time import monotonic

import msgspec
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from rapport import __version__
from rapport.kernel.database import Sizes
from rapport.kernel.metrics.figures import FollowerPlace, JobFigures, count_jobs, list_places
from rapport.kernel.metrics.meters import Histogram, Meters
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import ReadTx

DATABASE_WITHIN_S = 5.0
SECOND_US = 1_000_000


class _Answer(msgspec.Struct, frozen=True):
    """What the database said when it was asked last."""

    places: list[FollowerPlace]
    jobs: JobFigures
    sizes: Sizes
    now: int


class Exposition(Collector):
    """Writes the numbers of one process; the registry is its own, since a test runs several servers in one."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._answer: _Answer | None = None
        self._took = 0.0
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    async def write(self, accept: str) -> tuple[bytes, str]:
        """Ask the database and return the page with its content type; without the database, all else stands there."""
        began = monotonic()
        self._answer = await self._ask()
        self._took = monotonic() - began
        encode, content_type = choose_encoder(accept)
        return await asyncio.to_thread(encode, self._registry), content_type

    async def _ask(self) -> _Answer | None:
        db = self._rt.db

        def read(tx: ReadTx) -> tuple[list[FollowerPlace], JobFigures, int]:
            return list_places(tx), count_jobs(tx), tx.now

        try:
            async with asyncio.timeout(DATABASE_WITHIN_S):
                places, jobs, now = await db.read(read)
                return _Answer(places, jobs, await db.sizes(), now)
        except Exception:  # noqa: BLE001  whatever keeps it from answering, rapport_database_up says so
            return None

    def collect(self) -> Iterator[Metric]:
        """Yield every family; called by the registry, in a thread."""
        rt = self._rt
        yield _gauge(
            "rapport_build_info",
            "The version that runs, and the engine it runs on.",
            [((__version__, "sqlite" if rt.settings.database_url is None else "postgresql"), 1)],
            ("version", "engine"),
        )
        yield _gauge("rapport_draining", "1 while the process is about to stop.", [((), rt.readiness.draining)])
        yield from _of_meters(rt.meters)
        yield _histogram("rapport_commit_commands", "Commands per commit.", [((), rt.db.commits.commands)])
        yield _histogram(
            "rapport_commit_seconds",
            "From a transaction's beginning to its being durable.",
            [((), rt.db.commits.seconds)],
        )
        if rt.relay is not None:
            yield _gauge(
                "rapport_relay_lag_seconds",
                "Age of the newest fact when the relay handed it over.",
                [((), rt.relay.lag_s)],
            )
            yield _gauge(
                "rapport_relay_silent_seconds",
                "Time since the relay last looked.",
                [((), monotonic() - rt.relay.looked_at)],
            )
        yield _gauge(
            "rapport_data_free_bytes",
            "Free space where the data folder is.",
            [((), shutil.disk_usage(rt.settings.data).free)],
        )
        answer = self._answer
        yield _gauge("rapport_database_up", "1 when the database answered just now.", [((), answer is not None)])
        if answer is not None:
            yield _gauge("rapport_database_answer_seconds", "How long it took to.", [((), self._took)])
            yield from _of_answer(answer)


def _of_meters(meters: Meters) -> Iterator[Metric]:
    sockets = [((surface,), count) for surface, count in meters.sockets.items()]
    yield _gauge("rapport_sockets", "Open sockets.", sockets, ("surface",))
    yield _counter("rapport_frames_received", "Frames from clients.", [((), meters.frames_in)])
    yield _counter("rapport_frames_sent", "Frames to clients.", [((), meters.frames_out)])
    yield _counter("rapport_messages_accepted", "Messages that were acknowledged.", [((), meters.accepted)])
    refused = [((code,), count) for code, count in list(meters.refused.items())]
    yield _counter("rapport_messages_refused", "Messages that were refused.", refused, ("code",))
    yield _histogram(
        "rapport_send_seconds", "From a message's arrival, over its commit, to its answer.", [((), meters.send_seconds)]
    )
    routes = list(meters.routes.items())
    answers = [
        ((route, method, f"{place}xx"), count)
        for (route, method), meter in routes
        for place, count in enumerate(meter.by_class)
        if count
    ]
    yield _counter("rapport_http_requests", "Answers over HTTP.", answers, ("route", "method", "status"))
    times = [((route, method), meter.seconds) for (route, method), meter in routes]
    yield _histogram("rapport_http_seconds", "Until an answer began.", times, ("route", "method"))


def _of_answer(answer: _Answer) -> Iterator[Metric]:
    def of_followers(name: str, text: str, field: str, scale: float = 1) -> Metric:
        values = [((place.name,), getattr(place, field) / scale) for place in answer.places]
        return _gauge(name, text, values, ("follower",))

    yield of_followers("rapport_follower_lag_facts", "Facts behind the journal's head.", "lag")
    yield of_followers("rapport_follower_lag_seconds", "Age of the oldest of them.", "behind_us", SECOND_US)
    yield of_followers("rapport_parked_facts", "Facts that kept failing and were put aside.", "parked")
    jobs, oldest = answer.jobs, answer.jobs.oldest_due_at
    states = [(("waiting",), jobs.waiting), (("due",), jobs.due), (("failed",), jobs.failed)]
    yield _gauge("rapport_jobs", "Deferred work; what is due waits too.", states, ("state",))
    late = 0.0 if oldest is None else max(0, answer.now - oldest) / SECOND_US
    yield _gauge("rapport_jobs_oldest_due_seconds", "How long the oldest due job has waited.", [((), late)])
    yield _gauge("rapport_database_bytes", "Size of the database.", [((), answer.sizes.database_bytes)])
    if answer.sizes.log_bytes is not None:
        yield _gauge("rapport_database_log_bytes", "Size of SQLite's log.", [((), answer.sizes.log_bytes)])


_Labels = tuple[str, ...]


def _gauge(name: str, text: str, values: Sequence[tuple[_Labels, float]], labels: _Labels = ()) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for of, value in values:
        family.add_metric(of, float(value))
    return family


def _counter(name: str, text: str, values: Sequence[tuple[_Labels, int]], labels: _Labels = ()) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _histogram(name: str, text: str, values: Sequence[tuple[_Labels, Histogram]], labels: _Labels = ()) -> Metric:
    family = HistogramMetricFamily(name, text, labels=labels)
    for of, found in values:
        family.add_metric(of, found.cumulative(), found.total)
    return family
