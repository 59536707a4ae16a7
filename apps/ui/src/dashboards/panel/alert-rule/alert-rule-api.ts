import type { JsonObject } from "@narthex/dashboards";
import { callBare } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** What a rule is made of, as the role takes it. */
export interface RuleWish {
  readonly query: JsonObject;
  readonly condition: { readonly isAbove: boolean; readonly value: number };
  readonly group: string;
  readonly name: string;
  readonly wait: string;
  readonly severity: string;
  /** Empty: the role makes one. */
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

/** Something that is wrong with a rule, by the line of its text. */
export interface RuleProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** A rule file that the role has made and checked. */
export interface MadeRule {
  readonly yaml: string;
  readonly expr: string;
  readonly forMs: number;
  readonly summary: string;
  readonly description: string;
  readonly problems: readonly RuleProblem[];
  readonly warnings: readonly string[];
}

/** @throws {ApiError} with the role's sentence */
export const makeRule = (wish: RuleWish, signal: AbortSignal): Promise<MadeRule> =>
  callBare<MadeRule>(`${rootPath}/api/narthex/alert-rule`, { method: "POST", json: wish, signal });

/** Keys of a rule, by the field of the form that they are filled in with. */
export type RuleField = "name" | "expr" | "wait" | "severity" | "summary" | "description";
const FIELDS: Readonly<Record<string, RuleField>> = {
  alert: "name",
  expr: "expr",
  for: "wait",
  severity: "severity",
  summary: "summary",
  description: "description",
};

/** The field of the form that a line of a rule was written of. */
export function fieldOfLine(yaml: string, line: number): RuleField | undefined {
  const key = /^[\s-]*(\w+):/.exec(yaml.split("\n")[line - 1] ?? "")?.[1] ?? "";
  return Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
}

/** A problem's sentence without the place of the only rule that there is. */
export const problemText = ({ message, hint }: RuleProblem): string =>
  `${message.replace(/^group ".*?", rule 1, ".*?": /s, "")}${hint === "" ? "" : `; ${hint}`}`;
