"""Reads over HTTP: a session and one object, and what a guide with very many customers sees first."""

from contextlib import closing
from statistics import median

from bench.load import Sample, ask, fetch
from bench.processes import Process, bare_http, product
from bench.report import Line
from bench.run import Bench
from bench.statements import Counting
from rapport.features.conversations.queries.lists import list_conversations
from rapport.kernel.engines.sqlite import connect as open_database

BUDGET = 2.5
CONNECTIONS = 32
FEW = 4
"""Connections for answers that take long: enough to keep one core busy."""


async def measure(bench: Bench) -> list[Line]:
    """Return the lines of single objects and of the list."""
    company, lines = bench.company, list[Line]()
    token, one = company.guide.token, company.guide.met[0].conversation_id
    with product(bench.cores, company.folder) as server:
        for name, path in (("GET conversation", f"/api/staff/conversations/{one}"), ("GET me", "/api/staff/me")):
            body = await fetch(server, path, token)
            lines.append(await _against_bare(bench, server, name, path, body))
        lines.append(await _list(bench, server))
    return lines


async def _against_bare(bench: Bench, server: Process, name: str, path: str, body: bytes) -> Line:
    real: list[Sample] = []
    floor: list[Sample] = []
    token, seconds = bench.company.guide.token, bench.scale.seconds / 2
    with bare_http(bench.cores, bench.company.folder, body) as bare:
        for _ in range(bench.scale.rounds):
            real.append(await ask(server, path, token, connections=CONNECTIONS, seconds=seconds))
            floor.append(await ask(bare, "/body", token, connections=CONNECTIONS, seconds=seconds))
    return Line(
        name=f"{name}: server CPU per read",
        unit="µs",
        rounds=[sample.server_us for sample in real],
        floor=median(sample.server_us for sample in floor),
        floor_of="bare Litestar, same body",
        budget=BUDGET,
        bounds="ratio",
        also={
            "reads /s": median(sample.per_s for sample in real),
            "bare /s": median(sample.per_s for sample in floor),
            "body bytes": len(body),
        },
    )


async def _list(bench: Bench, server: Process) -> Line:
    company, path = bench.company, "/api/staff/conversations?segment=all&limit=30"
    many: list[Sample] = []
    few: list[Sample] = []
    for _ in range(bench.scale.rounds):
        for guide, samples in ((company.guide, many), (company.small_guide, few)):
            samples.append(await ask(server, path, guide.token, connections=FEW, seconds=bench.scale.seconds / 2))
    with closing(open_database(company.database, read_only=True)) as database:
        counting = Counting(database)
        list_conversations(counting.tx, [company.viewer()], "all", None, 30)
    return Line(
        name=f"first page of {len(company.guide.met):,} conversations: server CPU",
        unit="µs",
        rounds=[sample.server_us for sample in many],
        floor=median(sample.server_us for sample in few),
        floor_of=f"same page of {len(company.small_guide.met)} conversations",
        also={"queries": counting.count, "p50 ms": median(sample.quantile_ms(0.5) for sample in many)},
    )
