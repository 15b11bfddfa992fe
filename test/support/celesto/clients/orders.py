"""What the programs around the published clients share: orders come in and answers go out as lines of JSON."""

import asyncio
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl


def serve(operations):
    """Carries out orders {"do": name, "with": {...}} until standard input ends. Whatever a client prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            value = operations[order["do"]](**order["with"])
            if asyncio.iscoroutine(value):
                value = loop.run_until_complete(value)
            answer = {"value": value}
        except BaseException as error:
            answer = {"raised": describe(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def describe(error):
    """An exception with the fields that the published clients give theirs."""
    fields = ("code", "status_code", "operation", "recovery_action", "side_effects", "required_scope", "running_limit", "retry_after")
    told = {name: getattr(error, name) for name in fields if isinstance(getattr(error, name, None), (str, int))}
    inner = error.__cause__ or error.__context__
    caused = {} if inner is None else {"cause": describe(inner)}
    return {"type": type(error).__name__, "says": str(error), **told, **caused}


def in_terminal(argv, steps, rows=30, cols=100, env=None, within=30):
    """Runs a program on a terminal of its own: waits for a text, types, and so on. Answers its output and exit code."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    child = subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **(env or {})}, start_new_session=True
    )
    os.close(theirs)
    output = b""
    seen = 0
    until = time.monotonic() + within
    waiting = list(steps)
    try:
        while time.monotonic() < until:
            while waiting and (at := output.find(waiting[0][0].encode(), seen)) >= 0:
                wanted, typed = waiting.pop(0)
                seen = at + len(wanted)
                os.write(ours, typed.encode())
            if not select.select([ours], [], [], 0.1)[0]:
                if child.poll() is not None:
                    break
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
        try:
            code = child.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = None
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        os.close(ours)
    missing = [wanted for wanted, _ in waiting]
    return {"output": output.decode("utf-8", "replace"), "code": code, "missing": missing}


def run_program(argv, env=None, stdin=None):
    """Runs a program to its end. Answers its output and exit code."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})}, input=stdin)
    return {"stdout": done.stdout, "stderr": done.stderr, "code": done.returncode}
