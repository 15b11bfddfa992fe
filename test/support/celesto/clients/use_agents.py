"""celesto 0.0.14: its OpenAI Agents extra, the client beneath it, and its command line."""

import base64
import io
import os
import sys
import time
from pathlib import Path

from agents import OpenAIResponsesModel, RunConfig, Runner
from agents.sandbox import LocalSnapshotSpec, Manifest, SandboxAgent, SandboxRunConfig
from celesto import Computer
from celesto.integrations.openai_agents import CelestoSandboxClient, CelestoSandboxClientOptions
from celesto.sdk.client import _CelestoClient
from openai import AsyncOpenAI

from orders import in_terminal, run_program, serve

url = os.environ["CELESTO_BASE_URL"]
key = os.environ["CELESTO_API_KEY"]
client = CelestoSandboxClient(api_key=key, base_url=url)
computers = _CelestoClient(api_key=key, base_url=url).computers
sessions = {}


async def create(name, options=None, snapshots=None, environment=None):
    snapshot = None if snapshots is None else LocalSnapshotSpec(base_path=Path(snapshots))
    manifest = Manifest() if environment is None else Manifest(environment={"value": environment})
    chosen = CelestoSandboxClientOptions(start_poll_interval_seconds=0.25, **(options or {}))
    sessions[name] = await client.create(options=chosen, snapshot=snapshot, manifest=manifest)
    return sessions[name].state.computer_id


async def start(name):
    await sessions[name].start()
    return sessions[name].state.computer_id


async def execute(name, argv, timeout=None, shell=True):
    result = await sessions[name].exec(*argv, timeout=timeout, shell=shell)
    return {"stdout": result.stdout.decode(), "stderr": result.stderr.decode(), "code": result.exit_code}


async def write(name, path, content):
    await sessions[name].write(Path(path), io.BytesIO(base64.b64decode(content)))


async def read(name, path):
    return base64.b64encode((await sessions[name].read(Path(path))).read()).decode()


async def mkdir(name, path):
    await sessions[name].mkdir(Path(path), parents=True)


async def ls(name, path):
    return [Path(entry.path).name for entry in await sessions[name].ls(Path(path))]


async def mv(name, source, target):
    await sessions[name].mv(Path(source), Path(target))


async def rm(name, path):
    await sessions[name].rm(Path(path), recursive=True)


async def persist(name):
    return base64.b64encode((await sessions[name].persist_workspace()).read()).decode()


async def hydrate(name, tar):
    await sessions[name].hydrate_workspace(io.BytesIO(base64.b64decode(tar)))


async def hydrate_from(name, path):
    """Answers how many milliseconds it took, without reading the file."""
    archive = io.BytesIO(Path(path).read_bytes())
    begun = time.perf_counter()
    await sessions[name].hydrate_workspace(archive)
    return (time.perf_counter() - begun) * 1000


async def persist_to(name, path):
    """Answers how many milliseconds it took, without writing the file."""
    begun = time.perf_counter()
    archive = await sessions[name].persist_workspace()
    took = (time.perf_counter() - begun) * 1000
    Path(path).write_bytes(archive.read())
    return took


async def close(name):
    await sessions[name].aclose()


def save(name):
    return client.serialize_session_state(sessions[name].state)


async def resume(name, state):
    sessions[name] = await client.resume(client.deserialize_session_state(state))
    await sessions[name].start()
    return sessions[name].state.computer_id


async def delete(name):
    await client.delete(sessions[name])


async def run_agent(name, model_url, model, prompt):
    chosen = OpenAIResponsesModel(model=model, openai_client=AsyncOpenAI(base_url=model_url, api_key="none"))
    agent = SandboxAgent(name="judge", model=chosen, instructions="Do what you are asked.")
    config = RunConfig(sandbox=SandboxRunConfig(session=sessions[name]), tracing_disabled=True)
    return (await Runner.run(agent, prompt, run_config=config)).final_output


def below(do, args=(), named=None):
    """One method of the client beneath the integration."""
    return getattr(computers, do)(*args, **(named or {}))


def stream(computer, command, timeout=30):
    return list(computers.exec_stream(computer, command, timeout=timeout))


def computer_class():
    with Computer(cpus=1, memory=512, disk="2gb", api_key=key, base_url=url) as computer:
        told = {"name": computer.name, "disk": computer["disk_size_mb"], "run": computer.run("echo from the class")}
        told["stopped"] = computer.stop().status
        told["deleted"] = computer.delete().status
    return told


def with_key(other):
    return _CelestoClient(api_key=other, base_url=url).computers.list()


def cli(argv, stdin=None):
    return run_program([str(Path(sys.executable).with_name("celesto")), *argv], stdin=stdin)


def cli_terminal(argv, steps):
    return in_terminal([str(Path(sys.executable).with_name("celesto")), *argv], steps)


serve({name: value for name, value in globals().items() if callable(value)})
