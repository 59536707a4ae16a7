import { Labels, wordsOf, writeStale } from "@narthex/model";
import { createSampleBatch } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { staleHistogram } from "../chunk/histogram-shape.ts";
import { Head } from "./head.ts";
import { countStale, findStale } from "./stale-series.ts";
import { truncateHead } from "./truncate.ts";

const KINDS = ["float", "histogram", "stale", "stale histogram", "truncate"] as const;

test("countStale() counts exactly the series that findStale() finds, whatever samples they had before", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(5)), { minLength: 1, maxLength: 20 }),
      async (steps) => {
        const head = new Head(0);
        for (const [i, [kind, series]] of steps.entries()) {
          const time = (i + 1) * 60_000;
          if (kind === "truncate") await truncateHead(head, time - 4 * 60_000);
          else await append(head, series, time, kind);
          expect(countStale(head)).toBe((await findStale(head)).rows.length);
        }
      },
    ),
    { numRuns: 25 },
  ));

async function append(head: Head, series: number, time: number, kind: (typeof KINDS)[number]): Promise<void> {
  const app = head.appender();
  const ref = app.series(Labels.of({ __name__: "m", i: `${series}` }));
  const batch = createSampleBatch(1);
  batch.refs[0] = ref;
  batch.timestamps[0] = time;
  batch.values[0] = 1;
  batch.count = 1;
  if (kind === "stale") writeStale(wordsOf(batch.values), 0);
  if (kind === "histogram") app.appendHistogram(ref, time, histogramOf(time));
  else if (kind === "stale histogram") app.appendHistogram(ref, time, staleHistogram(true));
  else app.append(batch);
  await app.commit();
}
