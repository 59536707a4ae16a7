import { cpSync } from "node:fs";
import { type DataSource, type DataSourceSettings, openDataSource, QueryDesk } from "@narthex/datasources";
import { systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../support/append-series.ts";
import { lacks } from "../support/requirements.ts";
import { serve } from "../support/serving.ts";
import { Workplace } from "../support/workplace.ts";
import { writtenSeries } from "./written-series.ts";

const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;
const HOURS = 2;
/** Length in ms of the time range whose samples are appended in one transaction of the database. */
const SLICE_MS = HOUR / 4;
const END = START + HOURS * HOUR;
const RANGE = { from: START + 600_000, to: END - 300_000 };
const CONFIG = "global: {evaluation_interval: 1m}\n";
const FLAGS = ["--enable-feature=promql-experimental-functions,native-histograms,exemplar-storage"];

const TARGETS: readonly Readonly<Record<string, unknown>>[] = [
  { expr: "requests_total" },
  { expr: "sum by (code) (rate(requests_total[$__rate_interval]))", legendFormat: "{{code}}" },
  { expr: "rate(requests_total[5m])", legendFormat: "__auto", interval: "2m", intervalFactor: 2 },
  { expr: "temperature", format: "table", instant: true },
  { expr: "temperature > 0", format: "table" },
  { expr: "temperature", instant: true, range: true },
  { expr: 'sum by (le) (increase(duration_seconds_bucket{instance="a:80"}[$__interval]))', format: "heatmap" },
  { expr: "sum by (le, instance) (rate(duration_seconds_bucket[5m]))", format: "heatmap" },
  { expr: '{__name__=~"lat.*"}', format: "heatmap" },
  { expr: '{__name__=~"lat.*"}', format: "table", instant: true },
  { expr: "odd" },
  { expr: "flapping", utcOffsetSec: 5400, interval: "1h" },
  { expr: "scalar(sum(queue))" },
  { expr: "7 * 6", instant: true },
  { expr: '"text"', instant: true },
  { expr: "absent_metric" },
  { expr: "rate(temperature[5m])" },
  { expr: "temperature", adHocFilters: [{ key: "room", operator: "!~", value: "cellar.*" }] },
  { expr: "requests_total", exemplar: true },
  { expr: "sum(requests_total" },
  { expr: 'label_replace(temperature, "room(", "x", "room", "(.*)")' },
];
const VARIABLES = [
  "label_names()",
  "label_values(instance)",
  'label_values(requests_total{code="200"}, instance)',
  "metrics(.*_total)",
  "query_result(temperature)",
  "requests_total",
];

test.skipIf(lacks("peers"))(
  "frames, values of variables and annotations are equal for our server and for Prometheus",
  async () => {
    using workplace = new Workplace();
    await write(workplace.path("ours"));
    cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
    const settings = { config: CONFIG, flags: FLAGS };
    await using ours = await serve("narthex", workplace, "ours", settings);
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    const sources = [ours.base, theirs.base].map(sourceAt);
    const signal = AbortSignal.timeout(120_000);
    for (const source of TARGETS) {
      const query = { refId: "A", range: RANGE, intervalMs: 30_000, maxDataPoints: 300, source };
      // oxlint-disable-next-line no-await-in-loop -- one query at a time, at both servers
      const [our, their] = await Promise.all(sources.map((one) => one.query([query], signal)));
      expect(our!.get("A"), JSON.stringify(source)).toEqual(their!.get("A"));
      expect(their!.get("A")!.status, JSON.stringify(source)).toBeLessThan(500);
    }
    for (const query of VARIABLES) {
      // oxlint-disable-next-line no-await-in-loop -- one query at a time, at both servers
      const [our, their] = await Promise.all(sources.map((one) => one.variableValues!(query, RANGE, signal)));
      expect(our!.toSorted(byText), query).toEqual(their!.toSorted(byText));
      expect(their!.length, query).toBeGreaterThan(0);
    }
    const annotation = { expr: "queue > 3", titleFormat: "{{instance}}", tagKeys: "job", step: "30s" };
    const marks = await Promise.all(sources.map((one) => one.annotations!(annotation, RANGE, signal)));
    expect(marks[0]!.length).toBeGreaterThan(0);
    expect(marks[0]).toEqual(marks[1]);
    const healthy = { status: "OK", message: "Successfully queried the Prometheus API." };
    expect(await Promise.all(sources.map((one) => one.health(signal)))).toEqual([healthy, healthy]);
    await Promise.all(sources.map((one) => one.close()));
  },
  300_000,
);

const byText = (a: { readonly text: string }, b: { readonly text: string }): number => (a.text < b.text ? -1 : 1);

function sourceAt(url: string): DataSource {
  const settings: DataSourceSettings = {
    uid: url,
    name: "Prometheus",
    type: "prometheus",
    url,
    user: "",
    database: "",
    basicAuth: false,
    basicAuthUser: "",
    withCredentials: false,
    jsonData: {},
    secureJsonData: {},
  };
  return openDataSource(settings, {
    clock: systemClock,
    userAgent: "test",
    desk: new QueryDesk({ clock: systemClock }),
  });
}

/**
 * Writes a database of samples. The older samples are in a block, and the samples of the last hours are in the
 * write-ahead log.
 */
async function write(dir: string): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let from = START; from < END; from += SLICE_MS) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, writtenSeries([from, from + SLICE_MS]));
    await db.maintain();
  }
}
