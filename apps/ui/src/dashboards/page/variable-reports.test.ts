import type { FilledVariables } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { VariableReports } from "./variable-reports.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const standing = (...pending: readonly string[]): FilledVariables => ({ states: new Map(), pending: new Set(pending) });

function recordReports(): { readonly together: VariableReports; readonly pending: string[] } {
  const pending: string[] = [];
  return { together: new VariableReports((filled) => void pending.push([...filled.pending].join(" "))), pending };
}

test("a chain of variables that is filled quickly is reported only at its start and at its end", () => {
  const { together, pending } = recordReports();
  together.take(standing("a", "b", "c"));
  together.take(standing("b", "c"));
  vi.advanceTimersByTime(50);
  together.take(standing("c"));
  vi.advanceTimersByTime(49);
  together.take(standing());
  vi.advanceTimersByTime(1000);
  expect(pending).toEqual(["a b c", ""]);
});

test("filled variables are reported without waiting for slow ones, and each report starts a new delay", () => {
  const { together, pending } = recordReports();
  together.take(standing("a", "b", "c"));
  together.take(standing("b", "c"));
  vi.advanceTimersByTime(100);
  expect(pending).toEqual(["a b c", "b c"]);
  together.take(standing("c"));
  vi.advanceTimersByTime(99);
  expect(pending).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(pending).toEqual(["a b c", "b c", "c"]);
});

test("newly pending variables are reported at once, even during a delay", () => {
  const { together, pending } = recordReports();
  together.take(standing("a", "b"));
  together.take(standing("b"));
  together.take(standing("b", "c"));
  expect(pending).toEqual(["a b", "b c"]);
  vi.advanceTimersByTime(1000);
  expect(pending).toHaveLength(2);
});

test("nothing is reported after close()", () => {
  const { together, pending } = recordReports();
  together.take(standing("a", "b"));
  together.take(standing("b"));
  together.close();
  vi.advanceTimersByTime(1000);
  expect(pending).toEqual(["a b"]);
});
