import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import { TimeRangeContext, useTimeRange } from "./time-range-context.ts";
import type { TimeRange } from "./time-range.ts";

function Probe({ name }: { name: string }) {
  const { range, changeRange } = useTimeRange();
  return (
    <button
      onClick={() => changeRange({ ...range, endMs: 0 })}
    >{`${name} ${range.rangeMs} ${range.endMs ?? "now"}`}</button>
  );
}

test("a component reads and changes the range of the nearest context, and without a context uses the last hour", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const changes: Array<readonly [string, TimeRange]> = [];
  const control = (name: string, range: TimeRange) => ({
    range,
    changeRange: (change: TimeRange): void => void changes.push([name, change]),
    spanNow: async () => ({ from: 0, to: 0 }),
  });
  const page = document.createElement("div");
  const root = createRoot(page);
  await act(async () =>
    root.render(
      <>
        <Probe name="none" />
        <TimeRangeContext value={control("outer", { rangeMs: 60_000, endMs: null, raw: null })}>
          <Probe name="outer" />
          <TimeRangeContext value={control("inner", { rangeMs: 1000, endMs: 5000, raw: null })}>
            <Probe name="inner" />
          </TimeRangeContext>
        </TimeRangeContext>
      </>,
    ),
  );
  const buttons = [...page.querySelectorAll("button")];
  expect(buttons.map((button) => button.textContent)).toEqual([
    "none 3600000 now",
    "outer 60000 now",
    "inner 1000 5000",
  ]);
  for (const button of buttons) button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(changes).toEqual([
    ["outer", { rangeMs: 60_000, endMs: 0, raw: null }],
    ["inner", { rangeMs: 1000, endMs: 0, raw: null }],
  ]);
  await act(async () => root.unmount());
  vi.unstubAllGlobals();
});
