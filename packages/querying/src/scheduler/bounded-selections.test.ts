import { Labels, Matcher } from "@narthex/model";
import type { Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { boundedSelections, SelectionLimitError } from "./bounded-selections.ts";

const HINTS = { start: 0, end: 9 };
const named = (name: string): readonly Matcher[] => [new Matcher("=", "__name__", name)];

async function storageOf(counts: Readonly<Record<string, number>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [name, count] of Object.entries(counts))
    for (let i = 0; i < count; i++) await storage.load(Labels.of({ __name__: name, i: String(i) }), [1], [i]);
  return storage;
}

test("all selections of a querier together find a limited number of series, and selections that may find more read nothing", async () => {
  const storage = await storageOf({ few: 3, more: 4, many: 8 });
  let reads = 0;
  const counting: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      return {
        select(matchers, hints) {
          reads++;
          return querier.select(matchers, hints);
        },
        maxSeries: (matchers, hints) => querier.maxSeries!(matchers, hints),
        labelNames: (matchers) => querier.labelNames(matchers),
        labelValues: (name, matchers) => querier.labelValues(name, matchers),
        close: () => querier.close(),
      };
    },
  };
  const querier = boundedSelections(counting, 7, "refused").querier(0, 9);
  expect((await querier.select(named("few"), HINTS)).labels).toHaveLength(3);
  expect((await querier.select(named("more"), HINTS)).labels).toHaveLength(4);
  expect(reads).toBe(2);
  await expect(querier.select(named("few"), HINTS)).rejects.toBeInstanceOf(SelectionLimitError);
  const other = boundedSelections(counting, 7, "refused").querier(0, 9);
  await expect(other.select(named("many"), HINTS)).rejects.toBeInstanceOf(SelectionLimitError);
  expect(reads).toBe(2);
});

test("label lists are refused, and selections with an unknown number of series are refused or read, as configured", async () => {
  const storage = await storageOf({ few: 1 });
  const silent: Queryable = {
    querier: (minTime, maxTime) => Object.assign(storage.querier(minTime, maxTime), { maxSeries: undefined }),
  };
  const querier = boundedSelections(silent, 7, "refused").querier(0, 9);
  await expect(querier.select(named("few"), HINTS)).rejects.toBeInstanceOf(SelectionLimitError);
  expect((await boundedSelections(silent, 7, "read").querier(0, 9).select(named("few"), HINTS)).labels).toHaveLength(1);
  const known = boundedSelections(storage, 7, "refused").querier(0, 9);
  await expect(known.labelNames([])).rejects.toBeInstanceOf(SelectionLimitError);
  await expect(known.labelValues("i", [])).rejects.toBeInstanceOf(SelectionLimitError);
});
