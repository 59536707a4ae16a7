import { type Expr, type VectorSelector, walk } from "@narthex/promql";
import type { Panel } from "@narthex/dashboards";
import type { Problem } from "./finding.ts";
import { type KnownSeries, selectorsOf } from "./known-series.ts";
import { type PanelQuery, UNKNOWN } from "./panel-queries.ts";

/**
 * Functions and operators that create labels. An aggregation of their result may group by a label that the stored
 * series do not have.
 */
const MAKES_LABELS = new Set(["label_replace", "label_join", "count_values", "info"]);

const isKnown = ({ name }: VectorSelector): boolean => name !== "" && !name.includes(UNKNOWN);

function makesLabels(expr: Expr): boolean {
  let found = false;
  walk(expr, (one) => {
    if (one.kind === "call" && MAKES_LABELS.has(one.func)) found = true;
    if (one.kind === "aggregate" && one.op === "count_values") found = true;
    if (one.kind === "binary" && (one.matching?.include.length ?? 0) > 0) found = true;
  });
  return found;
}

/** Reports metrics and labels of a query that do not exist on the server. */
export async function checkSeries(
  { panel, target, path, expr }: PanelQuery,
  series: KnownSeries,
  report: (problem: Problem) => void,
): Promise<void> {
  const warn = (check: string, message: string): void =>
    report({ severity: "warning", check, message: `query ${target.refId}: ${message}`, panel, path });
  const reported = new Set<string>();
  for (const selector of selectorsOf(expr).filter(isKnown)) {
    const { name, matchers } = selector;
    if (!series.metrics.has(name)) {
      if (!reported.has(name)) warn("unknown-metric", `the server has no metric ${name}`);
      reported.add(name);
      continue;
    }
    const labels = await series.labelsOf(name);
    if (labels === undefined) continue;
    for (const matcher of matchers) {
      // Skips matchers that match an empty value, because a missing label counts as empty.
      if (matcher.name === "__name__" || labels.has(matcher.name) || matcher.matches("")) continue;
      if (!reported.has(`${name} ${matcher.name}`)) warn("unknown-label", `${name} has no label "${matcher.name}"`);
      reported.add(`${name} ${matcher.name}`);
    }
  }
  for (const { labels, names } of await groupingsOf(expr, series)) {
    const missing = names.filter((name) => !labels.has(name));
    if (missing.length > 0) {
      const list = missing.map((name) => `"${name}"`).join(", ");
      warn("unknown-label", `the query groups by ${list}, but none of its series has this label`);
    }
  }
}

interface Grouping {
  readonly names: readonly string[];
  readonly labels: ReadonlySet<string>;
}

/**
 * Returns the `by` labels of each aggregation in an expression, and for each aggregation the labels of the series that
 * it aggregates.
 */
async function groupingsOf(expr: Expr, series: KnownSeries): Promise<Grouping[]> {
  const found: { names: readonly string[]; selectors: readonly VectorSelector[] }[] = [];
  walk(expr, (one) => {
    if (one.kind !== "aggregate" || one.without || one.grouping.length === 0 || makesLabels(one.expr)) return;
    const selectors = selectorsOf(one.expr);
    const areKnown = selectors.every((selector) => isKnown(selector) && series.metrics.has(selector.name));
    if (selectors.length > 0 && areKnown) found.push({ names: one.grouping, selectors });
  });
  const groupings = await Promise.all(
    found.map(async ({ names, selectors }) => {
      const sets = await Promise.all(selectors.map(({ name }) => series.labelsOf(name)));
      if (sets.includes(undefined)) return [];
      const wanted = names.filter((name) => !name.includes(UNKNOWN));
      return [{ names: wanted, labels: new Set(sets.flatMap((set) => [...set!])) }];
    }),
  );
  return groupings.flat();
}

/** Reports panels whose queries read more series than the limit. */
export async function checkCost(
  queries: readonly PanelQuery[],
  series: KnownSeries,
  most: number,
  report: (problem: Problem) => void,
): Promise<void> {
  const byPanel = new Map<Panel, PanelQuery[]>();
  for (const query of queries) byPanel.set(query.panel, [...(byPanel.get(query.panel) ?? []), query]);
  for (const [panel, own] of byPanel) {
    let count = 0;
    for (const { expr } of own) {
      for (const selector of selectorsOf(expr)) {
        const isWhole = selector.matchers.every(({ value }) => !value.includes(UNKNOWN));
        if (isKnown(selector)) count += (await series.countOf(isWhole ? selector : withoutUnknown(selector))) ?? 0;
      }
    }
    if (count > most) {
      const message = `its queries read ${count} series, more than ${most}; narrow its selectors, or compute its values with a recording rule`;
      report({ severity: "warning", check: "cost", message, panel, path: "targets" });
    }
  }
}

/** Removes matchers with an unknown variable from a selector, because the variable may later match every value. */
const withoutUnknown = (selector: VectorSelector): VectorSelector => ({
  ...selector,
  matchers: selector.matchers.filter(({ value }) => !value.includes(UNKNOWN)),
});
