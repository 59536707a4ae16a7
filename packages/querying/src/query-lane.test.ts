import { DEFAULT_FEATURES, type QueryError, type QueryTime } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQueryLane, type QueryLaneOptions } from "./open-query-lane.ts";
import type { JsonAnswer, QueryLane, QueryOrder } from "./query-lane.ts";
import { START, type WrittenTsdb, writtenTsdb } from "./testing/written-tsdb.ts";

const STEP = 60_000;
const MINUTES = 400;
const MIB = 1024 * 1024;

let written: WrittenTsdb;
const opened: QueryLane[] = [];

beforeAll(async () => {
  written = await writtenTsdb(STEP, [
    ...Array.from({ length: 40 }, (_, i) => `requests_total{job="web",instance="${i}"} ${i}+${i + 1}x${MINUTES}`),
    `temperature{room="a"} 20 _x10 21 22x50 stale 3 NaN Inf`,
    `temperature{room="ü"} -1+0.5x${MINUTES}`,
    `sizes {{schema:1 sum:4 count:4 buckets:[1 2 1]}}x${MINUTES}`,
    `latency_bucket{le="1"} 0+1x${MINUTES}`,
    `latency_bucket{le="+Inf"} 0+2x${MINUTES}`,
    `mixed 1 2 {{schema:0 sum:1 count:1 buckets:[1]}} 3`,
  ]);
});

afterAll(async () => {
  await Promise.all(opened.map((lane) => lane.close()));
  await written[Symbol.asyncDispose]();
});

function openLane(changes: Partial<QueryLaneOptions> = {}): QueryLane {
  const lane = openQueryLane({
    name: "test",
    threads: 2,
    limits: {
      maxSamples: 1_000_000,
      maxBytes: 200 * MIB,
      lookbackMs: 300_000,
      features: { ...DEFAULT_FEATURES, experimentalFunctions: true },
    },
    maxConcurrency: 4,
    timeoutMs: 60_000,
    evaluationIntervalMs: () => 60_000,
    storage: written.db.queryable,
    share: () => written.db.share(),
    journal: { enter: () => () => {} },
    clock: systemClock,
    logger: memoryLogger(),
    ...changes,
  });
  opened.push(lane);
  return lane;
}

async function textOf({ first, rest, warnings, infos }: JsonAnswer): Promise<string> {
  const pieces = [first];
  if (rest !== undefined) for await (const piece of rest) pieces.push(piece);
  return `${Buffer.concat(pieces).toString()} ${JSON.stringify({ warnings, infos })}`;
}

const failureOf = ({ kind, message }: QueryError): string => `${kind}: ${message}`;

/** All that a lane says to a query, save how long it took. */
async function said(lane: QueryLane, order: QueryOrder): Promise<unknown> {
  const json = await lane.answer(order, false).then(textOf, failureOf);
  const columns = await lane.evaluate(order).then(({ stats, series, ...result }) => {
    // Slots behind the last histogram may be missing.
    const whole = series.map(({ labels, times, column: { values, present, histograms } }) => {
      const slots = histograms && Array.from(present, (_, i) => histograms[i]);
      return { labels: String(labels), times, values, present, slots };
    });
    return { ...result, whole, samples: stats.samples };
  }, failureOf);
  return { json, columns };
}

const QUERIES = [
  `requests_total`,
  `sum(rate(requests_total[5m]))`,
  `topk(3, requests_total)`,
  `sort_desc(requests_total{instance=~"1.*"})`,
  `temperature`,
  `temperature[10m]`,
  `sizes`,
  `rate(sizes[5m])`,
  `histogram_quantile(0.9, rate(latency_bucket[5m]))`,
  `histogram_quantile(0.9, sizes)`,
  `mixed`,
  `mixed[5h]`,
  `sum(mixed)`,
  `max_over_time(sum(requests_total)[30m:])`,
  `"a string with <angle> & \\u2028"`,
  `1 / 0`,
  `time()`,
  `absent(nothing)`,
  `nothing`,
  `rate(temperature[5m])`,
  `requests_total + on(job) temperature`,
  `requests_total * on(instance) group_left requests_total{job="web"}`,
  `{__name__=~"requests_total|temperature"} > bool 3`,
  `label_replace(requests_total, "instance", "same", "", "")`,
  `rate(requests_total)`,
  `sum(`,
  `predict_linear(temperature[1h], 3600)`,
  `requests_total[5m]`,
];

const TIMES: readonly QueryTime[] = [
  { time: START + 3 * STEP },
  { time: START + 350 * STEP },
  { start: START, end: START + MINUTES * STEP, step: 7 * STEP },
  { start: START + 10 * STEP, end: START + 10 * STEP, step: STEP },
  { start: START + 10, end: START, step: STEP },
];

test("threads answer as the main thread does: values, histograms, strings, errors, remarks, counts", async () => {
  const threads = openLane();
  const inPlace = openLane({ threads: 0 });
  for (const text of QUERIES) {
    for (const time of TIMES) {
      const order = { ...time, text };
      const [here, there] = await Promise.all([said(inPlace, order), said(threads, order)]);
      expect(there, `${text} at ${JSON.stringify(time)}`).toEqual(here);
    }
  }
});
