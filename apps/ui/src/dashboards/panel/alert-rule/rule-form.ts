import { alertName, isCritical, type RuleThresholds } from "./rule-thresholds.ts";

/** What people have chosen; undefined: what suits the panel. */
export interface RuleForm {
  readonly refId: string | undefined;
  /** The place of a threshold; -1: a value of one's own. */
  readonly step: number | undefined;
  readonly value: number | undefined;
  readonly isAbove: boolean | undefined;
  readonly wait: string;
  readonly window: string | undefined;
  readonly severity: string | undefined;
  readonly name: string | undefined;
  /** Empty: one is made. */
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

/** A form with what suits the panel where nothing is chosen. */
export interface FilledForm {
  readonly isAbove: boolean;
  /** The place of the threshold, or that of a value of one's own. */
  readonly step: number;
  /** Undefined until one is typed. */
  readonly value: number | undefined;
  readonly severity: string;
  readonly name: string;
}

/** Fills in the worst threshold in the direction of the colours, and what follows from it. */
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
