import { quickRanges } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { absoluteRange, endText, rangeText, zoomIn } from "./range-text.ts";
import { copiedRange, rangeOfTexts, rangeProblems } from "./typed-range.ts";

const now = Date.UTC(2026, 0, 31, 12);
const settings = { now, zone: "Asia/Tokyo" };

test("a range is shown as its name, as a relative range, or as its start and end", () => {
  expect(rangeText({ from: "now-6h", to: "now" }, quickRanges, "UTC")).toBe("Last 6 hours");
  expect(rangeText({ from: "now-6h", to: "now" }, [{ from: "now-6h", to: "now", display: "Shift" }], "UTC")).toBe(
    "Shift",
  );
  expect(rangeText({ from: "now-45m", to: "now" }, [], "UTC")).toBe("Last 45 minutes");
  expect(rangeText({ from: String(now), to: "now-1m" }, [], "UTC")).toBe("2026-01-31 12:00:00 to now-1m");
  expect(endText(String(now + 5), "Asia/Tokyo")).toBe("2026-01-31 21:00:00.005");
});

test("an invalid range gets an error message next to the end that is wrong", () => {
  expect(rangeProblems({ from: "now-6h", to: "now" }, settings)).toEqual({});
  expect(rangeProblems({ from: "now-6x", to: "" }, settings)).toEqual({
    from: '"now-6x" is not a time. Write now-6h, now/d or 2026-01-31 12:00:00.',
    to: "Write a time, such as now-6h or 2026-01-31 12:00:00.",
  });
  expect(rangeProblems({ from: "now", to: "now-1h" }, settings).to).toContain("before it starts");
  expect(rangeProblems({ from: "x".repeat(1e6), to: "now" }, settings).from?.length).toBeLessThan(120);
});

test("dates are read in the zone, and relative times are kept", () => {
  expect(rangeOfTexts({ from: "2026-01-31 21:00:00", to: " now " }, settings)).toEqual({
    from: String(now),
    to: "now",
  });
  expect(absoluteRange({ from: 0.4, to: 10.6 })).toEqual({ from: "0", to: "11" });
  expect(zoomIn({ from: 0, to: 400 })).toEqual({ from: 100, to: 300 });
});

test("a copied range is accepted, and other texts are not", () => {
  expect(copiedRange('{"from":"now-1h","to":"now"}', settings)).toEqual({ from: "now-1h", to: "now" });
  expect(copiedRange('{"from":1,"to":2}', settings)).toEqual({ from: "1", to: "2" });
  for (const text of ["", "null", "[]", '{"from":"x","to":"now"}', '{"from":{}}'])
    expect(copiedRange(text, settings)).toBeUndefined();
});
