import { Labels } from "@narthex/model";
import { testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Alert, nextAlert } from "../alert.ts";
import { nextAlertWithBehaviour } from "./state-machine.ts";

const MINUTE = 60_000;
const labels = Labels.of({ alertname: "A" });

/** Returns the alert without the fields that only alerts with a behaviour have. */
const plain = (alert: Alert | undefined): unknown =>
  alert === undefined ? undefined : Object.fromEntries(Object.entries(alert).filter(([key]) => !OWN.has(key)));
const OWN = new Set(["source", "heldBy", "heldUntilMs"]);

test("property: without no-data, recovery and damping, the machine is that of Prometheus", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ isSeen: fc.boolean(), minutes: fc.integer({ min: 1, max: 9 }) }), { maxLength: 60 }),
      fc.constantFrom(0, 2, 5),
      fc.constantFrom(0, 3, 8),
      (turns, forMinutes, keepMinutes) => {
        const timing = { forMs: forMinutes * MINUTE, keepFiringForMs: keepMinutes * MINUTE };
        let [original, ours]: [Alert | undefined, Alert | undefined] = [undefined, undefined];
        let ts = 0;
        for (const [value, { isSeen, minutes }] of turns.entries()) {
          ts += minutes * MINUTE;
          const seen = isSeen ? { labels, annotations: new Map([["v", String(value)]]), value } : undefined;
          original = nextAlert(original, seen, ts, timing);
          ours = nextAlertWithBehaviour(ours, { seen, condition: "cleared", dampedUntilMs: undefined }, ts, timing);
          expect(plain(ours)).toEqual(original);
        }
      },
    ),
    { seed: testSeed(20261128), numRuns: testCases(200, 5000) },
  );
});
