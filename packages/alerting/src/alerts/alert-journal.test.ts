import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, type Store, type Collection } from "@narthex/store";
import { expect, test } from "vitest";
import type { Alert } from "./alert.ts";
import { type AlertChange, AlertJournal } from "./alert-journal.ts";
import { AlertStore } from "./alert-store.ts";
import { fingerprint } from "./fingerprint.ts";
import { type NotificationObserver, NO_OBSERVER } from "../dispatch/notification-observer.ts";
import { rig, START } from "../testing/rig.ts";

const MINUTE = 60_000;

interface Run {
  readonly clock: ManualClock;
  readonly alerts: AlertStore;
  readonly journal: AlertJournal;
  readonly changes: string[];
  /** Returns the number of entries that were written to the store so far. */
  readonly written: () => number;
}

/**
 * Simulates a process that starts with the stored state of an earlier process. A test simulates the end of the process
 * by no longer using the result.
 */
async function run(store: Store, at: number): Promise<Run> {
  const clock = new ManualClock(at);
  const alerts = new AlertStore();
  const changes: string[] = [];
  let written = 0;
  const kept = store.collection("alerts");
  const collection: Collection = {
    ...kept,
    change: (put, remove) => {
      written += put.length;
      return kept.change(put, remove);
    },
  };
  const changed = ({ labels }: Alert, change: AlertChange): void => void changes.push(`${labels.get("i")} ${change}`);
  const journal = await AlertJournal.load({ collection, alerts, clock, logger: memoryLogger(), changed });
  journal.restore(5 * MINUTE);
  return { clock, alerts, journal, changes, written: () => written };
}

/**
 * Returns a firing alert as Prometheus posts it: the alert expires after four minutes, unless `more` sets another end.
 */
function report({ clock }: Pick<Run, "clock">, i: number, more: Partial<Alert> = {}): Alert {
  const labels = Labels.of({ alertname: "A", i: String(i) });
  return {
    labels,
    annotations: Labels.of({ summary: "s" }),
    startsAt: START,
    endsAt: clock.now() + 4 * MINUTE,
    updatedAt: clock.now(),
    timeout: false,
    generatorUrl: "http://g/",
    fingerprint: fingerprint(labels),
    ...more,
  };
}

test("after the process ended, the stored alerts have all data that was reported about them", async () => {
  const store = openSqlite(":memory:");
  const first = await run(store, START);
  const posted = [report(first, 1), report(first, 2, { annotations: Labels.of({ é: "<x>" }) })];
  for (const alert of posted) first.alerts.put(alert);
  await first.journal.written();
  const second = await run(store, START + 1000);
  const granted = posted.map((alert) => ({ ...alert, endsAt: START + 1000 + 4 * MINUTE, timeout: true }));
  expect(new Set(second.alerts.all())).toEqual(new Set(granted));
});

test("a repeated report that an alert fires writes nothing, and a change is written at once", async () => {
  const store = openSqlite(":memory:");
  const { clock, alerts, journal, changes, written } = await run(store, START);
  alerts.put(report({ clock }, 1));
  await journal.written();
  for (let minute = 0; minute < 10; minute++) {
    await clock.advance(MINUTE);
    // Varies the end of the reported alert, as if the reports arrived with varying delay.
    alerts.put(report({ clock }, 1, { endsAt: clock.now() + 4 * MINUTE + minute * 37 }));
    expect(journal.written()).toBe(undefined);
  }
  expect(written()).toBe(1);
  alerts.put(report({ clock }, 1, { annotations: Labels.of({ summary: "other" }) }));
  await journal.written();
  alerts.put(report({ clock }, 1, { endsAt: clock.now() }));
  await journal.written();
  await clock.advance(MINUTE);
  alerts.put(report({ clock }, 1, { startsAt: clock.now() }));
  await journal.written();
  expect([written(), changes]).toEqual([4, ["1 fired", "1 changed", "1 resolved", "1 fired"]]);
});

test("an end that a restart would not restore is written after a delay", async () => {
  const store = openSqlite(":memory:");
  const first = await run(store, START);
  first.alerts.put(report(first, 1, { endsAt: START + 60 * MINUTE }));
  await first.journal.written();
  await first.clock.advance(MINUTE);
  first.alerts.put(report(first, 1, { endsAt: START + 61 * MINUTE }));
  expect(first.journal.written()).toBe(undefined);
  await first.clock.advance(5000);
  await first.journal.written();
  const second = await run(store, START + 2 * MINUTE);
  expect(second.alerts.all().map(({ endsAt, timeout }) => [endsAt, timeout])).toEqual([[START + 61 * MINUTE, false]]);
});

test("after a long stop a firing alert continues until its source could report it again, and the source's report counts", async () => {
  const store = openSqlite(":memory:");
  const first = await run(store, START);
  first.alerts.put(report(first, 1));
  first.alerts.put(report(first, 2));
  first.alerts.put(report(first, 3, { endsAt: START }));
  await first.journal.written();
  const morning = START + 600 * MINUTE;
  const second = await run(store, morning);
  const ends = (): unknown =>
    second.alerts
      .all()
      .map(({ labels, endsAt }) => [labels.get("i"), (endsAt - morning) / MINUTE])
      .sort();
  expect(ends()).toEqual([
    ["1", 4],
    ["2", 4],
    ["3", -600],
  ]);
  await second.clock.advance(MINUTE);
  second.alerts.put(report(second, 1));
  second.alerts.put(report(second, 2, { endsAt: second.clock.now() }));
  expect(ends()).toEqual([
    ["1", 5],
    ["2", 1],
    ["3", -600],
  ]);
  expect(second.changes).toEqual(["2 resolved"]);
});

test("after a notified end and a restart the alert does not fire again", async () => {
  const store = openSqlite(":memory:");
  const clock = new ManualClock(START);
  const first = await run(store, START);
  const r = await rig({ clock, observer: flushesOf(first) });
  first.alerts.put(report({ clock }, 1));
  r.alerts.put(report({ clock }, 1));
  await first.journal.written();
  await clock.advance(5 * MINUTE);
  expect(r.notified.length).toBe(2);
  expect(first.changes).toEqual(["1 fired", "1 expired"]);
  const second = await run(store, START + 6 * MINUTE);
  expect(second.alerts.all().map(({ endsAt }) => endsAt)).toEqual([START + 4 * MINUTE]);
});

test("alerts that the store has forgotten are forgotten, unless a group must still notify them", async () => {
  const store = openSqlite(":memory:");
  const first = await run(store, START);
  const [notified, untold] = [report(first, 1, { endsAt: START }), report(first, 2, { endsAt: START })];
  for (const alert of [notified, untold]) first.alerts.put(alert);
  await first.journal.written();
  await first.clock.advance(MINUTE);
  first.alerts.collect(first.clock.now());
  await first.journal.collect((print) => print === untold.fingerprint);
  const second = await run(store, START + 2 * MINUTE);
  expect(second.alerts.all()).toEqual([untold]);
});

test("if the disk fails alerts are still accepted, and stored when it works again", async () => {
  const store = openSqlite(":memory:");
  const clock = new ManualClock(START);
  const kept = store.collection("alerts");
  let works = false;
  const change: Collection["change"] = (put, remove) =>
    works ? kept.change(put, remove) : Promise.reject(new Error("disk is full"));
  const [alerts, logger] = [new AlertStore(), memoryLogger()];
  const journal = await AlertJournal.load({ collection: { ...kept, change }, alerts, clock, logger });
  journal.restore(MINUTE);
  alerts.put(report({ clock }, 1));
  await journal.written();
  await clock.advance(5000);
  works = true;
  await clock.advance(4999);
  expect((await kept.entries()).length).toBe(0);
  await clock.advance(1);
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "Keeping alerts on disk failed",
    "Keeping alerts on disk works again",
  ]);
  expect((await kept.entries()).length).toBe(1);
});

const flushesOf = ({ journal }: Run): NotificationObserver => ({
  ...NO_OBSERVER,
  flushBegins: (flush) => journal.flushBegins(flush),
});

test("every change of an alert's labels, annotations and URL is written at once, and reported", async () => {
  const store = openSqlite(":memory:");
  const { clock, alerts, journal, changes, written } = await run(store, START);
  const first = report({ clock }, 1);
  const reports = [
    first,
    { ...first, generatorUrl: "http://other/" },
    { ...first, generatorUrl: "http://other/", timeout: true },
    { ...first, generatorUrl: "http://other/", timeout: true, annotations: Labels.of({ summary: "s", more: "1" }) },
    { ...first, generatorUrl: "http://other/", timeout: true, startsAt: START - 1 },
  ];
  for (const [i, alert] of reports.entries()) {
    alerts.put(alert);
    expect([changes.length, changes.at(-1)]).toEqual([i + 1, i === 0 ? "1 fired" : "1 changed"]);
    await journal.written();
    expect(written()).toBe(i + 1);
  }
});

test("an alert whose first report is its end counts as resolved, and a later end of it is written later", async () => {
  const store = openSqlite(":memory:");
  const { clock, alerts, journal, changes, written } = await run(store, START);
  const ended = report({ clock }, 1, { startsAt: START - MINUTE, endsAt: START - MINUTE });
  alerts.put(ended);
  await journal.written();
  alerts.put({ ...ended, updatedAt: START + 1 });
  expect([journal.written(), changes]).toEqual([undefined, ["1 resolved"]]);
  await clock.advance(5000);
  await journal.written();
  expect(written()).toBe(1);
  alerts.put({ ...ended, endsAt: START - 1, updatedAt: START + 2 });
  await clock.advance(4999);
  expect(written()).toBe(1);
  await clock.advance(1);
  await journal.written();
  expect([written(), changes]).toEqual([2, ["1 resolved"]]);
});

test("waiting entries are written when the journal is closed, which then ignores the store", async () => {
  const store = openSqlite(":memory:");
  const first = await run(store, START);
  first.alerts.put(report(first, 1, { endsAt: START + 60 * MINUTE }));
  await first.journal.written();
  first.alerts.put(report(first, 1, { endsAt: START + 90 * MINUTE }));
  await first.journal.close();
  expect([first.written(), first.clock.pending]).toEqual([2, 0]);
  first.alerts.put(report(first, 2));
  expect([first.journal.written(), first.changes]).toEqual([undefined, ["1 fired"]]);
});

test("after a start a firing alert continues for as long as its source had announced, at most five minutes or the resolve timeout", async () => {
  const store = openSqlite(":memory:");
  const first = await run(store, START);
  for (const [i, minutes] of [4, 60].entries())
    first.alerts.put(report(first, i, { endsAt: START + minutes * MINUTE }));
  await first.journal.written();
  const endsAfter = async (resolveTimeoutMs: number): Promise<readonly number[]> => {
    const clock = new ManualClock(START + 120 * MINUTE);
    const alerts = new AlertStore();
    const journal = await AlertJournal.load({
      collection: store.collection("alerts"),
      alerts,
      clock,
      logger: memoryLogger(),
    });
    journal.restore(resolveTimeoutMs);
    journal.restore(resolveTimeoutMs);
    return alerts
      .all()
      .map(({ endsAt }) => (endsAt - clock.now()) / MINUTE)
      .toSorted((a, b) => a - b);
  };
  expect(await endsAfter(MINUTE)).toEqual([4, 5]);
  expect(await endsAfter(20 * MINUTE)).toEqual([4, 20]);
});
