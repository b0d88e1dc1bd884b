"""The benchmarks can be run and compare with their targets; their figures are no test."""

import asyncio
import importlib
import json
import time

import pytest

from tests.benchmarks.__main__ import ALL, main
from tests.benchmarks.measure import Row, Table, in_turn, percentile
from tests.benchmarks.watch import Watch


@pytest.mark.parametrize("name", ALL)
def test_each_benchmark_can_be_imported(name: str) -> None:
    found = importlib.import_module(f"tests.benchmarks.{name}")
    assert callable(found.run)


def test_a_benchmark_runs_on_small_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["saving", "--small", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows
    for row in rows:
        assert row["count"] > 0


def test_a_benchmark_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed"])
    assert ended.value.code == 2
    assert "there is no benchmark speed; there are starting" in capsys.readouterr().err


def test_a_ratio_compares_the_figure_that_is_named() -> None:
    base = Row("base", [1.0, 1.0, 4.0], of="p95")
    row = Row("row", [2.0, 2.0, 6.0], base, most=1.4, of="p95")
    assert row.ratio == 1.5
    assert row.verdict == "MISSED"
    assert Row("row", [2.0, 2.0, 6.0], base, most=1.5, of="p95").verdict == "kept"
    assert Row("rate", [30.0], Row("base", [1.0]), least=20).verdict == "kept"
    assert Row("rate", [10.0], Row("base", [1.0]), least=20).verdict == "MISSED"
    assert Row("time", [10.0], limit=9.0).verdict == "MISSED"
    assert Row("time", [10.0]).verdict == ""


def test_things_are_done_in_turn() -> None:
    done: list[str] = []
    acts = {name: lambda name=name: done.append(name) or 0.5 for name in "abc"}
    assert in_turn(acts, 20) == {name: [500.0] * 20 for name in "abc"}
    assert all(set(done[at : at + 3]) == set("abc") for at in range(0, 60, 3))


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([3.0], 0.95) == 3.0


def test_a_table_shows_ratios_and_targets() -> None:
    table = Table("Title", "ms")
    base = table.add(Row("base", [1.0]))
    table.add(Row("row", [2.0], base, most=1.5))
    assert "2.00x" in table.text()
    assert "at most 1.5x: MISSED" in table.text()
    table.add(Row("noted", [1.0, 7.5], limit=5.0, of="max", note="a key"))
    assert "7.50 ms          max, at most 5.0 ms: MISSED  [a key]" in table.text()


def test_a_watch_names_the_callback_that_held_the_loop() -> None:
    def burn() -> None:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass

    async def watched() -> Watch:
        with Watch().watching() as watch:
            asyncio.get_running_loop().call_soon(burn)
            await asyncio.sleep(0)
            watch.doing = "burning"
            asyncio.get_running_loop().call_soon(burn)
            burn()
            await asyncio.create_task(asyncio.sleep(0))
            watch.doing = ""
        return watch

    held = asyncio.run(watched()).held
    assert [(each.doing, each.name.rpartition(".")[2]) for each in held] == [("burning", "burn")]
    assert held[0].busy >= 20
