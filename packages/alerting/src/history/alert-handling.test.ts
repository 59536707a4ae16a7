import fc from "fast-check";
import { expect, test } from "vitest";
import { alertHandling } from "./alert-handling.ts";
import type { AlertEvent } from "./alert-history.ts";

const KINDS = ["fired", "resolved", "expired", "released", "silence", "inhibition", "mute_time_interval"] as const;

test("firings are counted with their suppression, as a reader of the events would count them", () => {
  const events = fc.array(fc.record({ fingerprint: fc.constantFrom("a", "b", "c"), kind: fc.constantFrom(...KINDS) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 60 }), (list, acknowledgedAt) => {
      const all = list.map((event, at): AlertEvent => ({ ...event, at }));
      const found = alertHandling(
        all,
        (print) => (print === "c" ? "C" : "AB"),
        new Map([["a", { createdAt: acknowledgedAt }]]),
        60,
      );
      const expected = { AB: [0, 0, 0, 0], C: [0, 0, 0, 0] };
      for (const print of ["a", "b", "c"]) {
        const own = all.filter(({ fingerprint }) => fingerprint === print);
        for (let i = 0; i < own.length; i++) {
          const before = own.slice(0, i).findLast(({ kind }) => ["fired", "resolved", "expired"].includes(kind));
          if (own[i]!.kind !== "fired" || before?.kind === "fired") continue;
          const end = own.findIndex(({ kind }, at) => at > i && (kind === "resolved" || kind === "expired"));
          const during = own.slice(i, end < 0 ? undefined : end).map(({ kind }) => kind);
          const until = end < 0 ? 60 : own[end]!.at;
          const counts = expected[print === "c" ? "C" : "AB"];
          counts[0]!++;
          if (during.includes("silence")) counts[1]!++;
          if (during.includes("inhibition")) counts[2]!++;
          if (print === "a" && acknowledgedAt >= own[i]!.at && acknowledgedAt <= until) counts[3]!++;
        }
      }
      for (const name of ["AB", "C"] as const) {
        const one = found.find(({ alertname }) => alertname === name);
        const counts = one === undefined ? [0, 0, 0, 0] : [one.firings, one.silenced, one.inhibited, one.acknowledged];
        expect(counts).toEqual(expected[name]);
      }
    }),
  );
});
