import fc from "fast-check";
import { expect, test } from "vitest";
import { Refresh } from "./refresh.ts";

const interval = fc.integer({ min: 1, max: 3_600_000 });

test("the user's interval replaces that of the queries until the user removes it", () => {
  fc.assert(
    fc.property(interval, interval, (ownMs, chosenMs) => {
      const refresh = new Refresh();
      expect(refresh.intervalOf(ownMs)).toBe(ownMs);
      refresh.setInterval(chosenMs);
      expect(refresh.intervalOf(ownMs)).toBe(chosenMs);
      refresh.setInterval(null);
      expect(refresh.intervalOf(ownMs)).toBe(ownMs);
    }),
  );
});

test("a pause stops all intervals and keeps their values", () => {
  fc.assert(
    fc.property(interval, fc.option(interval), (ownMs, chosenMs) => {
      const refresh = new Refresh();
      refresh.setInterval(chosenMs);
      const before = refresh.intervalOf(ownMs);
      refresh.pause();
      expect(refresh.intervalOf(ownMs)).toBe(false);
      refresh.resume();
      expect(refresh.intervalOf(ownMs)).toBe(before);
    }),
  );
});

test("a query that stopped itself stays stopped when the user selects an interval", () => {
  const refresh = new Refresh();
  refresh.setInterval(1000);
  expect(refresh.intervalOf(false)).toBe(false);
});

test("the last refresh is the time of the latest answer, in any order of answers", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (times) => {
      const refresh = new Refresh();
      expect(refresh.state.lastRefreshMs).toBeNull();
      for (const unixMs of times) refresh.recordAnswer(unixMs);
      expect(refresh.state.lastRefreshMs).toBe(Math.max(...times));
    }),
  );
});

test("a manual refresh repeats every registered query once, also while paused", () => {
  const refresh = new Refresh();
  const requests: string[] = [];
  refresh.register(() => requests.push("targets"));
  const leave = refresh.register(() => requests.push("rules"));
  refresh.pause();
  refresh.refreshNow();
  expect(requests).toEqual(["targets", "rules"]);
  leave();
  refresh.refreshNow();
  expect(requests).toEqual(["targets", "rules", "targets"]);
});

test("an automatic refresh does not repeat queries whose results cannot change", () => {
  const refresh = new Refresh();
  const requests: string[] = [];
  refresh.register(() => requests.push("now"));
  refresh.register(() => requests.push("past"), false);
  refresh.refreshDue();
  expect(requests).toEqual(["now"]);
  refresh.refreshNow();
  expect(requests).toEqual(["now", "now", "past"]);
});

test("listeners are called at each change until they unsubscribe, and the state is the same object between changes", () => {
  const refresh = new Refresh();
  let notified = 0;
  const leave = refresh.subscribe(() => (notified += 1));
  const before = refresh.state;
  expect(refresh.state).toBe(before);
  refresh.pause();
  expect(refresh.state).not.toBe(before);
  expect(notified).toBe(1);
  leave();
  refresh.resume();
  expect(notified).toBe(1);
});
