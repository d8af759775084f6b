"""Sidecar kernels, and a model's server on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.providers.faults import FaultServer, fault_server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernels() -> AsyncIterator[SidecarKernels]:
    made = SidecarKernels(Settings(isolation=IsolationSettings(level="limited")))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[FaultServer]:
    async with fault_server() as serving:
        yield serving
