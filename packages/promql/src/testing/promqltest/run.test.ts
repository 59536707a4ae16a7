import { Labels } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { parseSelector } from "../../syntax/parse.ts";
import type { ScriptValue } from "./compare.ts";
import { runScript, type ScriptEngine, type ScriptOutcome } from "./run.ts";
import { parseScript, ScriptError } from "./script.ts";
import { scriptEngine } from "./script-engine.ts";

/** Returns an engine that accepts only one expression, and returns the same result for every time. */
function engineGiving(
  value: ScriptValue,
  warnings: readonly string[] = [],
): ScriptEngine & { readonly queries: string[] } {
  const queries: string[] = [];
  const series =
    value.type === "vector"
      ? value.samples
      : value.type === "scalar"
        ? [{ labels: Labels.EMPTY, value: value.value }]
        : [];
  const answer = (result: ScriptValue): Promise<ScriptOutcome> =>
    Promise.resolve({ ok: true, value: result, warnings, infos: [] });
  return {
    queries,
    instant(_, expr, time) {
      queries.push(`${expr} @${time}`);
      return answer(value);
    },
    range(_, expr, start, end, step) {
      queries.push(`${expr} ${start}..${end}/${step}`);
      const times = [start, start + step, start + 2 * step].filter((time) => time <= end);
      const matrix = series.map(({ labels, value }) => ({
        labels,
        points: times.map((timestamp) => ({ timestamp, value })),
      }));
      return answer({ type: "matrix", series: matrix });
    },
  };
}

const problems = async (script: string, engine: ScriptEngine): Promise<string[]> =>
  (await runScript(script, engine)).failures.map(({ line, problem }) => `${line}: ${problem}`);

const UP: ScriptValue = { type: "vector", samples: [{ labels: Labels.of({ __name__: "up" }), value: 1 }] };

test("runScript() runs all variants of an instant query", async () => {
  const engine = engineGiving(UP);
  expect(await problems("eval instant at 10s up\n  up 1", engine)).toEqual([]);
  expect(engine.queries).toEqual([
    "up @10000",
    "up -50000..70000/60000",
    "up @ 10.000 @-100000",
    "up @ 10.000 -160000..-40000/60000",
    "up @ 10.000 @0",
    "up @ 10.000 -60000..60000/60000",
    "up @ 10.000 @2000",
    "up @ 10.000 -58000..62000/60000",
    "up @ 10.000 @10000",
    "up @ 10.000 -50000..70000/60000",
    "up @ 10.000 @100000",
    "up @ 10.000 40000..160000/60000",
  ]);
});

test("runScript() runs no variants of expressions that depend on the evaluation time", async () => {
  const engine = engineGiving({ type: "scalar", value: 0 });
  await problems("eval instant at 0 time()\n  0", engine);
  expect(engine.queries).toEqual(["time() @0", "time() -60000..60000/60000"]);
});

test.each([
  ["up 1", "", []],
  ["up 1.0000001", "", []],
  ["up 2", "", ['1: expected 2 for {__name__="up"} but got 1']],
  ["down 1", "", ['1: unexpected metric {__name__="up"} in result, has value 1']],
  ["up 1\n  down 1", "", ['1: expected metric {__name__="down"} with 1 not found']],
  ["expect warn\n  up 1", "", ['1: expected warn annotation matching "", found: none']],
  ["expect warn regex: ^b.d\n  up 1", "bad", []],
  ["expect warn msg: good\n  up 1", "bad", ['1: expected warn annotation matching "good", found: bad']],
  ["expect no_warn\n  up 1", "bad", ["1: unexpected warn annotations: bad"]],
  ["expect fail", "", ["1: expected error evaluating query but got none"]],
  ["5", "", ["1: expected scalar result, but got vector"]],
])("runScript() judges %j", async (expectation, warning, found) => {
  const engine = engineGiving(UP, warning === "" ? [] : [warning]);
  expect(await problems(`eval instant at 1m up\n  ${expectation}`, engine)).toEqual(found);
});

const script = (values: string): string => `eval range from 0 to 2m step 1m up\n  up ${values}`;

test("runScript() compares ranges point by point", async () => {
  expect(await problems(script("1 1 1"), engineGiving(UP))).toEqual([]);
  expect(await problems(script("1 1"), engineGiving(UP))).toEqual([
    expect.stringContaining("expected 2 points but got 3"),
  ]);
  expect(await problems(script("1 _ 1"), engineGiving(UP))).toEqual([
    expect.stringContaining("expected 1 at t=120000 but got 1 @[60000]"),
  ]);
  expect(await problems(script("1x3"), engineGiving(UP))).toEqual([
    expect.stringContaining("cannot return this many points"),
  ]);
});

const load = (lines: string, name: string): string =>
  `clear\nload 1m\n  ${lines}\n\neval instant at 0 ${name}\n  expect string ""\n`;

test("runScript() fills a storage that returns values, start timestamps, stale markers and reset hints", async () => {
  const columns = new SampleColumns();
  let labels: readonly Labels[] = [];
  const reader: ScriptEngine = {
    async instant(storage, expr) {
      const parsed = parseSelector(expr.replace(/ @.*/, ""));
      const set = await storage
        .querier(-Infinity, Infinity)
        .select(parsed.ok ? parsed.matchers : [], { start: -Infinity, end: Infinity });
      labels = set.labels;
      set.read(0, -Infinity, Infinity, columns);
      return { ok: true, value: { type: "string", value: "" }, warnings: [], infos: [] };
    },
    range: () => Promise.reject(new Error("not asked")),
  };
  await runScript(load("a@st -30s _x2\n  a 1 _ 2", "a"), reader);
  expect([[...columns.timestamps.subarray(0, 2)], [...(columns.startTimestamps ?? [])]]).toEqual([
    [0, 120_000],
    [-30_000, 0],
  ]);
  await runScript(
    load("h {{count:1}} {{count:2}} {{count:1}} {{count:2}} stale {{count:2 counter_reset_hint:gauge}}", "h"),
    reader,
  );
  expect(labels.map(String)).toEqual(['{__name__="h"}']);
  expect(
    columns.histograms?.map(({ resetHint, stale } = {} as never) => (stale === true ? "stale" : resetHint)),
  ).toEqual(["unknown", "not-reset", "unknown", "not-reset", "stale", "gauge"]);
});

test("load_with_nhcb also stores classic histograms as native ones", async () => {
  const columns = new SampleColumns();
  const engine: ScriptEngine = {
    async instant(storage) {
      const parsed = parseSelector("h");
      const set = await storage.querier(0, 0).select(parsed.ok ? parsed.matchers : [], { start: 0, end: 0 });
      set.read(0, 0, 0, columns);
      return { ok: true, value: { type: "string", value: "" }, warnings: [], infos: [] };
    },
    range: () => Promise.reject(new Error("not asked")),
  };
  const lines = 'h_bucket{le="1"} 2\n  h_bucket{le="2"} 5\n  h_bucket{le="+Inf"} 6\n  h_sum 9\n  h_count 6';
  await runScript(`load_with_nhcb 1m\n  ${lines}\n\neval instant at 0 h\n  expect string ""`, engine);
  const histogram = columns.histograms?.[0];
  expect(histogram).toMatchObject({ schema: -53, count: 6, sum: 9, positiveSpans: [{ offset: 0, length: 3 }] });
  expect([[...histogram!.customBounds!], [...histogram!.positiveBuckets]]).toEqual([
    [1, 2],
    [2, 3, 1],
  ]);
});

test("eval_warn and eval_info require an annotation of their kind, with any text", async () => {
  const [warned, silent] = [engineGiving(UP, ["PromQL warning: a"]), engineGiving(UP)];
  expect(await problems("eval_warn instant at 10s up\n  up 1", warned)).toEqual([]);
  expect(await problems("eval_warn instant at 10s up\n  up 1", silent)).toHaveLength(1);
  expect(await problems("eval_info instant at 10s up\n  up 1", warned)).toHaveLength(1);
});

test("load_with_nhcb keeps up to two empty buckets between others, of whole numbers", async () => {
  const script = (counts: string, expected: string): string => {
    const lines = counts.split(" ").map((count, i) => `h_bucket{le="${i === 5 ? "+Inf" : i}"} ${count}`);
    return `load_with_nhcb 1m\n${lines.join("\n")}\n\neval instant at 0 h == on() x\n  ${expected}`;
  };
  const literal = (buckets: string): string => `x {{schema:-53 custom_values:[0 1 2 3 4] ${buckets}}}`;
  const run = (counts: string, buckets: string): Promise<{ failures: readonly unknown[] }> =>
    runScript(
      `load 1m\n${literal(buckets)}\n\n${script(counts, literal(buckets).replace(/^x/, "{}"))}`,
      scriptEngine(),
    );
  expect((await run("1 1 1 3 3 3", "count:3 buckets:[1 0 0 2]")).failures).toEqual([]);
  expect((await run("1 1 1 1.5 1.5 1.5", "count:1.5 buckets:[1 0 0 0.5]")).failures).toHaveLength(1);
});

test("parseScript() names the line of a text that it cannot read", () => {
  expect(() => parseScript("clear\n\nlod 5m")).toThrow(new ScriptError(3, 'invalid command "lod 5m"'));
  expect(() => parseScript("eval instant at 0 foo bar")).toThrow(
    'line 1: 1:5: parse error: unexpected identifier "bar"',
  );
  expect(() => parseScript("load 5m\n  a@st 1m")).toThrow("@st line has no following sample line");
  expect(() => parseScript("load 5m\n  a@st 1m\n  a 1 2")).toThrow("@st line has 1 values but sample line has 2");
});
