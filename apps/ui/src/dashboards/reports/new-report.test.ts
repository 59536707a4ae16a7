import { expect, test } from "vitest";
import {
  inZone,
  localText,
  newReport,
  parsedVariables,
  scheduleWords,
  timeOfText,
  variablesText,
} from "./new-report.ts";

test("a new report is sent next Monday, with the dashboard, times and variables of the address", () => {
  const params = new URLSearchParams("dashboard=d&name=Load&from=now-1h&to=now&var-job=a&var-job=b");
  for (const day of [1, 3, 7]) {
    const { schedule, dashboards, name } = newReport(params, Date.UTC(2026, 5, day, 12));
    expect(new Date(schedule.startDate!).getDay()).toBe(1);
    expect(Date.parse(schedule.startDate!)).toBeGreaterThan(Date.UTC(2026, 5, day, 12));
    expect([name, dashboards[0]!.timeRange]).toEqual(["Load", { from: "now-1h", to: "now" }]);
    expect(dashboards[0]!.reportVariables).toEqual({ job: ["a", "b"] });
  }
});

test("variables are edited as the query of an address", () => {
  expect(variablesText({ job: ["a b", "c&d"], "var-x": "1" })).toBe("job=a+b&job=c%26d&x=1");
  expect(parsedVariables("?var-job=a+b&job=c%26d&=9")).toEqual({ job: ["a b", "c&d"] });
  expect(parsedVariables(" ")).toEqual({});
});

test("times are edited in the zone of the schedule, and keep their local time in another zone", () => {
  expect(localText("2026-07-01T07:00:00.000Z", "Europe/Berlin")).toBe("2026-07-01T09:00");
  expect(timeOfText("2026-07-01T09:00", "Europe/Berlin")).toBe("2026-07-01T07:00:00.000Z");
  expect([timeOfText("", "UTC"), localText(null, "UTC")]).toEqual([null, ""]);
  const report = newReport(new URLSearchParams(), Date.UTC(2026, 5, 1));
  const schedule = { ...report.schedule, timeZone: "Europe/Berlin", startDate: "2026-07-01T07:00:00.000Z" };
  expect(inZone({ ...report, schedule }, "America/New_York").schedule).toMatchObject({
    startDate: "2026-07-01T13:00:00.000Z",
    endDate: null,
    timeZone: "America/New_York",
  });
  expect(scheduleWords({ ...schedule, frequency: "custom", intervalAmount: 2, intervalFrequency: "weeks" })).toBe(
    "Every 2 weeks",
  );
  expect(scheduleWords({ ...schedule, frequency: "daily", workdaysOnly: true })).toBe("Every day, Monday to Friday");
});
