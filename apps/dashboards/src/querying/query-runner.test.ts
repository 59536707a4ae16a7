import { type DataSource, QueryDesk } from "@narthex/datasources";
import { createLogger } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { FaultLog } from "./fault-log.ts";
import { QueryRunner } from "./query-runner.ts";

/** Sends five equal requests for an answer with some rows, and returns the number of queries that the source received. */
async function queriesFor(rows: number): Promise<number> {
  const clock = new ManualClock();
  let count = 0;
  const fields = [{ name: "n", type: "number", values: new Float64Array(rows).fill(1 / 3), config: {} }] as const;
  const source: DataSource = {
    async query() {
      count++;
      return Promise.resolve(new Map([["A", { status: 200, frames: [{ length: rows, fields }] }]]));
    },
    sameness: () => ({ key: "same", freshMs: 10_000 }),
    health: () => Promise.reject(new Error("not used")),
    close: () => Promise.resolve(),
  };
  const { flights } = new QueryDesk({ clock });
  const faults = new FaultLog(createLogger({ level: "error", format: "logfmt", clock, write: () => undefined }));
  const runner = new QueryRunner({ clock, flights, faults });
  const queries = [{ refId: "A", range: { from: 0, to: 1 }, intervalMs: 1, maxDataPoints: 1, source: {} }];
  const context = { user: "", sourceOf: () => source };
  for (let i = 0; i < 5; i++) await runner.answer(queries, "application/json", new AbortController().signal, context);
  return count;
}

test("JSON of some MiB is shared between requests, and longer JSON is not kept in memory", async () => {
  expect([await queriesFor(10), await queriesFor(100_000), await queriesFor(1_000_000)]).toEqual([1, 1, 5]);
});
