import { GoDuration } from "./duration.ts";
import { templateFunction, type TemplateFunction } from "./function.ts";
import { formatLayout, type WallClock } from "./time-layout.ts";
import { UTC, type Zone } from "./zone.ts";

const NANOS = 1_000_000_000n;

/** Go's zero time, 0001-01-01T00:00:00Z, in Unix seconds. */
const ZERO_SECONDS = -62_135_596_800n;

/** A value of Go's type time.Time: nanoseconds since 1970, and the time zone in which it is shown. */
export class GoTime {
  readonly unixNanos: bigint;
  readonly zone: Zone;

  constructor(unixNanos: bigint, zone: Zone = UTC) {
    this.unixNanos = unixNanos;
    this.zone = zone;
  }

  /** Go's zero time, `0001-01-01 00:00:00 +0000 UTC`. */
  static readonly ZERO: GoTime = new GoTime(ZERO_SECONDS * NANOS);

  /**
   * Returns the time for Unix milliseconds. The time is exact to the microsecond, because a double has no more digits
   * for current times.
   */
  static ofMilliseconds(ms: number, zone: Zone = UTC): GoTime {
    const whole = Math.floor(ms);
    return new GoTime(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e3)) * 1000n, zone);
  }

  get isZero(): boolean {
    return this.unixNanos === ZERO_SECONDS * NANOS;
  }

  get unixSeconds(): bigint {
    const seconds = this.unixNanos / NANOS;
    return this.unixNanos % NANOS < 0n ? seconds - 1n : seconds;
  }

  wallClock(): WallClock {
    const seconds = this.unixSeconds;
    const { offset, abbreviation } = this.zone.at(Number(seconds));
    const date = new Date((Number(seconds) + offset) * 1000);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth(),
      day: date.getUTCDate(),
      weekday: date.getUTCDay(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      nanosecond: Number(this.unixNanos - seconds * NANOS),
      offset,
      abbreviation,
    };
  }

  format(layout: string): string {
    return formatLayout(layout, this.wallClock());
  }

  in(zone: Zone): GoTime {
    return new GoTime(this.unixNanos, zone);
  }

  /** Formats as RFC 3339 like Go's JSON encoder, with as many decimals of the second as needed. */
  toJSON(): string {
    return this.format("2006-01-02T15:04:05.999999999Z07:00");
  }

  toString(): string {
    return this.format("2006-01-02 15:04:05.999999999 -0700 MST");
  }

  /** Returns the method of time.Time with this name, which templates may call, or undefined. */
  method(name: string): TemplateFunction | undefined {
    return own(METHODS, name)?.(this);
  }
}

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const clockField =
  (field: "year" | "day" | "hour" | "minute" | "second" | "nanosecond") =>
  (time: GoTime): TemplateFunction =>
    templateFunction([], () => BigInt(time.wallClock()[field]));

const METHODS: Readonly<Record<string, (time: GoTime) => TemplateFunction>> = {
  Format: (time) => templateFunction(["string"], (layout) => time.format(layout)),
  String: (time) => templateFunction([], () => time.toString()),
  Unix: (time) => templateFunction([], () => time.unixSeconds),
  UnixMilli: (time) => templateFunction([], () => time.unixNanos / 1_000_000n),
  UnixMicro: (time) => templateFunction([], () => time.unixNanos / 1000n),
  UnixNano: (time) => templateFunction([], () => time.unixNanos),
  UTC: (time) => templateFunction([], () => time.in(UTC)),
  Local: (time) => templateFunction([], () => time),
  Add: (time) => templateFunction(["duration"], (by) => new GoTime(time.unixNanos + by.nanoseconds, time.zone)),
  AddDate: (time) =>
    templateFunction(["int", "int", "int"], (years, months, days) => addDate(time, years, months, days)),
  Sub: (time) => templateFunction(["time"], (other) => new GoDuration(time.unixNanos - other.unixNanos)),
  After: (time) => templateFunction(["time"], (other) => time.unixNanos > other.unixNanos),
  Before: (time) => templateFunction(["time"], (other) => time.unixNanos < other.unixNanos),
  Equal: (time) => templateFunction(["time"], (other) => time.unixNanos === other.unixNanos),
  Compare: (time) =>
    templateFunction(["time"], ({ unixNanos }) =>
      time.unixNanos < unixNanos ? -1n : BigInt(time.unixNanos > unixNanos ? 1 : 0),
    ),
  IsZero: (time) => templateFunction([], () => time.isZero),
  Year: clockField("year"),
  Month: (time) => templateFunction([], () => time.format("January")),
  Day: clockField("day"),
  Hour: clockField("hour"),
  Minute: clockField("minute"),
  Second: clockField("second"),
  Nanosecond: clockField("nanosecond"),
  Weekday: (time) => templateFunction([], () => time.format("Monday")),
  YearDay: (time) => templateFunction([], () => BigInt(time.format("002").replace(/^0+/, ""))),
  Truncate: (time) => templateFunction(["duration"], (unit) => new GoTime(floorTo(time, unit), time.zone)),
};

/**
 * Rounds a time down to a multiple of the duration. As in Go, multiples are counted from Go's zero time, not from 1970.
 */
function floorTo(time: GoTime, { nanoseconds }: GoDuration): bigint {
  if (nanoseconds <= 0n) return time.unixNanos;
  return time.unixNanos - ((time.unixNanos - ZERO_SECONDS * NANOS) % nanoseconds);
}

function addDate(time: GoTime, years: bigint, months: bigint, days: bigint): GoTime {
  const clock = time.wallClock();
  const before = Date.UTC(clock.year, clock.month, clock.day);
  const after = Date.UTC(clock.year + Number(years), clock.month + Number(months), clock.day + Number(days));
  return new GoTime(time.unixNanos + BigInt(after - before) * 1_000_000n, time.zone);
}
