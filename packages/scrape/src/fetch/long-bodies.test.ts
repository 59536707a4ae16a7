import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Answer, ScriptedScrape } from "../testing/scripted-target.ts";

const MIB = 1024 * 1024;
const CONFIG = "scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1, h:2]}]}]";

const page = (series: number, round = 0): string => {
  const lines = ["# TYPE x counter\n"];
  for (let i = 0; i < series; i++) lines.push(`x{number="${i}",padding="${"p".repeat(60)}"} ${i * 7 + round}\n`);
  return lines.join("");
};
const zipped = (body: string): Answer => ({
  headers: { "content-type": "text/plain", "content-encoding": "gzip" },
  body: gzipSync(body, { level: 1 }),
});

async function scraped(bodies: Readonly<Record<string, Answer>>, options = {}): Promise<ScriptedScrape> {
  const scrape = new ScriptedScrape(options);
  for (const [host, answer] of Object.entries(bodies)) scrape.answers.set(`http://${host}/metrics`, answer);
  await scrape.apply(CONFIG);
  return scrape;
}
const errors = (scrape: ScriptedScrape): string[] =>
  scrape.manager.views.targets().activeTargets.map(({ lastError }) => lastError);

/** Waits until the scrape has ended, because a long body is read over many turns of the event loop. */
async function settled(scrape: ScriptedScrape, ms: number): Promise<void> {
  await scrape.clock.advance(ms);
  for (let quiet = 0; quiet < 300; quiet++) await new Promise((resolve) => setImmediate(resolve));
}

test.each([
  ["plain", (body: string): Answer => body],
  ["zipped", zipped],
])("a %s page of 150,000 series is stored as a short one is, again and again", async (_, answer) => {
  const scrape = await scraped({});
  for (const round of [0, 1, 2]) {
    scrape.answers.set("http://h:1/metrics", answer(page(150_000, round)));
    scrape.answers.set("http://h:2/metrics", answer(page(10, round)));
    await settled(scrape, round === 0 ? 10_500 : 10_000);
    expect(errors(scrape)).toEqual(["", ""]);
  }
  const stored = scrape.stored(true);
  for (const number of [0, 77_777, 149_999]) {
    const key = `x{instance="h:1", job="a", number="${number}", padding="${"p".repeat(60)}"}`;
    expect(stored[key]!.map((row) => Number(row.split(" ")[1]))).toEqual([0, 1, 2].map((round) => number * 7 + round));
  }
  expect(stored['scrape_samples_scraped{instance="h:1", job="a"}']!.at(-1)).toMatch(/ 150000$/);
  expect(stored['scrape_series_added{instance="h:1", job="a"}']!.map((row) => row.split(" ")[1])).toEqual([
    "150000",
    "0",
    "0",
  ]);
});

test("an error at the end of a long page fails the scrape, and nothing is stored", async () => {
  const scrape = await scraped({ "h:1": zipped(`${page(150_000)}x{ 1\n${page(100_000)}`), "h:2": "y 1\n" });
  await settled(scrape, 10_500);
  expect(errors(scrape)).toEqual([expect.stringMatching(/while parsing: "x\{ 1/), ""]);
  expect(Object.keys(scrape.stored())).toEqual(['y{instance="h:2", job="a"}']);
});

test.each([
  ["an endless line", () => "a".repeat(40 * MIB)],
  ["an endless line, zipped", () => zipped("a".repeat(40 * MIB))],
  ["an endless line behind others, zipped", () => zipped(page(100_000) + "a".repeat(40 * MIB))],
])("%s is given up, and says so", async (_, answer) => {
  const scrape = await scraped({ "h:1": answer(), "h:2": "y 1\n" });
  await settled(scrape, 10_500);
  expect(errors(scrape)).toEqual(["line longer than 16777216 bytes, the maximum length of a line", ""]);
});

test("if bodies exceed the memory limit, the longest fails with the limit's name; the others continue", async () => {
  const scrape = await scraped({ "h:1": page(400_000), "h:2": page(100_000) }, { maxBodyMemory: 16 * MIB });
  await settled(scrape, 10_500);
  const [problem, fine] = errors(scrape);
  expect(problem).toMatch(/^body size limit exceeded: .*16MiB, the limit of --scrape\.max-body-memory/);
  expect(fine).toBe("");
  expect(scrape.stored(true)['up{instance="h:1", job="a"}']).toEqual([expect.stringMatching(/ 0$/)]);
});
