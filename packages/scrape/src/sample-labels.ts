import type { ScrapeConfig } from "@narthex/config";
import { compareBytewise, isLabelName, isMetricName, Labels, METRIC_NAME, quote, relabel } from "@narthex/model";
import { labelLimitProblem } from "./limits.ts";

/** A series that makes the whole scrape fail. */
export class SeriesError extends Error {
  override readonly name = "SeriesError";
  /** It broke a label limit. */
  readonly overLimit: boolean;

  constructor(message: string, overLimit = false) {
    super(message);
    this.overLimit = overLimit;
  }
}

/**
 * The labels under which an exposed series is stored: the target's merged in, metric_relabel_configs applied, limits
 * checked. undefined where relabeling drops it; throws SeriesError.
 *
 * @param exposed name, value, name, value … as the reader gives them
 */
export function sampleLabels(exposed: readonly string[], target: Labels, job: ScrapeConfig): Labels | undefined {
  const names = new Set<string>();
  let repeated: string[] | undefined;
  for (let i = 0; i < exposed.length; i += 2) {
    if (names.has(exposed[i]!)) (repeated ??= []).push(exposed[i]!);
    names.add(exposed[i]!);
  }
  const merged = job.honorLabels ? honored(exposed, names, target) : overridden(exposed, target);
  const labels =
    job.metricRelabelConfigs.length === 0
      ? merged
      : relabel(merged, job.metricRelabelConfigs, job.metricNameValidationScheme);
  if (labels === undefined || labels.size === 0) return undefined;
  const twice =
    repeated === undefined ? [] : stillTwice(repeated, merged, labels, job.honorLabels ? Labels.EMPTY : target);
  check(labels, job, twice.length);
  if (twice[0] !== undefined) throw new SeriesError(`label name ${quote(twice[0])} is not unique: invalid sample`);
  return labels;
}

/** Of a name that stands twice only what neither the target nor relabeling has replaced is at fault. */
const stillTwice = (repeated: readonly string[], merged: Labels, labels: Labels, replaced: Labels): string[] =>
  repeated
    .filter((name) => !replaced.has(name) && labels.has(name) && labels.get(name) === merged.get(name))
    .toSorted(compareBytewise);

function* pairsOf(exposed: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i < exposed.length; i += 2) yield [exposed[i]!, exposed[i + 1]!];
}

/** Exposed labels win, also empty ones: they keep the target's label away. */
function honored(exposed: readonly string[], names: ReadonlySet<string>, target: Labels): Labels {
  const added = [...target].filter(([name]) => !names.has(name));
  return Labels.of([...pairsOf(exposed), ...added]);
}

const EXPORTED = "exported_";

/** The target's labels win; what they push aside moves to `exported_<name>`, the shortest name first. */
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

function check(labels: Labels, job: ScrapeConfig, more: number): void {
  const name = labels.get(METRIC_NAME);
  if (name === "") throw new SeriesError("missing metric name (__name__ label)");
  const scheme = job.metricNameValidationScheme;
  if (!isMetricName(name, scheme) || labels.names().some((label) => !isLabelName(label, scheme))) {
    throw new SeriesError(`invalid metric name or label names: ${labels.toString()}`);
  }
  const problem = labelLimitProblem(labels, job, more);
  if (problem !== undefined) throw new SeriesError(problem, true);
}
