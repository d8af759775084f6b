"""A small part of `make soak`, on every commit; whether memory grows only the long one can tell."""

from tests.soak.users import VERBS, soak


async def test_users_at_work_lose_no_answer() -> None:
    account = await soak(20, seed=1, say=lambda _: None)
    assert account.requests > len(VERBS)
    assert not (account.lost or account.doubled or account.errors), account
