"""celesto 0.1.10: the newest cloud client, and its command line."""

import os
import sys
from pathlib import Path

from celesto import CloudComputer, Computer

from orders import in_terminal, run_program, serve

url = os.environ["DOUBLE_URL"]
key = os.environ["DOUBLE_KEY"]
held = {}
attach = """
import sys
from celesto import CloudComputer
computer = CloudComputer.get(sys.argv[1], base_url=sys.argv[2], api_key=sys.argv[3])
computer.terminal(terminal_id=sys.argv[4] or None).attach()
"""


def make(name, options=None):
    held[name] = CloudComputer(base_url=url, api_key=key, **(options or {}))
    return held[name].id


def get(name, computer):
    held[name] = CloudComputer.get(computer, base_url=url, api_key=key)
    return held[name].id


def with_key(computer, other):
    CloudComputer.get(computer, base_url=url, api_key=other)


def do(name, method, args=(), named=None):
    """One method of a computer."""
    result = getattr(held[name], method)(*args, **(named or {}))
    if isinstance(result, Computer) or result is None:
        return held[name].id
    if hasattr(result, "model_dump"):
        return result.model_dump()
    return [one.model_dump() for one in result]


def ephemeral(command):
    with Computer(provider="cloud", base_url=url, api_key=key) as computer:
        return {"id": computer.id, "run": computer.run(command).model_dump()}


def terminal(name, terminal_id=None):
    connection = held[name].terminal(terminal_id=terminal_id)
    return {"terminal_id": connection.terminal_id, "expires_at": connection.expires_at.isoformat()}


def attached(name, steps, terminal_id=None, rows=30, cols=100):
    argv = [sys.executable, "-c", attach, held[name].id, url, key, terminal_id or ""]
    return in_terminal(argv, steps, rows, cols)


def cli(argv, env=None):
    return run_program([str(Path(sys.executable).with_name("celesto")), *argv], env=env)


def cli_terminal(argv, steps):
    return in_terminal([str(Path(sys.executable).with_name("celesto")), *argv], steps)


serve({name: value for name, value in globals().items() if callable(value)})
