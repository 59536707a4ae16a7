import { formatDuration, quote } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";
import { printApiTime } from "../api/api-time.ts";
import { steps } from "../routing/route-trace.ts";
import type { AlertExplanation, IntegrationExplanation, RouteExplanation } from "./why.ts";

/**
 * Returns sentences that explain to a user why an alert was or was not notified. The most important sentence is first.
 */
export function explanationOf(explanation: AlertExplanation): readonly string[] {
  const settling = explanation.isSettling ? [SETTLING] : [];
  return [
    stateSentence(explanation),
    ...settling,
    ...acknowledgementSentences(explanation),
    ...suppressors(explanation),
    ...explanation.routes.flatMap((route) => routeSentences(route, explanation)),
  ];
}

const SETTLING = "This instance does not notify yet: it waits until its cluster has settled.";

/** Returns sentences that explain to a user why routes did not match the alert. */
export const rejectionsOf = ({ trace }: AlertExplanation): readonly string[] =>
  steps(trace).flatMap(({ route, verdict, failed }) => {
    if (verdict === "untried") return [`Route ${route.key} was not tried: a route before it took the alert.`];
    if (failed === undefined) return [];
    const { matcher, value } = failed;
    const has = value === "" ? `there is no label ${matcher.name}` : `${matcher.name} is ${quote(value)}`;
    return [`Route ${route.key} does not take it: ${has}, and the matcher is ${String(matcher)}.`];
  });

function stateSentence({ alert, isResolved, now }: AlertExplanation): string {
  if (alert === undefined) return "No such alert is known; this is what would happen to one.";
  if (isResolved) return `It ended at ${time(alert.endsAt)}${endedBy(alert)}.`;
  const until = alert.endsAt - now > 0 ? `, and ends at ${time(alert.endsAt)} unless it is reported again` : "";
  return `It fires since ${time(alert.startsAt)}${until}.`;
}

const endedBy = ({ endsAt, updatedAt }: Alert): string =>
  endsAt > updatedAt ? `: it was not reported again after ${time(updatedAt)}` : "";

function acknowledgementSentences({ acknowledgement }: AlertExplanation): readonly string[] {
  if (acknowledgement === undefined) return [];
  const { comment, createdAt, createdBy } = acknowledgement;
  const words = comment === "" ? "" : ` (${quote(comment)})`;
  return [`${quote(createdBy)} acknowledged it at ${time(createdAt)}${words}. Notifications are still sent.`];
}

function suppressors({ silences, inhibition }: AlertExplanation): readonly string[] {
  const sentences = silences.map(
    ({ id, createdBy, comment, endsAt }) =>
      `Silence ${id} by ${quote(createdBy)} (${quote(comment)}) suppresses it until ${time(endsAt)}.`,
  );
  if (inhibition === undefined) return sentences;
  const { rule, source } = inhibition;
  const name = rule.name === "" ? "an inhibition rule" : `the inhibition rule ${quote(rule.name)}`;
  const equal = rule.equal.length === 0 ? "" : `, with the same ${rule.equal.join(", ")}`;
  return [...sentences, `The alert ${source.labels.toString()} inhibits it by ${name}${equal}.`];
}

function routeSentences(explanation: RouteExplanation, about: AlertExplanation): readonly string[] {
  const { route, group, integrations } = explanation;
  const takes = `Route ${route.key} takes it to receiver ${quote(route.receiver)}, group ${explanation.groupKey}.`;
  const names = (list: readonly string[]): string => list.map((name) => quote(name)).join(", ");
  return [
    takes,
    ...(explanation.mutedBy.length > 0
      ? [`The route is muted now by the time interval ${names(explanation.mutedBy)}.`]
      : []),
    ...(explanation.isInactive
      ? [`The route notifies only in the time interval ${names(route.activeTimeIntervals)}, which is not active now.`]
      : []),
    ...(group === undefined ? [] : [flushSentence(explanation)]),
    ...(integrations.length === 0 ? ["The receiver has no integrations: no notification is sent."] : []),
    ...integrations.map((each) => integrationSentence(each, explanation, about)),
  ];
}

function flushSentence({ group, route }: RouteExplanation): string {
  const [wait, interval] = [formatDuration(route.groupWaitMs), formatDuration(route.groupIntervalMs)];
  const next = time(group!.nextFlushAt);
  return `The next flush of the group is at ${next} (group_wait is ${wait}, group_interval ${interval}).`;
}

function integrationSentence(
  explanation: IntegrationExplanation,
  route: RouteExplanation,
  about: AlertExplanation,
): string {
  const { kind, index, target } = explanation.integration;
  const name = `${kind}[${index}]${target === undefined ? "" : ` (${target})`}`;
  return `${name} ${predicate(explanation, route, about)}.`;
}

function predicate(
  { verdict, entry, latest, repeatDueAt, integration }: IntegrationExplanation,
  route: RouteExplanation,
  about: AlertExplanation,
): string {
  switch (verdict) {
    case "told": {
      const repeat = formatDuration(route.route.repeatIntervalMs);
      const due =
        repeatDueAt === undefined
          ? ""
          : `; if nothing changes in the group it is notified again at ${time(repeatDueAt)} (repeat_interval is ${repeat})`;
      return `was notified at ${time(entry!.timestamp)} that it fires${due}`;
    }
    case "told resolved":
      return `was notified at ${time(entry!.timestamp)} that it has ended`;
    case "sending": {
      const last = latest!.attempts.at(-1);
      const tries =
        last === undefined ? "" : `: attempt ${latest!.attemptCount} failed with ${quote(last.reason ?? "")}`;
      const next = latest!.nextAttemptAt === undefined ? "" : `, the next one comes at ${time(latest!.nextAttemptAt)}`;
      return `is being notified since ${time(latest!.at)}${tries}${next}`;
    }
    case "failed": {
      const next = route.group === undefined ? "" : `; it is tried again at ${time(route.group.nextFlushAt)}`;
      return `could not be notified at ${time(latest!.at)}: ${latest!.error ?? "interrupted"}${next}`;
    }
    case "nothing to tell":
      return integration.sendResolved
        ? "was not notified of it before it ended"
        : "is not notified of ends (send_resolved is false)";
    case "waiting":
      return waiting(route, about);
  }
}

function waiting(
  { group, route, mutedBy, isInactive }: RouteExplanation,
  { silences, inhibition, alert, isResolved }: AlertExplanation,
): string {
  const isSuppressed = silences.length > 0 || inhibition !== undefined || mutedBy.length > 0 || isInactive;
  if (isSuppressed)
    return alert === undefined ? "would not be notified" : "is not notified of it as long as it is suppressed";
  const what = isResolved ? "its end" : "it";
  if (group?.flushing === true) return `has not been notified of ${what} yet; a flush of the group is in progress`;
  if (group !== undefined)
    return `has not been notified of ${what} yet; the next flush is at ${time(group.nextFlushAt)}`;
  if (alert !== undefined) return `has not been notified of ${what}`;
  return `would be notified ${formatDuration(route.groupWaitMs)} (group_wait) after the group's first alert`;
}

const time = printApiTime;
