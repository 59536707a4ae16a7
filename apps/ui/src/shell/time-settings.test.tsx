import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { formatInstant } from "../format/instant.ts";
import { setPreference } from "./preferences.ts";
import { TimeSettings } from "./TimeSettings.tsx";
import { shownTimeZone, useTimeZone, zoneText } from "./time-zone.ts";
import { firstDayOfWeek } from "./week-start.ts";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  setPreference("timeZone", "browser");
  setPreference("weekStart", "");
  localStorage.clear();
});

const at = Date.UTC(2026, 0, 31, 18);

function Time() {
  return <output>{formatInstant(at, useTimeZone())}</output>;
}

test("the time zone of the settings applies to all pages, and to dashboards that set no time zone", async () => {
  await page.draw(
    <>
      <TimeSettings />
      <Time />
    </>,
  );
  const choice = page.field("Time zone") as unknown as HTMLSelectElement;
  expect(choice.options[0]?.value).toBe("browser");
  await page.type(choice, "Asia/Tokyo");
  expect(page.all("output")[0]?.textContent).toBe("2026-02-01 03:00:00");
  expect(["", "browser", "utc", "Europe/Berlin"].map(shownTimeZone)).toEqual([
    "Asia/Tokyo",
    "Asia/Tokyo",
    "UTC",
    "Europe/Berlin",
  ]);
  expect(zoneText("Asia/Tokyo", at)).toBe("Asia/Tokyo, UTC+09:00");
  await page.type(choice, "utc");
  expect(page.all("output")[0]?.textContent).toBe("2026-01-31 18:00:00");
});

test("the first day of the week is set by the dashboard, otherwise by the user, otherwise by the language", async () => {
  expect(firstDayOfWeek("saturday", "de")).toBe(6);
  expect([firstDayOfWeek("", "de"), firstDayOfWeek("", "en-US"), firstDayOfWeek("", "no language")]).toEqual([1, 0, 0]);
  await page.draw(<TimeSettings />);
  await page.type(page.field("First day of the week"), "saturday");
  expect([firstDayOfWeek("", "de"), firstDayOfWeek("sunday", "de")]).toEqual([6, 0]);
});

test.each([
  [{ "settings.useLocalTime": true }, "browser", ""],
  [{ "settings.useLocalTime": false }, "utc", ""],
  [{ "settings.useLocalTime": false, "settings.timeZone": "Asia/Tokyo" }, "Asia/Tokyo", ""],
  [{ firstDayOfWeek: "Saturday" }, "browser", "saturday"],
  [{}, "browser", ""],
])("settings that an older release stored as %j still apply", async (kept, timeZone, weekStart) => {
  for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, JSON.stringify(value));
  vi.resetModules();
  const { preferencesNow } = await import("./preferences.ts");
  expect(preferencesNow()).toMatchObject({ timeZone, weekStart });
});
