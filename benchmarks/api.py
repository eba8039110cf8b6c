"""Screens a second through HTTP, with state and record, on a server started for it; against an empty endpoint of the same server."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

from training import corpus

SECONDS, CLIENTS = 8.0, 8


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _load(port: int, method: str, path: str, headers: dict[str, str], bodies: list[bytes]) -> tuple[float, float, float]:
    """(requests a second, median ms, 99th percentile ms) of some clients that send one request after the other."""
    took: list[float] = []
    stop = time.perf_counter() + SECONDS

    def client(seed: int) -> None:
        rng, connection = random.Random(seed), HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < stop:
            started = time.perf_counter()
            connection.request(method, path, rng.choice(bodies) if bodies else None, headers)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            took.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return len(took) / SECONDS, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000


def _bodies() -> list[bytes]:
    rng = random.Random(2)
    lines = [line.text for line in corpus.read() if not line.harms] * 9 + [line.text for line in corpus.read() if line.harms]
    return [
        json.dumps({
            "text": rng.choice(lines), "relationship": "stranger", "actor": {"ref": f"u{rng.randrange(3000)}", "age_band": "13-15"},
            "audience": {"ref": f"u{rng.randrange(3000)}", "age_band": "13-15"},
        }).encode()
        for _ in range(4000)
    ]  # fmt: skip


BATCH = 50
GATES = (100, 40, 20, 5)
"""Values of LEEWARD_ENCODER_FROM: from "the encoder never looks" to the default."""


def _serve(gate: int, runs: list[tuple[str, str, str, list[bytes], int]]) -> None:
    """Starts a server in a folder of its own, loads it, prints. A run: name, method, path, bodies, events of a body."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LEEWARD_DATA": folder, "LEEWARD_RATE": "1000000", "LEEWARD_ENCODER_FROM": str(gate)}
        environment.pop("LEEWARD_SECRET_KEY", None)
        command = [sys.executable, "-m", "leeward.cli", "up", "--demo", "--port", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            headers = {"Authorization": f"Bearer {Path(folder, 'demo-key').read_text()}", "Content-Type": "application/json"}
            for name, method, path, bodies, size in runs:
                rate, median, worst = _load(port, method, path, headers, bodies)
                print(f"| {name} | {rate * size:,.0f} | {median:.1f} | {worst:.1f} |", flush=True)
        finally:
            server.terminate()
            server.wait(15)


def main() -> None:
    """An empty address, then screening with each gate: nine in ten messages are benign, and each screen writes state and record."""
    print("\n## API (two workers, the clients on the same two cores)\n\n| | events a second | median ms | p99 ms |\n|---|---|---|---|")
    bodies = _bodies()
    batches = [b"[" + b",".join(bodies[at : at + BATCH]) + b"]" for at in range(0, len(bodies), BATCH)]
    for gate in GATES:
        gated = "no encoder" if gate == 100 else f"encoder from {gate / 100}"
        runs = [("healthz", "GET", "/healthz", [], 1)] if gate == GATES[0] else []
        runs.append((f"screen, {gated}", "POST", "/v1/screen", bodies, 1))
        if gate in (GATES[0], GATES[-1]):
            runs.append((f"screen/batch of {BATCH}, {gated}", "POST", "/v1/screen/batch", batches, BATCH))
        _serve(gate, runs)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("The server did not start.")


if __name__ == "__main__":
    main()
