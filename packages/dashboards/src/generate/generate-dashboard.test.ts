import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Panel } from "../model/dashboard.ts";
import { readDashboard } from "../model/read-dashboard.ts";
import { generateDashboard } from "./generate-dashboard.ts";
import { metricFamilies, type MetricMetadata, type MetricSeries } from "./metric-family.ts";

const series = (name: string, labels: readonly string[] = ["instance"], count = 2): MetricSeries => ({
  name,
  labels,
  count,
});

const metadataOf = (type: string, unit = ""): MetricMetadata => ({ type, unit, help: `About ${type}.` });

const metadata = new Map([
  ["app_http_requests", metadataOf("counter")],
  ["app_http_duration_seconds", metadataOf("histogram", "seconds")],
  ["app_http_size_bytes", metadataOf("summary")],
  ["app_memory_bytes", metadataOf("gauge")],
  ["app_memory_limit_bytes", metadataOf("gauge")],
  ["app_build_info", metadataOf("gauge")],
  ["app_start_time_seconds", metadataOf("gauge")],
  ["app_work_seconds", metadataOf("histogram")],
]);

const all = [
  series("app_http_requests_total", ["instance", "code"]),
  series("app_http_duration_seconds_bucket", ["instance", "le"], 20),
  series("app_http_duration_seconds_sum"),
  series("app_http_duration_seconds_count"),
  series("app_http_size_bytes", ["instance", "quantile"]),
  series("app_http_size_bytes_sum"),
  series("app_http_size_bytes_count"),
  series("app_memory_bytes", ["instance", "pool"], 60),
  series("app_memory_limit_bytes"),
  series("app_build_info", ["instance", "version"]),
  series("app_start_time_seconds"),
  series("app_work_seconds"),
  series("up"),
];

const flat = (panels: readonly Panel[]): Panel[] => panels.flatMap((panel) => [panel, ...flat(panel.panels)]);

describe("metricFamilies()", () => {
  test("groups the parts of histograms and summaries, and finds kinds from metadata and names", () => {
    expect(metricFamilies(all, metadata).map(({ name, kind }) => [name, kind])).toEqual([
      ["app_build_info", "info"],
      ["app_http_duration_seconds", "histogram"],
      ["app_http_requests_total", "counter"],
      ["app_http_size_bytes", "summary"],
      ["app_memory_bytes", "gauge"],
      ["app_memory_limit_bytes", "gauge"],
      ["app_start_time_seconds", "time"],
      ["app_work_seconds", "native histogram"],
      ["up", "state"],
    ]);
  });

  test("recognises the parts of a histogram and a counter without metadata", () => {
    const bare = all.filter(({ name }) => /requests|duration/.test(name));
    expect(metricFamilies(bare, new Map()).map(({ kind }) => kind)).toEqual(["histogram", "counter"]);
  });
});

describe("generateDashboard()", () => {
  const options = {
    title: "app",
    datasource: { type: "prometheus", uid: "main" },
    families: metricFamilies(all, metadata),
    matchers: [["job", 'a"b']] as const,
  };

  test("shows counters as rates, histograms as heatmap and quantiles, gauges by their units", async () => {
    const { dashboard, problems, changes } = await readDashboard(generateDashboard(options));
    expect([problems, changes]).toEqual([[], []]);
    const shown = flat(dashboard.panels).flatMap(({ type, title, targets, fieldConfig }) =>
      targets.slice(0, 1).map(({ source }) => [type, title, source["expr"], fieldConfig.defaults.unit]),
    );
    const own = '{job="a\\"b", instance=~"$instance"}';
    expect(shown.slice(0, 6)).toEqual([
      [
        "heatmap",
        "Duration: distribution",
        `sum by (le) (rate(app_http_duration_seconds_bucket${own}[$__rate_interval]))`,
        undefined,
      ],
      [
        "timeseries",
        "Duration: quantiles",
        `histogram_quantile(0.5, sum by (le) (rate(app_http_duration_seconds_bucket${own}[$__rate_interval])))`,
        "s",
      ],
      [
        "timeseries",
        "Requests",
        `sum by (instance, code) (rate(app_http_requests_total${own}[$__rate_interval]))`,
        "reqps",
      ],
      ["timeseries", "Size", `avg by (quantile) (app_http_size_bytes${own})`, "bytes"],
      ["timeseries", "Memory bytes", `avg by (instance) (app_memory_bytes${own})`, "bytes"],
      ["timeseries", "Limit", `app_memory_limit_bytes${own}`, "bytes"],
    ]);
    expect(shown.slice(6).map(([type]) => type)).toEqual(
      expect.arrayContaining(["table", "timeseries", "heatmap", "state-timeline"]),
    );
  });

  test("makes variables of labels that many metrics have, but not of labels such as `le` that distinguish parts of one metric", async () => {
    const { dashboard } = await readDashboard(generateDashboard(options));
    expect(dashboard.variables.map(({ name, query }) => [name, query])).toEqual([
      ["instance", 'label_values(app_build_info{job="a\\"b"}, instance)'],
    ]);
  });

  test("the dashboard is valid and its panels do not overlap, whatever the metrics", async () => {
    const label = fc.constantFrom("le", "quantile", "instance", "a", "b", "ä", "__proto__");
    const name = fc.oneof(
      fc.constantFrom(...all.map((one) => one.name)),
      fc.constantFrom("_", "a", "__proto___total", "x_bytes", "x__y_total", "a:b:rate5m", "constructor"),
      fc.string({ minLength: 1, maxLength: 8 }),
    );
    const one = fc.record({ name, labels: fc.uniqueArray(label), count: fc.nat(100) });
    const known = fc.array(
      fc.tuple(name, fc.constantFrom("counter", "gauge", "histogram", "summary", "info", "stateset", "unknown", "x")),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(one, { selector: (each) => each.name }), known, async (some, types) => {
        const families = metricFamilies(some, new Map(types.map(([each, type]) => [each, metadataOf(type)])));
        const json = generateDashboard({ ...options, families });
        const { dashboard, problems } = await readDashboard(json);
        expect(problems).toEqual([]);
        const ids = flat(dashboard.panels).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { position } of flat(dashboard.panels)) expect(position.x + position.w).toBeLessThanOrEqual(24);
      }),
      { numRuns: 200 },
    );
  });

  test("leaves out panels beyond a limit, and mentions this in the description", async () => {
    const many = Array.from({ length: 400 }, (_, i) => series(`m_${i % 7}_${i}_total`));
    const json = generateDashboard({ ...options, families: metricFamilies(many, new Map()) });
    expect(json["description"]).toBe(
      "Made from the metadata of 400 metrics. 100 further panels were left out: choose fewer metrics.",
    );
    const { dashboard } = await readDashboard(json);
    expect(flat(dashboard.panels).filter(({ type }) => type !== "row")).toHaveLength(300);
  });
});
