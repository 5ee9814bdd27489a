"""What commands say of a URL: never its password."""

import pytest

from epos.commands.output import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://epos:s3cret@db:5432/epos", "postgresql://epos@db:5432/epos"),
        ("postgresql://epos:s3:cr@et@db/epos", "postgresql://epos@db/epos"),
        ("postgresql://db/epos?user=u&password=s3cret", "postgresql://db/epos?user=u"),
        ("postgresql://db/epos?sslPassword=s3cret&sslmode=on", "postgresql://db/epos?sslmode=on"),
        ("postgresql://u:s3cret@/epos?host=/run/pg", "postgresql://u@/epos?host=/run/pg"),
        ("http://demo:s3cret@127.0.0.1:8080", "http://demo@127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("postgresql://u:12/34@db/epos", "postgresql://..."),
    ],
)
def test_it_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
