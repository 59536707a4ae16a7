import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { offeredIntervals, refreshEvery } from "./auto-refresh.ts";
import { RefreshPicker } from "./RefreshPicker.tsx";

const hour = { from: 0, to: 3_600_000 };
let page: DrawnPage;
const onRefresh = vi.fn<() => void>();
const onInterval = vi.fn<(interval: string) => void>();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onRefresh.mockClear();
  onInterval.mockClear();
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const draw = (interval: string, isLoading = false) =>
  page.draw(
    <RefreshPicker
      interval={interval}
      intervals={["1s", "10s", "1m"]}
      isLoading={isLoading}
      onRefresh={onRefresh}
      onInterval={onInterval}
      range={hour}
    />,
  );
const wait = (ms: number) => act(async () => vi.advanceTimersByTimeAsync(ms));
const show = (state: DocumentVisibilityState) =>
  act(async () => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
    document.dispatchEvent(new Event("visibilitychange"));
  });

test("intervals are not shorter than the minimum, and Auto follows the range", () => {
  expect(refreshEvery("", hour, 5000)).toBeNull();
  expect(refreshEvery("nonsense", hour, 5000)).toBeNull();
  expect(refreshEvery("1s", hour, 5000)).toBe(5000);
  expect(refreshEvery("1m", hour, 5000)).toBe(60_000);
  expect(refreshEvery("auto", hour, 5000)).toBe(5000);
  expect(refreshEvery("auto", { from: 0, to: 86_400_000 }, 5000)).toBe(60_000);
  expect(refreshEvery("9999999d", hour, 5000)).toBeLessThan(2 ** 31);
  expect(offeredIntervals(["1s", "10s", "x", "10s"], "45s", 5000)).toEqual(["10s", "45s"]);
});

test("the list contains Off, Auto and the dashboard's intervals", async () => {
  await draw("");
  const select = page.find<HTMLSelectElement>("select", "Refresh interval");
  expect(Array.from(select.options, ({ text }) => text)).toEqual(["Off", "Auto", "10s", "1m"]);
  await page.type(select, "1m");
  expect(onInterval).toHaveBeenCalledExactlyOnceWith("1m");
  await page.click(page.find("button", "Refresh now"));
  expect(onRefresh).toHaveBeenCalledTimes(1);
  await wait(600_000);
  expect(onRefresh).toHaveBeenCalledTimes(1);
});

test("the dashboard refreshes at the interval, but neither while a request runs nor in a hidden tab", async () => {
  await draw("10s");
  await wait(25_000);
  expect(onRefresh).toHaveBeenCalledTimes(2);
  await draw("10s", true);
  expect(page.find("button", "Refresh now").getAttribute("aria-busy")).toBe("true");
  await wait(20_000);
  expect(onRefresh).toHaveBeenCalledTimes(2);
  await draw("10s");
  await show("hidden");
  await wait(600_000);
  expect(onRefresh).toHaveBeenCalledTimes(2);
  await show("visible");
  await wait(0);
  expect(onRefresh).toHaveBeenCalledTimes(3);
  await wait(9000);
  expect(onRefresh).toHaveBeenCalledTimes(3);
});
