import type { ScrapeConfig } from "@narthex/config";
import { compareBytewise, formatLabels, isLabelName, isMetricName, Labels, METRIC_NAME, relabel } from "@narthex/model";
import { labelLimitProblem } from "./limits.ts";

/** A series is invalid, so the whole scrape fails. */
export class SeriesError extends Error {
  override readonly name: string = "SeriesError";
  /** True if the series exceeded a label limit. */
  readonly overLimit: boolean;

  constructor(message: string, overLimit = false) {
    super(message);
    this.overLimit = overLimit;
  }
}

/**
 * Returns the labels under which an exposed series is stored: merged with the target's labels, changed by
 * metric_relabel_configs, and checked against limits. Returns undefined if relabeling drops the series. Throws
 * SeriesError.
 * @param exposed exposed labels from the reader: name, value, name, value …
 */
export function sampleLabels(exposed: readonly string[], target: Labels, job: ScrapeConfig): Labels | undefined {
  const names = new Set<string>();
  for (let i = 0; i < exposed.length; i += 2) names.add(exposed[i]!);
  const pairs = names.size * 2 === exposed.length ? exposed : withoutRepeated(exposed);
  const merged = job.honorLabels ? honored(pairs, names, target) : overridden(pairs, target);
  const labels =
    job.metricRelabelConfigs.length === 0
      ? merged
      : relabel(merged, job.metricRelabelConfigs, job.metricNameValidationScheme);
  if (labels === undefined || labels.size === 0) return undefined;
  check(labels, job, names.size * 2 === exposed.length ? [] : repeatedIn(exposed, labels));
  return labels;
}

/**
 * Returns the first label name that a series has more than once, or undefined. The storage refuses series with a
 * repeated name.
 */
export const repeatedName = (exposed: readonly string[], labels: Labels): string | undefined =>
  repeatedIn(exposed, labels)[0]?.[0];

/**
 * Returns the labels whose name an exposed series repeats, sorted by name. A name that is also exposed with an empty
 * value is left out. If relabeling has set a new value for a repeated name, only one of the two labels has the new
 * value.
 */
function repeatedIn(exposed: readonly string[], labels: Labels): [string, string][] {
  const names = new Set<string>();
  const repeated: [string, string][] = [];
  const empty = new Set<string>();
  let stored: ReadonlySet<string> | undefined;
  for (const [name, value] of pairsOf(exposed)) {
    if (names.has(name)) {
      stored ??= new Set(labels.names());
      if (stored.has(name)) repeated.push([name, value]);
    }
    names.add(name);
    if (value === "") empty.add(name);
  }
  return repeated.filter(([name]) => !empty.has(name)).toSorted(([a], [b]) => compareBytewise(a, b));
}

/**
 * Returns each exposed label name once, with its first value. If a name is also exposed with an empty value, its value
 * is empty.
 */
function withoutRepeated(exposed: readonly string[]): string[] {
  const values = new Map<string, string>();
  for (const [name, value] of pairsOf(exposed)) {
    if (value === "" || !values.has(name)) values.set(name, value);
  }
  return [...values].flat();
}

function* pairsOf(exposed: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i < exposed.length; i += 2) yield [exposed[i]!, exposed[i + 1]!];
}

/**
 * Merges the labels of a series and its target with `honor_labels`: an exposed label replaces the target's label of the
 * same name. An exposed label with an empty value also removes the target's label.
 */
function honored(exposed: readonly string[], names: ReadonlySet<string>, target: Labels): Labels {
  const added = [...target].filter(([name]) => !names.has(name));
  return Labels.of([...pairsOf(exposed), ...added]);
}

const EXPORTED = "exported_";

/**
 * Merges the labels of a series and its target without `honor_labels`: the target's label replaces an exposed label of
 * the same name. The exposed label is renamed to `exported_<name>`; shorter names are renamed first.
 */
function overridden(exposed: readonly string[], target: Labels): Labels {
  const labels = new Map(pairsOf(exposed));
  const conflicts: [string, string][] = [];
  for (const [name, value] of target) {
    const existing = labels.get(name) ?? "";
    if (existing !== "") conflicts.push([name, existing]);
    labels.set(name, value);
  }
  conflicts.sort(([a], [b]) => a.length - b.length);
  for (const [name, value] of conflicts) {
    let moved = EXPORTED + name;
    while ((labels.get(moved) ?? "") !== "") moved = EXPORTED + moved;
    labels.set(moved, value);
  }
  return Labels.of(labels);
}

function check(labels: Labels, job: ScrapeConfig, repeated: readonly [string, string][]): void {
  const name = labels.get(METRIC_NAME);
  if (name === "") throw new SeriesError("missing metric name (__name__ label)");
  const scheme = job.metricNameValidationScheme;
  if (!isMetricName(name, scheme) || labels.names().some((label) => !isLabelName(label, scheme))) {
    const all = [...labels, ...repeated].toSorted(([a], [b]) => compareBytewise(a, b));
    throw new SeriesError(`invalid metric name or label names: ${formatLabels(all)}`);
  }
  const problem = labelLimitProblem(labels, job, repeated.length);
  if (problem !== undefined) throw new SeriesError(problem, true);
}
