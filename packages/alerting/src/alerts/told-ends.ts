import type { Alert } from "./alert.ts";
import { alertHash } from "./fingerprint.ts";
import type { NotificationLog } from "../dispatch/notification-log.ts";

/**
 * When alerts were told to have ended, by a log that several instances share: Unix ms, for those that ended after this
 * instance had last heard of them. One that was down meanwhile would else report them as firing anew.
 */
export function toldEnds(log: NotificationLog): (alert: Alert) => number | undefined {
  const ended = new Map<string, number>();
  const fired = new Map<string, number>();
  for (const { entry } of log.all()) {
    for (const hash of entry.resolved) ended.set(hash, Math.max(entry.timestamp, ended.get(hash) ?? 0));
    for (const hash of entry.firing) fired.set(hash, Math.max(entry.timestamp, fired.get(hash) ?? 0));
  }
  return ({ labels, updatedAt }) => {
    const hash = alertHash(labels);
    const end = ended.get(hash);
    return end !== undefined && end > updatedAt && end > (fired.get(hash) ?? 0) ? end : undefined;
  };
}
