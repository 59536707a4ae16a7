import { Matcher, type MatchType } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  comparable,
  evaluate,
  type PlainElement,
  type PlainSample,
  type PlainSeries,
  selected,
  storageOf,
} from "../testing/reference/plain.ts";

const GRID = { step: 2000, count: 6, lookbackMs: 3000 };

type Labels = PlainElement["labels"];

/** Returns the labels of a record, except labels with an empty value. */
const labelled = (labels: Record<string, string>): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));

/** Random samples, at most one per second. */
const samples: fc.Arbitrary<PlainSample[]> = fc
  .array(fc.boolean(), { minLength: 14, maxLength: 14 })
  .map((there) => there.flatMap((one, i) => (one ? [{ time: (i - 2) * 1000, value: i }] : [])));

const source = { instance: fc.constantFrom("", "i", "k"), job: fc.constantFrom("", "j", "l") };

const base: fc.Arbitrary<PlainSeries[]> = fc.uniqueArray(
  fc
    .record({ ...source, name: fc.constantFrom("m", "m", "build_info"), zone: fc.constantFrom("", "own"), samples })
    .map(({ instance, job, name, zone, samples }) => ({
      labels: labelled({ __name__: name, instance, job, zone }),
      samples,
    })),
  { selector: ({ labels }) => JSON.stringify(labels), maxLength: 4 },
);

const infos: fc.Arbitrary<PlainSeries[]> = fc.uniqueArray(
  fc
    .record({
      ...source,
      name: fc.constantFrom("target_info", "target_info", "build_info", "other"),
      version: fc.constantFrom("", "1", "2"),
      zone: fc.constantFrom("", "", "z"),
      samples,
    })
    .map(({ instance, job, name, version, zone, samples }) => ({
      labels: labelled({ __name__: name, instance, job, version, zone, of: "info" }),
      samples,
    })),
  { selector: ({ labels }) => JSON.stringify(labels), maxLength: 6 },
);

type Test = readonly [name: string, type: MatchType, value: string];

interface Case {
  readonly selector: string;
  /** Tests for the names of info metrics. */
  readonly names: readonly Test[];
  /** Tests for the labels that info() adds. */
  readonly data: readonly Test[];
}

const TARGET: Test = ["__name__", "=", "target_info"];

const CASES: readonly Case[] = [
  { selector: "", names: [TARGET], data: [] },
  { selector: ', {version=~".+"}', names: [TARGET], data: [["version", "=~", ".+"]] },
  { selector: ', {version!="2"}', names: [TARGET], data: [["version", "!=", "2"]] },
  {
    selector: ', {version="1", zone=""}',
    names: [TARGET],
    data: [
      ["version", "=", "1"],
      ["zone", "=", ""],
    ],
  },
  { selector: ', {__name__="build_info"}', names: [["__name__", "=", "build_info"]], data: [] },
  { selector: ', {__name__=~".+_info"}', names: [["__name__", "=~", ".+_info"]], data: [] },
  {
    selector: ', {__name__!="build_info", version=~".*"}',
    names: [
      ["__name__", "=~", ".+_info"],
      ["__name__", "!=", "build_info"],
    ],
    data: [["version", "=~", ".*"]],
  },
];

const holds = (labels: Labels, tests: readonly Test[]): boolean =>
  tests.every(([name, type, value]) => new Matcher(type, name, value).matches(labels[name] ?? ""));

const IDENTIFYING = ["instance", "job"];

/** Reference implementation of info() at one time. Returns undefined if the query must fail. */
function informed(
  elements: readonly PlainElement[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
  infos: readonly PlainElement[],
  { names, data }: Case,
): PlainElement[] | undefined {
  if (elements.length === 0) return [];
  const wanted = new Set(data.map(([name]) => name));
  const keyOf = ({ labels }: PlainElement): string =>
    JSON.stringify(["__name__", ...IDENTIFYING].map((name) => labels[name]));
  const newest = new Map<string, PlainElement>();
  for (const info of infos) {
    if (!holds(info.labels, [...names, ...data])) continue;
    if (known.size === 0 || ![...known].every(([name, values]) => values.has(info.labels[name] ?? ""))) continue;
    const rival = newest.get(keyOf(info));
    if (rival?.time === info.time) return undefined;
    if (rival === undefined || rival.time! < info.time!) newest.set(keyOf(info), info);
  }
  const result: PlainElement[] = [];
  for (const { labels, value } of elements) {
    if (holds(labels, names)) {
      result.push({ labels, value });
      continue;
    }
    const about = [...newest.values()].filter((info) =>
      IDENTIFYING.every((name) => info.labels[name] === labels[name]),
    );
    const added: Record<string, string> = {};
    for (const [name, lent] of about.flatMap((info) => Object.entries(info.labels))) {
      if (name === "__name__" || name in labels || (wanted.size > 0 && !wanted.has(name))) continue;
      if (name in added && added[name] !== lent) return undefined;
      added[name] = lent;
    }
    if (about.length === 0 && !holds({}, data)) continue;
    result.push({ labels: { ...labels, ...added }, value });
  }
  const distinct = Object.keys(comparable(result) as object).length === result.length;
  return distinct ? result : undefined;
}

test.each(CASES)("info(v$selector) joins each element with the newest info series of its source", (one) =>
  fc.assert(
    fc.asyncProperty(
      base,
      infos,
      fc.constantFrom<readonly [string, (time: number) => number]>(
        ["", (time) => time],
        [" offset 2s", (time) => time - 2000],
        [" offset -3s", (time) => time + 3000],
        [" @ 4", () => 4000],
      ),
      async (base, lent, [modifier, moment]) => {
        // The label `of`, which only info series have, distinguishes the two sides if the metric of the argument and
        // the info metric have the same name.
        const all = [...base, ...lent];
        const text = `info({__name__=~"m|build_info", of=""}${modifier}${one.selector})`;
        const found = await evaluate(await storageOf(all), text, GRID).catch((error: Error) => error.message);
        const moments = Array.from({ length: GRID.count }, (_, i) => moment(i * GRID.step));
        // Collects the identifying labels of all series that the argument selects at any evaluation time. info() reads
        // only info series with these labels.
        const seen = moments.flatMap((time) => selected(base, time, GRID.lookbackMs));
        const known = new Map<string, Set<string>>();
        for (const { labels } of seen) {
          if (holds(labels, one.names)) continue;
          for (const name of IDENTIFYING)
            if (labels[name] !== undefined) known.set(name, (known.get(name) ?? new Set()).add(labels[name]));
        }
        const expected = moments.map((time) =>
          informed(selected(base, time, GRID.lookbackMs), known, selected(all, time, GRID.lookbackMs), one),
        );
        if (expected.includes(undefined)) expect(found).toBeTypeOf("string");
        else if (typeof found === "string") throw new Error(found);
        else expect(found.map(comparable)).toEqual(expected.map((step) => comparable(step!)));
      },
    ),
    { numRuns: 120 },
  ),
);
