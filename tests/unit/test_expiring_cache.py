"""A bounded dictionary whose entries expire."""

from epos.services.expiring_cache import ExpiringCache


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_entry_expires() -> None:
    clock = Clock()
    cache = ExpiringCache[str, int](5, clock=clock)
    cache.put("a", 1)
    clock.now += 4.9
    assert cache.get("a") == 1
    clock.now += 0.1
    assert cache.get("a") is None


def test_an_entry_that_is_put_again_lives_longer() -> None:
    clock = Clock()
    cache = ExpiringCache[str, int](5, clock=clock)
    cache.put("a", 1)
    clock.now += 4
    cache.put("a", 2)
    clock.now += 4
    assert cache.get("a") == 2


def test_a_full_cache_is_emptied() -> None:
    cache = ExpiringCache[int, int](5, most=3)
    for key in range(4):
        cache.put(key, key)
    assert [cache.get(key) for key in range(4)] == [None, None, None, 3]
