import type { ReceivedNotification } from "./outside.ts";
import type { Disturbance } from "./alertmanager-cluster.ts";

export interface Known {
  readonly group: string;
  readonly name: string;
  readonly startsAt: number;
  /** Time when the alert was resolved; undefined if the alert is still firing. */
  endsAt: number | undefined;
}

/** The current alerts, and the notifications that are expected for them. */
export class ExpectedAlerts {
  readonly alerts: Known[] = [];

  fire(group: string): Known {
    const alert = { group, name: `a${this.alerts.length}`, startsAt: Date.now(), endsAt: undefined };
    this.alerts.push(alert);
    return alert;
  }

  /**
   * Returns the body of a POST request with all current alerts: firing alerts, which end in a minute unless they are
   * sent again, and resolved alerts.
   */
  body(): unknown {
    const soon = Date.now() + 60_000;
    return this.alerts.map(({ group, name, startsAt, endsAt }) => ({
      labels: { alertname: name, group },
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt ?? soon).toISOString(),
    }));
  }

  /**
   * Returns the alerts whose current state is not yet in a received notification. A notification about a resolved
   * alert is only expected if the receiver was notified that the alert fires.
   */
  missing(notifications: readonly ReceivedNotification[]): string[] {
    const states = new Set(notifications.flatMap((one) => statesIn(one)));
    return this.alerts.flatMap(({ name, endsAt }) => {
      const firing = states.has(`${name} firing`);
      if (endsAt === undefined) return firing ? [] : [`${name} firing`];
      return firing && !states.has(`${name} resolved`) ? [`${name} resolved`] : [];
    });
  }
}

const statesIn = ({ body }: ReceivedNotification): string[] =>
  body.alerts.map(({ labels, status }) => `${labels["alertname"]} ${status}`);

/** An alert notification with the same content as an earlier notification. */
export interface Duplicate {
  readonly first: ReceivedNotification;
  readonly again: ReceivedNotification;
  /**
   * Whether a different notification about the same alert group was sent between the first notification and its
   * duplicate.
   */
  readonly isAnswered: boolean;
}

/** Returns the notifications that repeat an earlier notification: same alert group, same alerts, same states. */
export function duplicatesIn(notifications: readonly ReceivedNotification[]): Duplicate[] {
  const seen = new Map<string, ReceivedNotification>();
  return notifications.flatMap((one): Duplicate[] => {
    const content = `${one.body.groupKey} ${statesIn(one).sort().join()}`;
    const first = seen.get(content);
    seen.set(content, first ?? one);
    if (first === undefined) return [];
    const between = notifications.slice(notifications.indexOf(first) + 1, notifications.indexOf(one));
    const isAnswered = between.some(
      ({ body: { groupKey, externalURL } }) => groupKey === one.body.groupKey && externalURL !== one.body.externalURL,
    );
    return [{ first, again: one, isAnswered }];
  });
}

/** Time in ms until cluster members notice a broken connection, and also until they restore it. */
const NOTICE_MS = 8000;

/**
 * Longest accepted time in ms between a notification and its duplicate from another Alertmanager instance that could
 * not know of the first. In this time the first instance sends, records and gossips its notification.
 */
const MEETING_MS = 2000;

/**
 * Returns the reason why a duplicate notification is allowed, or undefined. Alertmanager may send a duplicate if one of
 * the two senders was cut off or ended after the first notification began. A duplicate can also follow when an instance
 * joined or left, because the positions of all instances in the cluster then change: an instance that still uses its
 * old position may send at the same time as another instance.
 * @param flushMs longest time between the flush of the first notification and its arrival
 */
export function excuseFor(
  { first, again, isAnswered }: Duplicate,
  disturbances: readonly Disturbance[],
  flushMs: number,
): Disturbance["what"] | "late turn" | "places changed" | "turns met" | undefined {
  const senders = [first, again].map(({ body }) => body.externalURL.slice("http://".length, -":9093".length));
  const within = (moment: number | undefined): boolean =>
    moment !== undefined && moment >= first.at - flushMs && moment <= again.at;
  const lasts = ({ from, until }: Disturbance): boolean =>
    from <= again.at && (until ?? Infinity) + NOTICE_MS >= first.at;
  const concerns = ({ hosts }: Disturbance): boolean => hosts.some((host) => senders.includes(host));
  const current = disturbances.filter((one) => lasts(one) && concerns(one)).map(({ what }) => what);
  for (const what of ["ended", "apart", "slow"] as const) if (current.includes(what)) return what;
  if (disturbances.some(({ from, until }) => within(from) || within(until))) return "places changed";
  if (isAnswered) return "late turn";
  const hasRestarted = disturbances.some(({ what, from }) => what === "ended" && from < first.at);
  return hasRestarted && senders[0] !== senders[1] && again.at - first.at < MEETING_MS ? "turns met" : undefined;
}

/** Describes a duplicate in one line of a report. */
export const describe = ({ first, again }: Duplicate): string =>
  `${first.body.groupKey}: ${first.body.externalURL} at ${first.at}, ${again.body.externalURL} at ${again.at} (${again.body.notification_reason})`;
