import { detectReset, EMPTY_HISTOGRAM, type FloatHistogram } from "@narthex/model";
import type { SampleColumns } from "@narthex/storage";
import type { Selection } from "../selection.ts";
import type { Expr, VectorSelector } from "../syntax/ast.ts";
import { walk } from "../syntax/walk.ts";

const WANT_TOTALS = new Set(["histogram_count", "histogram_sum", "histogram_avg"]);
const WANT_BUCKETS = new Set(["histogram_quantile", "histogram_quantiles", "histogram_fraction"]);

/**
 * Returns the selectors whose histograms are used only for their count and sum. The buckets of these histograms need
 * not be read.
 */
export function selectorsOfTotals(root: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  walk(root, (expr, path) => {
    if (expr.kind === "vectorSelector" && onlyTotals(path)) found.add(expr);
  });
  return found;
}

/**
 * Returns whether the enclosing expressions use only the count and sum of the selected histograms. Subqueries, trimming
 * and functions of buckets need the buckets.
 */
function onlyTotals(path: readonly Expr[]): boolean {
  let totals = false;
  for (const above of path.toReversed()) {
    if (above.kind === "subquery") return false;
    if (above.kind === "binary" && (above.op === "</" || above.op === ">/")) return false;
    if (above.kind !== "call") continue;
    if (WANT_BUCKETS.has(above.func)) return false;
    if (WANT_TOTALS.has(above.func)) totals = true;
  }
  return totals;
}

/**
 * Removes the buckets of selected histograms. First determines unknown counter reset hints by comparing each histogram
 * with the previous one, because this is impossible without buckets.
 */
export const totalsOnly = (selection: Selection): Selection => ({
  async series(signal) {
    const set = await selection.series(signal);
    return {
      get labels() {
        return set.labels;
      },
      labelSets: set.labelSets,
      warnings: set.warnings,
      downsampled: set.downsampled,
      read(index, minTime, maxTime, into) {
        set.read(index, minTime, maxTime, into);
        if (into.histograms !== undefined) dropBuckets(into.histograms, into.count);
      },
    };
  },
});

function dropBuckets(histograms: NonNullable<SampleColumns["histograms"]>, count: number): void {
  let before: FloatHistogram | undefined;
  for (let i = 0; i < count; i++) {
    const histogram = histograms[i];
    if (histogram === undefined || histogram.stale === true) continue;
    let hint = histogram.resetHint;
    if (hint === "unknown" && before !== undefined) hint = detectReset(histogram, before) ? "reset" : "not-reset";
    before = histogram;
    const { schema, sum, count: observations } = histogram;
    histograms[i] = { ...EMPTY_HISTOGRAM, resetHint: hint, schema, count: observations, sum };
  }
}
