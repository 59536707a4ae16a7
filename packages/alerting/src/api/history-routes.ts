import { Labels, matchesAll, type Matcher } from "@narthex/model";
import { access } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type AlertHandling, alertHandling } from "../history/alert-handling.ts";
import type { AlertEvent } from "../history/alert-history.ts";
import { queryList, sendGoJson } from "./api-exchange.ts";
import { ApiFault, HandlerError } from "./api-fault.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import type { MatcherMode } from "../matchers/matcher-syntax.ts";
import { parseApiTime, printApiTime } from "./api-time.ts";
import { readMatchers } from "./extension-request.ts";
import type { NotificationRecord } from "../history/notification-history.ts";

const DEFAULT_LIMIT = 100;
const OUTCOMES: ReadonlySet<string> = new Set(["failed", "interrupted", "sending", "sent"]);

/**
 * Adds the routes `/narthex/alert-handling`, `/narthex/notifications` and `/narthex/alerts/{fingerprint}/history`, which show the sent
 * notifications and the events of alerts.
 */
export function historyRoutes(app: FastifyInstance, { mode, clock }: ApiContext, features: ApiFeatures): void {
  app.get("/narthex/alert-handling", access("read"), (_request, reply) =>
    sendGoJson(reply, handlingOf(features, clock.now())),
  );
  app.get("/narthex/notifications", access("read"), (request, reply) =>
    sendGoJson(reply, listNotifications(request, mode, features).map(describeNotification)),
  );
  app.get<{ Params: { fingerprint: string } }>(
    "/narthex/alerts/:fingerprint/history",
    access("read"),
    (request, reply) => {
      const { fingerprint } = request.params;
      const { alertHistory, notificationHistory, alerts } = features;
      const labels = alerts.get(fingerprint)?.labels ?? alertHistory.labelsOf(fingerprint);
      const events = alertHistory.of(fingerprint);
      const notifications = [...notificationHistory.latest()].filter((record) => mentionsAlert(record, fingerprint));
      if (labels === undefined && events.length === 0 && notifications.length === 0) return reply.code(404).send();
      return sendGoJson(reply, {
        fingerprint,
        labels: labels?.toRecord() ?? {},
        events: events.map(describeEvent),
        notifications: notifications.slice(0, DEFAULT_LIMIT).map(describeNotification),
      });
    },
  );
}

/** Returns how the alerts in the history were handled, by their names. */
function handlingOf({ alertHistory, acknowledgements }: ApiFeatures, now: number): readonly AlertHandling[] {
  const byFingerprint = new Map(acknowledgements.all().map((one) => [one.fingerprint, one]));
  const nameOf = (fingerprint: string): string | undefined => alertHistory.labelsOf(fingerprint)?.get("alertname");
  return alertHandling(alertHistory.events(), nameOf, byFingerprint, now);
}

const mentionsAlert = ({ firing, resolved }: NotificationRecord, fingerprint: string): boolean =>
  firing.includes(fingerprint) || resolved.includes(fingerprint);

function listNotifications(
  request: FastifyRequest,
  mode: MatcherMode,
  features: ApiFeatures,
): readonly NotificationRecord[] {
  const accepts = acceptedBy(request, mode, features);
  const limit = limitOf(request);
  const found: NotificationRecord[] = [];
  for (const record of features.notificationHistory.latest()) {
    if (found.length === limit) break;
    if (accepts(record)) found.push(record);
  }
  return found;
}

function acceptedBy(
  request: FastifyRequest,
  mode: MatcherMode,
  features: ApiFeatures,
): (record: NotificationRecord) => boolean {
  const one = (name: string): string => queryList(request, name).at(-1) ?? "";
  const [receiver, integration, outcome, group] = ["receiver", "integration", "outcome", "groupKey"].map(one);
  const fingerprint = one("fingerprint");
  const [since, until] = [moment(one("since"), "since", -Infinity), moment(one("until"), "until", Infinity)];
  const concerns = isAbout(readMatchers(queryList(request, "filter"), mode), features);
  if (outcome !== "" && !OUTCOMES.has(outcome!)) {
    throw new HandlerError(400, `failed to parse outcome param: write one of ${[...OUTCOMES].join(", ")}`);
  }
  return (record) =>
    record.at >= since &&
    record.at <= until &&
    (receiver === "" || record.receiver === receiver) &&
    (integration === "" || record.integration === integration) &&
    (outcome === "" || record.outcome === outcome) &&
    (group === "" || record.groupKey === group) &&
    (fingerprint === "" || mentionsAlert(record, fingerprint)) &&
    concerns(record);
}

/**
 * Returns a filter for notifications: the matchers must match the labels of the group, or the labels of an alert in the
 * notification.
 */
function isAbout(
  matchers: readonly Matcher[],
  { alertHistory, alerts }: ApiFeatures,
): (record: NotificationRecord) => boolean {
  if (matchers.length === 0) return () => true;
  const matching = new Set<string>();
  for (const { fingerprint, labels } of alerts.all()) if (matchesAll(matchers, labels)) matching.add(fingerprint);
  for (const [print, labels] of alertHistory.known()) if (matchesAll(matchers, labels)) matching.add(print);
  return ({ groupLabels, firing, resolved }) =>
    matchesAll(matchers, Labels.of(groupLabels)) ||
    firing.some((print) => matching.has(print)) ||
    resolved.some((print) => matching.has(print));
}

function moment(text: string, name: string, fallback: number): number {
  if (text === "") return fallback;
  const parsed = parseApiTime(text);
  if (parsed === undefined || Number.isNaN(parsed)) {
    throw new HandlerError(400, `failed to parse ${name} param: write a time such as 2026-11-20T06:00:00Z`);
  }
  return parsed;
}

function limitOf(request: FastifyRequest): number {
  const text = queryList(request, "limit").at(-1) ?? "";
  if (text === "") return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new ApiFault(422, 601, `limit in query must be of type int64: "${text}"`);
  return Number(text);
}

/** Returns the record of a notification as the JSON object that the API sends. */
export const describeNotification = (record: NotificationRecord): unknown => ({
  id: record.id,
  at: printApiTime(record.at),
  ...(record.endedAt === undefined ? {} : { endedAt: printApiTime(record.endedAt) }),
  outcome: record.outcome,
  ...(record.error === undefined ? {} : { error: record.error }),
  reason: record.reason,
  receiver: { name: record.receiver },
  integration: {
    name: record.integration,
    index: record.index,
    ...(record.target === undefined ? {} : { target: record.target }),
  },
  groupKey: record.groupKey,
  groupLabels: record.groupLabels,
  alertCount: record.alertCount,
  alerts: { firing: record.firing, resolved: record.resolved },
  attemptCount: record.attemptCount,
  attempts: record.attempts.map(({ at, durationMs, ...rest }) => ({
    at: printApiTime(at),
    durationSeconds: Math.round(durationMs) / 1000,
    ...rest,
  })),
  ...(record.nextAttemptAt === undefined ? {} : { nextAttemptAt: printApiTime(record.nextAttemptAt) }),
});

const describeEvent = ({ at, kind, by, groupKey }: AlertEvent): unknown => ({
  at: printApiTime(at),
  event: kind,
  ...(by === undefined ? {} : { by }),
  ...(groupKey === undefined ? {} : { groupKey }),
});
