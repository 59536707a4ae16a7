import type { JsonObject } from "../model/field-config.ts";
import type { DataSourceRef } from "../model/dashboard.ts";
import { NEWEST_SCHEMA } from "../model/read-dashboard.ts";
import { unitWord } from "./family-unit.ts";
import { familyPanels, type PanelDraft } from "./family-panels.ts";
import type { MetricFamily } from "./metric-family.ts";

export interface GenerateOptions {
  readonly title: string;
  readonly datasource: DataSourceRef;
  readonly families: readonly MetricFamily[];
  /** Labels and values that all series of the metrics have: `[["job", "node"]]`. */
  readonly matchers: readonly (readonly [label: string, value: string])[];
}

/**
 * Largest number of panels of a generated dashboard. The description mentions the number of panels that are left out.
 */
const MAX_PANELS = 300;
/**
 * Number of rows that are expanded when the dashboard is opened. Panels of collapsed rows are queried only after a user
 * has expanded the row.
 */
const OPEN_ROWS = 2;
/** A label becomes a variable of the dashboard if at least this fraction of the metrics has the label. */
const MIN_SHARE = 1 / 3;
const MAX_VARIABLES = 4;
/**
 * Labels that never become variables of the dashboard, because they distinguish the buckets and quantiles of one
 * metric.
 */
const OWN_LABELS = new Set(["le", "quantile", "__name__"]);
const PANEL_HEIGHT = 8;
const GRID = 24;

const quoted = (text: string): string => JSON.stringify(text);

/** Reports whether a label name may be written without quotes in PromQL. */
const isPlainLabel = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);

/** Returns labels that many metrics have, the most frequent first. */
function variableLabels(families: readonly MetricFamily[], fixed: ReadonlySet<string>): string[] {
  const counts = new Map<string, number>();
  for (const { series } of families) {
    for (const label of series.labels) {
      if (!OWN_LABELS.has(label) && !fixed.has(label) && isPlainLabel(label))
        counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count >= families.length * MIN_SHARE)
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MAX_VARIABLES)
    .map(([label]) => label);
}

const words = (name: string): string[] => name.split(/[_:]+/).filter((word) => word !== "");

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Returns the program's name: the first word that at least half of the metric names share, such as `node`. Returns an
 * empty text if there is no such word.
 */
function ownerWord(families: readonly MetricFamily[]): string {
  const counts = new Map<string, number>();
  for (const { name } of families) {
    const [first, ...rest] = words(name);
    if (first !== undefined && rest.length > 0) counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  const [word, count] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? ["", 0];
  return count > 1 && 2 * count >= families.length ? word : "";
}

/** Splits a metric's name into words, without the program's name (`owner`). */
function wordsOf({ name }: MetricFamily, owner: string): string[] {
  const [first, ...rest] = words(name);
  return first === owner && rest.length > 0 ? rest : words(name);
}

interface Section {
  readonly title: string;
  readonly families: readonly MetricFamily[];
}

/**
 * Groups metrics by the first word of their names. Groups of `owner` come first, then groups of other programs. Metrics
 * whose first word is unique form one group at the end.
 */
function sectionsOf(families: readonly MetricFamily[], owner: string): Section[] {
  const groups = new Map<string, MetricFamily[]>();
  const isOwn = ({ name }: MetricFamily): boolean => words(name)[0] === owner;
  for (const family of [...families.filter(isOwn), ...families.filter((one) => !isOwn(one))]) {
    const key = wordsOf(family, owner)[0] ?? family.name;
    const group = groups.get(key) ?? [];
    group.push(family);
    groups.set(key, group);
  }
  const alone = [...groups.values()].filter((group) => group.length === 1).flat();
  const titled = [...groups].flatMap(([key, group]): Section[] =>
    group.length === 1 ? [] : [{ title: capital(key), families: group }],
  );
  return alone.length === 0
    ? titled
    : [...titled, { title: titled.length === 0 ? "Metrics" : "More", families: alone }];
}

/**
 * Words that stay in a panel's title, because they name what is counted. Words for units are removed, because the axis
 * shows the unit.
 */
const COUNTED = new Set(["requests", "packets", "reads", "writes"]);

/**
 * Returns a panel title from the words of a metric's name. Leaves out the words that its row already shows, its unit
 * and its kind.
 */
function titleOf(family: MetricFamily, section: Section, owner: string): string {
  const unit = unitWord(family);
  const all = wordsOf(family, owner).filter((word) => word !== "total" && word !== "info");
  const own = all.filter(
    (word, i) => (i > 0 || capital(word) !== section.title) && (word !== unit || COUNTED.has(word)),
  );
  return capital((own.length === 0 ? all : own).join(" ")) || family.name;
}

function variable(
  label: string,
  families: readonly MetricFamily[],
  selector: string,
  datasource: DataSourceRef,
): JsonObject {
  const { name } = families.find(({ series }) => series.labels.includes(label))!.series;
  return {
    name: label,
    type: "query",
    datasource,
    query: `label_values(${name}${selector}, ${label})`,
    refresh: 2,
    sort: 7,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: ["All"], value: ["$__all"] },
  };
}

/** Assigns grid positions to panels from left to right, and begins a new line if the current one has no room. */
function placed(drafts: readonly PanelDraft[], top: number, firstId: number, datasource: DataSourceRef): JsonObject[] {
  let [x, y] = [0, top];
  return drafts.map(({ width, ...draft }, i) => {
    if (x + width > GRID) [x, y] = [0, y + PANEL_HEIGHT];
    const gridPos = { x, y, w: width, h: PANEL_HEIGHT };
    x += width;
    return { id: firstId + i, ...draft, datasource, gridPos };
  });
}

const bottomOf = (panels: readonly JsonObject[], top: number): number =>
  panels.reduce((most, { gridPos }) => {
    const { y, h } = gridPos as { readonly y: number; readonly h: number };
    return Math.max(most, y + h);
  }, top);

/**
 * Generates a dashboard for metrics as ordinary JSON: counters as rates, histograms as heatmap and quantiles, gauges
 * with their units. Rows group metrics by the words of their names. Labels that most metrics have become variables.
 */
export function generateDashboard({ title, datasource, families, matchers }: GenerateOptions): JsonObject {
  const fixed = new Set(matchers.map(([label]) => label));
  const given = matchers.map(([label, value]) => `${isPlainLabel(label) ? label : quoted(label)}=${quoted(value)}`);
  const labels = variableLabels(families, fixed);
  const owner = ownerWord(families);
  const selectorOf = (own: readonly string[]): string => {
    const all = [...given, ...labels.filter((label) => own.includes(label)).map((label) => `${label}=~"$${label}"`)];
    return all.length === 0 ? "" : `{${all.join(", ")}}`;
  };
  const panels: JsonObject[] = [];
  let [id, y, count, left] = [1, 0, 0, 0];
  sectionsOf(families, owner).forEach((section, i) => {
    const drafts = section.families.flatMap((family) =>
      familyPanels(family, titleOf(family, section, owner), {
        selector: selectorOf(family.series.labels),
        labels: family.series.labels.filter(
          (label) => !OWN_LABELS.has(label) && !fixed.has(label) && isPlainLabel(label),
        ),
      }),
    );
    const kept = drafts.slice(0, MAX_PANELS - count);
    count += kept.length;
    left += drafts.length - kept.length;
    if (kept.length === 0) return;
    const isOpen = i < OPEN_ROWS;
    const inner = placed(kept, y + 1, id + 1, datasource);
    const gridPos = { x: 0, y, w: GRID, h: 1 };
    panels.push({ id, type: "row", title: section.title, collapsed: !isOpen, gridPos, panels: isOpen ? [] : inner });
    if (isOpen) for (const item of inner) panels.push(item);
    id += inner.length + 1;
    y = isOpen ? bottomOf(inner, y + 1) : y + 1;
  });
  const rest = left === 0 ? "" : ` ${left} further panels were left out: choose fewer metrics.`;
  return {
    title,
    description: `Made from the metadata of ${families.length} metrics.${rest}`,
    tags: ["generated"],
    schemaVersion: NEWEST_SCHEMA,
    editable: true,
    graphTooltip: 1,
    time: { from: "now-1h", to: "now" },
    refresh: "30s",
    templating: { list: labels.map((label) => variable(label, families, selectorOf([]), datasource)) },
    panels,
  };
}
