import { Labels } from "@narthex/model";
import type { Acknowledgement } from "../acknowledgements/acknowledgement.ts";
import { type Alert, isResolvedAt } from "../alerts/alert.ts";
import type { AggregationGroup } from "../dispatch/aggregation-group.ts";
import type { Clock } from "@narthex/runtime";
import type { ApiFeatures, ApiState, ClusterStatus } from "../api/api-context.ts";
import { alertHash, fingerprint } from "../alerts/fingerprint.ts";
import type { Inhibition } from "../routing/inhibition.ts";
import type { Integration } from "@narthex/notification";
import type { NotificationRecord } from "./notification-history.ts";
import type { LogEntry } from "../dispatch/notification-log.ts";
import { groupKey, groupLabels, type Route } from "../routing/route.ts";
import { type RouteTrace, steps, traceRoutes } from "../routing/route-trace.ts";
import type { Silence } from "../silences/silence.ts";
import { containsTime } from "../routing/time-interval.ts";

/** State of an alert's notifications through one integration. */
type IntegrationState =
  /** The integration was notified that the alert fires. */
  | "told"
  /** The integration was notified that the alert has ended. */
  | "told resolved"
  /** A notification is in progress: an attempt runs or is due. */
  | "sending"
  /** The last notification of the group failed. */
  | "failed"
  /** The integration will be notified at the next flush, or when the alert is no longer suppressed. */
  | "waiting"
  /**
   * No notification is necessary: the alert ended before a notification, or the integration does not send resolved
   * alerts.
   */
  | "nothing to tell";

export interface IntegrationExplanation {
  readonly integration: Integration;
  readonly verdict: IntegrationState;
  /** The last notification of the group through this integration, from the notification log. */
  readonly entry: LogEntry | undefined;
  /** Time when the notification is repeated even if no alert changes, Unix ms. */
  readonly repeatDueAt: number | undefined;
  /** Latest notification of the group through this integration, if the history contains it. */
  readonly latest: NotificationRecord | undefined;
  readonly notifications: readonly NotificationRecord[];
}

/** The state of an alert at one of the routes that match it. */
export interface RouteExplanation {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** The group of the route, if it contains the alert. */
  readonly group: AggregationGroup | undefined;
  /** Names of the time intervals that mute the route now. */
  readonly mutedBy: readonly string[];
  /** True if the route notifies only in certain time intervals, and none of them is active. */
  readonly isInactive: boolean;
  readonly integrations: readonly IntegrationExplanation[];
}

/** All facts that decide whether an alert is notified, for an explanation to the user. */
export interface AlertExplanation {
  readonly labels: Labels;
  readonly fingerprint: string;
  /** The explained alert, or undefined if there is only a label set and no alert. */
  readonly alert: Alert | undefined;
  /** The acknowledgement of the alert, if the alert fires and a person has acknowledged it. */
  readonly acknowledgement: Acknowledgement | undefined;
  readonly now: number;
  readonly isResolved: boolean;
  /** True if this instance does not notify yet, because it still waits for the other instances of its cluster. */
  readonly isSettling: boolean;
  readonly silences: readonly Silence[];
  readonly inhibition: Inhibition | undefined;
  readonly trace: RouteTrace;
  readonly routes: readonly RouteExplanation[];
}

/** Parts of the Alertmanager that supply the data of an explanation. */
export interface FactSources extends Pick<
  ApiFeatures,
  "acknowledgements" | "alerts" | "log" | "notificationHistory" | "silences"
> {
  readonly clock: Clock;
  readonly state: () => Pick<ApiState, "dispatcher" | "inhibitor" | "integrations" | "intervals" | "route">;
  readonly cluster: () => Pick<ClusterStatus, "status">;
}

/**
 * Collects all data that decides whether an alert with some labels is notified. An alert with these labels need not
 * exist.
 */
export function factsAbout(labels: Labels, options: FactSources): AlertExplanation {
  const { alerts, silences, clock } = options;
  const { route, inhibitor } = options.state();
  const now = clock.now();
  const print = fingerprint(labels);
  const alert = alerts.get(print);
  const trace = traceRoutes(route, labels);
  const isResolved = alert !== undefined && isResolvedAt(alert, now);
  const about = { labels, fingerprint: print, alert, now, isResolved };
  return {
    ...about,
    acknowledgement: alert === undefined || isResolved ? undefined : options.acknowledgements.of(alert),
    isSettling: options.cluster().status === "settling",
    silences: silences.mutedBy(labels, now).flatMap((id) => silences.get(id) ?? []),
    inhibition: inhibitor.inhibition(labels, now),
    trace,
    routes: steps(trace)
      .filter(({ verdict }) => verdict === "taken")
      .map((step) => explainRoute(step.route, about, options)),
  };
}

type About = Pick<AlertExplanation, "fingerprint" | "isResolved" | "labels" | "now">;

function explainRoute(route: Route, about: About, options: FactSources): RouteExplanation {
  const { dispatcher, intervals, integrations } = options.state();
  const labels = groupLabels(route, about.labels);
  const key = groupKey(route, labels);
  const holds = (name: string): boolean => {
    const interval = intervals.get(name);
    return interval !== undefined && containsTime(interval, about.now);
  };
  const group = dispatcher.groups().find((each) => each.route.id === route.id && each.key === key && !each.destroyed);
  const member = group?.alerts().some((alert) => alert.fingerprint === about.fingerprint) === true ? group : undefined;
  return {
    route,
    groupKey: key,
    groupLabels: labels,
    group: member,
    mutedBy: route.muteTimeIntervals.filter(holds),
    isInactive: route.activeTimeIntervals.length > 0 && !route.activeTimeIntervals.some(holds),
    integrations: (integrations.get(route.receiver) ?? []).map((each) =>
      explainIntegration(each, { route, key, group: member }, about, options),
    ),
  };
}

function explainIntegration(
  integration: Integration,
  { route, key, group }: { readonly route: Route; readonly key: string; readonly group: AggregationGroup | undefined },
  about: About,
  { log, notificationHistory }: FactSources,
): IntegrationExplanation {
  const entry = log.get(`${key}:${route.receiver}/${integration.kind}/${integration.index}`);
  const notifications = [...notificationHistory.latest()].filter(
    (record) =>
      record.groupKey === key &&
      record.receiver === route.receiver &&
      record.integration === integration.kind &&
      record.index === integration.index,
  );
  const latest = notifications[0];
  const verdict = integrationState(integration, entry, latest, about);
  const repeatDueAt =
    group === undefined || entry === undefined || verdict !== "told"
      ? undefined
      : firstFlushAfter(entry.timestamp + route.repeatIntervalMs, group);
  return { integration, verdict, entry, repeatDueAt, latest, notifications };
}

function integrationState(
  { sendResolved }: Integration,
  entry: LogEntry | undefined,
  latest: NotificationRecord | undefined,
  { labels, isResolved }: About,
): IntegrationState {
  if (latest?.outcome === "sending") return "sending";
  const hash = alertHash(labels);
  const [notifiedFiring, notifiedResolved] = [
    entry?.firing.includes(hash) === true,
    entry?.resolved.includes(hash) === true,
  ];
  if (isResolved && notifiedResolved) return sendResolved ? "told resolved" : "nothing to tell";
  if (isResolved && (!notifiedFiring || !sendResolved)) return "nothing to tell";
  if (!isResolved && notifiedFiring) return "told";
  const hasFailed = latest?.outcome === "failed" && latest.at > (entry?.timestamp ?? -Infinity);
  return hasFailed ? "failed" : "waiting";
}

/** Returns the time of a group's first flush after a given time, Unix ms. */
function firstFlushAfter(moment: number, { nextFlushAt, route }: AggregationGroup): number {
  const ticks = Math.max(0, Math.floor((moment - nextFlushAt) / route.groupIntervalMs) + 1);
  return nextFlushAt > moment ? nextFlushAt : nextFlushAt + ticks * route.groupIntervalMs;
}
