import { OpenMetricsReader, TextReader } from "@narthex/exposition";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const URL_1 = "http://h:1/metrics";
const READERS = [TextReader, OpenMetricsReader];

/**
 * Scrapes the same body twice. Returns the stored samples and the log. With `asBytes`, the scrape may process labels as
 * bytes without creating strings.
 */
async function ingested(setting: string, type: string, body: string, asBytes: boolean): Promise<unknown> {
  for (const reader of asBytes ? [] : READERS) {
    Object.defineProperty(reader.prototype, "addLabelBytes", { value: undefined, configurable: true });
  }
  try {
    const scrape = new ScriptedScrape({ withMetadata: true });
    scrape.answers.set(URL_1, { headers: { "content-type": type }, body });
    await scrape.apply(
      `scrape_configs: [{job_name: a, ${setting}scrape_interval: 10s, static_configs: [{targets: [h:1], labels: {own: "é", zone: b}}]}]`,
    );
    await scrape.clock.advance(20_500);
    const { lastError } = scrape.manager.views.targets().activeTargets[0]!;
    return { stored: scrape.stored(true), lastError, metadata: scrape.storage.metadata, log: scrape.logger.lines };
  } finally {
    for (const reader of READERS) delete (reader.prototype as { addLabelBytes?: unknown }).addLabelBytes;
  }
}

const SETTINGS = [
  "",
  "honor_labels: true, ",
  "metric_name_validation_scheme: legacy, metric_name_escaping_scheme: underscores, ",
  "label_limit: 5, ",
  "label_value_length_limit: 4, ",
  "sample_limit: 6, ",
  "series_budget: {series: 3, action: cut}, ",
  "metric_relabel_configs: [{regex: x, action: labeldrop}], ",
];
const NAMES = ["x", "Zone", "zone", "_", "own", "le", "quantile", "instance", "__name__", "a_long_name", '"q.t"'];
const VALUES = ["", "1", "0.5", "1e3", "+Inf", "5.0", "007", "é", "\\n", 'a\\"b', "\\\\", "d".repeat(90)];
const label = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES));
const line = fc
  .tuple(
    fc.constantFrom("a", "h_bucket", "h:x", '"quoted.name"', " a"),
    fc.array(label, { maxLength: 5 }),
    fc.constantFrom("", "# TYPE h histogram\n", "# TYPE a summary\n", "# TYPE a gauge\n"),
  )
  .map(([name, labels, before]) => {
    const pairs = labels.map(([key, value]) => `${key}="${value}"`);
    const bare = name.startsWith('"') ? "" : name;
    return `${before}${bare}{${[...(bare === "" ? [name] : []), ...pairs].join(",")}} 1\n`;
  });

test("series, errors and logs are the same whether labels are converted to strings or stay bytes", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SETTINGS),
      fc.constantFrom("text/plain", "application/openmetrics-text; version=1.0.0"),
      fc.array(line, { maxLength: 12 }),
      async (setting, type, lines) => {
        const body = lines.join("") + (type === "text/plain" ? "" : "# EOF\n");
        expect(await ingested(setting, type, body, true)).toEqual(await ingested(setting, type, body, false));
      },
    ),
    { numRuns: 150 },
  ));

test("ordinary labels create no strings", async () => {
  const asked = vi.spyOn(TextReader.prototype, "labels");
  const scrape = new ScriptedScrape();
  scrape.answers.set(
    URL_1,
    '# TYPE h histogram\nh_bucket{le="0.5",x=""} 1\nh_bucket{zone="é",le="1"} 2\na{x="\\n"} 3\n',
  );
  await scrape.apply("scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]");
  await scrape.clock.advance(10_500);
  expect(Object.keys(scrape.stored())).toEqual([
    'h_bucket{instance="h:1", job="a", le="0.5"}',
    'h_bucket{instance="h:1", job="a", le="1.0", zone="é"}',
    'a{instance="h:1", job="a", x="\\n"}',
  ]);
  // Checks that strings are created only for the line with an escaped value: once for its series and once for the
  // repetition of the series.
  expect(asked).toHaveBeenCalledTimes(2);
  asked.mockRestore();
});
