import { decodeYaml, formatProblem } from "@narthex/config";
import { expect, test } from "vitest";
import { containsTime } from "./time-interval.ts";
import { timeIntervalSection } from "./time-interval-section.ts";

function decode(spans: string) {
  return decodeYaml(`{name: n, time_intervals: [${spans}]}`, "am.yml", timeIntervalSection);
}

const contains = (spans: string, moment: string): boolean => {
  const decoded = decode(spans);
  if (!decoded.ok) throw new Error(decoded.problems.map(formatProblem).join());
  return containsTime(decoded.value, Date.parse(moment));
};

test.each([
  ["{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-20T09:00:00Z", true],
  ["{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-20T17:00:00Z", false],
  ["{times: [{start_time: '23:00', end_time: '24:00'}]}", "2026-11-20T23:59:59Z", true],
  ["{weekdays: ['monday:friday']}", "2026-11-20T00:00:00Z", true],
  ["{weekdays: ['saturday', sunday]}", "2026-11-20T00:00:00Z", false],
  ["{days_of_month: ['-3:-1']}", "2026-02-26T00:00:00Z", true],
  ["{days_of_month: ['-3:-1']}", "2026-02-25T00:00:00Z", false],
  ["{days_of_month: ['30:31']}", "2026-02-28T00:00:00Z", false],
  ["{months: ['11:december'], years: ['2026:2027']}", "2026-11-20T00:00:00Z", true],
  ["{months: [march]}", "2026-11-20T00:00:00Z", false],
  ["{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Paris}", "2026-11-20T08:30:00Z", true],
  ["{times: [{start_time: '09:00', end_time: '10:00'}], location: US/Eastern}", "2026-11-20T14:30:00Z", true],
  ["{weekdays: [monday]}, {years: ['2026']}", "2026-11-20T00:00:00Z", true],
  ["{}", "2026-11-20T00:00:00Z", true],
])("%s holds at %s: %s", (spans, moment, expected) => {
  expect(contains(spans, moment)).toBe(expected);
});

test.each([
  ["{times: [{start_time: '10:00', end_time: '09:00'}]}", "start time cannot be equal or greater than end time"],
  ["{times: [{start_time: '10:00'}]}", "both start and end times must be provided"],
  ["{times: [{start_time: '1000', end_time: '11:00'}]}", "couldn't parse timestamp 1000, invalid format"],
  ["{weekdays: ['friday:monday']}", "start day cannot be before end day"],
  ["{days_of_month: ['0']}", "0 is not a valid day of the month: out of range"],
  ["{days_of_month: ['-3:3']}", "end day must be negative if start day is negative"],
  ["{months: ['may:april']}", "end month april is before start month may"],
  ["{years: ['2027:2026']}", "end year 2026 is before start year 2027"],
  ["{location: Nowhere/X}", "unknown time zone Nowhere/X"],
  ["{location: europe/paris}", "unknown time zone europe/paris"],
])("%s is refused", (spans, message) => {
  const decoded = decode(spans);
  expect(decoded.ok ? [] : decoded.problems.map((problem) => problem.message).join()).toContain(message);
});
