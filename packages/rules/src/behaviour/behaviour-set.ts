import { nearest, type Position, type Problem } from "@narthex/config";
import { type Expr, parseExpression, type ParserOptions, printExpression, valueTypeOf } from "@narthex/promql";
import { runToEnd, type Steps } from "@narthex/runtime";
import type { AlertingSpec, GroupSpec, RuleSpec } from "../rule-spec.ts";
import type { AlertBehaviour, BehaviourQuery, Recovery } from "./alert-behaviour.ts";
import type { BehaviourEntry } from "./behaviour-file.ts";
import { dataExpression } from "./data-expression.ts";
import { thresholdCondition } from "./recovery-expression.ts";

/** A group whose rules have their behaviours, the entries that were used, and the problems that were found. */
export interface GroupWithBehaviours {
  readonly spec: GroupSpec;
  readonly used: readonly BehaviourEntry[];
  readonly problems: readonly Problem[];
}

/** The entries of all behaviour files. */
export class BehaviourSet {
  readonly entries: readonly BehaviourEntry[];
  readonly #byAlert: ReadonlyMap<string, readonly BehaviourEntry[]>;
  readonly #parser: ParserOptions;
  /** Results by group, so that a group gets the same object again. */
  readonly #known = new WeakMap<GroupSpec, GroupWithBehaviours>();

  constructor(entries: readonly BehaviourEntry[], parser: ParserOptions) {
    this.entries = entries;
    this.#byAlert = Map.groupBy(entries, ({ alert }) => alert);
    this.#parser = parser;
  }

  /** Returns a group of a rule file with the behaviours of its rules. A rule with a problem has no behaviour. */
  apply(file: string, spec: GroupSpec): GroupWithBehaviours {
    return runToEnd(this.applyInSteps(file, spec));
  }

  /** Does the same as apply(). A step is one rule. */
  *applyInSteps(file: string, spec: GroupSpec): Steps<GroupWithBehaviours> {
    let result = this.#known.get(spec);
    if (result === undefined) this.#known.set(spec, (result = yield* this.#applied(file, spec)));
    return result;
  }

  *#applied(file: string, spec: GroupSpec): Steps<GroupWithBehaviours> {
    const used: BehaviourEntry[] = [];
    const problems: Problem[] = [];
    const withBehaviour = (rule: RuleSpec): RuleSpec => {
      if (rule.kind !== "alerting") return rule;
      const [entry, second] = this.#entriesFor(rule, spec.name, file);
      if (entry === undefined) return rule;
      used.push(entry);
      const report = reporterFor(entry, rule, spec.name, problems);
      if (second !== undefined) {
        used.push(second);
        const message = `the behaviour is already set in ${entry.source}:${entry.at.self.line}`;
        reporterFor(
          second,
          rule,
          spec.name,
          problems,
        )(second.at.self, message, "remove one entry, or add labels to both");
        return rule;
      }
      const count = problems.length;
      const behaviour = this.#compiled(entry, rule, report);
      return problems.length > count ? rule : { ...rule, behaviour };
    };
    const rules: RuleSpec[] = [];
    for (const rule of spec.rules) {
      yield;
      rules.push(withBehaviour(rule));
    }
    return { spec: used.length === 0 ? spec : { ...spec, rules }, used, problems };
  }

  #entriesFor({ name, labels }: AlertingSpec, group: string, file: string): readonly BehaviourEntry[] {
    return (this.#byAlert.get(name) ?? []).filter(
      (entry) =>
        (entry.group === "" || entry.group === group) &&
        (entry.file === "" || entry.file === file || file.endsWith(`/${entry.file}`)) &&
        [...entry.labels].every(([label, value]) => (labels.get(label) ?? "") === value),
    );
  }

  #compiled(entry: BehaviourEntry, rule: AlertingSpec, report: Say): AlertBehaviour {
    const { at, onNoData, source, damping } = entry;
    const data = entry.data === undefined ? this.#dataOf(rule) : this.#parsed("data", entry.data, at.data, report);
    if (onNoData !== undefined && data === undefined && entry.data === undefined)
      report(
        at.onNoData,
        "the expression of the rule always has data, because it contains absent(), vector() or no selector",
        "remove on_no_data, or write data: with an expression that returns the label sets that have data",
      );
    return {
      onNoData,
      data,
      recovery: this.#recoveryOf(entry, rule, report),
      damping,
      file: source,
      line: at.self.line,
    };
  }

  #dataOf({ expr }: AlertingSpec): BehaviourQuery | undefined {
    const data = dataExpression(expr);
    return data === undefined || valueTypeOf(data) !== "vector" ? undefined : this.#queryOf(data);
  }

  #recoveryOf(entry: BehaviourEntry, rule: AlertingSpec, report: Say): Recovery | undefined {
    const { at, recoveryExpr, recoveryThreshold } = entry;
    if (recoveryExpr !== undefined) {
      const query = this.#parsed("recovery_expr", recoveryExpr, at.recoveryExpr, report);
      return query === undefined ? undefined : { ...query, threshold: undefined };
    }
    if (recoveryThreshold === undefined) return undefined;
    const condition = thresholdCondition(rule.expr, recoveryThreshold);
    if (condition.ok) return { ...this.#queryOf(condition.expr), threshold: condition.threshold };
    report(at.recoveryThreshold, condition.message, condition.hint);
    return undefined;
  }

  #parsed(name: string, text: string, at: Position, report: Say): BehaviourQuery | undefined {
    const parsed = parseExpression(text, this.#parser);
    if (!parsed.ok) report(at, `${name}: could not parse expression: ${parsed.errors[0].toString()}`, "");
    else if (valueTypeOf(parsed.expr) !== "vector")
      report(
        at,
        `${name}: the expression returns no instant vector`,
        "write an expression with the labels of the rule",
      );
    else return { expr: parsed.expr, text: printExpression(parsed.expr) };
    return undefined;
  }

  /** Returns an expression that was made of parts of another, parsed again, so that its positions are those of its text. */
  #queryOf(expr: Expr): BehaviourQuery {
    const text = printExpression(expr);
    const parsed = parseExpression(text, this.#parser);
    return { expr: parsed.ok ? parsed.expr : expr, text };
  }
}

type Say = (at: Position, message: string, hint: string) => void;

const reporterFor =
  (entry: BehaviourEntry, rule: AlertingSpec, group: string, problems: Problem[]): Say =>
  ({ line, column }, message, hint) =>
    void problems.push({
      file: entry.source,
      line,
      column,
      code: "behaviour",
      message: `alert ${JSON.stringify(rule.name)} of group ${JSON.stringify(group)}: ${message}`,
      hint,
    });

/** Applies a set to the groups of several rule files, and collects the problems. */
export class BehaviourUse {
  readonly #set: BehaviourSet;
  readonly #used = new Set<BehaviourEntry>();
  readonly #problems: Problem[] = [];
  readonly #files = new Map<string, GroupSpec[]>();

  constructor(set: BehaviourSet) {
    this.#set = set;
  }

  /** Returns a group of a rule file with the behaviours of its rules. */
  *applyInSteps(file: string, spec: GroupSpec): Steps<GroupSpec> {
    if (this.#set.entries.length === 0) return spec;
    const result = yield* this.#set.applyInSteps(file, spec);
    for (const entry of result.used) this.#used.add(entry);
    for (const problem of result.problems) this.#problems.push(problem);
    const specs = this.#files.get(file) ?? [];
    specs.push(spec);
    this.#files.set(file, specs);
    return result.spec;
  }

  /** Does the same as applyInSteps(), in one step. */
  apply(file: string, spec: GroupSpec): GroupSpec {
    return runToEnd(this.applyInSteps(file, spec));
  }

  /** The problems of the groups. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Returns a problem for each entry that is for no rule. A step is a few comparisons of names. */
  unusedInSteps(): Steps<readonly Problem[]> {
    return unusedEntries(this.#set, this.#used, this.#files);
  }
}

/** Names of rules with which the names of an entry are compared. */
interface KnownNames {
  readonly group: ReadonlySet<string>;
  readonly alert: ReadonlySet<string>;
}

/** Returns a problem for each entry without a rule. The first ones name the most similar alert or group. */
function* unusedEntries(
  { entries }: BehaviourSet,
  used: ReadonlySet<BehaviourEntry>,
  files: ReadonlyMap<string, readonly GroupSpec[]>,
): Steps<readonly Problem[]> {
  const unused = entries.filter((entry) => !used.has(entry));
  if (unused.length === 0) return [];
  const names = { group: new Set<string>(), alert: new Set<string>() };
  for (const { name, rules } of [...files.values()].flat()) {
    yield;
    names.group.add(name);
    for (const rule of rules) if (rule.kind === "alerting") names.alert.add(rule.name);
  }
  const problems: Problem[] = [];
  for (const [i, entry] of unused.entries())
    problems.push({
      file: entry.source,
      line: entry.at.alert.line,
      column: entry.at.alert.column,
      code: "unused-behaviour",
      message: `no alert ${JSON.stringify(entry.alert)}${placeOf(entry)} in the rule files`,
      hint: i < MAX_HINTS ? yield* hintFor(entry, names) : USUAL_HINT,
    });
  return problems;
}

const placeOf = ({ group, file, labels }: BehaviourEntry): string =>
  [
    group === "" ? "" : ` of group ${JSON.stringify(group)}`,
    file === "" ? "" : ` of file ${JSON.stringify(file)}`,
    labels.size === 0 ? "" : " with these labels",
  ].join("");

/** Number of entries for which a similar name is searched. */
const MAX_HINTS = 20;
/** Number of names with which a wrong name is compared, and the longest name that is compared. */
const [MAX_COMPARED, MAX_NAME] = [1000, 100];
/** Number of names that are compared in one step. */
const NAMES_PER_STEP = 50;
const USUAL_HINT = "correct group, file and labels as in the rule file";

function* hintFor(entry: BehaviourEntry, names: KnownNames): Steps<string> {
  for (const kind of ["alert", "group"] as const) {
    const wrong = entry[kind];
    if (wrong === "" || names[kind].has(wrong)) continue;
    const similar = wrong.length > MAX_NAME ? undefined : yield* similarName(wrong, names[kind]);
    return similar === undefined ? `write ${kind}: as in the rule file` : `write ${kind}: ${similar}?`;
  }
  return USUAL_HINT;
}

function* similarName(wrong: string, names: ReadonlySet<string>): Steps<string | undefined> {
  const compared = [...names.values().take(MAX_COMPARED)].filter(({ length }) => length <= MAX_NAME);
  const similar: string[] = [];
  for (let from = 0; from < compared.length; from += NAMES_PER_STEP) {
    yield;
    const best = nearest(wrong, compared.slice(from, from + NAMES_PER_STEP));
    if (best !== undefined) similar.push(best);
  }
  return nearest(wrong, similar);
}
