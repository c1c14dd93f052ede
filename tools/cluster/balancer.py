"""HAProxy: the one address for browsers, and the one address of whichever database is the primary."""

from pathlib import Path

from tools.cluster.ports import Ports, answers
from tools.cluster.programs import ClusterError, Program, which

_COMMON = """\
global
  maxconn 4096
defaults
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  timeout client-fin 5s
"""

_BALANCER = """\
frontend rapport
  mode http
  bind 127.0.0.1:{port}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  use_backend realtime if {{ path_beg /realtime/ }}
  default_backend api
backend api
  mode http
  balance roundrobin
  option httpchk GET /readyz
  # A node that cannot be connected to was not asked anything yet: another one is.
  retry-on conn-failure
  retries 3
  option redispatch 1
  default-server check inter 1s fall 2 rise 1
{api}
backend realtime
  mode http
  balance leastconn
  option httpchk GET /readyz
  retry-on conn-failure
  retries 3
  option redispatch 1
  default-server check inter 1s fall 2 rise 1
{realtime}
{sides}frontend database
  mode tcp
  bind 127.0.0.1:{database}
  timeout client 1h
  default_backend primary
backend primary
  mode tcp
  timeout server 1h
  option httpchk OPTIONS /primary
  http-check expect status 200
  # Who was the primary is not spoken to any longer.
  default-server check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{databases}
"""

# Past the balancing: a browser that is to be on these nodes and no others.
_SIDE = """\
frontend {name}
  mode http
  bind 127.0.0.1:{port}
  option forwardfor
  use_backend {name}-realtime if {{ path_beg /realtime/ }}
  default_backend {name}-api
backend {name}-api
  mode http
  server node 127.0.0.1:{api}
backend {name}-realtime
  mode http
  server node 127.0.0.1:{realtime}
"""

_LINK = """\
listen link-{name}
  mode tcp
  bind 127.0.0.1:{port}
  timeout client 1h
  timeout server 1h
  server far 127.0.0.1:{to}
"""


def make_balancer(folder: Path, ports: Ports, apis: list[str], realtimes: list[str], databases: list[str]) -> Program:
    """The balancer in front of the nodes and of the databases."""
    text = _COMMON + _BALANCER.format(
        port=ports["balancer"],
        api=_servers(ports, apis),
        realtime=_servers(ports, realtimes),
        sides="".join(
            _SIDE.format(name=f"side-{number}", port=ports[f"side-{number}"], api=ports[api], realtime=ports[realtime])
            for number, (api, realtime) in enumerate(zip(apis, realtimes, strict=True), start=1)
        ),
        database=ports["database"],
        databases="\n".join(
            f"  server {name} 127.0.0.1:{ports[name]} port {ports[name.replace('postgres', 'patroni')]}"
            for name in databases
        ),
    )
    return _program("balancer", folder, text, ports["balancer"])


def make_link(folder: Path, ports: Ports, far: list[str]) -> Program:
    """What stands between one node and its database and bus: stopping its clock cuts the link without a word."""
    text = _COMMON + "".join(_LINK.format(name=name, port=ports[f"link-{name}"], to=ports[name]) for name in far)
    return _program("link", folder, text, ports[f"link-{far[0]}"])


def _servers(ports: Ports, names: list[str]) -> str:
    return "\n".join(f"  server {name} 127.0.0.1:{ports[name]}" for name in names)


def _program(name: str, folder: Path, text: str, port: int) -> Program:
    program = which("haproxy")
    if program is None:
        raise ClusterError("The cluster needs HAProxy (Debian: apt-get install haproxy).")
    configuration = folder / f"{name}.cfg"
    configuration.write_text(text)
    return Program(
        name,
        [program, "-db", "-f", configuration],
        log=folder / f"{name}.log",
        ready=lambda: answers(port),
    )
