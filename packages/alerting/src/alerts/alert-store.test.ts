import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import type { Alert } from "./alert.ts";
import { AlertStore } from "./alert-store.ts";

const alert = (changes: Partial<Alert>): Alert => ({
  labels: Labels.of({ alertname: "A" }),
  annotations: Labels.EMPTY,
  startsAt: 100,
  endsAt: 200,
  updatedAt: 100,
  timeout: false,
  generatorUrl: "",
  fingerprint: "f",
  ...changes,
});

test.each([
  ["a later report keeps the earlier start", { startsAt: 150, endsAt: 300, updatedAt: 150 }, [100, 300]],
  [
    "an end given by the client is not shortened while it fires",
    { startsAt: 120, endsAt: 180, updatedAt: 150 },
    [100, 200],
  ],
  ["a resolution ends it", { startsAt: 120, endsAt: 140, updatedAt: 150 }, [100, 140]],
  ["one that begins after the end replaces it", { startsAt: 250, endsAt: 300, updatedAt: 250 }, [250, 300]],
] as const)("put(): %s", (_, changes, expected) => {
  const store = new AlertStore();
  store.put(alert({}));
  store.put(alert(changes));
  expect([store.get("f")?.startsAt, store.get("f")?.endsAt]).toEqual(expected);
});

test("collect() drops ended alerts, and refusals by the limit are counted", () => {
  const store = new AlertStore(1);
  store.put(alert({}));
  store.put(alert({ fingerprint: "g" }));
  expect([store.size, [...store.limited.values()]]).toEqual([1, [1]]);
  store.collect(199);
  expect(store.size).toBe(1);
  store.collect(200);
  expect(store.size).toBe(0);
});
