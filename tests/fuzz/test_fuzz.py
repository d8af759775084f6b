"""A small part of `make fuzz`, on every commit."""

from tests.fuzz.doors import fuzz


async def test_hostile_messages_have_one_answer_each() -> None:
    ledger = await fuzz(10_000, seed=1_000, say=lambda _: None)
    assert ledger.answers > 5_000
    assert ledger.is_clean, ledger
