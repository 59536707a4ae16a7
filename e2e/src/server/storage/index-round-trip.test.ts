import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compareLabels, Labels, Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { BlockBuilder, openReadOnly } from "@narthex/tsdb";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { promtool } from "../../support/data-folder.ts";
import { lacks } from "../../support/requirements.ts";
import { Workplace } from "../../support/workplace.ts";

const HOUR = 3_600_000;
const START = HOUR * 432_000;

interface Series {
  readonly labels: Labels;
  /** Samples with their time in minutes from the start, and integer values. */
  readonly samples: readonly (readonly [minute: number, value: number])[];
}

type Operator = "=" | "!=" | "=~" | "!~";

interface Condition {
  readonly name: string;
  readonly operator: Operator;
  readonly pattern: string;
}

// Texts that sort, quote and encode differently; the tools print these characters as JSON does.
const letter = fc.constantFrom("a", "b", "z", "0", "_", "-", " ", "/", ".", "é", "日", "😀", "ﾝ", '"', "\\", "\n");
const text = fc.oneof(
  fc.constantFrom("a", "ab", "abc", "b", "x".repeat(300)),
  fc.string({ unit: letter, minLength: 1, maxLength: 6 }),
);
const name = fc.constantFrom("a", "b", "job", "instance", "zone", "le_9", "_");
const metric = fc.constantFrom("up", "up_total", "requests:rate5m", "z");

const series = fc.record({
  labels: fc
    .tuple(metric, fc.array(fc.tuple(name, text), { maxLength: 5 }))
    .map(([of, pairs]) => Labels.of([...pairs, ["__name__", of]])),
  samples: fc
    .uniqueArray(fc.integer({ min: 0, max: 119 }), { minLength: 1, maxLength: 6 })
    .map((minutes) => minutes.sort((a, b) => a - b).map((minute) => [minute, minute * 3] as const)),
});
const seriesLists = fc
  .uniqueArray(series, { minLength: 1, maxLength: 150, size: "max", selector: ({ labels }) => labels.key })
  .map((list) => list.toSorted((a, b) => compareLabels(a.labels, b.labels)));

/** Generates an operator, and numbers that select an existing series, one of its labels and a form of the value. */
const choice = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom<Operator>("=", "!=", "=~", "!~"), fc.nat(3));

const literally = (value: string): string => value.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");

function conditionOf(
  all: readonly Series[],
  [which, label, operator, form]: [number, number, Operator, number],
): Condition {
  const pairs = [...all[which % all.length]!.labels];
  const [key, value] = pairs[label % pairs.length]!;
  const beginning = String.fromCodePoint(value.codePointAt(0)!);
  const forms = [literally(value), `${literally(beginning)}.*`, `${literally(value)}|b|nobody`, ".*"];
  return { name: key, operator, pattern: operator.includes("~") ? forms[form]! : value };
}

function accepts({ name: key, operator, pattern }: Condition, labels: Labels): boolean {
  const value = labels.get(key);
  if (operator === "=" || operator === "!=") return (value === pattern) === (operator === "=");
  return new RegExp(`^(?:${pattern})$`, "su").test(value) === (operator === "=~");
}

/** Returns the output of `promtool tsdb dump` that is expected for the series. */
function dumpOf(all: readonly Series[]): string {
  return all
    .flatMap(({ labels, samples }) => {
      const shown = [...labels].map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ");
      return samples.map(([minute, value]) => `{${shown}} ${value} ${START + minute * 60_000}\n`);
    })
    .join("");
}

const selectorOf = (conditions: readonly Condition[]): string =>
  `{${['__name__=~".+"', ...conditions.map((one) => `${one.name}${one.operator}${JSON.stringify(one.pattern)}`)].join()}}`;

test.skipIf(lacks("peers"))(
  "promtool finds in our index, and ours in promtool's, exactly the series that a simple filter finds",
  async () => {
    await fc.assert(
      fc.asyncProperty(seriesLists, selections, async (all, choices) => {
        using workplace = new Workplace();
        const [ours, theirs] = [workplace.path("ours"), workplace.path("theirs")];
        // promtool dumps a data folder only if it contains a folder `wal`.
        for (const folder of [ours, theirs]) mkdirSync(join(folder, "wal"), { recursive: true });
        writeBlock(ours, all);
        promtool("create-blocks-from", "openmetrics", workplace.write("all.txt", openMetricsOf(all)), theirs);
        const everything: readonly Condition[] = [];
        for (const conditions of [everything, ...choices.map((some) => some.map((one) => conditionOf(all, one)))]) {
          const found = dumpOf(all.filter(({ labels }) => conditions.every((one) => accepts(one, labels))));
          const selector = selectorOf(conditions);
          expect(promtool("dump", `--match=${selector}`, ours), selector).toBe(found);
          // oxlint-disable-next-line no-await-in-loop -- one read at a time
          expect(await read(theirs, conditions), selector).toBe(found);
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  },
);

const selections = fc.array(fc.array(choice, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });

/** Reads the series of a folder with our library, in promtool's format. */
async function read(dir: string, conditions: readonly Condition[]): Promise<string> {
  using db = await openReadOnly(dir, { maxTime: Infinity });
  expect(db.blockCount).toBeGreaterThan(0);
  const matchers = conditions.map(({ name: key, operator, pattern }) => new Matcher(operator, key, pattern));
  const querier = db.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=~", "__name__", ".+"), ...matchers], ALL_TIMES);
  const columns = new SampleColumns();
  const found = set.labels.map((labels, index): Series => {
    set.read(index, -Infinity, Infinity, columns);
    const minutes = Array.from(columns.timestamps.subarray(0, columns.count), (time) => (time - START) / 60_000);
    return { labels, samples: minutes.map((minute, i) => [minute, columns.values[i]!] as const) };
  });
  querier.close();
  return dumpOf(found);
}

const ALL_TIMES = { start: -Infinity, end: Infinity };

function writeBlock(dir: string, all: readonly Series[]): void {
  const builder = new BlockBuilder({ chunkRangeMs: 2 * HOUR, now: () => START, random: () => 0.5 });
  for (const { labels, samples } of all.toReversed()) {
    for (const [minute, value] of samples) builder.append(labels, START + minute * 60_000, value);
  }
  builder.write(dir);
}

function openMetricsOf(all: readonly Series[]): string {
  const escaped = (value: string): string =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const lines = all.flatMap(({ labels, samples }) => {
    const pairs = [...labels].filter(([key]) => key !== "__name__").map(([key, value]) => `${key}="${escaped(value)}"`);
    const shown = `${labels.get("__name__")}{${pairs.join()}}`;
    return samples.map(([minute, value]) => `${shown} ${value} ${START / 1000 + minute * 60}`);
  });
  return `${lines.join("\n")}\n# EOF\n`;
}
