import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, type Store } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { AlertHistory } from "./alert-history.ts";
import type { Delivery } from "@narthex/notification";
import type { Flush } from "../dispatch/flush.ts";
import { NotificationHistory } from "./notification-history.ts";
import { type NotificationObserver, NO_OBSERVER } from "../dispatch/notification-observer.ts";
import { buildRoute } from "../routing/route.ts";
import { alertOf, equal, rig, type Rig, type RigOptions, ROUTE, START } from "../testing/rig.ts";

const HOUR = 3_600_000;

interface Books {
  readonly notifications: NotificationHistory;
  readonly alerts: AlertHistory;
  readonly observer: NotificationObserver;
}

async function books(clock: ManualClock, store: Store, maxCount?: number): Promise<Books> {
  const shared = { clock, logger: memoryLogger(), retentionMs: HOUR, ...(maxCount === undefined ? {} : { maxCount }) };
  const notifications = await NotificationHistory.load({ ...shared, collection: store.collection("notifications") });
  const alerts = await AlertHistory.load({ ...shared, collection: store.collection("events") });
  const observer: NotificationObserver = {
    ...NO_OBSERVER,
    suppressed: alerts.suppressed.bind(alerts),
    passes: alerts.passes.bind(alerts),
    notifying: notifications.notifying.bind(notifications),
  };
  return { notifications, alerts, observer };
}

async function observed(options: RigOptions = {}): Promise<Rig & { books: Books }> {
  const clock = new ManualClock(START);
  const store = openSqlite(":memory:");
  const kept = await books(clock, store);
  return { ...(await rig({ clock, store, observer: kept.observer, ...options })), books: kept };
}

const failing = (reason: string): Delivery => ({ kind: "retry", reason, failure: "serverError" });

/** Returns one line for each recorded notification, the latest first. */
const lines = (history: NotificationHistory): string[] =>
  [...history.latest()].map(({ at, outcome, reason, firing, resolved, attempts, attemptCount, error = "" }) => {
    const outcomes = attempts.map((attempt) => attempt.outcome).join(",");
    return `${(at - START) / 1000}s ${outcome} ${reason} ${firing.length}/${resolved.length} ${attemptCount}:${outcomes} ${error}`;
  });

test("each notification is remembered with its attempts, over a restart, and the latest comes first", async () => {
  const r = await observed({ outcomes: [failing("boom"), failing("boom")] });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(20_000);
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }, r.clock.now()));
  await r.clock.advance(60_000);
  const wanted = ["70s sent all alerts resolved 0/1 1:sent ", "10s sent first notification 1/0 3:retry,retry,sent "];
  expect(lines(r.books.notifications)).toEqual(wanted);
  await r.books.notifications.close();
  const again = (await books(r.clock, r.store)).notifications;
  expect(lines(again)).toEqual(wanted);
  expect([...again.latest()][1]!.attempts[0]).toMatchObject({
    at: START + 10_000,
    reason: "boom",
    failure: "serverError",
  });
  await r.clock.advance(HOUR);
  await again.collect();
  expect([again.size, (await r.store.collection("notifications").entries()).length]).toEqual([0, 0]);
});

test("a notification in progress at the end of the process is shown as interrupted", async () => {
  const r = await observed({ outcomes: Array.from({ length: 50 }, () => failing("down")) });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(14_000);
  const [record] = [...r.books.notifications.latest()];
  expect(record).toMatchObject({ outcome: "sending" });
  expect(record!.nextAttemptAt).toBeGreaterThan(r.clock.now());
  expect(lines((await books(r.clock, r.store)).notifications)[0]).toContain("interrupted first notification");
});

test("a receiver that fails a thousand times fills neither memory nor disk", async () => {
  const r = await observed({ outcomes: Array.from({ length: 500 }, () => failing("down")) });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  for (let i = 0; i < 40; i++) await r.clock.advance(60_000);
  const small = await books(r.clock, r.store, 3);
  expect(small.notifications.size).toBe(3);
  await small.notifications.close();
  expect((await r.store.collection("notifications").entries()).length).toBe(3);
});

test("only the first alerts of a large group are remembered, and they shorten the history", async () => {
  const r = await observed();
  const { observer } = r.books;
  const alerts = Array.from({ length: 1500 }, (_, i) => ({ ...alertOf(r, { i: String(i) }), resolved: i % 2 === 0 }));
  const flush: Flush = {
    route: buildRoute(ROUTE),
    groupKey: "{}:{}",
    renewed: () => flush,
    hasFired: () => true,
    groupLabels: alerts[0]!.labels.only(),
    alerts,
    tick: START,
    now: START,
  };
  const integration = { kind: "webhook", index: 0, sendResolved: true, deliver: () => Promise.reject(new Error("no")) };
  for (let i = 0; i < 500; i++) observer.notifying(flush, integration, "first notification").ended(undefined);
  const [record] = [...r.books.notifications.latest()];
  expect([record!.firing.length, record!.resolved.length, record!.alertCount]).toEqual([500, 500, 1500]);
  expect(r.books.notifications.size).toBe(396);
});

test("attempts count towards the limit of the history, as ten fingerprints each", async () => {
  const r = await observed();
  const { notifications } = r.books;
  const route = buildRoute(ROUTE);
  const flush = { route, groupKey: "{}:{}", groupLabels: Labels.EMPTY, alerts: [] } as unknown as Flush;
  const integration = { kind: "webhook", index: 0, sendResolved: true, deliver: () => Promise.reject(new Error("no")) };
  for (let i = 0; i < 1400; i++) {
    const trace = notifications.notifying(flush, integration, "x");
    for (let n = 0; n < 35; n++) trace.attempted(START, 1, failing(`${n}`));
  }
  // The maximum weight of all records is 400,000. A record weighs 310: 10 for the record and 30 attempts of weight 10.
  // The newest record was weighed before its attempts were added, so it fits in addition to 1290 other records.
  expect(notifications.size).toBe(1291);
  const [record] = [...notifications.latest()];
  expect(record!.attemptCount).toBe(35);
  expect(record!.attempts.map(({ reason }) => Number(reason))).toEqual([
    ...Array.from({ length: 10 }, (_, n) => n),
    ...Array.from({ length: 20 }, (_, n) => n + 15),
  ]);
});

test("500 characters of a receiver's response are kept, and removed records are removed from the store", async () => {
  const r = await observed({ outcomes: [failing("x".repeat(600))] });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(20_000);
  const [record] = [...r.books.notifications.latest()];
  expect(record).toMatchObject({ attempts: [{ reason: "x".repeat(500) }, { outcome: "sent" }] });
  expect(Object.hasOwn(record!, "nextAttemptAt")).toBe(false);
  await r.books.notifications.close();
  const collection = r.store.collection("notifications");
  const small = await books(r.clock, r.store, 0);
  expect([small.notifications.size, (await collection.entries()).length]).toEqual([0, 1]);
  await r.clock.advance(2000);
  expect((await collection.entries()).length).toBe(0);
});

test("instances that share a store see the notifications of each other, and a notification without news for a long time is interrupted", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const open = async () => {
    const store = database.open();
    const shared = { clock, logger: memoryLogger(), retentionMs: HOUR };
    return {
      notifications: await NotificationHistory.load({ ...shared, isShared: true, collection: store.collection("n") }),
      alerts: await AlertHistory.load({ ...shared, collection: store.collection("e") }),
    };
  };
  const [here, there] = [await open(), await open()];
  const r = await rig({
    clock,
    observer: { ...NO_OBSERVER, notifying: here.notifications.notifying.bind(here.notifications) },
    outcomes: Array.from({ length: 90 }, () => failing("down")),
  });
  const alert = alertOf(r, { alertname: "A", i: "1" });
  here.alerts.changed(alert, "fired");
  r.alerts.put(alert);
  await clock.advance(14_000);
  expect(lines(there.notifications)).toEqual(["10s sending first notification 1/0 3:retry,retry,retry "]);
  expect(there.alerts.of(alert.fingerprint)).toMatchObject([{ kind: "fired" }]);
  const nextAttemptAt = [...there.notifications.latest()][0]!.nextAttemptAt!;
  await r.dispatcher.stop();
  const outcomeAt = async (ms: number): Promise<string> => {
    clock.setWall(ms);
    return lines((await open()).notifications)[0]!.split(" ")[1]!;
  };
  expect(await outcomeAt(nextAttemptAt + 599_999)).toBe("sending");
  expect(await outcomeAt(nextAttemptAt + 600_000)).toBe("interrupted");
  await database
    .open()
    .collection("e")
    .remove((await database.open().collection("e").entries())[0]!.key);
  expect([there.alerts.of(alert.fingerprint), there.alerts.labelsOf(alert.fingerprint)]).toEqual([[], undefined]);
});

test("old events of alerts are removed from memory and store, and those of other instances stay", async () => {
  const clock = new ManualClock(START);
  const store = openSqlite(":memory:");
  const { alerts } = await books(clock, store);
  const r = await rig({ clock });
  const [old, young] = [alertOf(r, { i: "old" }), alertOf(r, { i: "young" })];
  alerts.changed(old, "fired");
  alerts.changed(old, "changed");
  await clock.advance(2000);
  alerts.changed(young, "fired");
  alerts.changed(young, "resolved");
  await clock.advance(HOUR - 2001);
  await alerts.collect();
  expect(alerts.of(old.fingerprint).map(({ kind }) => kind)).toEqual(["fired"]);
  await clock.advance(1);
  await alerts.collect();
  expect([alerts.of(old.fingerprint), alerts.labelsOf(old.fingerprint)]).toEqual([[], undefined]);
  expect(alerts.of(young.fingerprint).map(({ kind }) => kind)).toEqual(["fired", "resolved"]);
  expect([...alerts.known()].map(([print, labels]) => [print, labels.get("i")])).toEqual([
    [young.fingerprint, "young"],
  ]);
  await clock.advance(2000);
  expect((await store.collection("events").entries()).length).toBe(1);
});

test("a history that the store refuses is logged once, and once more when the store accepts it again", async () => {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const logger = memoryLogger();
  const history = await AlertHistory.load({ clock, logger, retentionMs: HOUR, collection: store.collection("e") });
  for (const refused of ["full", "full", undefined]) {
    store.refuse(refused);
    history.changed(alertOf({ clock }, { i: "1" }), "fired");
    await clock.advance(2000);
  }
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "Keeping the alerts' history failed",
    "Keeping the alerts' history works again",
  ]);
  history.changed(alertOf({ clock }, { i: "2" }), "fired");
  await history.close();
  expect([(await store.collection("e").entries()).length, clock.pending]).toEqual([2, 0]);
});

test("an alert's history shows when it was suppressed, by what, and until when", async () => {
  const inhibitRules = [
    { name: "", source: [equal("alertname", "Root")], target: [equal("alertname", "A")], equal: [] },
  ];
  const r = await observed({ inhibitRules, route: { ...ROUTE, groupIntervalMs: 10_000 } });
  const target = alertOf(r, { alertname: "A", i: "1" });
  r.books.alerts.changed(target, "fired");
  r.alerts.put(target);
  const id = await r.silences.set({
    id: "",
    matchers: [new Matcher("=", "i", "1")],
    startsAt: START,
    endsAt: START + 25_000,
    createdBy: "",
    comment: "",
    annotations: {},
  });
  await r.clock.advance(35_000);
  const source = alertOf(r, { alertname: "Root" });
  r.alerts.put(source);
  await r.clock.advance(30_000);
  const events = (history: AlertHistory): unknown =>
    history.of(target.fingerprint).map(({ at, kind, by }) => [(at - START) / 1000, kind, by]);
  const wanted = [
    [40, "inhibition", [source.fingerprint]],
    [30, "released", undefined],
    [10, "silence", [id]],
    [0, "fired", undefined],
  ];
  expect(events(r.books.alerts)).toEqual(wanted);
  await r.books.alerts.close();
  const again = (await books(r.clock, r.store)).alerts;
  expect(events(again)).toEqual(wanted);
  expect(again.labelsOf(target.fingerprint)?.toRecord()).toEqual({ alertname: "A", i: "1" });
});

test("events are written in few entries, and the oldest are dropped if there are too many", async () => {
  const clock = new ManualClock(START);
  const store = openSqlite(":memory:");
  const { alerts } = await books(clock, store, 2000);
  const r = await rig({ clock });
  const all = Array.from({ length: 3000 }, (_, i) => alertOf(r, { i: String(i) }));
  for (const alert of all) alerts.changed(alert, "fired");
  await alerts.close();
  expect((await store.collection("events").entries()).length).toBe(4);
  expect([alerts.of(all[999]!.fingerprint).length, alerts.of(all[1000]!.fingerprint).length]).toEqual([0, 1]);
  expect(alerts.labelsOf(all[0]!.fingerprint)).toBe(undefined);
});
