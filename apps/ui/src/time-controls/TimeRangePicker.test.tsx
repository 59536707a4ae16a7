import type { RawTimeRange } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { setPreference } from "../shell/preferences.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";
import { TimeRangePicker } from "./TimeRangePicker.tsx";
// Imports the lazy component in advance, so that tests need not wait for it.
import "./TimeRangePanel.tsx";

const to = Date.UTC(2026, 0, 31, 12);
const range = { from: to - 6 * 3_600_000, to };
let page: DrawnPage;
const onChange = vi.fn<(raw: RawTimeRange) => void>();
const onZone = vi.fn<(zone: string) => void>();

beforeEach(() => {
  localStorage.clear();
  onChange.mockClear();
  onZone.mockClear();
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  setPreference("timeZone", "browser");
  setPreference("weekStart", "");
});

const draw = (more: Partial<Parameters<typeof TimeRangePicker>[0]> = {}) =>
  page.draw(
    <TimeRangePicker
      raw={{ from: "now-6h", to: "now" }}
      range={range}
      zone="UTC"
      onChange={onChange}
      onZone={onZone}
      {...more}
    />,
  );
const open = () => page.click(page.find("button", /^Time range:/));
const hours = (count: number) => count * 3_600_000;

test("the button shows the range, and the buttons next to it move and widen it", async () => {
  await draw();
  expect(page.find("button", /^Time range:/).getAttribute("aria-label")).toBe("Time range: Last 6 hours UTC");
  await page.click(page.find("button", "Move back in time"));
  await page.click(page.find("button", "Move forward in time"));
  await page.click(page.find("button", "Zoom out"));
  expect(onChange.mock.calls.map(([raw]) => [Number(raw.from) - to, Number(raw.to) - to])).toEqual([
    [-hours(9), -hours(3)],
    [-hours(3), hours(3)],
    [-hours(9), hours(3)],
  ]);
});

test("sequences of two keys move and widen the range, unless the user is typing or presses another key between them", async () => {
  await draw({ isCompact: true });
  await page.press("t");
  await page.press("ArrowLeft");
  expect(onChange).toHaveBeenCalledExactlyOnceWith({ from: String(to - hours(9)), to: String(to - hours(3)) });
  await page.press("ArrowLeft");
  await page.press("t");
  await page.press("x");
  await page.press("z");
  expect(onChange).toHaveBeenCalledTimes(1);
  await open();
  const field = page.field("From");
  await page.press("t", field);
  await page.press("z", field);
  expect(onChange).toHaveBeenCalledTimes(1);
});

test("named ranges are searched and selected with the keyboard", async () => {
  await draw();
  await open();
  const search = page.field("Search: Quick ranges");
  await page.type(search, "yesterday");
  expect(page.all("[role=option]").map(({ textContent }) => textContent)).toEqual([
    "Yesterday",
    "Day before yesterday",
  ]);
  await page.press("ArrowDown", search);
  await page.press("Enter", search);
  expect(onChange).toHaveBeenCalledExactlyOnceWith({ from: "now-2d/d", to: "now-2d/d" });
});

test("valid dates are applied, and offered in the list of recent ranges", async () => {
  await draw();
  await open();
  await page.type(page.field("From"), "2026-01-31 10:00:00");
  await page.type(page.field("To"), "2026-01-31 09:00:00");
  const apply = page.find<HTMLButtonElement>("button", "Apply time range");
  expect(apply.disabled).toBe(true);
  expect(document.body.textContent).toContain("The range ends before it starts.");
  await page.type(page.field("To"), "2026-01-31 11:00:00");
  expect(apply.disabled).toBe(false);
  await page.click(apply);
  const chosen = { from: String(to - hours(2)), to: String(to - hours(1)) };
  expect(onChange).toHaveBeenCalledExactlyOnceWith(chosen);
  await open();
  await page.click(page.find("button", "2026-01-31 10:00:00 to 2026-01-31 11:00:00"));
  expect(onChange).toHaveBeenLastCalledWith(chosen);
});

test("a zone is found by its name, and the fiscal year and the week start at the configured month and day", async () => {
  const onFiscalYear = vi.fn<(month: number) => void>();
  await draw({ onFiscalYear });
  await open();
  await page.click(page.find("button", "Change time settings"));
  const search = page.field("Search: Time zones");
  await page.type(search, "tokyo");
  expect(page.find("[role=option]", /Asia\/Tokyo/).textContent).toContain("UTC+09:00");
  await page.type(page.all<HTMLSelectElement>("select")[0]!, "3");
  expect(onFiscalYear).toHaveBeenCalledExactlyOnceWith(3);
  await page.type(page.field("First day of the week"), "saturday");
  expect(firstDayOfWeek()).toBe(6);
  await page.press("Enter", search);
  expect(onZone).toHaveBeenCalledExactlyOnceWith("Asia/Tokyo");
});
