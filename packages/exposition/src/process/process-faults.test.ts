import { InternalErrors } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { processFaults } from "./process-faults.ts";

const QUIET = { longestTurnSeconds: 0.02, stalls: new Map<string, number>() };

function failing(component: string): InternalErrors {
  const errors = new InternalErrors();
  errors.reporter(component, memoryLogger())(new Error("x"));
  return errors;
}

test("a process without failures shows no metrics that the originals do not have", () => {
  const none = new InternalErrors();
  expect(processFaults([none], { showsLoop: false, loop: QUIET, uncaught: none })).toEqual([]);
});

test("a role's own metrics include the longest turn even without a stall", () => {
  const none = new InternalErrors();
  expect(processFaults([none], { showsLoop: true, loop: QUIET, uncaught: none })).toMatchObject([
    { name: "narthex_event_loop_longest_turn_seconds", samples: [{ value: 0.02 }] },
  ]);
});

test("errors of parts and uncaught errors are samples of one family, and stalls are shown by kind", () => {
  const loop = { longestTurnSeconds: 2.5, stalls: new Map([["target", 3]]) };
  const families = processFaults([failing("scrape")], { showsLoop: true, loop, uncaught: failing("uncaught") });
  expect(families).toMatchObject([
    {
      name: "narthex_internal_errors_total",
      samples: [
        { labels: ["component", "scrape"], value: 1 },
        { labels: ["component", "uncaught"], value: 1 },
      ],
    },
    { name: "narthex_event_loop_longest_turn_seconds", samples: [{ value: 2.5 }] },
    { name: "narthex_event_loop_stalls_total", samples: [{ labels: ["kind", "target"], value: 3 }] },
  ]);
});
