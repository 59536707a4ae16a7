import type { PastFirings } from "@narthex/notification";
import type { AlertEvent } from "./alert-history.ts";

const DAY_MS = 86_400_000;

/**
 * Counts the firings in the history that began in the last days. Firings that have not ended are counted too.
 * @param events events in order of time
 * @param isMeant reports whether the events of a fingerprint are counted
 */
export function pastFirings(
  events: Iterable<AlertEvent>,
  isMeant: (fingerprint: string) => boolean,
  days: readonly number[],
  now: number,
): readonly PastFirings[] {
  const open = new Map<string, number>();
  const firings: { readonly start: number; readonly durationMs: number | undefined }[] = [];
  for (const { fingerprint, kind, at } of events) {
    if (kind === "fired") {
      if (!open.has(fingerprint) && isMeant(fingerprint)) open.set(fingerprint, at);
    } else if (kind === "resolved" || kind === "expired") {
      const start = open.get(fingerprint);
      if (start === undefined) continue;
      open.delete(fingerprint);
      firings.push({ start, durationMs: at - start });
    }
  }
  for (const start of open.values()) firings.push({ start, durationMs: undefined });
  return days.map((count) => {
    const within = firings.filter(({ start }) => start >= now - count * DAY_MS);
    const durations = within.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b);
    return { days: count, count: within.length, medianMs: durations[durations.length >> 1] };
  });
}
