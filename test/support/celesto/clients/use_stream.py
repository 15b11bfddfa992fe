"""celesto 0.1.2: the last client that reads the stream route."""

import os

from celesto import CloudComputer

from orders import serve

computer = CloudComputer(base_url=os.environ["DOUBLE_URL"])


def start():
    computer.start()
    return computer.id


def run_stream(command, timeout=30):
    return [event.model_dump() for event in computer.run_stream(command, timeout=timeout)]


def run(command, timeout=30):
    return computer.run(command, timeout=timeout).model_dump()


def stop():
    computer.stop()


def resume():
    computer.resume()


def delete():
    computer.delete()


serve({name: value for name, value in globals().items() if callable(value)})
