import { expect, test } from "vitest";
import { printInterval } from "./configuration.ts";

test.each([
  ["in a day", "2026-11-27T12:00:00Z", -3, 3, "{start_time: '11:57', end_time: '12:03'}"],
  ["up to midnight", "2026-11-27T00:00:00Z", -3, 0, "{start_time: '23:57', end_time: '24:00'}"],
  ["from midnight", "2026-11-27T00:00:00Z", 0, 3, "{start_time: '00:00', end_time: '00:03'}"],
  [
    "across midnight",
    "2026-11-27T00:00:00Z",
    -3,
    3,
    "{start_time: '23:57', end_time: '24:00'}, {start_time: '00:00', end_time: '00:03'}",
  ],
])("an interval %s has ranges that Alertmanager accepts", (_, minute, fromMinute, toMinute, ranges) => {
  const printed = printInterval({ name: "mute", fromMinute, toMinute }, Date.parse(minute));
  expect(printed).toBe(`  - {name: mute, time_intervals: [{times: [${ranges}]}]}`);
});
