import { expect, test } from "vitest";
import { UNKNOWN_SENDER } from "../data-source.ts";
import { openDataSource } from "../registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";

const source = openDataSource(settingsOf("grafana", ""), environmentAt(0));
const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 2, 23);

async function regions(timeRegion: object, days = 7, from = MONDAY): Promise<string[]> {
  const query = { name: "Work", target: { queryType: "timeRegions", timeRegion } };
  const found = await source.annotations!(query, { from, to: from + days * 24 * HOUR - 1 }, never());
  const hours = (ms: number): number => (ms - MONDAY) / HOUR;
  return found.map(({ time, timeEnd }) =>
    timeEnd === undefined ? `${hours(time)}` : `${hours(time)}-${hours(timeEnd)}`,
  );
}

test("a time region consists of hours of all days, of one day, or from one day to another", async () => {
  expect(await regions({ from: "08:30", to: "17" }, 2)).toEqual(["8.5-17", "32.5-41"]);
  // Expects two regions, of which the first began on the day before the range and extends into the range.
  expect(await regions({ from: "22:00", to: "06:00" }, 1)).toEqual(["-2-6", "22-30"]);
  expect(await regions({ fromDayOfWeek: 3 })).toEqual(["48-72"]);
  expect(await regions({ fromDayOfWeek: 5, from: "18:00", toDayOfWeek: 1, to: "08:00" })).toEqual(["-54-8", "114-176"]);
  expect(await regions({ fromDayOfWeek: 2, from: "10:00", toDayOfWeek: 2, to: "09:00" }, 3)).toEqual([
    "-134-33",
    "34-201",
  ]);
  expect(await regions({ from: "12:00" }, 1)).toEqual(["12"]);
});

test("a region uses the local time of its zone, also across clock changes", async () => {
  expect(await regions({ from: "08:00", to: "09:00", timezone: "America/New_York" }, 1)).toEqual(["12-13"]);
  // On this Sunday, clocks in Berlin are put forward.
  expect(await regions({ from: "08:00", to: "09:00", timezone: "Europe/Berlin" }, 1, MONDAY + 6 * 24 * HOUR)).toEqual([
    "150-151",
  ]);
});

test.each([
  [{}, "neither days nor times"],
  [{ from: "25:00" }, '"25:00" is not a time of day'],
  [{ from: "morning" }, '"morning" is not a time of day'],
  [{ mode: "cron", cronExpr: "* * * * *" }, "cron expressions are not supported"],
])("an invalid region is reported: %j", async (timeRegion, error) => {
  await expect(regions(timeRegion)).rejects.toThrow(error);
});

test("a target returns a random walk, the frames that it contains, or time regions", async () => {
  const ask = async (target: object) => (await source.query([queryOf({ ...target })], never())).get("A")!;
  expect((await ask({})).frames[0]!.length).toBeGreaterThan(1);
  const snapshot = [{ schema: { fields: [{ name: "a", type: "number" }] }, data: { values: [[1, 2]] } }];
  expect((await ask({ queryType: "snapshot", snapshot })).frames).toMatchObject([{ refId: "A", length: 2 }]);
  expect(await ask({ queryType: "snapshot", snapshot: [7] })).toMatchObject({
    status: 400,
    error: expect.stringContaining("the snapshot cannot be read"),
  });
  expect((await ask({ queryType: "timeRegions", timeRegion: { from: "0" } })).frames).toMatchObject([{ length: 1 }]);
  expect(await ask({ queryType: "list" })).toMatchObject({
    status: 400,
    error: expect.stringContaining('"list" are not supported'),
  });
  expect(await source.annotations!({ type: "dashboard" }, { from: 0, to: 1 }, never())).toEqual([]);
});

test("generating an answer needs a slot of the user, and counts in the user's account", async () => {
  const environment = environmentAt(0);
  const made = openDataSource(settingsOf("grafana", ""), environment);
  await made.query([queryOf({}), queryOf({}, [0, 600], "B")], never(), { ...UNKNOWN_SENDER, user: "ann" });
  expect(environment.desk.slots.accounts.get("ann")).toMatchObject({ queries: 2 });
  expect(environment.desk.slots.accounts.get("ann")!.bytes).toBeGreaterThan(700);
});

test("the time regions of all queries of a request have a common limit, however they are distributed over the queries", async () => {
  const target = { queryType: "timeRegions", timeRegion: { from: "08:00", to: "09:00" } };
  const days = Array.from({ length: 3 }, (_, i) => queryOf(target, [0, 2000 * 86_400], `Q${i}`));
  const answers = [...(await source.query(days, never())).values()];
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 422]);
  expect(answers[2]!.error).toContain("more than 4000 time regions");
  await expect(regions({ from: "08:00" }, 1_000_000)).rejects.toThrow("more than 4000 time regions");
});
