import type { JsonValue } from "@narthex/config";
import { SpecError } from "../custom-objects/spec-error.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";
import type { AlertmanagerConfigVersion } from "./section.ts";

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** Field of the time intervals in each version of the API. */
export const INTERVALS_FIELD = { v1alpha1: "muteTimeIntervals", v1beta1: "timeIntervals" } as const;

/** Returns the time intervals of an object as in alertmanager.yml. */
export function timeIntervals(
  spec: SpecFields,
  version: AlertmanagerConfigVersion,
  named: (name: string) => string,
): readonly JsonValue[] {
  return spec.objects(INTERVALS_FIELD[version]).map((interval) => {
    const name = interval.text("name");
    if (name === "") throw new SpecError(`${interval.at("name")} is missing`, true);
    return { name: named(name), time_intervals: interval.objects("timeIntervals").map(periodOf) };
  });
}

function periodOf(period: SpecFields): JsonValue {
  return {
    ...listed("times", period.objects("times").map(timeRange)),
    ...listed("weekdays", period.texts("weekdays").map(weekdayRange)),
    ...listed("days_of_month", period.objects("daysOfMonth").map(dayRange)),
    ...listed("months", period.texts("months")),
    ...listed("years", period.texts("years")),
  };
}

const timeRange = (range: SpecFields): JsonValue => ({
  start_time: range.text("startTime"),
  end_time: range.text("endTime"),
});

/** Weekdays may also be numbers in the API, from 0 for Sunday. */
const weekdayRange = (range: string): string =>
  range
    .split(":")
    .map((day) => (/^[0-6]$/.test(day) ? WEEKDAYS[Number(day)]! : day))
    .join(":");

function dayRange(range: SpecFields): string {
  const [start, end] = [range.textOrNumber("start") ?? 0, range.textOrNumber("end") ?? 0];
  return `${start}:${end}`;
}

const listed = (key: string, items: readonly JsonValue[]): Record<string, JsonValue> =>
  items.length === 0 ? {} : { [key]: items };
