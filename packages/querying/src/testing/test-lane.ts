import { DEFAULT_FEATURES } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import type { Tsdb } from "@narthex/tsdb";
import type { QueryLane } from "../scheduler/query-lane.ts";
import { openQueryScheduler, type QueryScheduler, type SchedulerOptions } from "../scheduler/query-scheduler.ts";
import type { SharedSources } from "../sources/source-handles.ts";
import type { WrittenTsdb } from "./written-tsdb.ts";

const MIB = 1024 * 1024;

/** Limits far above what the queries of the tests need. */
export const TEST_LIMITS = {
  maxSamples: 1_000_000,
  maxBytes: 200 * MIB,
  lookbackMs: 300_000,
  features: { ...DEFAULT_FEATURES, experimentalFunctions: true },
};

export function shareOf(db: Tsdb): SharedSources {
  const share = db.share();
  return {
    handles: [{ kind: "local", storage: share.handles, memory: {} }],
    release: () => share.release(),
  };
}

export function openTestScheduler({ db }: WrittenTsdb, changes: Partial<SchedulerOptions> = {}): QueryScheduler {
  return openQueryScheduler({
    threads: 2,
    limits: TEST_LIMITS,
    memory: { limitBytes: 400 * MIB, reservedBytes: 50 * MIB },
    heapBytes: 200 * MIB,
    maxConcurrency: 4,
    timeoutMs: 60_000,
    evaluationIntervalMs: () => 60_000,
    storage: db.queryable,
    share: () => shareOf(db),
    tracker: { insert: () => () => {} },
    clock: systemClock,
    logger: memoryLogger(),
    ...changes,
  });
}

export interface TestLane extends QueryLane {
  readonly scheduler: QueryScheduler;
  end(): Promise<void>;
}

export function openTestLane(written: WrittenTsdb, changes: Partial<SchedulerOptions> = {}): TestLane {
  const scheduler = openTestScheduler(written, changes);
  const lane = scheduler.lanes.queries;
  return {
    features: lane.features,
    maxConcurrency: lane.maxConcurrency,
    listActive: () => lane.listActive(),
    evaluate: (request) => lane.evaluate(request),
    answer: (request, withStats) => lane.answer(request, withStats),
    explain: (request, analyze) => lane.explain(request, analyze),
    list: (request) => scheduler.lanes.listings.list(request),
    parse: (text, format, signal) => lane.parse(text, format, signal),
    close: () => lane.close(),
    scheduler,
    end: () => scheduler.close(),
  };
}
