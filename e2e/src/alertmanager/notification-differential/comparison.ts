import { type Episode, EPISODE_LABEL } from "./episode.ts";
import type { ReceivedNotification } from "./sink.ts";

/**
 * Largest accepted difference in ms between the times at which the original Alertmanager's notification and ours
 * arrive.
 */
const TOLERANCE_MS = 150;

/** A difference between the notifications of the original Alertmanager and ours. */
export interface Difference {
  /** Time of the first differing notification, Unix ms. */
  readonly at: number;
  /** Text that names the integration and the alert group of the differing notifications. */
  readonly where: string;
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * Returns the differences between the original Alertmanager and ours in one episode (a random sequence of alerts and
 * silences). `begin` is the start of the episode, Unix ms.
 */
export function differencesOf(
  { id }: Episode,
  notifications: { readonly ours: readonly ReceivedNotification[]; readonly theirs: readonly ReceivedNotification[] },
  begin: number,
): Difference[] {
  const ours = byGroup(notifications.ours, id);
  const theirs = byGroup(notifications.theirs, id);
  const groups = [...new Set([...ours.keys(), ...theirs.keys()])].toSorted();
  return groups.flatMap((where) => compareGroup(where, ours.get(where) ?? [], theirs.get(where) ?? [], begin));
}

function byGroup(notifications: readonly ReceivedNotification[], id: string): Map<string, ReceivedNotification[]> {
  const groups = new Map<string, ReceivedNotification[]>();
  for (const one of notifications) {
    if (one.body.commonLabels[EPISODE_LABEL] !== id) continue;
    const where = `${one.hook} ${one.body.groupKey}`;
    groups.set(where, [...(groups.get(where) ?? []), one]);
  }
  return groups;
}

/**
 * Returns the first difference between the original Alertmanager's notifications and ours about an alert group. Later
 * differences usually follow from the first.
 */
function compareGroup(
  where: string,
  ours: readonly ReceivedNotification[],
  theirs: readonly ReceivedNotification[],
  begin: number,
): Difference[] {
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [mine, other] = [ours[i], theirs[i]];
    const at = Math.min(mine?.at ?? Infinity, other?.at ?? Infinity);
    const both = { at, where, ours: print(mine, begin), theirs: print(other, begin) };
    if (mine === undefined || other === undefined) return [{ ...both, what: `notification ${i} is missing` }];
    const what = contentDifference(mine, other);
    if (what !== undefined) return [{ ...both, what: `notification ${i}: ${what}` }];
    if (Math.abs(mine.at - other.at) <= TOLERANCE_MS) continue;
    const retried = ours[i - 1]?.status === 500 && [ours, theirs].every((side) => isRetry(side, i));
    if (!retried) return [{ ...both, what: `notification ${i}: time` }];
  }
  return [];
}

/**
 * Reports whether a notification is a retry. After a failure the original Alertmanager and ours both retry after half a
 * second, plus or minus 50 %.
 */
function isRetry(notifications: readonly ReceivedNotification[], i: number): boolean {
  const pause = notifications[i]!.at - notifications[i - 1]!.at;
  return pause >= FIRST_PAUSE_MS / 2 && pause <= FIRST_PAUSE_MS * 1.5 + TOLERANCE_MS;
}
const FIRST_PAUSE_MS = 500;

function contentDifference(mine: ReceivedNotification, other: ReceivedNotification): string | undefined {
  if (mine.status !== other.status) return "answer of the sink";
  const [{ alerts: a, ...head }, { alerts: b, ...otherHead }] = [mine.body, other.body];
  for (const key of HEAD) {
    if (JSON.stringify(head[key]) !== JSON.stringify(otherHead[key])) return key;
  }
  if (a.length !== b.length) return "number of alerts";
  for (const [i, alert] of a.entries()) {
    const twin = b[i]!;
    if (alert.fingerprint !== twin.fingerprint) return `alert ${i}`;
    if (alert.status !== twin.status) return `status of alert ${i}`;
    if (JSON.stringify([alert.labels, alert.annotations]) !== JSON.stringify([twin.labels, twin.annotations])) {
      return `labels or annotations of alert ${i}`;
    }
    for (const time of ["startsAt", "endsAt"] as const) {
      if (!close(alert[time], twin[time])) return `${time} of alert ${i}: ${alert[time]}, ${twin[time]}`;
    }
  }
  return undefined;
}

const HEAD = [
  "receiver",
  "status",
  "notification_reason",
  "truncatedAlerts",
  "groupLabels",
  "commonLabels",
  "commonAnnotations",
] as const;

/** Reports whether two arrival times of notifications differ by at most TOLERANCE_MS. */
const close = (a: string, b: string): boolean => Math.abs(Date.parse(a) - Date.parse(b)) <= TOLERANCE_MS;

function print(notification: ReceivedNotification | undefined, begin: number): string {
  if (notification === undefined) return "nothing";
  const alerts = notification.body.alerts.map(({ status, labels }) => {
    const { [EPISODE_LABEL]: _, ...rest } = labels;
    return `${status === "firing" ? "" : "!"}${Object.values(rest).join(",")}`;
  });
  const { notification_reason: reason, truncatedAlerts: cut } = notification.body;
  return `${((notification.at - begin) / 1000).toFixed(3)}s ${notification.status} ${reason}: ${alerts.join(" ")}${cut > 0 ? ` +${cut}` : ""}`;
}
