import { createHash } from "node:crypto";
import { ApiError, invalidParameter } from "@narthex/http";
import { formatExponent, Labels, type Matcher, matchesAll, quote } from "@narthex/model";
import { parseSelectors, printExpression } from "@narthex/promql";
import { LazyList, listForJson } from "@narthex/runtime";
import type { Alert } from "./alert.ts";
import type { AlertingRuleState } from "./alerting-rule-state.ts";
import { behaviourJson } from "./behaviour/behaviour-json.ts";
import type { RuleGroup } from "./group.ts";
import type { RuleManager } from "./manager.ts";
import type { RunningRule } from "./running-rule.ts";

/** Go's zero time, which means that an event has not happened yet. */
const NEVER = "0001-01-01T00:00:00Z";

const timeText = (ms: number): string => (ms === 0 ? NEVER : rfc3339(ms));

/** Formats a time as RFC 3339 with up to nine decimals of the second, without trailing zeros. */
function rfc3339(ms: number): string {
  const iso = new Date(ms).toISOString();
  const nanos = String(Math.floor((ms % 1000) * 1e6))
    .padStart(9, "0")
    .replace(/0+$/, "");
  return nanos === "" ? `${iso.slice(0, 19)}Z` : `${iso.slice(0, 19)}.${nanos}Z`;
}

/** Returns the label sets that an alert has at the Alertmanagers, after external labels and relabeling. */
type SentLabels = (labels: Labels) => readonly Labels[];

/** Returns one alert as the JSON object of the API. */
function alertJson(alert: Alert, sentLabels?: SentLabels): Record<string, unknown> {
  return {
    labels: alert.labels.toRecord(),
    annotations: Object.fromEntries(alert.annotations),
    state: alert.state,
    activeAt: timeText(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === undefined ? {} : { keepFiringSince: timeText(alert.keepFiringSinceMs) }),
    value: formatExponent(alert.value),
    ...(alert.heldBy === undefined ? {} : { heldBy: alert.heldBy }),
    ...(alert.heldUntilMs === undefined ? {} : { heldUntil: timeText(alert.heldUntilMs) }),
    ...(sentLabels === undefined ? {} : { sentLabels: sentLabels(alert.labels).map((labels) => labels.toRecord()) }),
  };
}

const labelsOf = (rule: RunningRule): Record<string, string> => Labels.of(rule.spec.labels).toRecord();

function ruleJson(
  rule: RunningRule,
  { excludeAlerts, limit, sentLabels }: Pick<Filter, "excludeAlerts" | "limit" | "sentLabels">,
): Record<string, unknown> {
  const { spec, alertState } = rule;
  const common = {
    name: spec.name,
    query: printExpression(spec.expr),
  };
  const status = {
    health: rule.health,
    ...(rule.lastError === undefined ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationTime,
    lastEvaluation: timeText(rule.lastEvaluationMs),
  };
  if (spec.kind === "recording" || alertState === undefined) {
    return { ...common, labels: labelsOf(rule), ...status, type: "recording" };
  }
  return {
    state: rule.health === "unknown" ? "unknown" : alertState.state,
    ...common,
    duration: spec.forMs / 1000,
    keepFiringFor: spec.keepFiringForMs / 1000,
    labels: labelsOf(rule),
    annotations: Object.fromEntries(spec.annotations),
    alerts: excludeAlerts ? null : listForJson(shownAlerts(alertState, limit), (alert) => alertJson(alert, sentLabels)),
    ...status,
    type: "alerting",
    ...(spec.behaviour === undefined ? {} : { behaviour: behaviourJson(spec.behaviour) }),
  };
}

/** Returns the active alerts of a rule whose labels the matchers accept. */
const shownAlerts = (
  { activeAlerts }: Pick<AlertingRuleState, "activeAlerts">,
  limit: readonly Matcher[],
): readonly Alert[] =>
  limit.length === 0 ? activeAlerts : activeAlerts.filter(({ labels }) => matchesAll(limit, labels));

/** Reports whether the matchers accept the labels of a rule or of one of its alerts. */
const isShown = ({ spec, alertState }: RunningRule, limit: readonly Matcher[]): boolean =>
  matchesAll(limit, Labels.of(spec.labels)) || (alertState !== undefined && shownAlerts(alertState, limit).length > 0);

interface Filter {
  readonly type: "alerting" | "recording" | undefined;
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly excludeAlerts: boolean;
  /** Matchers for the rules and alerts that the sender of the request may read. Without matchers, there is no limit. */
  readonly limit: readonly Matcher[];
  /** Set if the answer also contains the labels that each alert has at the Alertmanagers. */
  readonly sentLabels: SentLabels | undefined;
}

/** Name of the parameter that adds these labels. Prometheus ignores the parameter. */
const SENT_LABELS = "narthex_sent_labels";

/**
 * Parses the parameters of a request. The parameters are checked in this order, which decides which invalid parameter
 * is reported.
 */
function filterOf(values: URLSearchParams, { limit = [], sentLabels }: RulesAnswerOptions): Filter {
  const matcherSets = selectorsOf(values.getAll("match[]"));
  const type = (values.get("type") ?? "").toLowerCase();
  if (type !== "" && type !== "alert" && type !== "record") {
    throw invalidParameter("type", `not supported value ${quote(values.get("type") ?? "")}`);
  }
  return {
    type: type === "" ? undefined : type === "alert" ? "alerting" : "recording",
    names: new Set(values.getAll("rule_name[]")),
    groups: new Set(values.getAll("rule_group[]")),
    files: new Set(values.getAll("file[]")),
    matcherSets,
    excludeAlerts: boolParameter(values, "exclude_alerts"),
    limit,
    sentLabels: boolParameter(values, SENT_LABELS) ? sentLabels : undefined,
  };
}

function selectorsOf(texts: readonly string[]): readonly (readonly Matcher[])[] {
  const parsed = parseSelectors(texts);
  if (!parsed.ok) throw new ApiError("bad_data", parsed.errors[0].toString());
  if (parsed.selectors.some((matchers) => matchers.every((matcher) => matcher.matchesEmpty))) {
    throw new ApiError("bad_data", "match[] must contain at least one non-empty matcher");
  }
  return parsed.selectors;
}

const TRUE = new Set(["1", "t", "true"]);
const FALSE = new Set(["", "0", "f", "false"]);

function boolParameter(values: URLSearchParams, name: string): boolean {
  const text = (values.get(name) ?? "").toLowerCase();
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw invalidParameter(name, `error converting ${name}: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}

const allows = (set: ReadonlySet<string>, name: string): boolean => set.size === 0 || set.has(name);

function rulesIn(group: RuleGroup, filter: Filter): readonly RunningRule[] {
  if (!allows(filter.groups, group.spec.name) || !allows(filter.files, group.file)) return [];
  return group.rules.filter((rule) => {
    if (filter.type !== undefined && filter.type !== rule.spec.kind) return false;
    if (!allows(filter.names, rule.spec.name)) return false;
    if (filter.limit.length > 0 && !isShown(rule, filter.limit)) return false;
    const { matcherSets } = filter;
    return matcherSets.length === 0 || matcherSets.some((set) => matchesAll(set, Labels.of(rule.spec.labels)));
  });
}

interface Page {
  /** Maximum number of rule groups in the response; 0 for no limit. */
  readonly limit: number;
  readonly token: string;
}

function pageOf(values: URLSearchParams): Page {
  const limitText = values.get("group_limit") ?? "";
  const token = values.get("group_next_token") ?? "";
  if (limitText === "") {
    if (token === "") return { limit: 0, token };
    throw invalidParameter("group_next_token", "group_limit needs to be present in order to paginate over the groups");
  }
  const isNumber = /^[-+]?\d+$/.test(limitText);
  if (!isNumber || Number(limitText) !== (Number(limitText) | 0)) {
    const problem = isNumber ? "value out of range" : "invalid syntax";
    const reason = `strconv.ParseInt: parsing ${quote(limitText)}: ${problem}`;
    throw invalidParameter("group_limit", `group_limit needs to be a valid number: ${reason}`);
  }
  if (Number(limitText) <= 0) throw invalidParameter("group_limit", "group_limit needs to be greater than 0");
  return { limit: Number(limitText), token };
}

const tokenOf = (group: RuleGroup): string => createHash("sha256").update(group.key).digest("hex");

interface RulesAnswerOptions {
  /** Matchers that limit the answer to rules and alerts with such labels. None for no limit. */
  readonly limit?: readonly Matcher[];
  readonly sentLabels?: SentLabels;
}

/**
 * Returns the JSON `data` of `GET /api/v1/rules`, with lists that are made while they are written. Throws ApiError for invalid parameters.
 */
export function rulesAnswer(manager: RuleManager, values: URLSearchParams, options: RulesAnswerOptions = {}): object {
  const filter = filterOf(values, options);
  const page = pageOf(values);
  const groups = manager.groups;
  const start = page.token === "" ? 0 : groups.findIndex((group) => tokenOf(group) === page.token);
  if (start === -1) {
    const problem = `invalid group_next_token '${page.token}'. were rule groups changed?`;
    throw invalidParameter("group_next_token", problem);
  }
  const shown: ShownGroup[] = [];
  const answer = { groups: new LazyList(shown, (one) => groupJson(one, filter)) };
  for (const group of groups.slice(start)) {
    const rules = rulesIn(group, filter);
    if (rules.length === 0 && isFiltered(filter)) continue;
    if (page.limit > 0 && shown.length === page.limit) return { ...answer, groupNextToken: tokenOf(group) };
    shown.push({ group, rules });
  }
  return answer;
}

const isFiltered = ({ type, names, groups, files, matcherSets, limit }: Filter): boolean =>
  type !== undefined || names.size + groups.size + files.size + matcherSets.length + limit.length > 0;

/** A group of an answer, and those of its rules that the answer has. */
interface ShownGroup {
  readonly group: RuleGroup;
  readonly rules: readonly RunningRule[];
}

const groupJson = ({ group, rules }: ShownGroup, filter: Filter): unknown => ({
  name: group.spec.name,
  file: group.file,
  rules: new LazyList(rules, (rule) => ruleJson(rule, filter)),
  interval: group.intervalMs / 1000,
  limit: group.spec.limit,
  evaluationTime: group.numbers.lastDuration,
  lastEvaluation: timeText(group.numbers.lastEvaluationMs),
});

/**
 * Returns the JSON `data` of `GET /api/v1/alerts`: pending and firing alerts.
 * @param limit matchers that limit the answer to alerts with such labels; none for no limit
 */
export function alertsAnswer(manager: RuleManager, limit: readonly Matcher[] = []): object {
  const states = manager.groups.flatMap((group) =>
    group.rules.flatMap(({ alertState }) => (alertState === undefined ? [] : [alertState])),
  );
  return {
    alerts: new LazyList(
      states.flatMap((state) => shownAlerts(state, limit)),
      (alert) => alertJson(alert),
    ),
  };
}
