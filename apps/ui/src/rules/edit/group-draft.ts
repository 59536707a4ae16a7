import type { GroupContent, RuleContent } from "../../api/stored-rules.ts";

/** A name and a text in two fields. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

export interface RuleDraft {
  /** Number of the rule on the page, which stays when rules move. */
  readonly id: number;
  readonly kind: "alert" | "record";
  readonly name: string;
  readonly expr: string;
  readonly forText: string;
  readonly keepFiringFor: string;
  readonly labels: readonly Pair[];
  readonly annotations: readonly Pair[];
}

/** A group in the fields of the editor. */
export interface GroupDraft {
  readonly namespace: string;
  readonly name: string;
  readonly interval: string;
  readonly queryOffset: string;
  readonly limit: string;
  readonly labels: readonly Pair[];
  readonly rules: readonly RuleDraft[];
  /** Fields that the editor does not show. */
  readonly foreign: Readonly<Record<string, unknown>>;
}

const pairsOf = (texts: Readonly<Record<string, string>> = {}): readonly Pair[] =>
  Object.entries(texts).map(([name, value]) => ({ name, value }));

const textsOf = (pairs: readonly Pair[]): Readonly<Record<string, string>> =>
  Object.fromEntries(pairs.filter(({ name }) => name !== "").map(({ name, value }) => [name, value]));

let lastId = 0;

export const newRule = (expr = ""): RuleDraft =>
  ruleDraft({ alert: "", expr, for: "5m", labels: { severity: "warning" } });

function ruleDraft(rule: RuleContent): RuleDraft {
  return {
    id: ++lastId,
    kind: rule.record === undefined ? "alert" : "record",
    name: rule.record ?? rule.alert ?? "",
    expr: rule.expr,
    forText: rule.for ?? "",
    keepFiringFor: rule.keep_firing_for ?? "",
    labels: pairsOf(rule.labels),
    annotations: pairsOf(rule.annotations),
  };
}

export function groupDraft(namespace: string, content: GroupContent): GroupDraft {
  const { name, interval = "", query_offset: queryOffset = "", limit, labels, rules = [], ...foreign } = content;
  return {
    namespace,
    name,
    interval,
    queryOffset,
    limit: limit === undefined ? "" : String(limit),
    labels: pairsOf(labels),
    rules: rules.map(ruleDraft),
    foreign,
  };
}

/** @param expr expression of the first rule */
export const emptyDraft = (namespace: string, expr = ""): GroupDraft => ({
  ...groupDraft(namespace, { name: "" }),
  rules: [newRule(expr)],
});

/** Returns the fields whose value is not empty. */
const present = <T extends Readonly<Record<string, unknown>>>(fields: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== "" && !(typeof value === "object" && value !== null && Object.keys(value).length === 0),
    ),
  ) as Partial<T>;

function ruleContent({ kind, name, expr, forText, keepFiringFor, labels, annotations }: RuleDraft): RuleContent {
  const isAlert = kind === "alert";
  return {
    [kind]: name,
    expr,
    ...present({
      for: isAlert ? forText.trim() : "",
      keep_firing_for: isAlert ? keepFiringFor.trim() : "",
      labels: textsOf(labels),
      annotations: isAlert ? textsOf(annotations) : {},
    }),
  };
}

/** Returns the group as a rule file contains it. Empty fields are left out. */
export function contentOf({ name, interval, queryOffset, limit, labels, rules, foreign }: GroupDraft): GroupContent {
  return {
    name,
    ...(present({ interval: interval.trim(), query_offset: queryOffset.trim() }) as Partial<GroupContent>),
    ...(/^\d+$/.test(limit.trim()) && { limit: Number(limit) }),
    ...(present({ labels: textsOf(labels) }) as Partial<GroupContent>),
    rules: rules.map(ruleContent),
    ...foreign,
  };
}

/** Returns the first field that must be filled in before the group can be saved, as a sentence; undefined if none is. */
export function draftProblem({ namespace, name, limit, labels, rules }: GroupDraft): string | undefined {
  if (namespace.trim() === "") return "Enter a namespace.";
  if (name.trim() === "") return "Enter a name for the group.";
  if (limit.trim() !== "" && !/^\d+$/.test(limit.trim())) return "The limit must be a number.";
  for (const [index, rule] of rules.entries()) {
    const which = `Rule ${index + 1}`;
    if (rule.name.trim() === "") return `${which} needs a name.`;
    if (rule.expr.trim() === "") return `${which} needs an expression.`;
    const repeated = repeatedName(rule.labels) ?? repeatedName(rule.annotations);
    if (repeated !== undefined) return `${which} has two fields with the name ${repeated}.`;
  }
  const repeated = repeatedName(labels);
  return repeated === undefined ? undefined : `The group has two labels with the name ${repeated}.`;
}

function repeatedName(pairs: readonly Pair[]): string | undefined {
  const names = pairs.map(({ name }) => name).filter((name) => name !== "");
  return names.find((name, index) => names.indexOf(name) !== index);
}

/** Returns the labels of an alert of the rule, without labels of series and with templates as they are. */
export const alertLabels = (group: GroupDraft, rule: RuleDraft): Readonly<Record<string, string>> => ({
  ...textsOf(group.labels),
  ...textsOf(rule.labels),
  alertname: rule.name,
});
