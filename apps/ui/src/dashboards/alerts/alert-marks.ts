import { cssColor, type ResolvedTimeRange } from "@narthex/dashboards";
import { formatMatchers } from "../../alertmanager/matcher-filter.ts";
import { parseApiTime } from "../../format/instant.ts";
import type { DashboardAnnotation, ShownPanel } from "../annotations/dashboard-annotation.ts";
import type { SourceListing } from "../query/ask-panel.ts";
import { alertNow, type AskedSilence, type KnownRules } from "./ask-alerts.ts";
import type { FiringAlert } from "./firing-alerts.ts";
import { concerns, isOfRule, silences, silencesRule, type WatchedPlot, type WatchedRule } from "./plot-alerts.ts";

/** Marks beyond these are left out, the oldest first: a plot on which as many stand is read elsewhere. */
const MOST_MARKS = 300;

/** A server whose rules are known. */
export interface Server {
  readonly source: SourceListing;
  readonly known: KnownRules;
}

/** What is known of the alerts of one server. */
export interface ServerAlerts extends Server {
  readonly firing: readonly FiringAlert[];
}

export interface MarkSurround {
  readonly range: ResolvedTimeRange;
  readonly scheme: "light" | "dark";
  /** Where silences are made. */
  readonly manager: SourceListing | undefined;
  readonly plotOf: (shown: ShownPanel, server: Server) => WatchedPlot;
}

const alertsPage = ({ uid }: SourceListing, name: string): string =>
  `/sources/${encodeURIComponent(uid)}/alerts?${new URLSearchParams({ search: name })}`;

/** What a text of a rule says where no alert is there that would have filled it in. */
const withoutTemplates = (annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([, text]) => !text.includes("{{")));

/** A mark for each time that an alert fired, on the plots that it is about. */
export function alertMarks(
  server: ServerAlerts,
  asked: readonly AskedSilence[],
  { scheme, manager, plotOf }: MarkSurround,
): readonly DashboardAnnotation[] {
  const { source, known, firing } = server;
  const color = cssColor("semi-dark-red", scheme);
  const marks = firing.flatMap(({ labels, times }): readonly DashboardAnnotation[] => {
    const rules = known.rules.filter((rule) => isOfRule(labels, rule));
    if (rules.length === 0) return [];
    const name = labels["alertname"] ?? "";
    const now = alertNow(known, labels);
    const shownOn = (shown: ShownPanel): boolean => {
      const plot = plotOf(shown, server);
      return rules.some((rule) => concerns(rule, labels, plot));
    };
    const silencing = asked.filter((silence) => silences(silence, labels));
    return times.map(({ from, to, isCut, isOngoing }) => ({
      time: from,
      timeEnd: to,
      title: name,
      text: "",
      tags: [],
      color,
      shownOn,
      alert: {
        name,
        labels,
        annotations: (isOngoing ? now?.annotations : undefined) ?? withoutTemplates(rules[0]!.annotations),
        isCut,
        isOngoing,
        activeAt: isOngoing ? parseApiTime(now?.activeAt) : null,
        href: alertsPage(source, name),
        managerUid: manager?.uid,
        silences: silencing.filter(({ startsAt, endsAt }) => startsAt < to && endsAt > from),
      },
    }));
  });
  return newest(marks);
}

/** A mark for each silence that held within the range, on the plots whose alerts it is for. */
export function silenceMarks(
  servers: readonly ServerAlerts[],
  asked: readonly AskedSilence[],
  { range: { from, to }, scheme, plotOf }: MarkSurround,
): readonly DashboardAnnotation[] {
  const color = cssColor("semi-dark-purple", scheme);
  const held = asked.filter(({ startsAt, endsAt, state }) => startsAt < to && endsAt > from && state !== "pending");
  return newest(
    held.map((silence) => {
      const named = servers.map(({ source, known, firing }) => ({
        server: { source, known },
        rules: known.rules,
        silenced: firing
          .filter(({ labels }) => silences(silence, labels))
          .map(({ labels }) => ({ labels, rules: known.rules.filter((rule) => isOfRule(labels, rule)) })),
      }));
      return {
        time: silence.startsAt,
        timeEnd: silence.endsAt,
        title: formatMatchers(silence.matchers),
        text: "",
        tags: [],
        color,
        silence,
        shownOn: (shown: ShownPanel): boolean =>
          named.some(({ server, rules, silenced }) => {
            const plot = plotOf(shown, server);
            return (
              silenced.some((one) => one.rules.some((rule) => concerns(rule, one.labels, plot))) ||
              rules.some((rule) => silencesRule(silence, rule, plot))
            );
          }),
      };
    }),
  );
}

const newest = (marks: readonly DashboardAnnotation[]): readonly DashboardAnnotation[] =>
  marks.length <= MOST_MARKS ? marks : marks.toSorted((a, b) => endOf(b) - endOf(a)).slice(0, MOST_MARKS);

const endOf = ({ time, timeEnd = time }: DashboardAnnotation): number => timeEnd;

/** The rules that are about one of some plots, whichever their series are. */
export const rulesOnPlots = (rules: readonly WatchedRule[], plots: readonly WatchedPlot[]): readonly WatchedRule[] =>
  rules.filter((rule) => plots.some((plot) => concerns(rule, {}, plot)));
