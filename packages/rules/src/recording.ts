import { Labels, METRIC_NAME } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { QueryElement, RuleSample } from "./rule-query.ts";
import { RuleError } from "./rule-query.ts";
import type { RecordingSpec } from "./rule-spec.ts";

/** Returns the samples that a recording rule stores. Throws RuleError for equal label sets and for too many series. */
export function* recordingSamples(
  rule: RecordingSpec,
  result: readonly QueryElement[],
  limit: number,
): Steps<RuleSample[]> {
  const seen = new Set<string>();
  const samples: RuleSample[] = [];
  for (const element of result) {
    yield;
    const labels = Labels.of([...element.labels, [METRIC_NAME, rule.name] as const, ...rule.labels]);
    if (seen.has(labels.key)) {
      throw new RuleError("vector contains metrics with the same labelset after applying rule labels");
    }
    seen.add(labels.key);
    samples.push({ labels, value: element.value, histogram: element.histogram });
  }
  if (limit > 0 && samples.length > limit) {
    throw new RuleError(`exceeded limit of ${limit} with ${samples.length} series`);
  }
  return samples;
}
