import type { PastFirings } from "@narthex/notification";
import type { Steps } from "@narthex/runtime";
import type { AlertEvent } from "./alert-history.ts";

const DAY_MS = 86_400_000;

/** Events that are counted in one step. */
const EVENTS_PER_STEP = 256;

interface Firing {
  readonly start: number;
  readonly durationMs: number | undefined;
}

/**
 * Counts the firings in the history that began in the last days, by the name of the alert. Firings that have not ended
 * are counted too. Names without a firing are missing.
 * @param events events in order of time
 * @param nameOf returns the name of the alert with a fingerprint
 */
export function* pastFirings(
  events: Iterable<AlertEvent>,
  nameOf: (fingerprint: string) => string | undefined,
  days: readonly number[],
  now: number,
): Steps<ReadonlyMap<string, readonly PastFirings[]>> {
  const open = new Map<string, number>();
  const firings = new Map<string, Firing[]>();
  const note = (fingerprint: string, firing: Firing): void => {
    const name = nameOf(fingerprint) ?? "";
    const known = firings.get(name);
    if (known === undefined) firings.set(name, [firing]);
    else known.push(firing);
  };
  let count = 0;
  for (const { fingerprint, kind, at } of events) {
    if (count++ % EVENTS_PER_STEP === 0) yield;
    if (kind === "fired") {
      if (!open.has(fingerprint)) open.set(fingerprint, at);
    } else if (kind === "resolved" || kind === "expired") {
      const start = open.get(fingerprint);
      if (start === undefined) continue;
      open.delete(fingerprint);
      note(fingerprint, { start, durationMs: at - start });
    }
  }
  for (const [fingerprint, start] of open) {
    if (count++ % EVENTS_PER_STEP === 0) yield;
    note(fingerprint, { start, durationMs: undefined });
  }
  const counted = new Map<string, readonly PastFirings[]>();
  for (const [name, all] of firings) {
    yield;
    counted.set(
      name,
      days.map((within) => countedWithin(all, within, now)),
    );
  }
  return counted;
}

function countedWithin(firings: readonly Firing[], days: number, now: number): PastFirings {
  const within = firings.filter(({ start }) => start >= now - days * DAY_MS);
  const durations = within.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b);
  return { days, count: within.length, medianMs: durations[durations.length >> 1] };
}
