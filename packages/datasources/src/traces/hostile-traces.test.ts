// Traces that would take much more time or memory than their size suggests, and traces with values of wrong types.
import { runToEnd } from "@narthex/runtime";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { columnsOf, SourceRigs } from "../testing/traced-source.ts";
import { requestBudgets } from "../value-budget.ts";
import { jaegerSpans } from "../jaeger/jaeger-spans.ts";
import { millisecondsBetween, millisecondsOf } from "../tempo/nanoseconds.ts";
import { otlpSpans } from "../tempo/otlp-spans.ts";
import { spanGraph } from "./span-graph.ts";
import type { Span } from "./span.ts";
import { traceFrame } from "./trace-frame.ts";
import { zipkinSpans } from "../zipkin/zipkin-spans.ts";

const rigs = { tempo: new SourceRigs("tempo"), jaeger: new SourceRigs("jaeger"), zipkin: new SourceRigs("zipkin") };
afterEach(async () => {
  for (const one of Object.values(rigs)) await one.close();
});

const spanOf = (spanID: string, parentSpanID: string, more: Partial<Span> = {}): Span => ({
  traceID: "t",
  spanID,
  parentSpanID,
  operationName: "o",
  service: { name: "s", tags: [] },
  startTime: 0,
  duration: 1,
  tags: [],
  logs: [],
  ...more,
});
const budget = () => requestBudgets().cells;
const graphOf = (spans: readonly Span[]) => runToEnd(spanGraph(spans, "A", budget()));

test("a chain of 50,000 parents and a cycle of parents become graphs", () => {
  const chain = Array.from({ length: 50_000 }, (_, at) => spanOf(String(at), at === 0 ? "" : String(at - 1)));
  expect(graphOf(chain).map(({ length }) => length)).toEqual([50_000, 49_999]);
  const cycle = [spanOf("a", "b"), spanOf("b", "a"), spanOf("c", "c"), spanOf("d", "none"), spanOf("a", "b")];
  const [nodes, edges] = graphOf(cycle).map(columnsOf);
  expect(nodes!["id"]).toEqual(["a", "b", "c", "d"]);
  expect(edges!["id"]).toEqual(["b--a", "a--b", "b--a"]);
});

test("a trace with more spans than the limit is refused", async () => {
  const spans = Array.from({ length: 50_001 }, () => ({}));
  const read = [
    () => runToEnd(otlpSpans({ batches: [{ scopeSpans: [{ spans }] }] })),
    () => runToEnd(jaegerSpans({ spans })),
    () => runToEnd(zipkinSpans(spans)),
  ];
  for (const one of read) expect(one).toThrow("more than 50000 spans");
  const { ask } = await rigs.zipkin.open(() => [200, spans]);
  expect(await ask({ query: "a" })).toMatchObject({ status: 422, error: expect.stringContaining("50000 spans") });
});

test("the attributes of a service, which each span repeats, count for each span", () => {
  const service = { name: "s", tags: [{ key: "k", value: "x".repeat(1024 * 1024) }] };
  const spans = Array.from({ length: 65 }, (_, at) => spanOf(String(at), "", { service }));
  const settings = { refId: "A", format: "otlp", cells: budget() } as const;
  expect(() => runToEnd(traceFrame(spans, settings))).toThrow("the texts of the trace take more than 64 MiB");
  const many = { name: "s", tags: Array.from({ length: 1000 }, () => ({ key: "k", value: 1 })) };
  const wide = Array.from({ length: 5000 }, (_, at) => spanOf(String(at), "", { service: many }));
  expect(() => runToEnd(traceFrame(wide, settings))).toThrow("cells");
});

test("deep values of attributes end at a limit", () => {
  let value: object = { stringValue: "x" };
  for (let depth = 0; depth < 90; depth++) value = { arrayValue: { values: [value] } };
  const json = { batches: [{ scopeSpans: [{ spans: [{ attributes: [{ key: "k", value }] }] }] }] };
  const [span] = runToEnd(otlpSpans(json));
  expect(span!.tags).toEqual([{ key: "k", value: `${"[".repeat(16)}null${"]".repeat(16)}` }]);
});

test("values of wrong types are treated as absent", () => {
  const key = fc.constantFrom(
    "resourceSpans",
    "batches",
    "scopeSpans",
    "spans",
    "resource",
    "attributes",
    "value",
    "arrayValue",
    "values",
    "kvlistValue",
    "intValue",
    "events",
    "links",
    "status",
    "code",
    "startTimeUnixNano",
    "processes",
    "references",
    "refType",
    "process",
    "localEndpoint",
    "tags",
    "annotations",
    "timestamp",
    "duration",
    "__proto__",
    "key",
  );
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { depthSize: "medium" },
      fc.constantFrom<unknown>(null, true, "", "x", "CHILD_OF", -1, 1e300, "99999999999999999999", "-1"),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(key, tie("json"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(json, (trace) => {
      const object = { batches: [{ scopeSpans: [{ spans: [trace] }], resource: trace }], spans: [trace], trace };
      for (const spans of [
        runToEnd(otlpSpans(object)),
        runToEnd(otlpSpans({ batches: object.batches })),
        runToEnd(jaegerSpans(object)),
        runToEnd(zipkinSpans([trace])),
      ]) {
        runToEnd(traceFrame(spans, { refId: "A", format: "otlp", cells: budget() }));
        for (const { startTime, duration } of spans) expect([startTime, duration].every(Number.isFinite)).toBe(true);
        graphOf(spans);
      }
    }),
    { numRuns: 500 },
  );
});

test("nanoseconds keep their fractions of a millisecond, and an end before the start is no duration", () => {
  expect(millisecondsOf("1700000000123456789")).toBeCloseTo(1_700_000_000_123.4568, 3);
  expect([millisecondsOf("5"), millisecondsOf(2_000_000), millisecondsOf("x"), millisecondsOf(-1)]).toEqual([
    5e-6, 2, 0, 0,
  ]);
  expect(millisecondsBetween("1700000000000000001", "1700000000000000003")).toBe(2e-6);
  expect(millisecondsBetween("5", "3")).toBe(0);
});

test.each([
  ["tempo", { query: "4bf9" }],
  ["tempo", { query: "{}" }],
  ["jaeger", { query: "4bf9" }],
  ["zipkin", { query: "4bf9" }],
] as const)(
  "a query to %s %j ends with its client, follows no redirect to a forbidden host, and has a limit of bytes",
  async (type, target) => {
    const rig = await rigs[type].open(() => undefined);
    const stopped = new AbortController();
    const asked = rig.ask(target, { signal: stopped.signal });
    stopped.abort(new Error("gone"));
    await expect(asked).rejects.toThrow("gone");
    const { ask } = await rigs[type].open(() => [302, "", { location: "http://169.254.169.254/latest/meta-data" }]);
    expect(await ask(target)).toMatchObject({ error: expect.stringContaining("addresses of the link") });
    const large = await rigs[type].open(() => [200, "x".repeat(2000)], {}, { maxAnswerBytes: 1000 });
    expect(await large.ask(target)).toMatchObject({
      status: 422,
      error: expect.stringContaining("the answer takes more"),
    });
  },
);

test("an answer that is slower than the timeout of the source fails", async () => {
  const { ask, advance, server } = await rigs.tempo.open(() => undefined, { jsonData: { timeout: 5 } });
  const asked = ask({ query: "{}" });
  await expect.poll(() => server.requests.length).toBe(1);
  await advance(5000);
  expect(await asked).toMatchObject({ status: 504, error: expect.stringContaining("within 5 s") });
});

test("answers that nest deeper than the limit, or are no JSON, are refused", async () => {
  for (const body of [`{"batches":${"[".repeat(200)}${"]".repeat(200)}}`, "<html>", "", "null", "[]"]) {
    const { ask } = await rigs.tempo.open(() => [200, body]);
    const { error, fault, frames } = await ask({ query: "{}" });
    expect([fault, frames]).toEqual([undefined, []]);
    expect(error).toMatch(/something other than JSON|does not answer as Tempo/);
  }
});
