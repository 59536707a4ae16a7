import { civilTime, epochOf, type JsonObject, resolveTimeZone } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { numberAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

const DAY_MS = 86_400_000;
/** Largest number of regions of a request. More would not be visible, and computing each takes about 50 µs. */
const MAX_REGIONS = 4000;
const MIDNIGHT = { hour: 0, minute: 0, second: 0, millisecond: 0 };

/** A time of day. Hour 24 means the end of the day. */
interface Clock {
  readonly hour: number;
  readonly minute: number;
}

/** A recurring time region, from a time on a day of the week to another. Without days, it recurs every day. */
interface Region {
  /** Day of the week; 1 is Monday, 7 is Sunday. */
  readonly fromDay: number | undefined;
  readonly toDay: number | undefined;
  readonly from: Clock;
  readonly to: Clock;
  readonly zone: string;
}

/** Limits the number of regions that all queries of a request may return together. */
export class RegionAllowance {
  #left = MAX_REGIONS;

  /** Must be called before each region is computed. Throws QueryFailure if the request exceeds the limit. */
  take(): void {
    if (this.#left-- > 0) return;
    throw new QueryFailure(
      422,
      `the request has more than ${MAX_REGIONS} time regions; choose a shorter range, or fewer queries`,
    );
  }
}

/** Returns the occurrences of a time region that overlap a range. Throws QueryFailure if there are too many. */
export function timeRegions(source: JsonObject, range: TimeRange, allowance: RegionAllowance): readonly TimeRange[] {
  const region = readRegion(source);
  const found: TimeRange[] = [];
  // The search starts eight days before the range, because a region that began a week earlier may extend into the
  // range.
  const first = { ...civilTime(range.from - 8 * DAY_MS, region.zone), ...MIDNIGHT };
  // The last searched day is one day after the range, because local dates in different time zones differ by at most a
  // day. Local times are computed only for the searched days.
  for (let i = 0; Date.UTC(first.year, first.month - 1, first.day + i) <= range.to + DAY_MS; i++) {
    const day = { ...first, day: first.day + i };
    const weekday = weekdayOf(day);
    if (region.fromDay !== undefined && weekday !== region.fromDay) continue;
    allowance.take();
    const start = epochOf({ ...day, ...region.from }, region.zone);
    const end = epochOf({ ...day, ...region.to, day: day.day + daysUntilEnd(region, weekday) }, region.zone);
    if (end >= range.from && start <= range.to) found.push({ from: start, to: end });
  }
  return found;
}

/** Returns the number of days from the start of a region to its end. */
function daysUntilEnd({ toDay, from, to }: Region, weekday: number): number {
  const endsEarlier = to.hour * 60 + to.minute < from.hour * 60 + from.minute;
  if (toDay === undefined) return endsEarlier ? 1 : 0;
  const days = (toDay - weekday + 7) % 7;
  return days === 0 && endsEarlier ? 7 : days;
}

const weekdayOf = ({ year, month, day }: { year: number; month: number; day: number }): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;

function readRegion(source: JsonObject): Region {
  if (textAt(source, "mode") === "cron")
    throw new QueryFailure(400, "time regions by cron expressions are not supported: give days and times");
  const [given, until] = [clockOf(source, "from"), clockOf(source, "to")];
  const [fromDay, toDay] = [dayOf(source, "fromDayOfWeek"), dayOf(source, "toDayOfWeek")];
  if (given === undefined && until === undefined && fromDay === undefined && toDay === undefined)
    throw new QueryFailure(400, "the time region has neither days nor times");
  const name = textAt(source, "timezone");
  return {
    fromDay: fromDay ?? toDay,
    toDay,
    from: given ?? { hour: 0, minute: 0 },
    // A region with a start time but no end time is a point in time. A region without times covers the whole day.
    to: until ?? given ?? { hour: 24, minute: 0 },
    zone: name === "" || name === "browser" ? "UTC" : resolveTimeZone(name),
  };
}

/** Parses a time of day such as `08:30` or `8`. Undefined if it is missing. */
function clockOf(source: JsonObject, key: string): Clock | undefined {
  const text = textAt(source, key).trim();
  if (text === "") return undefined;
  const [, hour, minute = "0"] = /^(\d{1,2})(?::(\d{2}))?$/.exec(text) ?? [];
  const clock = { hour: Number(hour), minute: Number(minute) };
  if (hour === undefined || clock.hour > 24 || clock.minute > 59)
    throw new QueryFailure(400, `"${text.slice(0, 50)}" is not a time of day; write for example 08:30`);
  return clock;
}

function dayOf(source: JsonObject, key: string): number | undefined {
  const day = numberAt(source, key);
  return day !== undefined && Number.isInteger(day) && day >= 1 && day <= 7 ? day : undefined;
}
