"""A page of metrics as a Prometheus reads it."""

from collections.abc import Iterator

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

Labels = tuple[tuple[str, str], ...]


class Scrape:
    """`page.value("reelroom_turns_total", outcome="answered", error="")`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples: dict[tuple[str, Labels], float] = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """0 for what has not been counted yet."""
        return self.samples.get((name, tuple(sorted(labels.items()))), 0.0)

    def has(self, name: str) -> bool:
        return any(each == name for each, _ in self.samples)

    def labels(self, name: str) -> list[dict[str, str]]:
        return [dict(labels) for each, labels in self.samples if each == name]

    def words(self) -> Iterator[str]:
        """Every value of every label."""
        for _, labels in self.samples:
            yield from (value for _, value in labels)


async def scrape(http: aiohttp.ClientSession) -> Scrape:
    async with http.get("/metrics") as reply:
        assert reply.status == 200
        assert reply.content_type == "text/plain"
        return Scrape(await reply.text())
