import {
  formatInterval,
  interpolate,
  type Panel,
  panelStep,
  promqlFormat,
  type ResolvedTimeRange,
  type SourceListing,
} from "@narthex/dashboards";
import { silenceMatchers } from "../../../alertmanager/silence-draft.ts";
import type { Silence } from "../../../api/alertmanager.ts";
import { ApiError, call, fetchJson } from "../../../api/request.ts";
import type { Alert, Rule, RuleGroup } from "../../../api/rule-data.ts";
import { parseApiTime } from "../../../format/instant.ts";
import { literalPattern } from "../../../format/literal-pattern.ts";
import { type LabelSet, quoteString, seriesKey } from "../../../format/series-name.ts";
import { sendQueries } from "../query-client.ts";
import { proxyUrl } from "../source-proxy.ts";
import { type ActiveAlert, activeAlerts } from "./active-alerts.ts";
import { valueTest } from "./label-tests.ts";
import type { MarkedSilence } from "../../contracts/marked-alert.ts";
import type { WatchedRule, WatchedSilence } from "./plot-alerts.ts";
import { ReadMetrics } from "./read-metrics.ts";

/**
 * Maximum number of alerts in each state that are read from a data source. More alerts would not be readable on a
 * dashboard.
 */
export const MAX_ALERTS = 250;
/** Number of steps of a query, which is one step for two or three pixels of a wide plot. */
const STEPS = 500;
/** Maximum number of alert names in a query. If there are more, the query returns alerts of all names. */
const MAX_NAMES = 100;

export interface KnownRules {
  readonly rules: readonly WatchedRule[];
  /** Annotations and start times of the currently active alerts, by the alerts' labels. */
  readonly now: ReadonlyMap<string, Pick<Alert, "annotations" | "activeAt">>;
  readonly metrics: ReadMetrics;
}

/**
 * Returns the rules of a server; undefined if the server has no rules.
 *
 * @throws {ApiError} if the server does not respond
 */
export async function fetchRules(source: SourceListing, signal: AbortSignal): Promise<KnownRules | undefined> {
  try {
    const url = `${proxyUrl(source.uid)}/api/v1/rules`;
    const { data } = await call<{ readonly groups?: readonly RuleGroup<Rule>[] } | null>(url, { signal });
    return knownRules((data?.groups ?? []).flatMap(({ rules }) => rules));
  } catch (error) {
    // A 4xx status means that the server has no rules API, as many servers that understand PromQL.
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return undefined;
    throw error;
  }
}

export function knownRules(all: readonly Rule[]): KnownRules {
  const metrics = new ReadMetrics(
    all.flatMap(({ type, name, query, labels = {} }) =>
      type === "recording" ? [{ name, query, labels: Object.keys(labels) }] : [],
    ),
  );
  const alerting = all.filter((rule) => rule.type === "alerting");
  const rules = alerting.map(({ name, query, labels = {}, annotations = {}, duration }): WatchedRule => ({
    name,
    labels,
    annotations,
    durationMs: duration * 1000,
    metrics: metrics.of(query),
  }));
  const now = new Map(
    alerting.flatMap(({ alerts }) => (alerts ?? []).map((alert) => [seriesKey(alert.labels), alert] as const)),
  );
  return { rules, now, metrics };
}

export interface FetchedAlerts {
  readonly alerts: readonly ActiveAlert[];
  /** Whether the server has more alerts than `MAX_ALERTS`. */
  readonly isCut: boolean;
  /** Error of the query for pending alerts; undefined if it succeeded. */
  readonly pendingError: string | undefined;
}

/**
 * Returns the alerts with the given names that were firing or pending within a range.
 * @throws {Error} with a readable message
 */
export async function fetchAlerts(
  source: SourceListing,
  names: readonly string[],
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<FetchedAlerts> {
  const { intervalMs, maxDataPoints } = panelStep({ maxDataPoints: STEPS }, source, range, STEPS, () => undefined);
  const datasource = { type: source.type, uid: source.uid };
  const step = formatInterval(intervalMs);
  const queries = ALERT_STATES.map((state) => ({
    refId: state,
    datasource,
    intervalMs,
    maxDataPoints,
    source: { expr: alertsQuery(state, names, step), range: true },
  }));
  const answers = await sendQueries(queries, range, signal);
  const failure = answers.get("firing")?.error;
  if (failure !== undefined) throw new Error(failure);
  const found = ALERT_STATES.map((state) => activeAlerts(answers.get(state)?.frames ?? [], range, intervalMs));
  return {
    alerts: found.flatMap((alerts) => alerts.slice(0, MAX_ALERTS)),
    isCut: found.some(({ length }) => length > MAX_ALERTS),
    // Firing alerts are returned even if the query for pending alerts failed.
    pendingError: answers.get("pending")?.error,
  };
}

/** States of alerts that are requested, the most important first. */
const ALERT_STATES = ["firing", "pending"] as const;

/**
 * Returns a query that finds at each step the alerts that were in a state since the previous step. The `last_over_time`
 * part finds alerts that were active for less than a step.
 */
export function alertsQuery(state: (typeof ALERT_STATES)[number], names: readonly string[], step: string): string {
  const some = names.length > MAX_NAMES ? "" : `,alertname=~${quoteString(names.map(literalPattern).join("|"))}`;
  const series = `ALERTS{alertstate="${state}"${some}}`;
  // The query asks for one alert more than the limit, to detect whether the limit is exceeded.
  return `topk(${MAX_ALERTS + 1}, ${series} or last_over_time(${series}[${step}]))`;
}

/** A silence with its matchers. */
export type FetchedSilence = MarkedSilence & WatchedSilence;

/**
 * Returns all silences of an Alertmanager: active, expired and future ones.
 * @throws {ApiError}
 */
export async function fetchSilences(manager: SourceListing, signal: AbortSignal): Promise<readonly FetchedSilence[]> {
  const all = await fetchJson<readonly Silence[]>(`${proxyUrl(manager.uid)}/api/v2/silences`, { signal });
  return all.flatMap((silence): readonly FetchedSilence[] => {
    const [startsAt, endsAt] = [parseApiTime(silence.startsAt), parseApiTime(silence.endsAt)];
    if (startsAt === null || endsAt === null) return [];
    const { id, createdBy, comment, status } = silence;
    const matchers = silenceMatchers(silence);
    const href = `/sources/${encodeURIComponent(manager.uid)}/silences/${encodeURIComponent(id)}`;
    const tests = matchers.map((matcher) => ({
      label: matcher.name,
      test: valueTest(matcher) ?? (() => false),
      isNegated: matcher.operator.startsWith("!"),
    }));
    return [{ id, state: status.state, matchers, createdBy, comment, startsAt, endsAt, href, tests }];
  });
}

/** Returns the PromQL expressions of a panel's queries to some data sources. */
export const expressionsOf = (
  panel: Panel,
  isOfSource: (target: Panel["targets"][number]) => boolean,
  lookup: Parameters<typeof interpolate>[1],
): readonly string[] =>
  panel.targets.flatMap((target) => {
    const { expr } = target.source;
    if (target.hide || typeof expr !== "string" || expr === "" || !isOfSource(target)) return [];
    return [interpolate(expr, lookup, promqlFormat)];
  });

/** Returns the annotations and the start time of an alert that is active now. */
export const alertNow = ({ now }: KnownRules, labels: LabelSet) => now.get(seriesKey(labels));
