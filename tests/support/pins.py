"""The PINs of the test venue's waiters; their hashes are cheap, so that tests need not wait for them."""

from argon2 import PasswordHasher

MANAGER_PIN = "246813"
"""Of `max`."""
WAITER_PIN = "135724"
"""Of `anna`, who is no manager. `ben` and `cleo` have none."""

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASHES = {"max": _CHEAP.hash(MANAGER_PIN), "anna": _CHEAP.hash(WAITER_PIN)}
APPROVAL = {"waiterId": "max", "pin": MANAGER_PIN}
"""A manager's word in the body of a request."""
