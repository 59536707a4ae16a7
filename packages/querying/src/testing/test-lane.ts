import { DEFAULT_FEATURES } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { openQueryLane, type QueryLaneOptions } from "../open-query-lane.ts";
import type { QueryLane } from "../query-lane.ts";
import type { WrittenTsdb } from "./written-tsdb.ts";

const MIB = 1024 * 1024;

/** That no ordinary query meets. */
export const TEST_LIMITS = {
  maxSamples: 1_000_000,
  maxBytes: 200 * MIB,
  lookbackMs: 300_000,
  features: { ...DEFAULT_FEATURES, experimentalFunctions: true },
};

/** A lane over a written storage. */
export function openTestLane({ db }: WrittenTsdb, changes: Partial<QueryLaneOptions> = {}): QueryLane {
  return openQueryLane({
    name: "test",
    threads: 2,
    limits: TEST_LIMITS,
    heapBytes: 200 * MIB,
    maxConcurrency: 4,
    timeoutMs: 60_000,
    evaluationIntervalMs: () => 60_000,
    storage: db.queryable,
    share: () => db.share(),
    journal: { enter: () => () => {} },
    clock: systemClock,
    logger: memoryLogger(),
    ...changes,
  });
}
