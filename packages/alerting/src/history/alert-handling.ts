import type { Acknowledgement } from "../acknowledgements/acknowledgement.ts";
import type { AlertEvent } from "./alert-history.ts";

/** How people and the configuration handled the alerts with one name. */
export interface AlertHandling {
  readonly alertname: string;
  /** Number of firings in the history. */
  readonly firings: number;
  /** Number of firings that a silence suppressed at least once. */
  readonly silenced: number;
  /** Number of firings that inhibition suppressed at least once. */
  readonly inhibited: number;
  /** Number of firings that a person acknowledged. Only the latest acknowledgement of an alert is known. */
  readonly acknowledged: number;
}

interface OpenFiring {
  readonly name: string;
  readonly startMs: number;
  isSilenced: boolean;
  isInhibited: boolean;
}

type Counts = { -readonly [K in keyof Omit<AlertHandling, "alertname">]: number };

/**
 * Counts how the firings in the history were handled, by the name of the alert.
 * @param events events in order of time
 * @param nameOf returns the name of an alert by its fingerprint, or undefined
 * @param acknowledgements acknowledgements by the fingerprint of the alert
 * @param now end of alerts that still fire, Unix ms
 */
export function alertHandling(
  events: Iterable<AlertEvent>,
  nameOf: (fingerprint: string) => string | undefined,
  acknowledgements: ReadonlyMap<string, Pick<Acknowledgement, "createdAt">>,
  now: number,
): readonly AlertHandling[] {
  const open = new Map<string, OpenFiring>();
  const byName = new Map<string, Counts>();
  const close = (fingerprint: string, endMs: number): void => {
    const firing = open.get(fingerprint);
    if (firing === undefined) return;
    open.delete(fingerprint);
    const counts = byName.get(firing.name) ?? { firings: 0, silenced: 0, inhibited: 0, acknowledged: 0 };
    byName.set(firing.name, counts);
    const acknowledgedAt = acknowledgements.get(fingerprint)?.createdAt ?? -Infinity;
    counts.firings++;
    if (firing.isSilenced) counts.silenced++;
    if (firing.isInhibited) counts.inhibited++;
    if (acknowledgedAt >= firing.startMs && acknowledgedAt <= endMs) counts.acknowledged++;
  };
  for (const { fingerprint, kind, at } of events) {
    if (kind === "fired") {
      const name = open.has(fingerprint) ? undefined : nameOf(fingerprint);
      if (name !== undefined) open.set(fingerprint, { name, startMs: at, isSilenced: false, isInhibited: false });
    } else if (kind === "resolved" || kind === "expired") close(fingerprint, at);
    else {
      const firing = open.get(fingerprint);
      if (firing !== undefined && kind === "silence") firing.isSilenced = true;
      if (firing !== undefined && kind === "inhibition") firing.isInhibited = true;
    }
  }
  for (const fingerprint of open.keys()) close(fingerprint, now);
  return [...byName]
    .map(([alertname, counts]) => ({ alertname, ...counts }))
    .sort((a, b) => b.firings - a.firings || (a.alertname < b.alertname ? -1 : 1));
}
