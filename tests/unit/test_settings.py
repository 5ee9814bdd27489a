"""Settings, and the words for a wrong one."""

from pathlib import Path

import pytest

from epos.choices import LogFormat, TablesSearchShape
from epos.settings import SettingsError, load


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Whatever the machine has set is not there; what a test sets is gone afterwards."""
    for name in ("HOST", "PORT", "DATA_DIR", "DATABASE_URL", "WORKERS", "LOG_FORMAT", "DEMO"):
        monkeypatch.delenv(f"EPOS_{name}", raising=False)
    for name in ("DATABASE_POOL_SIZE", "LOG_LEVEL", "MIGRATE", "TABLES_SEARCH_SHAPE"):
        monkeypatch.delenv(f"EPOS_{name}", raising=False)
    return monkeypatch


def test_out_of_the_box_it_is_a_demo_on_this_machine_only() -> None:
    settings = load()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.database_url, settings.workers) == (None, 1)
    assert settings.is_loopback
    assert settings.demo_is_on
    assert settings.tables_search_shape is TablesSearchShape.ARRAY


def test_variables_set_and_flags_have_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOS_PORT", "9000")
    monkeypatch.setenv("EPOS_LOG_FORMAT", "json")
    monkeypatch.setenv("EPOS_DATA_DIR", "/srv/epos")
    assert load(port=None).port == 9000
    settings = load(port=9001)
    assert (settings.port, settings.log_format) == (9001, LogFormat.JSON)
    assert settings.data_dir == Path("/srv/epos")


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOS_PORT", "")
    monkeypatch.setenv("EPOS_DATABASE_URL", "")
    assert load().port == 8080
    assert load().database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("WORKERS", "0"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_URL", "mysql://localhost/epos"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("DEMO", "perhaps"),
        ("MIGRATE", "later"),
        ("TABLES_SEARCH_SHAPE", "circle"),
        ("HOST", "  "),
    ],
)
def test_the_wrong_one_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"EPOS_{name}", value)
    with pytest.raises(SettingsError) as wrong:
        load()
    (line,) = str(wrong.value).splitlines()
    assert line.startswith(f"EPOS_{name}: ")


def test_all_wrong_ones_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOS_PORT", "abc")
    monkeypatch.setenv("EPOS_WORKERS", "many")
    with pytest.raises(SettingsError) as wrong:
        load()
    names = [line.partition(":")[0] for line in str(wrong.value).splitlines()]
    assert names == ["EPOS_PORT", "EPOS_WORKERS"]


def test_a_password_in_a_wrong_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOS_DATABASE_URL", "mysql://epos:hunter2@localhost/epos")
    with pytest.raises(SettingsError) as wrong:
        load()
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize("password", ["hunter2/x", "hunter2?x", "hunter2#x"])
def test_neither_is_a_password_that_was_not_quoted(password: str) -> None:
    with pytest.raises(SettingsError, match="quote") as wrong:
        load(database_url=f"postgresql://epos:{password}@localhost/epos")
    assert "hunter2" not in str(wrong.value)


def test_the_host_of_the_public_url_is_answered() -> None:
    assert load(public_url="https://epos.example/dojo").host_names == ["epos.example"]
    assert load(public_url="https://[2001:db8::1]").host_names == ["[2001:db8::1]"]


def test_a_postgresql_url_may_name_several_hosts_and_options() -> None:
    url = "postgresql://epos:p%2Fw@[::1]:5432,b:5433/epos?sslmode=require"
    assert load(database_url=url).database_url == url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_spellings_of_a_postgresql_url(scheme: str) -> None:
    assert load(database_url=f"{scheme}://db/epos").database_url == "postgresql://db/epos"


class TestDemo:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
    def test_is_on_at_home(self, host: str) -> None:
        assert load(host=host).demo_is_on
        assert load(host=host, demo=True).demo_is_on
        assert not load(host=host, demo=False).demo_is_on

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "epos.example.com"])
    def test_never_leaves_home(self, host: str) -> None:
        assert not load(host=host).demo_is_on
        assert not load(host=host, demo=False).demo_is_on
        with pytest.raises(SettingsError) as refused:
            load(host=host, demo=True)
        assert f"EPOS_HOST={host}" in str(refused.value)
        assert "demo/demo" in str(refused.value)
