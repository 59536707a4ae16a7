import { Labels, METRIC_NAME } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Labelled, QueryElement, RuleSample } from "./rule-query.ts";
import { ELEMENTS_PER_STEP, RuleError } from "./rule-query.ts";
import type { RecordingSpec } from "./rule-spec.ts";

/**
 * The label sets that a recording rule writes. Most evaluations of a rule return the same series in the same order, so
 * the label sets of the last evaluation are reused.
 */
export class RecordedLabels {
  readonly #rule: RecordingSpec;
  /** The series of the last result, and the labels that were written for them. */
  #results: readonly Labelled[] = [];
  #written: readonly Labels[] = [];

  constructor(rule: RecordingSpec) {
    this.#rule = rule;
  }

  /** Returns the labels that the rule writes for a series of its result. */
  labelsOf(labels: Labels): Labels {
    return Labels.of([...labels, [METRIC_NAME, this.#rule.name] as const, ...this.#rule.labels]);
  }

  /** Returns the samples that the rule stores. Throws RuleError for equal label sets and for too many series. */
  *samples(result: readonly QueryElement[], limit: number): Steps<RuleSample[]> {
    const written: Labels[] = [];
    const samples: RuleSample[] = [];
    let hasChanged = result.length !== this.#results.length;
    for (let i = 0; i < result.length; i++) {
      if (i % ELEMENTS_PER_STEP === 0) yield;
      const element = result[i]!;
      let labels = isSame(this.#results[i], element) ? this.#written[i] : undefined;
      hasChanged ||= labels === undefined;
      labels ??= this.labelsOf(element.labels);
      written.push(labels);
      samples.push({ labels, value: element.value, histogram: element.histogram });
    }
    if (hasChanged) {
      if (new Set(written.map(({ key }) => key)).size < written.length) {
        throw new RuleError("vector contains metrics with the same labelset after applying rule labels");
      }
      this.#results = result.map((element) => element.identity ?? element);
      this.#written = written;
    }
    if (limit > 0 && samples.length > limit) {
      throw new RuleError(`exceeded limit of ${limit} with ${samples.length} series`);
    }
    return samples;
  }
}

/** Reports whether an element has the same labels as before, without creating labels if that is possible. */
const isSame = (known: Labelled | undefined, element: QueryElement): boolean =>
  known !== undefined && (known === element.identity || known.labels.hasPairsOf(element.labels));
