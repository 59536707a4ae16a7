import { formatInterval, interpolate, type Panel, promqlFormat, type ResolvedTimeRange } from "@narthex/dashboards";
import { silenceMatchers } from "../../alertmanager/silence-draft.ts";
import type { Silence } from "../../api/alertmanager.ts";
import { ApiError, call, callBare } from "../../api/request.ts";
import type { Alert, Rule, RuleGroup } from "../../api/rule-data.ts";
import { parseApiTime } from "../../format/instant.ts";
import { type LabelSet, quoteString, seriesKey } from "../../format/series-name.ts";
import { panelStep, type SourceListing } from "../query/ask-panel.ts";
import { askQueries } from "../query/query-client.ts";
import { proxyUrl } from "../query/source-proxy.ts";
import { type ActiveAlert, activeAlerts } from "./active-alerts.ts";
import { valueTest } from "./label-tests.ts";
import type { MarkedSilence } from "./marked-alert.ts";
import { literalPattern } from "./panel-silence.ts";
import type { WatchedRule, WatchedSilence } from "./plot-alerts.ts";
import { ReadMetrics } from "./read-metrics.ts";

/** Alerts of a source that are looked at, of those that fire and of those that wait to; a dashboard on which more do is read elsewhere. */
export const MOST_ALERTS = 250;
/** Steps of the answer: two pixels or three of a wide plot. */
const STEPS = 500;
/** More names than these are not asked for one by one. */
const MOST_NAMES = 100;

/** What a server's rules say. */
export interface KnownRules {
  readonly rules: readonly WatchedRule[];
  /** What is active now, by its labels: what the rules' texts come to, and since when. */
  readonly now: ReadonlyMap<string, Pick<Alert, "annotations" | "activeAt">>;
  readonly metrics: ReadMetrics;
}

/**
 * The rules of a server; undefined where it has none that could be asked for.
 *
 * @throws {ApiError} where it does not answer
 */
export async function askRules(source: SourceListing, signal: AbortSignal): Promise<KnownRules | undefined> {
  try {
    const url = `${proxyUrl(source.uid)}/api/v1/rules`;
    const { data } = await call<{ readonly groups?: readonly RuleGroup<Rule>[] } | null>(url, { signal });
    return knownRules((data?.groups ?? []).flatMap(({ rules }) => rules));
  } catch (error) {
    // Others that answer PromQL have no rules, and say so in many ways.
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
  const rules = alerting.map(({ name, query, labels = {}, annotations = {} }): WatchedRule => ({
    name,
    labels,
    annotations,
    metrics: metrics.of(query),
  }));
  const now = new Map(
    alerting.flatMap(({ alerts }) => (alerts ?? []).map((alert) => [seriesKey(alert.labels), alert] as const)),
  );
  return { rules, now, metrics };
}

/** What `ALERTS` tells of alerts. */
export interface AskedAlerts {
  readonly alerts: readonly ActiveAlert[];
  /** There are more. */
  readonly isCut: boolean;
  /** Why those that waited to fire are not among them; undefined where they are. */
  readonly pendingError: string | undefined;
}

/** The alerts of these names that fired within a range, or waited to. @throws {Error} with a sentence */
export async function askAlerts(
  source: SourceListing,
  names: readonly string[],
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<AskedAlerts> {
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
  const answers = await askQueries(queries, range, signal);
  const failure = answers.get("firing")?.error;
  if (failure !== undefined) throw new Error(failure);
  const found = ALERT_STATES.map((state) => activeAlerts(answers.get(state)?.frames ?? [], range, intervalMs));
  return {
    alerts: found.flatMap((alerts) => alerts.slice(0, MOST_ALERTS)),
    isCut: found.some(({ length }) => length > MOST_ALERTS),
    // Those that fired are there without them.
    pendingError: answers.get("pending")?.error,
  };
}

/** Those that fire come first. */
const ALERT_STATES = ["firing", "pending"] as const;

/**
 * Whether alerts are in a state at a step or were since the one before it. They end as their series do, at once; those that last for less than
 * a step would be missed without the second half.
 */
export function alertsQuery(state: (typeof ALERT_STATES)[number], names: readonly string[], step: string): string {
  const some = names.length > MOST_NAMES ? "" : `,alertname=~${quoteString(names.map(literalPattern).join("|"))}`;
  const series = `ALERTS{alertstate="${state}"${some}}`;
  // One more than is looked at tells that there are more.
  return `topk(${MOST_ALERTS + 1}, ${series} or last_over_time(${series}[${step}]))`;
}

/** A silence with what it is for. */
export type AskedSilence = MarkedSilence & WatchedSilence;

/** The silences of an Alertmanager that hold within a range, held or will hold. @throws {ApiError} */
export async function askSilences(manager: SourceListing, signal: AbortSignal): Promise<readonly AskedSilence[]> {
  const all = await callBare<readonly Silence[]>(`${proxyUrl(manager.uid)}/api/v2/silences`, { signal });
  return all.flatMap((silence): readonly AskedSilence[] => {
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

/** The expressions of a panel that a source is asked. */
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

/** What an alert says of itself besides its labels, where it is active now. */
export const alertNow = ({ now }: KnownRules, labels: LabelSet) => now.get(seriesKey(labels));
