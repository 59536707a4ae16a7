import { mapFloats } from "../operators/map.ts";
import { stepTimes, vectorOf } from "../operators/scalar.ts";
import type { VectorFunction } from "./function-call.ts";

const DAY_SECONDS = 86_400;
const FOUR_CENTURIES = 146_097;

/** Returns the remainder of a division, which is never negative and is exact for numbers of any size. */
const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/**
 * Returns the number of whole days since 1970. The remainder is subtracted first, because a large quotient could be
 * rounded up to the next day.
 */
const daysOf = (seconds: number): number => Math.round((seconds - modulo(seconds, DAY_SECONDS)) / DAY_SECONDS);

interface CivilDate {
  readonly year: number;
  /** Number of the month, 1 … 12. */
  readonly month: number;
  /** Day of the month, 1 … 31. */
  readonly day: number;
}

/** Returns the date of a day that is given as days since 1970-01-01. Unlike JavaScript's Date, works for any year. */
function civilDate(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / FOUR_CENTURIES);
  const dayOfEra = shifted - era * FOUR_CENTURIES;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

const isLeap = (year: number): boolean => modulo(year, 4) === 0 && (modulo(year, 100) !== 0 || modulo(year, 400) === 0);

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const daysInMonth = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : DAYS_IN_MONTH[month - 1]!;

function dayOfYear({ year, month, day }: CivilDate): number {
  let total = day;
  for (let before = 1; before < month; before++) total += daysInMonth(year, before);
  return total;
}

/**
 * Converts a time to whole seconds as Go does. NaN and values beyond 64 bits become the smallest integer, which Go
 * shows as the year 292277026596.
 */
function wholeSeconds(value: number): number {
  const whole = Math.trunc(value);
  return whole > -(2 ** 63) && whole < 2 ** 63 ? whole : 2 ** 63;
}

/**
 * Makes a PromQL function that returns a part of a UTC time, such as the hour, for values in seconds. Without an
 * argument, the function uses the evaluation time.
 */
const ofTime =
  (part: (seconds: number) => number): VectorFunction =>
  (call) => {
    const seconds = call.expr.args.length === 0 ? vectorOf(stepTimes(call.grid)) : call.vector(0);
    return mapFloats(seconds, call.evaluation, (value) => part(wholeSeconds(value)));
  };

const ofDate = (part: (date: CivilDate) => number): VectorFunction =>
  ofTime((seconds) => part(civilDate(daysOf(seconds))));

export const CALENDAR_FUNCTIONS: Readonly<Record<string, VectorFunction>> = {
  minute: ofTime((seconds) => Math.floor(modulo(seconds, 3600) / 60)),
  hour: ofTime((seconds) => Math.floor(modulo(seconds, DAY_SECONDS) / 3600)),
  day_of_week: ofTime((seconds) => modulo(daysOf(seconds) + 4, 7)),
  day_of_month: ofDate(({ day }) => day),
  day_of_year: ofDate(dayOfYear),
  days_in_month: ofDate(({ year, month }) => daysInMonth(year, month)),
  month: ofDate(({ month }) => month),
  year: ofDate(({ year }) => year),
};
