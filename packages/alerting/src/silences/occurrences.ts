import { loadZone } from "@narthex/template";
import { holdsAtLocalTime, type TimeInterval, type TimeSpan } from "../routing/time-interval.ts";

/** A time span in which an interval is active without interruption, Unix ms. The end is exclusive. */
export interface Occurrence {
  readonly startsAt: number;
  readonly endsAt: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Maximum length of a valid occurrence in ms. A search for the current occurrence begins this long before the current
 * time.
 */
export const LONGEST_OCCURRENCE_MS = 62 * DAY;

/**
 * How far into the future occurrences of a time interval are searched, ms. The time is long enough to include the next
 * 29th of February.
 */
const MAX_LOOKAHEAD_MS = (4 * 366 + 1) * DAY;

/**
 * Returns the current and the following occurrences of a time interval, in order of time. Returns fewer than `count` if
 * there are no more within four years. The result agrees with containsTime(), also at clock changes.
 */
export function nextOccurrences(interval: TimeInterval, now: number, count: number): readonly Occurrence[] {
  const from = Math.floor(now / DAY) * DAY - LONGEST_OCCURRENCE_MS - DAY;
  for (let ahead = 16 * DAY; ; ahead *= 4) {
    const isLast = ahead >= MAX_LOOKAHEAD_MS;
    const to = Math.floor(now / DAY) * DAY + Math.min(ahead, MAX_LOOKAHEAD_MS);
    const found = occurrences(interval, from, to).filter(({ endsAt }) => endsAt > now);
    // Ignores an occurrence that ends at the border of the searched time, because it may continue after the border.
    const complete = isLast ? found : found.filter(({ endsAt }) => endsAt < to);
    if (complete.length >= count || isLast) return complete.slice(0, count);
  }
}

/** Returns all occurrences between two midnights of UTC. */
function occurrences(interval: TimeInterval, from: number, to: number): readonly Occurrence[] {
  const pieces = interval.spans.flatMap((span) => [...piecesOf(span, from, to)]);
  pieces.sort((a, b) => a.startsAt - b.startsAt);
  const merged: { startsAt: number; endsAt: number }[] = [];
  for (const { startsAt, endsAt } of pieces) {
    const last = merged.at(-1);
    if (last !== undefined && startsAt <= last.endsAt) last.endsAt = Math.max(last.endsAt, endsAt);
    else merged.push({ startsAt, endsAt });
  }
  return merged;
}

/**
 * Yields the time spans in which the interval is active. A time span is divided at each midnight and at each clock
 * change.
 */
function* piecesOf(span: TimeSpan, from: number, to: number): Iterable<Occurrence> {
  const edges = [0, ...span.times.flatMap((range) => [range.from, range.to])].map((minute) => minute * MINUTE);
  for (const { startsAt, endsAt, offset } of constantOffsetSpans(span.location, from, to)) {
    const midnight = Math.floor((startsAt + offset) / DAY) * DAY - offset;
    const inside = edges.flatMap((edge) => [midnight + edge, midnight + DAY + edge]);
    const cuts = [startsAt, ...inside.filter((cut) => cut > startsAt && cut < endsAt), endsAt];
    cuts.sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [begin, end] = [cuts[i]!, cuts[i + 1]!];
      if (begin < end && holdsAtLocalTime(span, begin + offset)) yield { startsAt: begin, endsAt: end };
    }
  }
}

interface OffsetSpan extends Occurrence {
  /** Offset of the local time from UTC in ms; positive in the east. */
  readonly offset: number;
}

/**
 * Yields one span for each day. A day on which the clocks change is divided at the change, so that each span has one
 * offset from UTC.
 */
function* constantOffsetSpans(location: string, from: number, to: number): Iterable<OffsetSpan> {
  const zone = loadZone(location);
  const offsetAt = (ms: number): number => (zone?.at(Math.floor(ms / 1000)).offset ?? 0) * 1000;
  let offset = offsetAt(from);
  for (let day = from; day < to; day += DAY) {
    const [before, after] = [offset, offsetAt(day + DAY)];
    if (before === after) {
      yield { startsAt: day, endsAt: day + DAY, offset };
      continue;
    }
    let [low, high] = [day, day + DAY];
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    yield { startsAt: day, endsAt: high, offset: before };
    yield { startsAt: high, endsAt: day + DAY, offset: after };
    offset = after;
  }
}
