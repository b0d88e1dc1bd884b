"""Measuring: several things in turn, medians and 95th percentiles, ratios to the first of them."""

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Act = Callable[[], float]
"""Does something once; the seconds, or the bytes, that it took."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one thing.

    `base` is the thing it is compared with. `most` and `limit` are targets: the largest ratio to
    the base, the largest value; `least` the smallest ratio, if more is better. `of` names the
    figure that is compared. `note` is a remark.
    """

    name: str
    values: Sequence[float]
    base: "Row | None" = None
    most: float | None = None
    least: float | None = None
    limit: float | None = None
    of: str = "median"
    note: str = ""

    @property
    def figures(self) -> dict[str, float]:
        """Median, 95th and 99th percentile, and the largest value."""
        shares = {"p95": 0.95, "p99": 0.99}
        return {
            "median": median(self.values),
            **{name: percentile(self.values, share) for name, share in shares.items()},
            "max": max(self.values),
        }

    @property
    def ratio(self) -> float | None:
        """How many times the base's figure this one's is."""
        if self.base is None or not (whole := self.base.figures[self.of]):
            return None
        return self.figures[self.of] / whole

    @property
    def verdict(self) -> str:
        """Whether the targets are met; empty if there are none."""
        misses = [
            self.most is not None and self.ratio is not None and self.ratio > self.most,
            self.least is not None and self.ratio is not None and self.ratio < self.least,
            self.limit is not None and self.figures[self.of] > self.limit,
        ]
        if self.most is None and self.least is None and self.limit is None:
            return ""
        return "MISSED" if any(misses) else "kept"

    def as_json(self, unit: str) -> dict[str, object]:
        """One line of `--json`."""
        return {
            "name": self.name,
            "unit": unit,
            "count": len(self.values),
            **self.figures,
            "base": self.base.name if self.base else None,
            "of": self.of,
            "ratio": self.ratio,
            "target": {"most": self.most, "least": self.least, "limit": self.limit},
            "verdict": self.verdict,
            "note": self.note,
        }


@dataclass(slots=True)
class Table:
    """The rows of one comparison; `unit` is `ms`, `MB`, `/s` or what the values are in."""

    title: str
    unit: str
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> Row:
        """Add a row; returns it, so that others can be compared with it."""
        self.rows.append(row)
        return row

    def text(self) -> str:
        """The table as a person reads it."""
        wide = max([len(row.name) for row in self.rows] + [20])
        named = " ".join(f"{name:>10}" for name in ("median", "p95", "p99", "max"))
        lines = [self.title, f"  {'':{wide}} {named} {self.unit:<4} ratio  target"]
        lines += [f"  {row.name:{wide}} {self._figures(row)}" for row in self.rows]
        return "\n".join(lines)

    def _figures(self, row: Row) -> str:
        shown = " ".join(f"{value:>10.2f}" for value in row.figures.values())
        ratio = f"{row.ratio:.2f}x" if row.ratio is not None else ""
        parts = [f"{row.of}"] if row.of != "median" else []
        parts += [f"at most {row.most}x"] if row.most is not None else []
        parts += [f"at least {row.least}x"] if row.least is not None else []
        parts += [f"at most {row.limit} {self.unit}"] if row.limit is not None else []
        target = f"{', '.join(parts)}: {row.verdict}" if row.verdict else ""
        note = f"  [{row.note}]" if row.note else ""
        return f"{shown} {self.unit:<4} {ratio:<6} {target}{note}".rstrip()

    def json_lines(self) -> str:
        """One object a row."""
        rows = ({"table": self.title, **row.as_json(self.unit)} for row in self.rows)
        return "\n".join(json.dumps(row) for row in rows)


def in_turn(acts: Mapping[str, Act], times: int, scale: float = 1000.0) -> dict[str, list[float]]:
    """Do each act so many times, in turn and in a changing order; the values, scaled."""
    found: dict[str, list[float]] = {name: [] for name in acts}
    order = list(acts)
    shuffled = random.Random(1)
    for _ in range(times):
        shuffled.shuffle(order)
        for name in order:
            found[name].append(acts[name]() * scale)
    return found
