"""What code in a kernel may send in the kernel's name: it has the key that messages are signed with."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEND = """
import json, time
kernel = get_ipython().kernel
def forge(content, header={"msg_type": "stream"}, parent=None, parts=None):
    asked = kernel.get_parent()["header"]["msg_id"]
    signed = [json.dumps(header).encode(), json.dumps({"msg_id": asked} if parent is None else parent).encode(), b"{}"]
    signed.append(content)
    kernel.iopub_thread.send_multipart(parts or [b"<IDS|MSG>", kernel.session.sign(signed), *signed])
    time.sleep(0.05)
"""
FORGED = [
    "b'{'",
    "b'[]'",
    "b'{}'",
    "b'[' * 200_000",
    "b'[' * 2_000_000",
    "bytes([255])",
    "b'{}', {}",
    "b'{}', []",
    "b'{}', {'msg_type': [1]}",
    "b'{}', parent=[]",
    "b'{}', parent={'msg_id': [1]}",
    "b'', parts=[b'x']",
    "b'', parts=[b'<IDS|MSG>']",
    "b'{}', {'msg_type': 'status'}",
    "b'[1]', {'msg_type': 'execute_input'}",
    "b'{\"execution_count\": [1]}', {'msg_type': 'execute_input'}",
    "b'{\"data\": [1], \"metadata\": 3}', {'msg_type': 'display_data'}",
    "b'{\"data\": {}, \"transient\": [1]}', {'msg_type': 'display_data'}",
    "b'{\"data\": {}, \"transient\": {\"display_id\": [1]}}', {'msg_type': 'display_data'}",
    "b'{\"execution_count\": ' + b'9' * 10_000 + b'}', {'msg_type': 'execute_result'}",
]


async def test_what_is_no_message_does_no_harm(shared, run):
    await run(shared, SEND)
    for forged in FORGED:
        outcome = await run(shared, f"forge({forged}); print('said')")
        assert outcome.status == "ok", forged
        assert outcome.outputs[-1]["text"] == "said\n", forged
        assert (await run(shared, "1 + 1")).outputs[-1]["data"]["text/plain"] == "2", forged


async def test_a_forged_payload_does_no_harm(shared, run):
    await run(shared, "get_ipython().payload_manager.read_payload = lambda: [3, {'source': []}]")
    assert (await run(shared, "1 + 1")).status == "ok"
    await run(shared, "del get_ipython().payload_manager.read_payload")
