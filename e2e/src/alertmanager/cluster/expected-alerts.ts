import type { Told } from "./outside.ts";
import type { Disturbance } from "./world.ts";

/** One alert as Prometheus would know it. */
export interface Known {
  readonly group: string;
  readonly name: string;
  readonly startsAt: number;
  /** When it was resolved. */
  endsAt: number | undefined;
}

/** The alerts there are, and what everyone should have been told of them. */
export class ExpectedAlerts {
  readonly alerts: Known[] = [];

  fire(group: string): Known {
    const alert = { group, name: `a${this.alerts.length}`, startsAt: Date.now(), endsAt: undefined };
    this.alerts.push(alert);
    return alert;
  }

  /** The body of a POST: what fires, for another minute, and what was resolved. */
  body(): unknown {
    const soon = Date.now() + 60_000;
    return this.alerts.map(({ group, name, startsAt, endsAt }) => ({
      labels: { alertname: name, group },
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt ?? soon).toISOString(),
    }));
  }

  /** What nobody was told: firing alerts, and resolved ones that were told to fire. */
  missing(told: readonly Told[]): string[] {
    const heard = new Set(told.flatMap((one) => statesIn(one)));
    return this.alerts.flatMap(({ name, endsAt }) => {
      const firing = heard.has(`${name} firing`);
      if (endsAt === undefined) return firing ? [] : [`${name} firing`];
      return firing && !heard.has(`${name} resolved`) ? [`${name} resolved`] : [];
    });
  }
}

const statesIn = ({ told }: Told): string[] =>
  told.alerts.map(({ labels, status }) => `${labels["alertname"]} ${status}`);

/** A notification that says nothing that was not said before. */
export interface Duplicate {
  readonly first: Told;
  readonly again: Told;
  /** Another instance told something else about the group in between. */
  readonly isAnswered: boolean;
}

/** A notification that repeats an earlier one of its group: the same alerts in the same states. */
export function duplicatesIn(told: readonly Told[]): Duplicate[] {
  const seen = new Map<string, Told>();
  return told.flatMap((one): Duplicate[] => {
    const content = `${one.told.groupKey} ${statesIn(one).sort().join()}`;
    const first = seen.get(content);
    seen.set(content, first ?? one);
    if (first === undefined) return [];
    const between = told.slice(told.indexOf(first) + 1, told.indexOf(one));
    const isAnswered = between.some(
      ({ told: { groupKey, externalURL } }) => groupKey === one.told.groupKey && externalURL !== one.told.externalURL,
    );
    return [{ first, again: one, isAnswered }];
  });
}

/** How long ties take to be noticed broken, and to be made again. */
const NOTICE_MS = 8000;

/** How far apart two may tell and not know of each other yet: what the first takes to send, note and pass on. */
const MEETING_MS = 2000;

/**
 * Why the two could not know of each other, if so. Alertmanager's rules allow a second notification when one of the two
 * was cut off from the other or ended since the first was under way, and when an instance came or went: the places of all
 * change, and a turn that was computed before comes at another's time.
 *
 * @param flushMs how long before the first its flush may have begun
 */
export function excuseFor(
  { first, again, isAnswered }: Duplicate,
  disturbances: readonly Disturbance[],
  flushMs: number,
): Disturbance["what"] | "late turn" | "places changed" | "turns met" | undefined {
  const tellers = [first, again].map(({ told }) => told.externalURL.slice("http://".length, -":9093".length));
  const within = (moment: number | undefined): boolean =>
    moment !== undefined && moment >= first.at - flushMs && moment <= again.at;
  const lasts = ({ from, until }: Disturbance): boolean =>
    from <= again.at && (until ?? Infinity) + NOTICE_MS >= first.at;
  const concerns = ({ hosts }: Disturbance): boolean => hosts.some((host) => tellers.includes(host));
  const current = disturbances.filter((one) => lasts(one) && concerns(one)).map(({ what }) => what);
  for (const what of ["ended", "apart", "slow"] as const) if (current.includes(what)) return what;
  if (disturbances.some(({ from, until }) => within(from) || within(until))) return "places changed";
  if (isAnswered) return "late turn";
  const hasRestarted = disturbances.some(({ what, from }) => what === "ended" && from < first.at);
  return hasRestarted && tellers[0] !== tellers[1] && again.at - first.at < MEETING_MS ? "turns met" : undefined;
}

/** One line for a person. */
export const describe = ({ first, again }: Duplicate): string =>
  `${first.told.groupKey}: ${first.told.externalURL} at ${first.at}, ${again.told.externalURL} at ${again.at} (${again.told.notification_reason})`;
