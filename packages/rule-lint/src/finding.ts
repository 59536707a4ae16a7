/** How bad a finding is. Only errors and warnings count as lint problems. */
export type Severity = "error" | "warning" | "info";

export const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** One finding of a check. Line and column start at 1; both are 0 if the text of the file is not known. */
export interface Finding {
  /** Name of the check, which a comment or a policy can switch off. */
  readonly check: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Name of the rule group. Empty for a finding about the file. */
  readonly group: string;
  /** Name of the alert or of the recorded series. Empty for a finding about the file. */
  readonly rule: string;
  /** Index of the rule in its group; -1 for a finding about the file. */
  readonly ruleIndex: number;
  /** The fault, as a sentence. */
  readonly message: string;
  /** The change that corrects the fault. */
  readonly remedy: string;
}

/** Returns a finding as a line of text: `FILE:LINE:COLUMN: severity: check: rule "NAME": sentence; remedy`. */
export function findingLine({ file, line, column, severity, check, rule, message, remedy }: Finding): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const subject = rule === "" ? "" : `rule ${JSON.stringify(rule)}: `;
  return `${place}: ${severity}: ${check}: ${subject}${message}; ${remedy}`;
}
