import type { FilledVariables } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ToldTogether } from "./told-together.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const standing = (...pending: readonly string[]): FilledVariables => ({ states: new Map(), pending: new Set(pending) });

function told(): { readonly together: ToldTogether; readonly pending: string[] } {
  const pending: string[] = [];
  return { together: new ToldTogether((filled) => void pending.push([...filled.pending].join(" "))), pending };
}

test("a chain that is filled quickly is told when it begins and when it is done", () => {
  const { together, pending } = told();
  together.take(standing("a", "b", "c"));
  together.take(standing("b", "c"));
  vi.advanceTimersByTime(50);
  together.take(standing("c"));
  vi.advanceTimersByTime(49);
  together.take(standing());
  vi.advanceTimersByTime(1000);
  expect(pending).toEqual(["a b c", ""]);
});

test("what is filled does not wait for a slow rest, and the next wait begins anew", () => {
  const { together, pending } = told();
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

test("what becomes pending is told at once, also while something waits", () => {
  const { together, pending } = told();
  together.take(standing("a", "b"));
  together.take(standing("b"));
  together.take(standing("b", "c"));
  expect(pending).toEqual(["a b", "b c"]);
  vi.advanceTimersByTime(1000);
  expect(pending).toHaveLength(2);
});

test("nothing is told after the end", () => {
  const { together, pending } = told();
  together.take(standing("a", "b"));
  together.take(standing("b"));
  together.close();
  vi.advanceTimersByTime(1000);
  expect(pending).toEqual(["a b"]);
});
