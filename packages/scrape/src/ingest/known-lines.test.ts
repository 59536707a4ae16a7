import { LineCache, TextReader } from "@narthex/exposition";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type Answer, ScriptedScrape } from "../testing/scripted-target.ts";

const URL_1 = "http://h:1/metrics";

/** Returns the number of samples that a series budget has omitted, or undefined without a budget. */
async function cutSamples({ self }: ScriptedScrape): Promise<number | undefined> {
  const name = "narthex_scrape_series_budget_cut_samples_total";
  return (await self.families()).find((family) => family.name === name)?.samples[0]?.value;
}

/**
 * Scrapes the same exposition twice, with or without the fast path for known lines. Returns the stored samples and the
 * log.
 */
async function ingested(
  config: string,
  answers: readonly Answer[],
  together: boolean,
  synthesizesStarts = false,
): Promise<unknown> {
  if (!together)
    Object.defineProperty(TextReader.prototype, "peekKnown", { value: () => undefined, configurable: true });
  try {
    const scrape = new ScriptedScrape({ withMetadata: true, synthesizesStarts });
    const metadata: unknown[] = [];
    scrape.answers.set(URL_1, answers[0]!);
    await scrape.apply(config);
    for (const [i, answer] of answers.entries()) {
      scrape.answers.set(URL_1, answer);
      await scrape.clock.advance(i === 0 ? 10_500 : 10_000);
      metadata.push(scrape.manager.views.targetMetadata([], "", 100));
    }
    return {
      stored: scrape.stored(true),
      metadata,
      told: scrape.storage.metadata.map(({ labels, metadata: one }) => [labels.toString(), one]),
      log: scrape.logger.lines,
      cut: await cutSamples(scrape),
    };
  } finally {
    delete (TextReader.prototype as { peekKnown?: unknown }).peekKnown;
  }
}

const SETTINGS = [
  "",
  "honor_timestamps: false, ",
  "track_timestamps_staleness: true, ",
  "sample_limit: 6, ",
  "series_budget: {series: 3, action: cut}, ",
  "series_budget: {series: 2, action: cut}, sample_limit: 6, ",
  "honor_labels: true, ",
  "metric_relabel_configs: [{source_labels: [__name__, x], regex: 'b.*|a;2', action: drop}], ",
  "metric_relabel_configs: [{regex: x, action: labeldrop}], ",
];
const PREAMBLES = [
  "# HELP a b\n",
  "# TYPE a counter\n",
  "# HELP a c\n# TYPE a gauge\n",
  "# TYPE z gauge\n# HELP b d\n",
  "# c\n",
];
const KEYS = [
  "a",
  'a{x="1"}',
  'a{x="2"}',
  "a_bucket",
  "b",
  'b{job="own"}',
  'long_name_total{method="GET",zone="eu-west-1"}',
];
const ENDS = [" 1700000000000", " 1700000020000", " 9000000000000", " 5", "\r", " x"];

const either = (most: string, rare: readonly string[], weight: number): fc.Arbitrary<string> =>
  fc.oneof({ weight, arbitrary: fc.constant(most) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
const line = fc.record({
  preamble: either("", PREAMBLES, 2),
  key: fc.constantFrom(...KEYS),
  value: fc.oneof(fc.nat(9).map(String), fc.double().map(String)),
  end: either("", ENDS, 12),
});
const edit = fc.tuple(fc.nat(20), fc.constantFrom("drop", "insert", "replace", "swap"), line);
type Line = typeof line extends fc.Arbitrary<infer T> ? T : never;

function edited(lines: readonly Line[], edits: readonly (readonly [number, string, Line])[]): Line[] {
  const out = lines.map((one) => ({
    ...one,
    value: /^\d$/.test(one.value) ? String((Number(one.value) + 1) % 10) : one.value,
  }));
  for (const [place, kind, other] of edits) {
    const at = place % (out.length + 1);
    if (kind === "drop") out.splice(at, 1);
    else if (kind === "insert") out.splice(at, 0, other);
    else if (at < out.length && kind === "replace") out[at] = other;
    else if (at + 1 < out.length) out.splice(at, 2, out[at + 1]!, out[at]!);
  }
  return out;
}

const later = fc.tuple(
  fc.array(edit, { maxLength: 2 }),
  fc.oneof(
    { weight: 8, arbitrary: fc.constant("whole") },
    { weight: 1, arbitrary: fc.constantFrom("cut", "down", "empty") },
  ),
);

test("samples, stale markers, metadata, errors and logs are the same whether or not known lines are taken together", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SETTINGS),
      fc.uniqueArray(line, { maxLength: 12, selector: ({ key }) => key }),
      fc.array(later, { minLength: 1, maxLength: 14 }),
      fc.boolean(),
      async (setting, first, rest, synthesizes) => {
        let lines: readonly Line[] = first;
        const answers: Answer[] = [];
        for (const [edits, how] of [[[], "whole"] as const, ...rest]) {
          lines = edited(lines, edits);
          const text = lines.map(({ preamble, key, value, end }) => `${preamble}${key} ${value}${end}\n`).join("");
          if (how === "down") answers.push(new Error("down"));
          else answers.push(how === "empty" ? "" : how === "cut" ? text.slice(0, text.length / 2) : text);
        }
        const config = `scrape_configs: [{job_name: a, ${setting}scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]`;
        const together = await ingested(config, answers, true, synthesizes);
        expect(together).toEqual(await ingested(config, answers, false, synthesizes));
      },
    ),
    { numRuns: 60 },
  ));

test("a series counts as cumulative as soon as it follows the metadata of its counter, whether its line is known or not", async () => {
  const pages = [
    '# TYPE a counter\na{x="1"} 1\na 1\n',
    'a 2\n# HELP a b\na{x="1"} 2\na 2\n',
    'a 3\n# HELP a b\na{x="1"} 3\n',
    '# HELP a b\na{x="1"} 4\na 4\n',
    '# HELP a b\na{x="1"} 5\na 6\n',
  ];
  const config = "scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]";
  const together = await ingested(config, pages, true, true);
  expect(together).toEqual(await ingested(config, pages, false, true));
  const { stored } = together as { stored: Record<string, string[]> };
  expect(stored['a{instance="h:1", job="a"}']!.slice(-2)).toEqual(["25.208 3", "45.208 2"]);
});

test("lines of series that a budget omits are skipped together, and each of their samples counts", async () => {
  const scrape = new ScriptedScrape();
  const names = Array.from({ length: 3000 }, (_, i) => `a{i="${i}"} 1\n`);
  scrape.answers.set(URL_1, names.join(""));
  await scrape.apply(
    "scrape_configs: [{job_name: a, series_budget: {series: 10, action: cut}, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]",
  );
  await scrape.clock.advance(20_500);
  const before = (await cutSamples(scrape))!;
  const looks = vi.spyOn(TextReader.prototype, "peekKnown");
  await scrape.clock.advance(10_000);
  const looked = looks.mock.calls.length;
  looks.mockRestore();
  expect(looked).toBeGreaterThan(0);
  expect(looked).toBeLessThan(30);
  expect(await cutSamples(scrape)).toBe(before + 2990);
  expect(scrape.report()).toMatchObject({
    up: 1,
    scrape_samples_scraped: 3000,
    scrape_samples_post_metric_relabeling: 3000,
  });
});

test("lines in another order than before are soon taken together again, even if the page has repeated lines", async () => {
  const scrape = new ScriptedScrape();
  const reorders = vi.spyOn(LineCache.prototype, "reorder");
  const looks = vi.spyOn(TextReader.prototype, "peekKnown");
  const page = (generation: number): string =>
    Array.from({ length: 3000 }, (_, i) => `a{i="${i}",g="${i % 10 < 3 ? generation : 0}"} 1\n`).join("");
  const next = async (body: string): Promise<number> => {
    scrape.answers.set(URL_1, body);
    looks.mockClear();
    await scrape.clock.advance(10_000);
    return looks.mock.calls.length;
  };
  try {
    scrape.answers.set(URL_1, page(0));
    await scrape.apply("scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]");
    await scrape.clock.advance(10_500);
    await next(page(1));
    await next(page(1));
    expect(await next(page(1))).toBeLessThan(30);
    expect(reorders.mock.calls.length).toBeLessThanOrEqual(2);
    expect(Object.values(scrape.stored()).filter((rows) => rows.length === 4)).toHaveLength(2100);
    const repeated = page(1).replaceAll(/^(a\{i="\d*[05]".*\n)/gm, '$1a{i="0",g="1"} 1\n');
    for (let i = 0; i < 8; i++) await next(repeated);
    expect(reorders.mock.calls.length).toBeLessThanOrEqual(4);
  } finally {
    reorders.mockRestore();
    looks.mockRestore();
  }
});

test.each([
  ["openmetrics-text; version=1.0.0", "text/plain", "# TYPE a unknown\na 1\n# EOF\n", 'invalid metric type "unknown"'],
  ["text/plain", "openmetrics-text; version=1.0.0", 'a { x = "1" } 1\n# EOF\n', 'parsing "{": invalid syntax'],
])("what %s allows is no less at fault when it comes as %s", async (first, then, body, problem) => {
  const scrape = new ScriptedScrape();
  const as = (type: string): Answer => ({
    headers: { "content-type": type.startsWith("open") ? `application/${type}` : type },
    body,
  });
  await scrape.apply("scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]");
  const states = [];
  for (const type of [first, first, then]) {
    scrape.answers.set(URL_1, as(type));
    await scrape.clock.advance(states.length === 0 ? 10_500 : 10_000);
    states.push(scrape.manager.views.targets().activeTargets[0]!);
  }
  expect(states[1]).toMatchObject({ health: "up" });
  expect(states[2]!.lastError).toContain(problem);
  expect(scrape.stored(true)[`scrape_samples_scraped{instance="h:1", job="a"}`]!.at(-1)).toMatch(/ 0$/);
});
