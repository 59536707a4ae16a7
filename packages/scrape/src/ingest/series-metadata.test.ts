import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const CONFIG = "scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]";

const body = (help: string): string => `# HELP a_total ${help}
# TYPE a_total counter
a_total{x="1"} 1
a_total{x="2"} 1
stranger 1
# TYPE lat histogram
lat_bucket{le="+Inf"} 1
lat_sum 1
lat_count 1
`;

/** Returns the metadata that the storage has received since the last call, as texts with series name, type and help. */
function metadataOf(scrape: ScriptedScrape): string[] {
  const all = scrape.storage.metadata.splice(0);
  const own = all.filter(
    ({ labels }) => labels.get("__name__").startsWith("scrape_") || labels.get("__name__") === "up",
  );
  expect(own.every(({ metadata }) => metadata.type === "gauge")).toBe(true);
  return all
    .filter((entry) => !own.includes(entry))
    .map(({ labels, metadata }) => {
      return `${labels.get("__name__")}${labels.get("x")} ${metadata.type} ${metadata.help}`;
    });
}

test("the storage receives the metadata of a series when it is new, and when the metadata of its family changes", async () => {
  const scrape = new ScriptedScrape({ withMetadata: true });
  const url = "http://h:1/metrics";
  scrape.answers.set(url, body("Things."));
  await scrape.apply(CONFIG);
  await scrape.clock.advance(10_500);
  expect(metadataOf(scrape)).toEqual([
    "a_total1 counter Things.",
    "a_total2 counter Things.",
    "lat_bucket histogram ",
    "lat_sum histogram ",
    "lat_count histogram ",
  ]);
  await scrape.clock.advance(20_000);
  expect(metadataOf(scrape)).toEqual([]);
  scrape.answers.set(url, body("Other things."));
  await scrape.clock.advance(10_000);
  expect(metadataOf(scrape)).toEqual(["a_total1 counter Other things.", "a_total2 counter Other things."]);
  await scrape.clock.advance(10_000);
  expect(metadataOf(scrape)).toEqual([]);
});

test("without the option the storage receives no metadata", async () => {
  const scrape = new ScriptedScrape();
  scrape.answers.set("http://h:1/metrics", body("Things."));
  await scrape.apply(CONFIG);
  await scrape.clock.advance(10_500);
  expect(metadataOf(scrape)).toEqual([]);
});

test("a HELP line that is repeated after another one applies again", async () => {
  const scrape = new ScriptedScrape();
  const url = "http://h:1/metrics";
  await scrape.apply(CONFIG);
  for (const help of ["One.", "Two.", "One."]) {
    scrape.answers.set(url, body(help));
    await scrape.clock.advance(10_000);
    const [first] = scrape.manager.views.targetMetadata([], "a_total", -1);
    expect(first).toMatchObject({ type: "counter", help });
  }
});
