"""`make cluster`: a whole installation with the demo company, until Ctrl-C."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from rapport.demo.opening import NotADemo, is_founded, open_demo, publish_demo
from rapport.kernel.http.showcase import DemoCompany
from rapport.settings import Settings, read_settings
from tools.cluster.installation import APIS, REALTIMES, Cluster
from tools.cluster.ports import Ports
from tools.cluster.programs import ClusterError


def main() -> int:
    """Start, say where, wait, stop."""
    parser = argparse.ArgumentParser(prog="make cluster")
    parser.add_argument("--data", type=Path, default=Path(f"/var/tmp/rapport-cluster-{os.geteuid()}"))  # noqa: S108  kept between starts, and the database's user may enter
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cluster = Cluster(
            given.data.resolve(), Ports(given.port), settings={"RAPPORT_DEMO": "true", "RAPPORT_SMS": "demo"}
        )
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        run(cluster)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        # A second Ctrl-C must not leave half of it behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cluster.stop()
    return 0


def run(cluster: Cluster) -> None:
    """Start everything and wait; tell what goes away by itself."""
    began = time.monotonic()
    print("· NATS ×3, PostgreSQL ×2 under Patroni, HAProxy …", flush=True)
    cluster.start_services()
    settings = read_settings({**os.environ, **cluster.environment()})
    print("· the demo company …", flush=True)
    company = _open_demo(cluster, settings)
    print("· 2 api, 2 realtime, 2 workers …", flush=True)
    cluster.start_nodes()
    _describe(cluster, publish_demo(settings.data, company, cluster.url), time.monotonic() - began)
    gone: set[str] = set()
    while True:
        time.sleep(1)
        for node in cluster.nodes.values():
            if not node.runs and node.name not in gone:
                gone.add(node.name)
                print(f"{node.name} ended; its log is {node.log}", flush=True)


def _open_demo(cluster: Cluster, settings: Settings) -> DemoCompany:
    """Found the demo on the first start; one that broke off half-way is begun anew."""
    try:
        is_founded(settings.data, settings.database_url)
    except NotADemo:
        if not (settings.data / "demo-company.unfinished").exists():
            raise ClusterError(f"The database in {cluster.folder} is no demo; name another folder: DATA=…") from None
        cluster.database.drop_database()
    return open_demo(settings)


def _describe(cluster: Cluster, company: DemoCompany, seconds: float) -> None:
    print(f"\nRapport answers after {seconds:.0f} s. For browsers:\n")
    print(f"  {cluster.url}/staff/   {cluster.url}/c/   {cluster.url}/admin/\n")
    print("To put two browsers on different nodes (the same paths):\n")
    for side, nodes in zip(("side-1", "side-2"), zip(APIS, REALTIMES, strict=True), strict=True):
        print(f"  {cluster.url_of(side)}   {' and '.join(nodes)}")
    primary, port = cluster.database.primary(), cluster.ports["database"]
    print(f"\nThe database's primary is {primary}; whichever it is answers on port {port}. Accounts:\n")
    for account in company.accounts:
        secret = account.password or f"code: {account.code_url}"
        print(f"  {account.surface:<10}{account.role:<12}{account.name:<12}{account.login:<18}{secret}")
    print(f"\nLogs: {cluster.logs}, {cluster.folder}/database, {cluster.folder}/bus")
    print(f"Everything is kept in {cluster.folder}. Ctrl-C stops it.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
