import type { JsonObject } from "../model/field-config.ts";
import { unitOf } from "./family-unit.ts";
import type { MetricFamily } from "./metric-family.ts";

/** A panel without its position. */
export interface PanelDraft {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** Width of the panel, in columns of the dashboard's grid. */
  readonly width: number;
  readonly fieldConfig: JsonObject;
  readonly options: JsonObject;
  readonly targets: readonly JsonObject[];
}

/** How the series of a metric are selected, and which labels distinguish them. */
export interface FamilyQuery {
  /** Label matchers, such as `{job="x", instance=~"$instance"}`; empty for all series. */
  readonly selector: string;
  /** Labels whose values differ between the series of the metric. */
  readonly labels: readonly string[];
}

const WINDOW = "[$__rate_interval]";
const QUANTILES = [0.5, 0.9, 0.99];
/**
 * Maximum number of lines in a panel. If a metric has more series, the panel shows their sums by one label, so that it
 * stays readable.
 */
const MAX_SERIES = 30;

const fieldsOf = (unit: string, custom: JsonObject = {}, rest: JsonObject = {}): JsonObject => ({
  defaults: { unit, custom, ...rest },
  overrides: [],
});

const legendOf = (labels: readonly string[]): string => labels.map((label) => `{{${label}}}`).join(" ") || "__auto";

const target = (refId: string, expr: string, legendFormat: string, rest: JsonObject = {}): JsonObject => ({
  refId,
  expr,
  legendFormat,
  range: true,
  ...rest,
});

/**
 * Returns the labels by which a panel's lines are grouped: all of them, or only the first if there would be too many
 * lines.
 */
const shownLabels = (family: MetricFamily, { labels }: FamilyQuery): readonly string[] =>
  family.series.count > MAX_SERIES ? labels.slice(0, 1) : labels;

const by = (labels: readonly string[]): string => (labels.length === 0 ? "" : ` by (${labels.join(", ")})`);

const seriesOptions = {
  legend: { displayMode: "list", placement: "bottom" },
  tooltip: { mode: "multi", sort: "desc" },
};

function lines(
  family: MetricFamily,
  title: string,
  expr: string,
  labels: readonly string[],
  perSecond: boolean,
): PanelDraft {
  return {
    type: "timeseries",
    title,
    description: family.help,
    width: 8,
    fieldConfig: fieldsOf(unitOf(family, perSecond), { fillOpacity: perSecond ? 10 : 0 }, perSecond ? { min: 0 } : {}),
    options: seriesOptions,
    targets: [target("A", expr, legendOf(labels))],
  };
}

function histogram(family: MetricFamily, title: string, { selector }: FamilyQuery): PanelDraft[] {
  const { name } = family.series;
  const isNative = family.kind === "native histogram";
  const rate = `rate(${name}${selector}${WINDOW})`;
  const sum = isNative ? `sum(${rate})` : `sum by (le) (${rate})`;
  const unit = unitOf(family, false);
  return [
    {
      type: "heatmap",
      title: `${title}: distribution`,
      description: family.help,
      width: 12,
      fieldConfig: { defaults: {}, overrides: [] },
      options: { calculate: false, yAxis: { unit }, color: { mode: "scheme", scheme: "Oranges", steps: 64 } },
      targets: [target("A", sum, isNative ? "__auto" : "{{le}}", { format: "heatmap" })],
    },
    {
      type: "timeseries",
      title: `${title}: quantiles`,
      description: family.help,
      width: 12,
      fieldConfig: fieldsOf(unit),
      options: seriesOptions,
      targets: QUANTILES.map((quantile, i) =>
        target("ABC"[i]!, `histogram_quantile(${quantile}, ${sum})`, `p${Math.round(quantile * 100)}`),
      ),
    },
  ];
}

const upMapping = {
  type: "value",
  options: { "0": { text: "Down", color: "red", index: 1 }, "1": { text: "Up", color: "green", index: 0 } },
};

export function familyPanels(family: MetricFamily, title: string, query: FamilyQuery): PanelDraft[] {
  const { name } = family.series;
  const all = `${name}${query.selector}`;
  const labels = shownLabels(family, query);
  switch (family.kind) {
    case "counter":
      return [lines(family, title, `sum${by(labels)} (rate(${all}${WINDOW}))`, labels, true)];
    case "histogram":
    case "native histogram":
      return histogram(family, title, query);
    case "summary":
      return [lines(family, title, `avg by (quantile) (${all})`, ["quantile"], false)];
    case "time": {
      const draft = lines(family, `Since ${title}`, `time() - max${by(labels)} (${all})`, labels, false);
      return [{ ...draft, fieldConfig: fieldsOf("s") }];
    }
    case "state": {
      const draft = lines(family, title, all, query.labels, false);
      const fieldConfig = fieldsOf("short", {}, { mappings: [upMapping] });
      return [{ ...draft, type: "state-timeline", fieldConfig, options: {} }];
    }
    case "info": {
      const draft = lines(family, title, all, [], false);
      const targets = [target("A", all, "", { format: "table", instant: true, range: false })];
      return [{ ...draft, type: "table", width: 24, fieldConfig: fieldsOf("short"), options: {}, targets }];
    }
    case "gauge":
      return [
        lines(family, title, family.series.count > MAX_SERIES ? `avg${by(labels)} (${all})` : all, labels, false),
      ];
  }
}
