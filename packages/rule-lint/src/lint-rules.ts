import type { Position } from "@narthex/config";
import type { Labels } from "@narthex/model";
import type { ParserOptions } from "@narthex/promql";
import type { GroupSpec } from "@narthex/rules";
import { type Clock, TimeSlice } from "@narthex/runtime";
import { costOf, type RuleCost } from "./checks/cost.ts";
import { RULE_CHECKS } from "./checks/registry.ts";
import { type LintComment, lintComments } from "./comments/lint-comments.ts";
import { LimitedData, type StoredData } from "./data/stored-data.ts";
import type { Finding, Severity } from "./finding.ts";
import { LintContext } from "./lint-context.ts";
import type { LintedRule, Subject } from "./linted-rule.ts";
import { rulePlaces } from "./places/rule-place.ts";
import { SourceText } from "./places/scalar-offset.ts";
import { DEFAULT_POLICY, type Policy } from "./policy/policy.ts";

/** Names of all checks. `lint-comment` reports comments that are not understood. */
export const CHECK_NAMES: ReadonlySet<string> = new Set([...RULE_CHECKS.map(({ name }) => name), "lint-comment"]);

/** A rule file to check. */
export interface LintedFile {
  readonly file: string;
  readonly groups: readonly GroupSpec[];
  /** Text of the file, for positions and comments; undefined if it is not known. */
  readonly source: string | undefined;
}

export interface LintRequest {
  readonly files: readonly LintedFile[];
  readonly clock: Clock;
  readonly parser: ParserOptions;
  readonly policy?: Policy;
  readonly lookbackMs?: number;
  /** Evaluation interval of groups without an interval, ms. */
  readonly evaluationIntervalMs?: number;
  readonly scrapeIntervalMs?: number | undefined;
  readonly externalLabels?: Labels | undefined;
  readonly data?: StoredData | undefined;
  /** Maximum number of queries for stored series. */
  readonly maxQueries?: number;
  /** Time in ms in which queries may begin. */
  readonly maxQueryMs?: number;
  readonly signal?: AbortSignal;
}

/** The cost of one evaluation of a rule. */
export interface CostOfRule extends RuleCost {
  readonly file: string;
  readonly group: string;
  readonly rule: string;
  readonly ruleIndex: number;
}

export interface LintReport {
  /** Findings in the order of files, rules and checks. */
  readonly findings: readonly Finding[];
  /** Costs of the rules. Empty without stored series. */
  readonly costs: readonly CostOfRule[];
  /** False if a limit was reached, so that some rules were not compared with stored series. */
  readonly isComplete: boolean;
}

const MAX_FINDINGS = 10_000;
const MAX_QUERIES = 20_000;

/** Checks rule files together. Long work yields to the event loop between two rules. */
export async function lintRules(request: LintRequest): Promise<LintReport> {
  const { clock, signal, policy = DEFAULT_POLICY } = request;
  const slice = new TimeSlice(clock);
  const { maxQueries = MAX_QUERIES, maxQueryMs = Infinity } = request;
  const latest = clock.monotonic() + maxQueryMs;
  const isLate = (): boolean => clock.monotonic() > latest;
  const data = request.data === undefined ? undefined : new LimitedData(request.data, maxQueries, isLate);
  const findings: Finding[] = [];
  const files = request.files.map((file) => openFile(file, policy, findings));
  const rules = files.flatMap((file) => file.rules);
  const context = new LintContext({
    rules,
    policy,
    data,
    parser: request.parser,
    now: clock.now(),
    lookbackMs: request.lookbackMs ?? 300_000,
    evaluationIntervalMs: request.evaluationIntervalMs ?? 60_000,
    scrapeIntervalMs: request.scrapeIntervalMs,
    externalLabels: request.externalLabels,
  });
  for (const rule of rules) {
    context.add(rule);
    await slice.yieldToEventLoop();
  }
  const costs: CostOfRule[] = [];
  for (const { rules: own, comments } of files) {
    for (const rule of own) {
      signal?.throwIfAborted();
      for (const finding of await findingsOf(rule, comments, context))
        if (findings.length < MAX_FINDINGS) findings.push(finding);
      const { file, group, index, spec } = rule;
      const cost = await costOf(rule, context);
      if (cost !== undefined) costs.push({ file, group: group.name, rule: spec.name, ruleIndex: index, ...cost });
      await slice.yieldToEventLoop();
    }
  }
  return { findings, costs, isComplete: data?.isExhausted !== true && findings.length < MAX_FINDINGS };
}

interface OpenFile {
  readonly rules: readonly LintedRule[];
  readonly comments: readonly LintComment[];
}

function openFile({ file, groups, source: text }: LintedFile, policy: Policy, findings: Finding[]): OpenFile {
  const source = text === undefined ? undefined : new SourceText(text);
  const places = source === undefined ? undefined : rulePlaces(source, file, groups);
  const rules = groups.flatMap((group) =>
    group.rules.map((spec, index): LintedRule => ({ file, group, index, spec, place: places?.get(spec) })),
  );
  const { comments, problems } =
    source === undefined ? { comments: [], problems: [] } : lintComments(source, CHECK_NAMES);
  const severity = policy.severities.get("lint-comment") ?? "warning";
  if (severity !== "off")
    for (const problem of problems)
      findings.push({ check: "lint-comment", severity, file, group: "", rule: "", ruleIndex: -1, ...problem });
  return { rules, comments };
}

async function findingsOf(
  rule: LintedRule,
  comments: readonly LintComment[],
  context: LintContext,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of RULE_CHECKS) {
    const { name, severity: usual } = check;
    const set = context.options.policy.severities.get(name);
    if (set === "off" || isDisabled(name, rule, comments)) continue;
    await check.check(rule, context, (subject, message, remedy, own) => {
      const severity: Severity = set ?? own ?? usual;
      const { line, column } = positionOf(rule, subject);
      const { file, group, index, spec } = rule;
      findings.push({
        check: name,
        severity,
        file,
        line,
        column,
        group: group.name,
        rule: spec.name,
        ruleIndex: index,
        message,
        remedy,
      });
    });
  }
  return findings;
}

const isDisabled = (check: string, { place }: LintedRule, comments: readonly LintComment[]): boolean =>
  comments.some(({ scope, line, checks }) => {
    if (!checks.includes(check)) return false;
    return scope === "file" || (place !== undefined && line >= place.firstLine && line <= place.lastLine);
  });

function positionOf({ place }: LintedRule, subject: Subject): Position {
  if (place === undefined) return { line: 0, column: 0 };
  switch (subject.part) {
    case "rule":
      return place.rule;
    case "for":
      return place.key("for");
    case "expr":
      return place.expression(subject.node.position.start);
    default:
      return place.text(subject.part, subject.name, subject.offset);
  }
}
