import { Labels, type MatchType, Matcher } from "@narthex/model";
import { createSampleBatch, type Queryable, type SeriesSet } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import { forEachSample } from "../query-result.ts";
import { closeNumber } from "../testing/close-number.ts";
import { type Grouping, groupsOf } from "./grouping.ts";
import { matchLabels } from "./matching.ts";

/** A random series named a, b or c, with a value or a gap at each evaluation time. */
interface Series {
  readonly labels: Labels;
  readonly values: readonly (number | undefined)[];
}

const STEPS = 6;
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity) },
  { weight: 3, arbitrary: fc.constant(undefined) },
);
const seriesOf = (name: string): fc.Arbitrary<Series[]> =>
  fc
    .uniqueArray(
      fc.record({
        a: fc.constantFrom("", "1", "2"),
        b: fc.constantFrom("", "1", "2", "3"),
        values: fc.array(value, { minLength: STEPS, maxLength: STEPS }),
      }),
      { selector: ({ a, b }) => `${a}/${b}`, maxLength: 8 },
    )
    .map((all) => all.map(({ a, b, values }) => ({ labels: Labels.of({ __name__: name, a, b }), values })));

async function storageOf(all: readonly Series[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const app = storage.appender();
  const batch = createSampleBatch(all.length * STEPS + 1);
  for (const { labels, values } of all) {
    const ref = app.series(labels);
    values.forEach((number, step) => {
      if (number === undefined) return;
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = step * 1000;
      batch.values[batch.count++] = number;
    });
  }
  app.append(batch);
  await app.commit();
  return storage;
}

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };

/** The result at one evaluation time: the value of each series, by the text of its labels. */
type Step = Record<string, number>;

/** Returns a storage with the series of `queryable`. Their labels are created only when they are needed. */
const onDemand = (queryable: Queryable): Queryable => ({
  querier(minTime, maxTime) {
    const querier = queryable.querier(minTime, maxTime);
    return {
      select: async (matchers, hints) => onDemandSet(await querier.select(matchers, hints)),
      labelNames: (matchers) => querier.labelNames(matchers),
      labelValues: (name, matchers) => querier.labelValues(name, matchers),
      close: () => querier.close(),
    };
  },
});

const onDemandSet = (set: SeriesSet): SeriesSet => ({
  get labels(): never {
    throw new Error("nobody needs all labels");
  },
  labelSets: {
    count: set.labels.length,
    at: (index, keep) => (keep === undefined ? set.labels[index]! : set.labels[index]!.filter(keep)),
    value: (index, name) => set.labels[index]!.get(name),
    group(keep) {
      const keys = new Map<string, number>();
      return Uint32Array.from(set.labels, (labels) => {
        const { key } = labels.filter(keep);
        if (!keys.has(key)) keys.set(key, keys.size);
        return keys.get(key)!;
      });
    },
  },
  warnings: set.warnings,
  read: (...parameters) => set.read(...parameters),
});

/**
 * Evaluates a range query, and returns the result at each time. Also checks that the result is the same if labels are
 * created only on demand.
 */
async function evaluate(all: readonly Series[], text: string): Promise<Step[] | string> {
  const storage = await storageOf(all);
  const steps = await evaluateOver(storage, text);
  expect(await evaluateOver(onDemand(storage), text)).toEqual(steps);
  return steps;
}

/** Evaluates a query whose lookback is one step, so that gaps between samples are visible. */
async function evaluateOver(queryable: Queryable, text: string): Promise<Step[] | string> {
  const engine = createEngine({ clock, lookbackMs: 1 });
  const steps: Step[] = Array.from({ length: STEPS }, () => ({}));
  const request = { queryable, text, start: 0, end: (STEPS - 1) * 1000, step: 1000 };
  try {
    const { series } = await engine.query(request);
    for (const one of series) {
      forEachSample(one, (time, number) => (steps[time / 1000]![one.labels.toString()] = number));
    }
    return steps;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns the elements of a vector at one evaluation time. */
const at = (all: readonly Series[], step: number): { labels: Labels; value: number }[] =>
  all.flatMap(({ labels, values }) => (values[step] === undefined ? [] : [{ labels, value: values[step] }]));

const comparable = (steps: Step[] | string): unknown =>
  typeof steps === "string"
    ? steps
    : steps.map((step) =>
        Object.fromEntries(
          Object.entries(step)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([labels, number]) => [labels, closeNumber(number)]),
        ),
      );

const labelsOfGroup = (labels: Labels, grouping: Grouping): Labels => {
  const groups = groupsOf(grouping);
  return groups.labels[groups.of(labels)]!;
};

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const best = (values: number[], pick: (...numbers: number[]) => number): number => {
  const numbers = values.filter((number) => !Number.isNaN(number));
  return numbers.length === 0 ? NaN : pick(...numbers);
};

const AGGREGATIONS: Record<string, (values: number[]) => number> = {
  sum: (values) => values.reduce((a, b) => a + b, 0),
  avg: mean,
  count: (values) => values.length,
  group: () => 1,
  min: (values) => best(values, Math.min),
  max: (values) => best(values, Math.max),
  stdvar: (values) => mean(values.map((number) => (number - mean(values)) ** 2)),
  stddev: (values) => Math.sqrt(mean(values.map((number) => (number - mean(values)) ** 2))),
};

test.each(Object.keys(AGGREGATIONS))("%s has the same result as folding each step separately", (op) =>
  fc.assert(
    fc.asyncProperty(seriesOf("m"), fc.constantFrom("", "by (a)", "by (b, a)", "without (a)"), async (all, clause) => {
      const labels = [...clause.matchAll(/\b[ab]\b/g)].map(([name]) => name);
      const grouping = { labels, without: clause.startsWith("without") };
      const expected = Array.from({ length: STEPS }, (_, step) => {
        const groups = new Map<string, number[]>();
        for (const element of at(all, step)) {
          const key = labelsOfGroup(element.labels, grouping).toString();
          groups.set(key, [...(groups.get(key) ?? []), element.value]);
        }
        return Object.fromEntries([...groups].map(([key, values]) => [key, AGGREGATIONS[op]!(values)]));
      });
      expect(comparable(await evaluate(all, `${op} ${clause} (m)`))).toEqual(comparable(expected));
    }),
    { numRuns: 40 },
  ),
);

test.each(["topk", "bottomk"])("%s keeps the right number of the right values", (op) =>
  fc.assert(
    fc.asyncProperty(seriesOf("m"), fc.integer({ min: 0, max: 4 }), async (all, k) => {
      const steps = await evaluate(all, `${op}(${k}, m)`);
      if (typeof steps === "string") throw new Error(steps);
      steps.forEach((step, index) => {
        const sign = op === "topk" ? -1 : 1;
        const bestFirst = (a: number, b: number): number => {
          if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
          return a === b ? 0 : a < b ? sign * -1 : sign;
        };
        const sorted = at(all, index)
          .map((element) => element.value)
          .sort(bestFirst);
        const kept = Object.values(step).sort(bestFirst);
        expect(kept).toEqual(sorted.slice(0, k));
      });
    }),
    { numRuns: 40 },
  ),
);

/**
 * Reference implementation: returns the pairs of elements that match at one evaluation time, or undefined if the query
 * must fail.
 */
function joined(
  left: Series[],
  right: Series[],
  on: string[],
  grouped: boolean,
  op: string,
  step: number,
): Step | undefined {
  const matching = { on: true, labels: on };
  const result: Step = {};
  const one = at(right, step);
  const many = at(left, step);
  if (one.length === 0 || many.length === 0) return result;
  const keys = one.map(({ labels }) => matchLabels(labels, matching).key);
  if (new Set(keys).size < keys.length) return undefined;
  const seen = new Set<string>();
  for (const element of many) {
    const key = matchLabels(element.labels, matching).key;
    const partner = one[keys.indexOf(key)];
    if (partner === undefined) continue;
    if (!grouped && seen.has(key)) return undefined;
    seen.add(key);
    let labels = op === "+" ? element.labels.without("__name__") : element.labels;
    if (!grouped) labels = labels.only(...on);
    if (op === "+") result[labels.toString()] = element.value + partner.value;
    else if (element.value > partner.value) result[labels.toString()] = element.value;
  }
  return result;
}

test.each(["+", ">"])("vector %s vector has the same result as trying every pair", (op) =>
  fc.assert(
    fc.asyncProperty(
      seriesOf("m"),
      seriesOf("n"),
      fc.constantFrom<string[]>(["a"], ["b"], ["a", "b"]),
      fc.boolean(),
      async (left, right, on, grouped) => {
        const text = `m ${op} on (${on.join(", ")}) ${grouped ? "group_left" : ""} n`;
        const steps = Array.from({ length: STEPS }, (_, step) => joined(left, right, on, grouped, op, step));
        const found = await evaluate([...left, ...right], text);
        if (steps.includes(undefined)) expect(found).toBeTypeOf("string");
        else expect(comparable(found)).toEqual(comparable(steps as Step[]));
      },
    ),
    { numRuns: 100 },
  ),
);

test.each(["and", "or", "unless"])("%s has the same result as searching each element's group on the other side", (op) =>
  fc.assert(
    fc.asyncProperty(seriesOf("m"), seriesOf("n"), async (left, right) => {
      const matching = { on: true, labels: ["a"] };
      const keyOf = ({ labels }: { labels: Labels }): string => matchLabels(labels, matching).key;
      const expected = Array.from({ length: STEPS }, (_, step) => {
        const [ours, theirs] = [at(left, step), at(right, step)];
        const ourKeys = new Set(ours.map(keyOf));
        const theirKeys = new Set(theirs.map(keyOf));
        const kept =
          op === "or"
            ? [...ours, ...theirs.filter((element) => !ourKeys.has(keyOf(element)))]
            : ours.filter((element) => theirKeys.has(keyOf(element)) === (op === "and"));
        return Object.fromEntries(kept.map((element) => [element.labels.toString(), element.value]));
      });
      expect(comparable(await evaluate([...left, ...right], `m ${op} on (a) n`))).toEqual(comparable(expected));
    }),
    { numRuns: 40 },
  ),
);

test("absent() is 1 exactly at the steps without samples", () =>
  fc.assert(
    fc.asyncProperty(seriesOf("m"), async (all) => {
      const chosen = all.filter(({ labels }) => labels.get("a") === "1");
      const expected = Array.from({ length: STEPS }, (_, step) =>
        at(chosen, step).length === 0 ? { '{a="1"}': 1 } : {},
      );
      expect(comparable(await evaluate(all, 'absent(m{a="1"})'))).toEqual(comparable(expected));
    }),
    { numRuns: 20 },
  ));

test("selectors have the same result as testing every matcher on every series", () =>
  fc.assert(
    fc.asyncProperty(
      seriesOf("m"),
      fc.constantFrom<MatchType>("=", "!=", "=~", "!~"),
      fc.constantFrom("1", "", "1|2", ".+", "[23]"),
      async (all, type, text) => {
        const matcher = new Matcher(type, "b", text);
        const expected = Array.from({ length: STEPS }, (_, step) =>
          Object.fromEntries(
            at(all, step)
              .filter(({ labels }) => matcher.matches(labels.get("b")))
              .map((element) => [element.labels.toString(), element.value]),
          ),
        );
        expect(comparable(await evaluate(all, `m{b${type}"${text}"}`))).toEqual(comparable(expected));
      },
    ),
    { numRuns: 40 },
  ));
