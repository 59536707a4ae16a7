import type { Field, Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { criticalPath } from "./critical-path.ts";
import { MAX_SPANS, readTrace, traceFrameOf } from "./read-trace.ts";
import { spanDetails } from "./span-details.ts";
import { durationMs, isSearching, matchingSpans, noSearch } from "./span-search.ts";
import { plainText } from "../values/plain-text.ts";
import { visibleSpans } from "./span-tree.ts";
import { limitedRange, percentOf, timeTicks } from "./time-ticks.ts";

type Row = readonly [
  id: string,
  parent: string,
  start: number,
  duration: number,
  more?: Readonly<Record<string, unknown>>,
];

/** Returns a frame in Grafana's format of traces. */
function traceFrame(rows: readonly Row[]): Frame {
  const text = (name: string, values: readonly string[]): Field => ({ name, type: "string", values, config: {} });
  const json = (name: string, initial: unknown): Field => ({
    name,
    type: "json",
    values: rows.map(([, , , , more]) => more?.[name] ?? initial),
    config: {},
  });
  return {
    length: rows.length,
    fields: [
      text(
        "traceID",
        rows.map(() => "t1"),
      ),
      text(
        "spanID",
        rows.map(([id]) => id),
      ),
      text(
        "parentSpanID",
        rows.map(([, parent]) => parent),
      ),
      text(
        "operationName",
        rows.map(([id]) => `op ${id}`),
      ),
      text(
        "serviceName",
        rows.map(([, , , , more]) => plainText(more?.["service"] ?? "api")),
      ),
      { name: "startTime", type: "number", values: Float64Array.from(rows, (row) => row[2]), config: {} },
      { name: "duration", type: "number", values: Float64Array.from(rows, (row) => row[3]), config: {} },
      json("statusCode", null),
      ...["tags", "serviceTags", "logs", "references", "warnings", "stackTraces"].map((name) => json(name, [])),
    ],
  };
}

const shape = (rows: readonly Row[]) =>
  readTrace(traceFrame(rows)).spans.map(({ id, depth, parent, end }) => [id, depth, parent, end]);

test("spans are sorted as a tree, and children by their start", () => {
  expect(
    shape([
      ["c", "a", 30, 10],
      ["b", "a", 10, 10],
      ["a", "", 0, 50],
      ["d", "b", 12, 3],
    ]),
  ).toEqual([
    ["a", 0, -1, 4],
    ["b", 1, 0, 3],
    ["d", 2, 1, 3],
    ["c", 1, 0, 4],
  ]);
});

test("a span whose parent is missing, and the earliest span of a circle, are roots", () => {
  const trace = readTrace(
    traceFrame([
      ["a", "", 0, 5],
      ["x", "gone", 1, 5],
      ["p", "q", 2, 5],
      ["q", "p", 3, 5],
      ["s", "s", 4, 5],
    ]),
  );
  expect(trace.spans.map(({ id, parent }) => [id, parent])).toEqual([
    ["a", -1],
    ["x", -1],
    ["s", -1],
    ["p", -1],
    ["q", 3],
  ]);
  expect([trace.orphans, trace.name, trace.depth]).toEqual([3, "api: op a", 2]);
});

test("a chain of 20,000 spans does not overflow the stack", () => {
  const trace = readTrace(
    traceFrame(Array.from({ length: 20_000 }, (_, at): Row => [`${at}`, at === 0 ? "" : `${at - 1}`, at, 30_000 - at])),
  );
  expect(trace.depth).toBe(20_000);
  expect(criticalPath(trace.spans).size).toBeGreaterThan(1000);
  expect(visibleSpans(trace.spans, new Set(["5"]))).toHaveLength(6);
});

test("a trace shows at most MAX_SPANS spans and counts the others", () => {
  const trace = readTrace(traceFrame(Array.from({ length: MAX_SPANS + 3 }, (_, at): Row => [`${at}`, "", at, 1])));
  expect([trace.spans.length, trace.hidden]).toEqual([MAX_SPANS, 3]);
});

test("the head of a trace counts services, errors and the time of all spans", () => {
  const trace = readTrace(
    traceFrame([
      ["a", "", 1000, 50],
      ["b", "a", 1010, 100, { service: "db", tags: [{ key: "error", value: true }] }],
      ["c", "a", 1010, 1, { tags: [{ key: "error", value: false }] }],
    ]),
  );
  expect([trace.start, trace.end, trace.errors]).toEqual([1000, 1110, 1]);
  expect(trace.services).toEqual([
    { name: "api", count: 2 },
    { name: "db", count: 1 },
  ]);
});

test("traceFrameOf() finds a frame with spans, not a list of traces", () => {
  const list: Frame = { length: 1, fields: [{ name: "traceID", type: "string", values: ["t"], config: {} }] };
  expect(traceFrameOf([list])).toBeUndefined();
  expect(traceFrameOf([traceFrame([])])).toBeUndefined();
  expect(traceFrameOf([list, traceFrame([["a", "", 0, 1]])])?.length).toBe(1);
});

test("the critical path follows the child that ended last", () => {
  const { spans } = readTrace(
    traceFrame([
      ["a", "", 0, 100],
      ["b", "a", 10, 30],
      ["c", "a", 20, 60],
      ["d", "a", 85, 50],
    ]),
  );
  const named = Array.from(criticalPath(spans), ([at, parts]) => [spans[at]!.id, parts]);
  expect(Object.fromEntries(named as [string, unknown][])).toEqual({
    a: [
      [80, 85],
      [0, 20],
    ],
    d: [[85, 100]],
    c: [[20, 80]],
  });
});

test("a search matches words of the name and the attributes, the service and the duration", () => {
  const trace = readTrace(
    traceFrame([
      ["a", "", 0, 50, { tags: [{ key: "http.route", value: "/Cart" }] }],
      ["b", "a", 0, 5, { service: "db", serviceTags: [{ key: "host", value: { name: "n1" } }] }],
    ]),
  );
  const found = (search: Partial<typeof noSearch>) =>
    Array.from(matchingSpans(trace, { ...noSearch, ...search }), (at) => trace.spans[at]!.id);
  expect(found({ text: "OP http.route=/cart" })).toEqual(["a"]);
  expect(found({ text: "n1" })).toEqual(["b"]);
  expect(found({ service: "db" })).toEqual(["b"]);
  expect(found({ minDuration: "10ms" })).toEqual(["a"]);
  expect(found({ text: "absent" })).toEqual([]);
  expect([isSearching(noSearch), isSearching({ ...noSearch, minDuration: "x" })]).toEqual([false, false]);
});

test.each([
  ["1.5s", 1500],
  ["20", 20],
  [" 300us ", 0.3],
  ["2 m", 120_000],
  ["", undefined],
  ["fast", undefined],
])("the duration %j is %j ms", (text, ms) => expect(durationMs(text)).toBe(ms));

test("the details of a span have attributes, events with their names, references and stack traces", () => {
  const trace = readTrace(
    traceFrame([
      [
        "a",
        "",
        0,
        5,
        {
          tags: [{ key: "n", value: 3 }, { key: "o", value: { x: 1 } }, "bad"],
          logs: [
            {
              timestamp: 2,
              fields: [
                { key: "event", value: "retry" },
                { key: "k", value: "v" },
              ],
            },
            { timestamp: "x", name: "own", fields: "bad" },
          ],
          references: [{ traceID: "t2", spanID: "z", tags: [{ key: "why", value: "batch" }] }],
          stackTraces: ["at main()"],
          warnings: ["clock skew"],
        },
      ],
    ]),
  );
  expect(spanDetails(trace, trace.spans[0]!)).toMatchObject({
    attributes: [
      { key: "n", value: "3" },
      { key: "o", value: '{"x":1}' },
    ],
    events: [
      { time: 2, name: "retry", attributes: [{ key: "k", value: "v" }] },
      { time: null, name: "own", attributes: [] },
    ],
    references: [{ traceId: "t2", spanId: "z", attributes: [{ key: "why", value: "batch" }] }],
    stackTraces: ["at main()"],
    warnings: ["clock skew"],
    hidden: 0,
  });
});

test("attributes may be an object, as a table of ClickHouse has them", () => {
  const trace = readTrace(traceFrame([["a", "", 0, 5, { tags: { route: "/cart", n: 2 } }]]));
  expect(spanDetails(trace, trace.spans[0]!).attributes).toEqual([
    { key: "route", value: "/cart" },
    { key: "n", value: "2" },
  ]);
});

test("a status code that is a word of JavaScript objects is shown as text", () => {
  const trace = readTrace(traceFrame([["a", "", 0, 5, { statusCode: "__proto__" }]]));
  expect(spanDetails(trace, trace.spans[0]!).statusCode).toBe("__proto__");
});

test("the details list at most 1,000 attributes", () => {
  const tags = Array.from({ length: 1200 }, (_, at) => ({ key: `k${at}`, value: at }));
  const trace = readTrace(traceFrame([["a", "", 0, 5, { tags }]]));
  const details = spanDetails(trace, trace.spans[0]!);
  expect([details.attributes.length, details.hidden]).toEqual([1000, 200]);
});

test("a range stays within the trace and has a minimum length", () => {
  expect(limitedRange(80, 20, 100)).toEqual({ from: 20, to: 80 });
  expect(limitedRange(-5, 200, 100)).toEqual({ from: 0, to: 100 });
  expect(limitedRange(100, 100, 100)).toEqual({ from: 99.9, to: 100 });
  expect(timeTicks({ from: 0, to: 8 }, 4)).toEqual([0, 2, 4, 6, 8]);
  expect([percentOf(5, { from: 0, to: 20 }), percentOf(5, { from: 3, to: 3 })]).toEqual([25, 0]);
});
