// The answers follow the examples of Loki's published HTTP API. No Loki runs in this test.
import type { ManualClock } from "@narthex/runtime/testing";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { DataQuery, DataSource, QueryAnswer } from "../data-source.ts";
import { openDataSource } from "../registry.ts";
import {
  environmentAt,
  type FakeAnswer,
  FakeServer,
  never,
  type ReceivedRequest,
  settingsOf,
} from "../testing/fake-server.ts";
import { isKeepableLogql } from "./metric-ranges.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const START = 1_000_000_000;
const OVERLAP_MS = 60_000;
const ON = { narthexIncrementalQuerying: true, narthexIncrementalQueryOverlapWindow: "1m" };

/** The counts of a simulated server. Each series has points from `from` to `to`, in seconds after the start. */
interface World {
  readonly series: readonly {
    readonly app: string;
    readonly from: number;
    readonly to: number;
    readonly gap: number;
  }[];
  /** Largest delay in seconds after which a line arrives. The delay is less than the overlap. */
  readonly delay: number;
}

/** Returns the answer at a time. A point depends on its time, the step, and the lines that have arrived. */
function matrix({ series, delay }: World, { parameters }: ReceivedRequest, now: number): FakeAnswer {
  const [from, to] = [parameters["start"]!, parameters["end"]!].map((time) => Number(time) / 1e6 - START) as [
    number,
    number,
  ];
  const step = Number.parseInt(parameters["step"]!, 10);
  const result = series.flatMap(({ app, from: first, to: last, gap }) => {
    const values: [number, string][] = [];
    for (let time = from; time <= to; time += step) {
      const seconds = time / 1000;
      const isLate = seconds + ((seconds * 7 + app.length) % (delay + 1)) > (now - START) / 1000;
      const isThere = seconds >= first && seconds <= last && Math.floor(seconds) % gap !== 0;
      if (isThere)
        values.push([(START + time) / 1000, isLate ? "0" : seconds % 11 === 0 ? "NaN" : String(seconds + step)]);
    }
    return values.length === 0 ? [] : [{ metric: { app }, values }];
  });
  return [200, { status: "success", data: { resultType: "matrix", result } }];
}

interface Rig {
  readonly server: FakeServer;
  readonly clock: ManualClock;
  /** Opens the source with its own cache. */
  readonly open: (jsonData?: object) => DataSource;
}

async function rigOf(world: World): Promise<Rig> {
  const environment = environmentAt(START);
  const { clock } = environment;
  const server = await FakeServer.open((request) => matrix(world, request, clock.now()));
  const open = (jsonData: object = ON): DataSource => {
    const { desk } = environmentAt(START);
    const source = openDataSource(settingsOf("loki", server.url, { jsonData: { ...jsonData } }), {
      ...environment,
      desk,
    });
    opened.push(source);
    return source;
  };
  opened.push(server);
  return { server, clock, open };
}

const queryOf = (from: number, to: number, stepMs: number, expr: string): DataQuery => ({
  refId: "A",
  range: { from, to },
  intervalMs: stepMs,
  maxDataPoints: 100,
  source: { expr, queryType: "range" },
});

const ask = async (source: DataSource, query: DataQuery): Promise<QueryAnswer> =>
  (await source.query([query], never())).get("A")!;

const COUNT = 'sum by (app) (count_over_time({job=~".+"}[$__auto]))';

const worlds = fc.record({
  series: fc
    .uniqueArray(
      fc.record({
        app: fc.constantFrom("a", "bb", "ccc", "dddd"),
        from: fc.integer({ min: -400, max: 300 }),
        to: fc.integer({ min: -100, max: 900 }),
        gap: fc.integer({ min: 2, max: 9 }),
      }),
      { selector: ({ app }) => app, maxLength: 4 },
    )
    .map((series) => series.toSorted((a, b) => (a.app < b.app ? -1 : 1))),
  delay: fc.nat(OVERLAP_MS / 1000 - 1),
});

const refreshes = fc.array(
  fc.record({
    waitMs: fc.nat(70_000),
    lengthMs: fc.oneof(fc.constantFrom(100_000, 200_000), fc.nat(400_000)),
    behindMs: fc.oneof(fc.constant(0), fc.nat(80_000)),
    stepMs: fc.constantFrom(5000, 7000),
    expr: fc.constantFrom(COUNT, 'sum by (app) (rate({job=~".+"}[1m]))'),
  }),
  { minLength: 3, maxLength: 10 },
);

test("an answer that is partly from the cache equals the answer of the server for the whole range", () =>
  fc.assert(
    fc.asyncProperty(worlds, refreshes, async (world, asked) => {
      const { clock, open } = await rigOf(world);
      const source = open();
      for (const { waitMs, lengthMs, behindMs, stepMs, expr } of asked) {
        await clock.advance(waitMs);
        const to = clock.now() - behindMs;
        const query = queryOf(to - lengthMs, to, stepMs, expr);
        expect(await ask(source, query)).toEqual(await ask(open(), query));
      }
      for (const one of opened.splice(0).reverse()) await one.close();
    }),
    { numRuns: 100 },
  ));

const usual: World = { series: [{ app: "a", from: -3600, to: 3600, gap: 4000 }], delay: 0 };
const starts = ({ requests }: FakeServer): readonly number[] =>
  requests.map(({ parameters }) => (Number(parameters["start"]) / 1e6 - START) / 1000);

test("a refresh asks only for the end of the range, on the grid of the step", async () => {
  const { server, clock, open } = await rigOf(usual);
  const source = open();
  for (const waitMs of [3000, 10_000, 10_000]) {
    await clock.advance(waitMs);
    await ask(source, queryOf(clock.now() - 600_000, clock.now(), 10_000, COUNT));
  }
  // The first range begins at -597 s, which is between two steps. Points of the last minute are asked for again.
  expect(starts(server)).toEqual([-600, -50, -40]);
});

test("another expression, another step, a log query and a range in the past ask for the whole range", async () => {
  const { server, clock, open } = await rigOf(usual);
  const source = open();
  const last = async (expr: string, stepMs: number, behindMs = 0): Promise<number> => {
    const to = clock.now() - behindMs;
    await ask(source, queryOf(to - 600_000, to, stepMs, expr));
    return starts(server).at(-1)!;
  };
  await last(COUNT, 10_000);
  await clock.advance(10_000);
  expect([
    await last(COUNT, 10_000),
    await last('sum(rate({job="a"}[1m]))', 10_000),
    await last(COUNT, 5000),
    await last('{job="a"}', 10_000),
    await last(COUNT, 10_000, 300_000),
  ]).toEqual([-50, -590, -590, -590, -890]);
});

test("nothing is cached, and the range is sent as it is, unless the setting is on", async () => {
  const { server, clock, open } = await rigOf(usual);
  const source = open({});
  for (const waitMs of [3000, 10_000]) {
    await clock.advance(waitMs);
    await ask(source, queryOf(clock.now() - 600_000, clock.now(), 10_000, COUNT));
  }
  expect(starts(server)).toEqual([-597, -587]);
});

test("a source whose settings have changed, and another source, do not use kept answers", async () => {
  const { server, clock } = await rigOf(usual);
  const environment = { ...environmentAt(START), clock };
  const openAs = (uid: string, tenant: string): DataSource => {
    const jsonData = { ...ON, httpHeaderName1: "X-Scope-OrgID" };
    const more = { uid, jsonData, secureJsonData: { httpHeaderValue1: tenant } };
    const source = openDataSource(settingsOf("loki", server.url, more), environment);
    opened.push(source);
    return source;
  };
  const query = queryOf(START - 600_000, START, 10_000, COUNT);
  const first = openAs("u1", "team-a");
  for (const source of [first, first, openAs("u1", "team-b"), openAs("u2", "team-a")]) await ask(source, query);
  expect(starts(server)).toEqual([-600, -50, -600, -600]);
  const { ranges } = environment.desk;
  expect(ranges.entries).toBe(3);
  await first.close();
  expect(ranges.entries).toBe(2);
});

test.each([
  ['sum(rate({a="b"}[1m]))', true],
  [' ( (count_over_time({a="b"}[1m])))', true],
  ['{a="b"} |= "x"', false],
  ['({a="b"})', false],
  ['# sum\n{a="b"}', false],
  ['sum(rate({a="b"}[1m] offset -1m))', false],
  ['1 + sum(rate({a="b"}[1m]))', false],
  ["", false],
])("%s is cached: %s", (expr, isKept) => {
  expect(isKeepableLogql(expr)).toBe(isKept);
});
