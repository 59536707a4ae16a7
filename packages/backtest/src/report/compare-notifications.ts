import type { Labels } from "@narthex/model";
import type { ReplayedNotification } from "../notifications/notification-recorder.ts";

/** Notifications of a new version that the old version does not have, and the reverse. */
export interface NotificationDifferences {
  readonly added: readonly ReplayedNotification[];
  readonly lost: readonly ReplayedNotification[];
}

/**
 * Compares the notifications of two versions. A notification has a counterpart if the other version notifies the same
 * integration of the same alerts of the same group, at most one group_interval earlier or later.
 */
export function compareNotifications(
  old: readonly ReplayedNotification[],
  changed: readonly ReplayedNotification[],
): NotificationDifferences {
  const before = Map.groupBy(old, contentOf);
  const added: ReplayedNotification[] = [];
  const lost: ReplayedNotification[] = [];
  for (const [content, list] of Map.groupBy(changed, contentOf)) {
    const alone = withoutPairs(before.get(content) ?? [], list);
    before.delete(content);
    for (const notification of alone.added) added.push(notification);
    for (const notification of alone.lost) lost.push(notification);
  }
  for (const list of before.values()) for (const notification of list) lost.push(notification);
  return { added: added.sort(byTime), lost: lost.sort(byTime) };
}

/** Pairs notifications of the same content in the order of time. Returns those that remain alone. */
function withoutPairs(
  old: readonly ReplayedNotification[],
  changed: readonly ReplayedNotification[],
): NotificationDifferences {
  const added: ReplayedNotification[] = [];
  const lost: ReplayedNotification[] = [];
  let [at, from] = [0, 0];
  while (at < changed.length || from < old.length) {
    const [one, other] = [changed[at], old[from]];
    if (one !== undefined && other !== undefined && isNear(one, other)) {
      at++;
      from++;
    } else if (other === undefined || (one !== undefined && one.atMs < other.atMs)) added.push(changed[at++]!);
    else lost.push(old[from++]!);
  }
  return { added, lost };
}

const isNear = (one: ReplayedNotification, other: ReplayedNotification): boolean =>
  Math.abs(one.atMs - other.atMs) <= Math.max(one.groupIntervalMs, other.groupIntervalMs);

const byTime = (a: ReplayedNotification, b: ReplayedNotification): number => a.atMs - b.atMs;

const keysOf = (list: readonly Labels[]): readonly string[] => list.map(({ key }) => key).sort();

const contentOf = ({ receiver, integration, groupLabels, firing, resolved }: ReplayedNotification): string =>
  JSON.stringify([receiver, integration, groupLabels.key, keysOf(firing), keysOf(resolved)]);
