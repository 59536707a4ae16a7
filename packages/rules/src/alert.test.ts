import fc from "fast-check";
import { expect, test } from "vitest";
import { Labels } from "@narthex/model";
import { type Alert, needsSending, nextAlert, RESOLVED_RETENTION_MS, type AlertSample } from "./alert.ts";

const seen: AlertSample = { labels: Labels.of({ alertname: "a" }), annotations: new Map(), value: 3 };
const MINUTE = 60_000;

/**
 * Evaluates an alert once per minute, for each character of `word`. The character `x` means that the query's result
 * contains the alert. Returns the state after each minute as one character.
 */
function states(word: string, timing = { forMs: 0, keepFiringForMs: 0 }): string {
  let alert: Alert | undefined;
  return word
    .split("")
    .map((letter, minute) => {
      alert = nextAlert(alert, letter === "x" ? seen : undefined, minute * MINUTE, timing);
      return alert === undefined ? "-" : { inactive: "r", pending: "p", firing: "f" }[alert.state];
    })
    .join("");
}

test("without `for`, nextAlert() fires immediately", () => {
  expect(states("x..x")).toBe("frrf");
});

test("nextAlert() fires after the time of `for`, and waits again if the alert was missing in a result", () => {
  expect(states("xxxx.xx", { forMs: 3 * MINUTE, keepFiringForMs: 0 })).toBe("pppfrpp");
  expect(states("xx.xxxx", { forMs: 3 * MINUTE, keepFiringForMs: 0 })).toBe("pp-pppf");
});

test("nextAlert() keeps firing for keep_firing_for", () => {
  expect(states("x....x.", { forMs: 0, keepFiringForMs: 3 * MINUTE })).toBe("ffffrff");
  expect(states("x..x...", { forMs: 0, keepFiringForMs: 3 * MINUTE })).toBe("fffffff");
});

test("nextAlert() removes a resolved alert after fifteen minutes", () => {
  const word = `x${".".repeat(20)}`;
  expect(states(word)).toBe(`f${"r".repeat(RESOLVED_RETENTION_MS / MINUTE + 1)}----`);
});

test("nextAlert() returns to pending when `for` is increased", () => {
  const firing = nextAlert(undefined, seen, 0, { forMs: 0, keepFiringForMs: 0 })!;
  const later = nextAlert({ ...firing, lastSentAtMs: 0 }, seen, MINUTE, { forMs: 5 * MINUTE, keepFiringForMs: 0 })!;
  expect(later).toMatchObject({ state: "pending", activeAtMs: 0, firedAtMs: undefined, lastSentAtMs: undefined });
});

test("needsSending() is true for a firing alert at each resend delay, and once more when it resolves", () => {
  const alert = { ...nextAlert(undefined, seen, 0, { forMs: 0, keepFiringForMs: 0 })!, lastSentAtMs: 0 };
  expect(needsSending(alert, MINUTE, MINUTE)).toBe(false);
  expect(needsSending(alert, MINUTE + 1, MINUTE)).toBe(true);
  expect(needsSending({ ...alert, state: "inactive", resolvedAtMs: 1 }, 2, MINUTE)).toBe(true);
  expect(needsSending({ ...alert, state: "pending" }, 10 * MINUTE, MINUTE)).toBe(false);
});

test("an alert fires only after it was in all results during the whole time of `for`", () =>
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.integer({ min: 0, max: 5 }), (holds, minutes) => {
      const word = holds.map((held) => (held ? "x" : ".")).join("");
      const got = states(word, { forMs: minutes * MINUTE, keepFiringForMs: 0 });
      for (const [i, letter] of got.split("").entries()) {
        const run = /x*$/.exec(word.slice(0, i + 1))![0].length;
        expect(letter === "f").toBe(run > minutes);
      }
    }),
  ));
