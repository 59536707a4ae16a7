import { expect, test } from "vitest";
import { numbers, plain, table, times } from "../testing/frames.ts";
import { sliceFrame } from "./frame-window.ts";

test("sliceFrame() returns views, and clips rows outside of the frame", () => {
  const all = Array.from({ length: 10 }, (_, i) => i);
  const frame = table([times(all), numbers("Value", all)]);
  const slice = sliceFrame(frame, 2, 4);
  expect(plain(slice)).toEqual([
    ["Time", "time", 2, 3],
    ["Value", "number", 2, 3],
  ]);
  expect((slice.fields[0]!.values as Float64Array).buffer).toBe((frame.fields[0]!.values as Float64Array).buffer);
  expect(sliceFrame(frame, -5, 99)).toBe(frame);
  expect(sliceFrame(frame, 8, 3).length).toBe(0);
});
