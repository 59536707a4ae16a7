import { alertName, isCritical, type RuleThresholds } from "./rule-thresholds.ts";

/** Values of the form that the user has set. For undefined values, a default is used that depends on the panel. */
export interface RuleForm {
  readonly refId: string | undefined;
  /** Index of the selected threshold; -1 for a custom value. */
  readonly step: number | undefined;
  readonly value: number | undefined;
  readonly isAbove: boolean | undefined;
  readonly wait: string;
  readonly window: string | undefined;
  readonly severity: string | undefined;
  readonly name: string | undefined;
  /** Summary annotation of the rule. If empty, the server generates it. */
  readonly summary: string;
  readonly description: string;
}

export const OWN_VALUE = -1;

export const newRuleForm: RuleForm = {
  refId: undefined,
  step: undefined,
  value: undefined,
  isAbove: undefined,
  wait: "5m",
  window: undefined,
  severity: undefined,
  name: undefined,
  summary: "",
  description: "",
};

/** Values of the form with defaults for the values that the user has not set. */
export interface FilledForm {
  readonly isAbove: boolean;
  readonly step: number;
  /** Custom threshold; undefined until the user types one. */
  readonly value: number | undefined;
  readonly severity: string;
  readonly name: string;
}

/**
 * Returns the form with all defaults. The default threshold is the worst one: the colours of the thresholds show
 * whether high or low values are worse.
 */
export function filledForm(
  form: RuleForm,
  title: string,
  { thresholds, isAbove: usually }: RuleThresholds,
): FilledForm {
  const isAbove = form.isAbove ?? usually;
  const worst = isAbove ? thresholds.length - 1 : 0;
  const step = thresholds.length === 0 ? OWN_VALUE : (form.step ?? worst);
  const threshold = thresholds[step];
  const isWorst = step === worst && (threshold === undefined || !isAbove || isCritical(threshold.color));
  return {
    isAbove,
    step: threshold === undefined ? OWN_VALUE : step,
    value: threshold?.value ?? form.value,
    severity: form.severity ?? (threshold !== undefined && isWorst ? "critical" : "warning"),
    name: form.name ?? alertName(title, isAbove),
  };
}
