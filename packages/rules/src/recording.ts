import { Labels, METRIC_NAME } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { QueryElement, RuleSample } from "./rule-query.ts";
import { RuleError } from "./rule-query.ts";
import type { RecordingSpec } from "./rule-spec.ts";

/**
 * The label sets that a recording rule writes. Most evaluations of a rule return the same series in the same order, so
 * the label sets of the last evaluation are reused.
 */
export class RecordedLabels {
  readonly #rule: RecordingSpec;
  #results: readonly Labels[] = [];
  #written: readonly Labels[] = [];

  constructor(rule: RecordingSpec) {
    this.#rule = rule;
  }

  /** Returns the samples that the rule stores. Throws RuleError for equal label sets and for too many series. */
  *samples(result: readonly QueryElement[], limit: number): Steps<RuleSample[]> {
    const written: Labels[] = [];
    const samples: RuleSample[] = [];
    let hasChanged = result.length !== this.#results.length;
    for (const [i, element] of result.entries()) {
      yield;
      let labels = this.#results[i]?.hasPairsOf(element.labels) === true ? this.#written[i] : undefined;
      hasChanged ||= labels === undefined;
      labels ??= Labels.of([...element.labels, [METRIC_NAME, this.#rule.name] as const, ...this.#rule.labels]);
      written.push(labels);
      samples.push({ labels, value: element.value, histogram: element.histogram });
    }
    if (hasChanged) {
      if (new Set(written.map(({ key }) => key)).size < written.length) {
        throw new RuleError("vector contains metrics with the same labelset after applying rule labels");
      }
      this.#results = result.map(({ labels }) => labels);
      this.#written = written;
    }
    if (limit > 0 && samples.length > limit) {
      throw new RuleError(`exceeded limit of ${limit} with ${samples.length} series`);
    }
    return samples;
  }
}

/** Returns the samples that a recording rule stores. Throws RuleError for equal label sets and for too many series. */
export const recordingSamples = (
  rule: RecordingSpec,
  result: readonly QueryElement[],
  limit: number,
): Steps<RuleSample[]> => new RecordedLabels(rule).samples(result, limit);
