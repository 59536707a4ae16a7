import type { GroupContent, RuleContent, StoredNamespace } from "../../../api/stored-rules.ts";

/** The namespace and the group in which a rule is stored. */
export interface RulePlace {
  readonly namespace: string;
  readonly group: string;
}

/** A group with the rule added, and the condition of its change. */
export interface ChangedGroup {
  readonly content: GroupContent;
  /** Tag of the group that is changed; null for a new group. */
  readonly tag: string | null;
  /** Whether the rule replaces an alert of the same name and severity. */
  readonly isReplaced: boolean;
}

const isSameAlert = (a: RuleContent, b: RuleContent): boolean =>
  a.alert !== undefined && a.alert === b.alert && a.labels?.["severity"] === b.labels?.["severity"];

/** Adds a rule to the group of a place, or to a new group. All other rules and fields of the group stay as they are. */
export function groupWithRule(
  namespaces: readonly StoredNamespace[],
  { namespace, group }: RulePlace,
  rule: RuleContent,
): ChangedGroup {
  const stored = namespaces
    .find(({ name }) => name === namespace)
    ?.groups.find(({ content }) => content.name === group);
  if (stored === undefined) return { content: { name: group, rules: [rule] }, tag: null, isReplaced: false };
  const { rules = [] } = stored.content;
  const at = rules.findIndex((one) => isSameAlert(one, rule));
  const changed = at === -1 ? [...rules, rule] : rules.with(at, rule);
  return { content: { ...stored.content, rules: changed }, tag: stored.tag, isReplaced: at !== -1 };
}

/** Returns why a rule cannot be stored in a place, as a sentence; undefined if nothing prevents it. */
export function placeProblem({ namespace, group }: RulePlace): string | undefined {
  if (namespace.trim() === "") return "Enter a namespace.";
  return group.trim() === "" ? "Enter a name for the group." : undefined;
}
