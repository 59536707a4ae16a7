import {
  type CapturingPattern,
  compileCapturing,
  expandTemplate,
  isLabelName,
  METRIC_NAME,
  PatternError,
} from "@narthex/model";
import { mapSeries } from "../operators/map.ts";
import { resolveDuplicates } from "../operators/merge.ts";
import type { OutputSeries, VectorOperator } from "../operators/operator.ts";
import { withLabel } from "../operators/series-labels.ts";
import { mapInSlices } from "../operators/slices.ts";
import { executionError } from "../query-error.ts";
import { LruCache } from "../lru-cache.ts";
import type { FunctionCall, VectorFunction } from "./function-call.ts";

const requireLabelName = (name: string, message: string): void => {
  if (!isLabelName(name)) throw executionError(`${message}: ${name}`);
};

/**
 * Maximum length in UTF-16 units of a label value that a function creates. Without a limit, a query that doubles values
 * repeatedly would fill the memory.
 */
const MAX_VALUE = 2 ** 20;

/** Throws if a label value is too long. Otherwise counts it as memory of the query. */
function countValue(call: FunctionCall, length: number): void {
  if (length > MAX_VALUE) {
    throw executionError(
      `${call.expr.func}() would make a label value of ${length} characters, more than the ${MAX_VALUE} allowed`,
    );
  }
  call.evaluation.budget.take(0, 2 * length);
}

/**
 * Sets a label of every series to a value that depends on the series. The value undefined leaves the label unchanged. A
 * metric name that is set in this way is not dropped later.
 */
function relabel(
  call: FunctionCall,
  target: string,
  valueOf: (series: OutputSeries) => string | undefined,
): VectorOperator {
  const change = (series: OutputSeries): OutputSeries => {
    const value = valueOf(series);
    if (value === undefined) return series;
    const labels = withLabel(series.labels, target, value);
    return { labels, dropName: target === METRIC_NAME ? false : series.dropName };
  };
  const relabeled = mapSeries(
    call.vector(0),
    (list) => mapInSlices(list, call.evaluation, change),
    () => {},
  );
  return resolveDuplicates(relabeled, call.grid.count, call.evaluation, "merge");
}

/** Cache of compiled regular expressions, because compiling takes longer than the rest of a short query. */
const patterns = new LruCache(32, 256, (source) => compileCapturing(source));

function compile(source: string): CapturingPattern {
  try {
    return patterns.of(source);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw executionError(`invalid regular expression in label_replace(): ${source}`);
  }
}

/** Implements label_replace(v, target, replacement, source, regex). */
export const labelReplace: VectorFunction = (call) => {
  const [target, replacement, source] = [call.text(1), call.text(2), call.text(3)];
  const pattern = compile(call.text(4));
  requireLabelName(target, "invalid destination label name in label_replace()");
  const references = replacement.split("$").length - 1;
  // Caches results by value, because many series share few values of the source label.
  const known = new Map<string, string | undefined>();
  return relabel(call, target, ({ labels }) => {
    const value = labels.get(source);
    if (known.has(value)) return known.get(value);
    const groups = pattern.exec(value);
    if (groups !== undefined) countValue(call, replacement.length + references * value.length);
    const result = groups && expandTemplate(replacement, groups, (name) => pattern.groupIndex(name));
    known.set(value, result);
    return result;
  });
};

/** Implements label_join(v, target, separator, source…). */
export const labelJoin: VectorFunction = (call) => {
  const [target, separator] = [call.text(1), call.text(2)];
  const sources = call.expr.args.slice(3).map((_, i) => call.text(i + 3));
  for (const source of sources) requireLabelName(source, "invalid source label name in label_join()");
  requireLabelName(target, "invalid destination label name in label_join()");
  return relabel(call, target, ({ labels }) => {
    const values = sources.map((source) => labels.get(source));
    countValue(
      call,
      values.reduce((sum, value) => sum + value.length + separator.length, 0),
    );
    return values.join(separator);
  });
};
