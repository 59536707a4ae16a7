import { cssColor, type ResolvedTimeRange, type SourceListing } from "@narthex/dashboards";
import { formatMatchers } from "../../../alertmanager/matcher-filter.ts";
import { parseApiTime } from "../../../format/instant.ts";
import type { LabelSet } from "../../../format/series-name.ts";
import type { DashboardAnnotation, ShownPanel } from "../../contracts/dashboard-annotation.ts";
import { alertNow, type FetchedSilence, type KnownRules } from "./fetch-alerts.ts";
import type { ActiveAlert } from "./active-alerts.ts";
import { concerns, isOfRule, silences, silencesRule, type WatchedPlot, type WatchedRule } from "./plot-alerts.ts";

/**
 * Maximum number of marks of alerts on a time axis, since a plot with more would be unreadable. Marks of pending alerts
 * are left out first, then the oldest marks.
 */
export const MAX_MARKS = 300;

/** A Prometheus server with its alerting rules. */
export interface Server {
  readonly source: SourceListing;
  readonly known: KnownRules;
}

/** The alerts of one server that were firing or pending within the requested range. */
export interface ServerAlerts extends Server {
  readonly alerts: readonly ActiveAlert[];
  /** Whether the server has more alerts than the list `alerts` contains. */
  readonly isCut: boolean;
  /** Error of the query for pending alerts; undefined if it succeeded. */
  readonly pendingError: string | undefined;
}

export interface MarkContext {
  readonly range: ResolvedTimeRange;
  readonly scheme: "light" | "dark";
  /** The Alertmanager in which silences are created. */
  readonly manager: SourceListing | undefined;
  readonly plotOf: (shown: ShownPanel, server: Server) => WatchedPlot;
}

const alertsPage = ({ uid }: SourceListing, name: string): string =>
  `/sources/${encodeURIComponent(uid)}/alerts?${new URLSearchParams({ search: name })}`;

/**
 * Returns the annotations of a rule that contain no templates. These annotations are shown if no active alert provides
 * the expanded texts.
 */
const withoutTemplates = (annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([, text]) => !text.includes("{{")));

/** Marks of alerts or silences on a time axis, and whether some marks were left out. */
export interface BoundedMarks {
  readonly marks: readonly DashboardAnnotation[];
  readonly isCut: boolean;
}

/**
 * Returns a mark on the time axis for each time range in which an alert was firing or pending. The mark is shown on the
 * plots that the alert concerns.
 */
export function alertMarks(
  servers: readonly ServerAlerts[],
  fetched: readonly FetchedSilence[],
  { range, scheme, manager, plotOf }: MarkContext,
): BoundedMarks {
  const colors = { firing: cssColor("semi-dark-red", scheme), pending: cssColor("semi-dark-orange", scheme) };
  const held = fetched.filter(({ startsAt, endsAt }) => startsAt < range.to && endsAt > range.from);
  const all = servers.flatMap((server) => {
    const rulesOf = rulesByName(server.known.rules);
    return server.alerts.flatMap(({ times, ...alert }) => {
      const rules = rulesOf(alert.labels);
      if (rules.length === 0) return [];
      const silencing = once(() => held.filter((silence) => silences(silence, alert.labels)));
      return times.map((time) => ({ server, alert, rules, silencing, time }));
    });
  });
  const { kept, isCut } = newest(
    all,
    ({ time }) => time.to,
    ({ alert }) => alert.isPending,
  );
  const marks = kept.map(({ server, alert, rules, silencing, time }): DashboardAnnotation => {
    const { source, known } = server;
    const { labels, isPending } = alert;
    const { from, to, isCut: isBefore, isOngoing } = time;
    const name = labels["alertname"] ?? "";
    const now = isOngoing ? alertNow(known, labels) : undefined;
    const activeAt = parseApiTime(now?.activeAt);
    return {
      time: from,
      timeEnd: to,
      title: name,
      text: "",
      tags: [],
      color: isPending ? colors.pending : colors.firing,
      shownOn: (shown) => {
        const plot = plotOf(shown, server);
        return rules.some((rule) => concerns(rule, labels, plot));
      },
      alert: {
        name,
        labels,
        annotations: now?.annotations ?? withoutTemplates(rules[0]!.annotations),
        isPending,
        isCut: isBefore,
        isOngoing,
        activeAt,
        firesAt: isPending && activeAt !== null ? activeAt + rules[0]!.durationMs : null,
        href: alertsPage(source, name),
        managerUid: manager?.uid,
        silences: silencing().filter(({ startsAt, endsAt }) => startsAt < to && endsAt > from),
      },
    };
  });
  return { marks, isCut };
}

/**
 * Returns a mark on the time axis for each silence that was active within the range. The mark is shown on the plots
 * whose alerts it silences.
 */
export function silenceMarks(
  servers: readonly ServerAlerts[],
  fetched: readonly FetchedSilence[],
  { range: { from, to }, scheme, plotOf }: MarkContext,
): BoundedMarks {
  const color = cssColor("semi-dark-purple", scheme);
  const held = fetched.filter(({ startsAt, endsAt, state }) => startsAt < to && endsAt > from && state !== "pending");
  const { kept, isCut } = newest(held, ({ endsAt }) => endsAt);
  const active = servers.map(({ source, known, alerts }) => {
    const rulesOf = rulesByName(known.rules);
    return {
      server: { source, known },
      alerts: alerts.map(({ labels }) => ({ labels, rules: rulesOf(labels) })).filter(({ rules }) => rules.length > 0),
    };
  });
  const marks = kept.map((silence): DashboardAnnotation => {
    const named = active.map(({ server, alerts }) => ({
      server,
      silenced: alerts.filter(({ labels }) => silences(silence, labels)),
    }));
    return {
      time: silence.startsAt,
      timeEnd: silence.endsAt,
      title: formatMatchers(silence.matchers),
      text: "",
      tags: [],
      color,
      silence,
      shownOn: (shown) =>
        named.some(({ server, silenced }) => {
          const plot = plotOf(shown, server);
          return (
            silenced.some((one) => one.rules.some((rule) => concerns(rule, one.labels, plot))) ||
            server.known.rules.some((rule) => silencesRule(silence, rule, plot))
          );
        }),
    };
  });
  return { marks, isCut };
}

/**
 * Returns a function that finds the rules whose name and labels match an alert. Rules are indexed by name, since there
 * may be thousands.
 */
function rulesByName(rules: readonly WatchedRule[]): (labels: LabelSet) => readonly WatchedRule[] {
  const byName = Map.groupBy(rules, ({ name }) => name);
  return (labels) => (byName.get(labels["alertname"] ?? "") ?? []).filter((rule) => isOfRule(labels, rule));
}

/**
 * Returns a limited number of items. If there are more items, the function keeps those that end last.
 * @param isLesser reports whether an item is dropped before all items for which it returns false
 */
function newest<T>(
  all: readonly T[],
  endOf: (one: T) => number,
  isLesser: (one: T) => boolean = () => false,
): { kept: readonly T[]; isCut: boolean } {
  if (all.length <= MAX_MARKS) return { kept: all, isCut: false };
  const inOrder = all.toSorted((a, b) => Number(isLesser(a)) - Number(isLesser(b)) || endOf(b) - endOf(a));
  return { kept: inOrder.slice(0, MAX_MARKS), isCut: true };
}

/** Returns a function that computes a value when it is first called, and then returns the same value. */
function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: find() }).value;
}

/** Returns the rules whose alerts may be related to one of the plots, independent of the labels of the series. */
export const rulesOnPlots = (rules: readonly WatchedRule[], plots: readonly WatchedPlot[]): readonly WatchedRule[] =>
  rules.filter((rule) => plots.some((plot) => concerns(rule, {}, plot)));
