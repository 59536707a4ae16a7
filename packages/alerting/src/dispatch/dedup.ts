import { alertHash } from "../alerts/fingerprint.ts";
import type { FlushAlert } from "./flush.ts";
import type { LogEntry } from "./notification-log.ts";

/** Hashes of the firing and resolved alerts that a group is about to notify. */
export interface FlushHashes {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

export function hashAlerts(alerts: readonly FlushAlert[]): FlushHashes {
  const firing = alerts.filter(({ resolved }) => !resolved).map(({ labels }) => alertHash(labels));
  const resolved = alerts.filter((alert) => alert.resolved).map(({ labels }) => alertHash(labels));
  return { firing, resolved };
}

const isSubset = (part: readonly string[], whole: readonly string[]): boolean => {
  const set = new Set(whole);
  return part.every((item) => set.has(item));
};

/**
 * Returns the reason why a group must be notified through an integration, or undefined if no notification is needed.
 * @param entry the last notification of the group through the integration
 */
export function notifyReason(
  entry: LogEntry | undefined,
  { firing, resolved }: FlushHashes,
  settings: { readonly sendResolved: boolean; readonly repeatIntervalMs: number; readonly now: number },
): string | undefined {
  if (entry === undefined) return firing.length > 0 ? "first notification" : undefined;
  if (!isSubset(firing, entry.firing)) return entry.firing.length === 0 ? "first notification" : "new alerts added";
  if (firing.length === 0) return entry.firing.length > 0 ? "all alerts resolved" : undefined;
  if (settings.sendResolved && !isSubset(resolved, entry.resolved)) return "some alerts resolved";
  return entry.timestamp < settings.now - settings.repeatIntervalMs ? "repeat interval elapsed" : undefined;
}
