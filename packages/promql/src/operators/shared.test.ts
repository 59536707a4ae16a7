import { Labels, rangeGrid } from "@narthex/model";
import { createSampleBatch, type Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine, type Engine } from "../engine.ts";
import { forEachSample, type QueryResult } from "../query-result.ts";

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };

async function storage(): Promise<MemoryStorage> {
  const memory = new MemoryStorage();
  const app = memory.appender();
  const batch = createSampleBatch(2000);
  for (const name of ["a_total", "b_total", "gauge"]) {
    for (let i = 0; i < 4; i++) {
      const ref = app.series(Labels.of({ __name__: name, i: `${i}`, odd: `${i % 2}` }));
      for (let step = 0; step < 40; step++) {
        if ((step * 7 + i) % 11 === 0) continue;
        batch.refs[batch.count] = ref;
        batch.timestamps[batch.count] = step * 15_000;
        batch.values[batch.count++] = name === "gauge" ? (step * 13 + i) % 17 : step * (i + 1);
      }
    }
  }
  app.append(batch);
  await app.commit();
  return memory;
}

/** Wraps a storage and counts the reads of samples. */
function counting(queryable: Queryable): { queryable: Queryable; reads: () => number } {
  let reads = 0;
  return {
    reads: () => reads,
    queryable: {
      querier(minTime, maxTime) {
        const querier = queryable.querier(minTime, maxTime);
        return {
          labelNames: (...all) => querier.labelNames(...all),
          labelValues: (...all) => querier.labelValues(...all),
          close: () => querier.close(),
          async select(...all) {
            const set = await querier.select(...all);
            return {
              labels: set.labels,
              warnings: set.warnings,
              read(...place) {
                reads++;
                set.read(...place);
              },
            };
          },
        };
      },
    },
  };
}

const grid = rangeGrid(60_000, 540_000, 30_000);

const ask = (engine: Engine, queryable: Queryable, text: string): Promise<QueryResult> =>
  engine.query({ grid, queryable, text });

function contents({ series, warnings, infos, stats }: QueryResult): unknown {
  const rows = series.map((one) => {
    const samples: unknown[] = [];
    forEachSample(one, (time, value) => samples.push([time, value]));
    return [String(one.labels), samples];
  });
  const { totalQueryableSamples, samplesRead } = stats.samples;
  // Leaves out the peak, which may be lower with sharing, because the working memory of a shared part is needed only
  // once.
  return {
    rows,
    warnings,
    infos: infos.map((text) => text.replace(/ \(1:\d+\)$/, "")),
    totalQueryableSamples,
    samplesRead,
  };
}

/**
 * Query parts that the test repeats. `$` is replaced by matchers without effect, so that the repetitions have different
 * texts.
 */
const parts = [
  "sum by (odd) (rate(a_total$[2m]))",
  "rate(a_total$[1m])",
  "max_over_time(sum(gauge$)[2m:30s])",
  "rate(gauge$[2m])",
  "gauge$ > 5",
  "topk(1, b_total$)",
  "sum(gauge$ @ 120)",
];

test("parts that occur twice in a query are read once", async () => {
  const { queryable, reads } = counting(await storage());
  const engine = createEngine({ clock });
  await ask(engine, queryable, "sum(rate(a_total[2m]))");
  const once = reads();
  await ask(engine, queryable, "(sum(rate(a_total[2m])) - sum(b_total)) / sum(rate(a_total[2m]))");
  expect(reads() - once).toBe(once + 4);
});

test("a query with equal parts has the same results, counts and annotations as a query whose parts are evaluated separately", async () => {
  const memory = await storage();
  const engine = createEngine({ clock });
  const operators = fc.constantFrom("+", "-", "/", "and", "or", "unless", "== bool");
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...parts),
      fc.array(operators, { minLength: 1, maxLength: 3 }),
      async (part, list) => {
        const query = (matcher: (i: number) => string): string => {
          const text = (i: number): string => `(${part.replace("$", matcher(i))})`;
          return list.reduce((left, operator, i) => `(${left} ${operator} ${text(i + 1)})`, text(0));
        };
        const equal = await ask(
          engine,
          memory,
          query(() => ""),
        );
        const apart = await ask(
          engine,
          memory,
          query((i) => `{i=~".{0,${i + 9}}"}`),
        );
        expect(contents(equal)).toEqual(contents(apart));
      },
    ),
    { numRuns: 150 },
  );
});
