import type { FloatHistogram } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExpression } from "../../syntax/parse.ts";
import { closeNumber } from "../close-number.ts";
import { pinnedVariants } from "./at-variants.ts";
import type { ScriptValue } from "./compare.ts";
import { withLabelSets } from "./label-sets.ts";
import { runLoad } from "./load.ts";
import type { ScriptOutcome } from "./run.ts";
import { parseScript, SCRIPT_OPTIONS } from "./script.ts";
import { scriptEngine } from "./script-engine.ts";
import { ScriptStorage } from "./storage.ts";

const SERIES = `load 20s
c_total{i="a", j="x"} 0+7x12 3+5x20
c_total{i="b", j="x"} 5+3x30
c_total{i="c", j="y"} _x10 1+2x9 stale _x3 4+4x10
g{i="a"} 5 3 NaN 8 2 stale _x3 7 1 -2x20
g{i="b"} 1-2x30
h{i="a"} {{count:4 sum:5 buckets:[1 2 1]}}+{{count:4 sum:5 buckets:[1 2 1]}}x10 {{count:3 sum:2 buckets:[1 1 1]}}x20
h{i="b"} {{schema:1 count:6 sum:-5 z_bucket:1 z_bucket_w:0.1 buckets:[1 2 1] n_buckets:[0 1]}}+{{schema:1 count:4 sum:5 buckets:[1 2 1]}}x30
h{i="g"} {{count:4 sum:5 buckets:[1 2 1] counter_reset_hint:gauge}}x30
n{i="a"} {{schema:-53 count:6 sum:9 custom_values:[1 2 5] buckets:[1 2 1 2]}}+{{schema:-53 count:4 sum:5 custom_values:[1 2 5] buckets:[1 2 1]}}x30
n{i="b"} {{schema:-53 count:4 sum:9 custom_values:[1 5] buckets:[1 2 1]}}+{{schema:-53 count:3 sum:5 custom_values:[1 5] buckets:[1 2]}}x30
mix{i="a"} 1+1x9 {{count:4 sum:5 buckets:[1 2 1]}}x20
b_bucket{i="a", le="0.5"} 1+1x30
b_bucket{i="a", le="2"} 3+2x30
b_bucket{i="a", le="+Inf"} 4+3x30
w{instance="x", job="y", i="a"} 3+1x30
target_info{instance="x", job="y", v="1"} 1x15 stale
target_info{instance="x", job="y", v="2"} _x16 1x14`;

const text = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((all) => all.join(""));
const one = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const names = (list: string): fc.Arbitrary<string> => one(...list.split(" "));

const metric = one("c_total", "g", "h", "n", "mix", "b_bucket", "w", 'h{i="a"}', '{__name__=~"h|n"}', 'n{i="b"}');
const modifiers = one(
  "",
  "",
  "",
  "",
  " offset 40s",
  " offset -30s",
  " @ 200",
  " @ 333 offset 1m",
  " offset min_of(20s, 1m)",
);
const duration = one("1m", "2m", "5m", "30s", "90s", "(1m + 30s)");
const literal = one("0", "1", "2", "-1", "0.5", "NaN");
const number = fc.oneof({ weight: 6, arbitrary: literal }, one("Inf", 'scalar(g{i="b"})'));
const grouping = one("", "by (i)", "without (j)", "by (__name__)");
const matching = one(
  "",
  "on (i)",
  "ignoring (j)",
  "on (i) group_left ()",
  "on (i) group_right (j)",
  "on (i) fill (3)",
  "on (i) group_left fill_right (2)",
);
const operator = names("+ - * / ^ % atan2 > <= == != >bool ==bool </ >/");
const OVER_TIME = `irate idelta deriv avg_over_time sum_over_time count_over_time first_over_time last_over_time
max_over_time min_over_time stddev_over_time mad_over_time ts_of_last_over_time ts_of_max_over_time absent_over_time`;

/** Random queries that use the whole language, mostly its newest parts. */
const { vector: query } = fc.letrec<{ vector: string; plain: string; range: string }>((tie) => {
  const range = (modifier: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 4, arbitrary: text(metric, "[", duration, "]", modifier, modifiers) },
      { weight: 1, arbitrary: text("(", tie("vector"), ")[", duration, ":", one("", "30s", "17s"), "]", modifiers) },
    );
  const vector = tie("vector");
  return {
    plain: text(metric, one("", "", "", " smoothed"), modifiers),
    range: range(fc.constant("")),
    vector: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("plain"),
      text(names("rate increase delta"), "(", range(one("", " anchored", " smoothed")), ")"),
      text(names("changes resets"), "(", range(one("", " anchored")), ")"),
      text(names(OVER_TIME.replaceAll("\n", " ")), "(", tie("range"), ")"),
      text("quantile_over_time(", number, ", ", tie("range"), ")"),
      text(names("sum avg count min max group stddev stdvar"), " ", grouping, "(", vector, ")"),
      // The parameter is a literal. As in Prometheus, an aggregation with `@` uses the parameter of the first
      // evaluation time.
      text(names("topk bottomk quantile"), "(", literal, ", ", vector, ") > -1e300"),
      text("(", vector, ") ", operator, " ", matching, " (", vector, ")"),
      text("(", vector, ") ", operator, " ", number),
      text("(", vector, ") ", names("and or unless"), one("", " on (i)"), " (", vector, ")"),
      text(names("histogram_count histogram_avg histogram_stddev abs - info absent"), "(", vector, ")"),
      text("histogram_quantile(", number, ", ", vector, ")"),
      text("histogram_quantiles(", vector, ', "q", 0.1, ', number, ")"),
      text("histogram_fraction(", number, ", ", number, ", ", vector, ")"),
      text("label_replace(", vector, ', "__name__", "x_$1", "i", "(.*)")'),
    ),
  };
});

const valueOf = (value: number | FloatHistogram): unknown =>
  typeof value === "number"
    ? closeNumber(value)
    : {
        ...value,
        sum: closeNumber(value.sum),
        count: closeNumber(value.count),
        zeroCount: closeNumber(value.zeroCount),
        positiveBuckets: Array.from(value.positiveBuckets, (count) => closeNumber(count)),
        negativeBuckets: Array.from(value.negativeBuckets, (count) => closeNumber(count)),
      };

/** Returns the elements of a result at one time, sorted by their labels. */
function elementsAt(value: ScriptValue, time: number): unknown {
  if (value.type !== "vector" && value.type !== "matrix") return value;
  const elements =
    value.type === "vector"
      ? value.samples.map((sample) => [sample.labels.toString(), valueOf(sample.value)] as const)
      : value.series.flatMap(({ labels, points }) =>
          points
            .filter(({ timestamp }) => timestamp === time)
            .map((point) => [labels.toString(), valueOf(point.value)] as const),
        );
  return elements.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns the warnings and infos of a query. Positions and evaluation times are removed, because they may differ. */
const annotationsOf = (outcome: ScriptOutcome): readonly string[] =>
  outcome.ok
    ? [...outcome.warnings, ...outcome.infos]
        .map((line) => line.replace(/ \(\d+:\d+\)$/, "").replace(/ from \S+Z to \S+Z/, ""))
        .toSorted()
    : [];

test("a query has the same result as an instant query, within a range, pinned by @, and with numbered labels", async () => {
  const storage = new ScriptStorage();
  for (const command of parseScript(SERIES)) if (command.kind === "load") runLoad(command, storage);
  const engine = scriptEngine();
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom(0, 60_000, 125_500, 200_000, 333_000, 612_000), async (expr, time) => {
      const parsed = parseExpression(expr, SCRIPT_OPTIONS);
      if (!parsed.ok) throw parsed.errors[0];
      const found = await engine.instant(storage, expr, time);
      const range = await engine.range(storage, expr, time - 60_000, time + 60_000, 60_000);
      // If the instant query fails, the range query must fail too. The range query may also fail at other evaluation
      // times.
      if (!found.ok) expect(range.ok).toBe(false);
      const numbered = await engine.instant(withLabelSets(storage), expr, time);
      if (!found.ok || !numbered.ok) expect(numbered).toEqual(found);
      else expect(elementsAt(numbered.value, time)).toEqual(elementsAt(found.value, time));
      expect(annotationsOf(numbered)).toEqual(annotationsOf(found));
      if (!found.ok || !range.ok) return;
      expect(elementsAt(range.value, time)).toEqual(elementsAt(found.value, time));
      const variants = pinnedVariants(parsed.expr, time);
      for (const other of variants?.times ?? []) {
        const pinned = await engine.instant(storage, variants!.text, other);
        if (!pinned.ok) throw new Error(`${variants!.text}: ${pinned.error}`);
        expect(elementsAt(pinned.value, other)).toEqual(elementsAt(found.value, time));
        expect(annotationsOf(pinned)).toEqual(annotationsOf(found));
      }
    }),
    { numRuns: 200 },
  );
});
