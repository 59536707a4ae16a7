import type { ScrapeConfig } from "@narthex/config";
import { Labels, type RelabelRule, relabelSteps } from "@narthex/model";
import { type TargetOutcome, TargetBuilder } from "./target.ts";
import type { TargetGroup } from "./target-groups.ts";
import { TargetError } from "./target-settings.ts";

type LabelRecord = Readonly<Record<string, string>>;

/** Data of the response of /api/v1/targets/relabel_steps. */
export interface RelabelView {
  readonly steps: readonly RelabelStepView[];
  /** The target after relabeling. Present only with `explain`. */
  readonly target?: RelabeledTarget;
}

interface RelabelStepView {
  /** The relabeling rule as in prometheus.yml, including defaults. */
  readonly rule: Readonly<Record<string, unknown>>;
  readonly output: LabelRecord;
  readonly keep: boolean;
  /**
   * The joined values of the source labels. Present only with `explain`, for a rule that has source labels and was run.
   */
  readonly value?: string;
  /** True if the expression matched `value`. Present only for replace, keep and drop. */
  readonly matched?: boolean;
}

/** The labels of a target's samples and whether the target is scraped, or the reason why the target is invalid. */
type RelabeledTarget =
  | { readonly outcome: "active"; readonly labels: LabelRecord; readonly scrapeUrl: string }
  | { readonly outcome: "dropped" }
  | { readonly outcome: "failed"; readonly error: string };

/** Relabeling actions that match a regular expression against the joined source labels. */
const MATCHING: ReadonlySet<RelabelRule["action"]> = new Set(["replace", "keep", "drop"]);

/**
 * Returns the effect of each relabeling rule of a job on a target's discovered labels.
 * @param explain adds the inputs of the rules and the resulting target
 */
export function relabelView(discovered: Labels, job: ScrapeConfig, explain: boolean): RelabelView {
  const { relabelConfigs, metricNameValidationScheme } = job;
  let running = true;
  const steps = relabelSteps(discovered, relabelConfigs, metricNameValidationScheme).map((step) => {
    const { rule, output, keep, value } = step;
    const plain = { rule: ruleJson(rule), output: output.toRecord(), keep };
    const seen = explain && running && rule.sourceLabels.length > 0;
    running = keep;
    if (!seen) return plain;
    return MATCHING.has(rule.action) ? { ...plain, value, matched: rule.regex.test(value) } : { ...plain, value };
  });
  return explain ? { steps, target: verdict(discovered, job) } : { steps };
}

function verdict(discovered: Labels, job: ScrapeConfig): RelabeledTarget {
  const made = new TargetBuilder(job).build(discovered);
  if (made instanceof TargetError) return { outcome: "failed", error: made.message };
  if (made instanceof Labels) return { outcome: "dropped" };
  return { outcome: "active", labels: made.publicLabels.toRecord(), scrapeUrl: made.url };
}

/** Relabels each target in the groups of a job. `discovered` contains the labels before relabeling. */
export function relabelGroups(
  groups: readonly TargetGroup[],
  job: ScrapeConfig,
): { readonly discovered: Labels; readonly outcome: TargetOutcome }[] {
  const builder = new TargetBuilder(job);
  return groups.flatMap(({ targets, labels }) => {
    const defaults = builder.groupDefaults(labels);
    return targets.map((own) => {
      const discovered = own.filledFrom(defaults);
      return { discovered, outcome: builder.build(discovered) };
    });
  });
}

const ruleJson = (rule: RelabelRule): Record<string, unknown> => ({
  ...(rule.sourceLabels.length === 0 ? {} : { source_labels: rule.sourceLabels }),
  separator: rule.separator,
  regex: rule.regex.source,
  ...(rule.modulus === 0 ? {} : { modulus: rule.modulus }),
  ...(rule.targetLabel === "" ? {} : { target_label: rule.targetLabel }),
  replacement: rule.replacement,
  action: rule.action,
});
