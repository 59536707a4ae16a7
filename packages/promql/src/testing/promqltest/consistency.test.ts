import type { FloatHistogram } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SampleCounts } from "../../engine.ts";
import { columnBytes, columnWeight } from "../../operators/column-weight.ts";
import { parseExpression } from "../../syntax/parse.ts";
import { closeNumber } from "../close-number.ts";
import { pinnedVariants } from "./at-variants.ts";
import type { ScriptValue } from "./compare.ts";
import { withLabelSets } from "./label-sets.ts";
import { runLoad } from "./load.ts";
import { randomQuery, SERIES } from "./random-query.ts";
import type { ScriptOutcome } from "./run.ts";
import { parseScript, SCRIPT_OPTIONS } from "./script.ts";
import { fullEngine, scriptEngine } from "./script-engine.ts";
import { ScriptStorage } from "./storage.ts";

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

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

function loaded(): ScriptStorage {
  const storage = new ScriptStorage();
  for (const command of parseScript(SERIES)) if (command.kind === "load") runLoad(command, storage);
  return storage;
}

test("a query has the same result as an instant query, within a range, pinned by @, and with numbered labels", async () => {
  const storage = loaded();
  const engine = scriptEngine();
  await fc.assert(
    fc.asyncProperty(
      randomQuery,
      fc.constantFrom(0, 60_000, 125_500, 200_000, 333_000, 612_000),
      async (expr, time) => {
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
      },
    ),
    { numRuns: 200 },
  );
});

test("at the end of a query, the memory of the query is the memory of its result", async () => {
  const queryable = loaded();
  const engine = fullEngine();
  // Combines a query with itself, because a part that occurs twice is evaluated once.
  const query = fc.oneof(
    { weight: 9, arbitrary: randomQuery },
    randomQuery.map((part) => `(${part}) / (${part})`),
  );
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom(1, 5), async (text, count) => {
      const counts: SampleCounts[] = [];
      const grid = { start: 60_000, step: 60_000, count };
      const began = (one: SampleCounts): unknown => counts.push(one);
      const result = await engine.query({ queryable, text, grid, began }).catch(() => undefined);
      if (result === undefined) return;
      const weights = result.series.map(({ column }) => columnWeight(column));
      const bytes = result.series.map(({ column }, i) => columnBytes(column, weights[i]!));
      expect(counts[0]).toMatchObject({
        current: sumOf(weights),
        // Accepts any number of bytes for label_replace, because the texts of new labels are counted until the query
        // ends.
        bytes: text.includes("label_replace") ? expect.any(Number) : sumOf(bytes),
      });
    }),
    { numRuns: 2000 },
  );
});
