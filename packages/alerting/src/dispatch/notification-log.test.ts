import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import type { Alert } from "../alerts/alert.ts";
import { AlertJournal } from "../alerts/alert-journal.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { alertHash, fingerprint } from "../alerts/fingerprint.ts";
import { START, NO_METRICS } from "../testing/rig.ts";
import { notifiedEnds, NotificationLog } from "./notification-log.ts";

const DAY = 86_400_000;

function alert(name: string, updatedAt: number): Alert {
  const labels = Labels.of({ alertname: name });
  return {
    labels,
    annotations: Labels.of({}),
    startsAt: START,
    endsAt: START + DAY,
    updatedAt,
    timeout: false,
    generatorUrl: "",
    fingerprint: fingerprint(labels),
  };
}

test("notifiedEnds() returns alerts that ended after this instance received them, except alerts that fired again", async () => {
  const clock = new ManualClock(START);
  const log = await NotificationLog.load({
    collection: openSqlite(":memory:").collection("log"),
    clock,
    retentionMs: DAY,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });
  const [ended, again] = [alert("ended", START), alert("again", START)];
  const hashes = [ended, again].map(({ labels }) => alertHash(labels));
  await log.record("group:a", { firing: [], resolved: hashes, timestamp: START + 10, data: {} }, DAY);
  await log.record("group:b", { firing: [hashes[1]!], resolved: [], timestamp: START + 10, data: {} }, DAY);
  const endOf = notifiedEnds(log);
  expect([endOf(ended), endOf(again), endOf(alert("other", START))]).toEqual([START + 10, undefined, undefined]);
  expect(endOf({ ...ended, updatedAt: START + 10 })).toBeUndefined();
});

test("an alert whose end others notified while this instance was down does not fire after this instance's start", async () => {
  const store = openSqlite(":memory:");
  const collection = store.collection("alerts");
  const logger = memoryLogger();
  const before = { clock: new ManualClock(START), alerts: new AlertStore() };
  const journal = await AlertJournal.load({ collection, logger, ...before });
  journal.restore(DAY);
  for (const name of ["ended", "firing"]) before.alerts.put(alert(name, START));
  await journal.written();
  const after = { clock: new ManualClock(START + 1000), alerts: new AlertStore() };
  const endOf = ({ labels }: Alert): number | undefined =>
    labels.get("alertname") === "ended" ? START + 500 : undefined;
  (await AlertJournal.load({ collection, logger, ...after, endOf })).restore(DAY);
  const ends = [...after.alerts.all()].map(({ labels, endsAt }) => [labels.get("alertname"), endsAt > START + 1000]);
  expect(Object.fromEntries(ends)).toEqual({ ended: false, firing: true });
});
