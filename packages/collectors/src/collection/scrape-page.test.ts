import { type MetricFamily, writeProtobuf, writeText } from "@narthex/exposition";
import { runToEnd, systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Collector, defineCollector } from "../collector.ts";
import { counter, gauge } from "../metric.ts";
import { openCollection } from "./collection.ts";
import { type CollectionOptions, CollectorRunner } from "./collector-runner.ts";
import { familiesOf } from "./families.ts";
import { Settings } from "../settings.ts";
import { hostTree } from "../testing/host-tree.ts";

const label = fc.constantFrom("", "a", "b", 'say "hi"', "back\\slash", "two\nlines", "ümlaut", "ä");
const value = fc.oneof(
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e6, 999_999, 1e-7),
  fc.integer(),
  fc.double(),
  fc.constant(7),
);

const step = fc.oneof(
  fc.record({ what: fc.constant("bare" as const), value }),
  fc.record({ what: fc.constant("one" as const), value, a: label }),
  fc.record({ what: fc.constant("two" as const), value, a: label, b: label }),
  fc.record({ what: fc.constant("many" as const), value, a: label, b: label }),
  fc.record({ what: fc.constant("dynamic" as const), value, a: label, name: fc.constantFrom("node_a", "node_x") }),
  fc.record({
    what: fc.constant("whole" as const),
    name: fc.constantFrom("node_whole", "node_two", "odd.name"),
    samples: fc.array(fc.tuple(value, label, fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined })), {
      maxLength: 3,
    }),
  }),
  fc.record({ what: fc.constant("ordered" as const), value, name: fc.constantFrom("node_ordered", "node_bare") }),
  fc.record({ what: fc.constant("fail" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const metrics = {
  bare: gauge("node_bare", "Bare."),
  one: counter("node_one", "One.", ["z"]),
  two: gauge("node_two", "Two, \\ and more.", ["y", "x"]),
  many: gauge("node_many", "Many.", ["c", "a", "b"]),
};

/** Returns a collector that emits the samples of a script. */
function scripted(name: string, script: () => readonly Step[], isAsync: boolean) {
  return defineCollector({
    name,
    enabled: true,
    metrics,
    collect(_files, emit) {
      const run = (): void => {
        for (const one of script()) {
          if (one.what === "bare") emit.bare(one.value);
          else if (one.what === "one") emit.one(one.value, one.a);
          else if (one.what === "two") emit.two(one.value, one.a, one.b);
          else if (one.what === "many") emit.many(one.value, one.a, one.b, "last");
          else if (one.what === "dynamic") emit.dynamic(gauge(one.name, "Dynamic.", ["l"]), one.value, one.a);
          else if (one.what === "whole") runToEnd(emit.family(wholeOf(one)));
          else if (one.what === "ordered") {
            const samples = ["b", "a"].map((text) => ({ suffix: "", labels: ["l", text], value: one.value }));
            runToEnd(emit.ordered({ name: one.name, help: "Ordered.", type: "gauge", samples }));
          } else throw new Error("the disk is on fire");
        }
      };
      return isAsync ? Promise.resolve().then(run) : run();
    },
  });
}

const wholeOf = ({ name, samples }: Extract<Step, { what: "whole" }>): MetricFamily => ({
  name,
  help: "Whole.",
  type: "gauge",
  samples: samples.map(([number, text, timestampMs]) => ({
    suffix: "",
    labels: ["l", text],
    value: number,
    timestampMs,
  })),
});

/** Returns the families of a scrape with newly opened collectors. */
async function scrapeAnew(collectors: readonly Collector[], options: CollectionOptions): Promise<MetricFamily[]> {
  const results = await Promise.all(collectors.map(async (one) => new CollectorRunner(one, options).run(1000)));
  const own = (name: string, help: string, values: readonly number[]): MetricFamily => ({
    name: `node_scrape_collector_${name}`,
    help: `node_exporter: ${help}`,
    type: "gauge",
    samples: values.map((number, i) => ({ suffix: "", labels: ["collector", collectors[i]!.name], value: number })),
  });
  const families = familiesOf(
    results.map(({ buffer }) => buffer!),
    (buffer, position) => buffer.values[position]!,
    new Set(),
    () => {},
  );
  return [
    ...runToEnd(families),
    own("duration_seconds", "Duration of a collector scrape.", Array(results.length).fill(0)),
    own(
      "success",
      "Whether a collector succeeded.",
      results.map(({ isGood }) => Number(isGood)),
    ),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const rounds = fc.array(
  fc.record({
    first: fc.array(step, { maxLength: 8 }),
    second: fc.array(step, { maxLength: 8 }),
    isRepeated: fc.boolean(),
    isAlone: fc.boolean(),
    escaping: fc.constantFrom("allow-utf-8" as const, "underscores" as const),
  }),
  { maxLength: 8 },
);

test("the text and the messages of a scrape equal the plain writers' for its families if lines are added, removed or moved", async () => {
  using files = hostTree();
  const added: MetricFamily[] = [
    { name: "go_info", help: "Info.", type: "gauge", samples: [{ suffix: "", labels: ["v", "1"], value: 1 }] },
    { name: "node_one", help: "Another.", type: "gauge", samples: [{ suffix: "", labels: [], value: 3 }] },
  ];
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      let scripts: readonly (readonly Step[])[] = [[], []];
      const collectors = [scripted("first", () => scripts[0]!, false), scripted("second", () => scripts[1]!, true)];
      const options = {
        files,
        settings: Settings.of({}),
        clock: { ...systemClock, monotonic: () => 0 },
        logger: memoryLogger(),
        timeLimitMs: 1000,
      };
      const collection = openCollection(collectors, options);
      for (const { first, second, isRepeated, isAlone, escaping } of all) {
        if (!isRepeated) scripts = [first, second];
        const names = isAlone ? new Set(["second"]) : undefined;
        const text = await collection.print({ names, escaping, added: () => added }, (bytes) =>
          Buffer.from(bytes).toString(),
        );
        const families = [...(await scrapeAnew(isAlone ? collectors.slice(1) : collectors, options)), ...added];
        const plain =
          escaping === "underscores" ? families.map((f) => ({ ...f, name: f.name.replace(".", "_") })) : families;
        expect(text).toBe(writeText(plain));
        const request = { names, escaping, added: () => added, format: "protobuf" } as const;
        const messages = await collection.print(request, (bytes) => Buffer.from(bytes).toString("hex"));
        expect(messages).toBe(Buffer.from(writeProtobuf(plain)).toString("hex"));
      }
    }),
  );
});

test("large pages that are written at the same time yield to each other and are not mixed", async () => {
  using files = hostTree();
  let now = 0;
  let turns = 0;
  let round = 0;
  const lines = 5000;
  const large = defineCollector({
    name: "large",
    enabled: true,
    metrics,
    collect(_files, emit) {
      round++;
      for (let i = lines; i > 0; i--) emit.one(round, `${(i * 7919) % 10_007}`);
    },
  });
  const collection = openCollection([large], {
    files,
    settings: Settings.of({}),
    // Advances at each read of the clock, so that every step appears to take long.
    clock: { ...systemClock, monotonic: () => (now += 6), sleep: async () => void turns++ },
    logger: memoryLogger(),
    timeLimitMs: 1e6,
  });
  const print = (): Promise<string> =>
    collection.print({ escaping: "underscores", added: () => [] }, async (bytes) => {
      const before = Buffer.from(bytes).toString();
      await new Promise((resolve) => setImmediate(resolve));
      expect(Buffer.from(bytes).toString()).toBe(before);
      return before;
    });
  const texts = await Promise.all([print(), print(), print()]);
  expect(turns).toBeGreaterThan(10);
  // Expects the third scrape to reuse the samples of the second scrape, which is still waiting.
  const rounds = [1, 2, 2];
  for (const [i, text] of texts.entries()) {
    const series = text.split("\n").filter((line) => line.startsWith("node_one{"));
    expect(series).toEqual(series.toSorted());
    expect(new Set(series).size).toBe(lines);
    expect(series.every((line) => line.endsWith(` ${rounds[i]}`))).toBe(true);
  }
});
