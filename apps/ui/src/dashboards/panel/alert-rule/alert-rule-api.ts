import type { JsonObject } from "@narthex/dashboards";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { RuleContent } from "../../../api/stored-rules.ts";

export interface RuleParams {
  readonly query: JsonObject;
  readonly condition: { readonly isAbove: boolean; readonly value: number };
  readonly group: string;
  readonly name: string;
  readonly wait: string;
  readonly severity: string;
  /** Summary annotation of the rule. If empty, the server generates it. */
  readonly summary: string;
  readonly description: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly panel: {
    readonly title: string;
    readonly id: string;
    readonly dashboardUid: string;
    readonly address: string;
  };
}

/** A problem in a rule, with the line of the rule file that contains it. */
export interface RuleProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

export interface GeneratedRule {
  readonly yaml: string;
  /** The rule of the file, and the name of its group. */
  readonly content: { readonly group: string; readonly rule: RuleContent };
  readonly expr: string;
  readonly forMs: number;
  readonly summary: string;
  readonly description: string;
  readonly problems: readonly RuleProblem[];
  readonly warnings: readonly string[];
}

/** @throws {ApiError} with the server's message */
export const generateRule = (params: RuleParams, signal: AbortSignal): Promise<GeneratedRule> =>
  fetchJson<GeneratedRule>(`${rootPath}/api/narthex/alert-rule`, { method: "POST", json: params, signal });

/** Form fields for which the server can report problems. */
export type RuleField = "name" | "expr" | "wait" | "severity" | "summary" | "description";
const FIELDS: Readonly<Record<string, RuleField>> = {
  alert: "name",
  expr: "expr",
  for: "wait",
  severity: "severity",
  summary: "summary",
  description: "description",
};

/** Returns the field of the form from which a line of the rule was generated. */
export function fieldOfLine(yaml: string, line: number): RuleField | undefined {
  const key = /^[\s-]*(\w+):/.exec(yaml.split("\n")[line - 1] ?? "")?.[1] ?? "";
  return Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
}

/**
 * Returns the message and hint of a problem as text. The rule's position in the file is removed, because the file
 * contains only one rule.
 */
export const problemText = ({ message, hint }: RuleProblem): string =>
  `${message.replace(/^group ".*?", rule 1, ".*?": /s, "")}${hint === "" ? "" : `; ${hint}`}`;
