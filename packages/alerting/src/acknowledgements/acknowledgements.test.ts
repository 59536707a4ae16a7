import { ManualClock, memoryLogger, settle } from "@narthex/runtime/testing";
import { type Collection, openSqlite, type Store } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert } from "../alerts/alert.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { alertOf, START } from "../testing/rig.ts";
import { type Acknowledgement, joinVersions } from "./acknowledgement.ts";
import { Acknowledgements, type AcknowledgementsOptions } from "./acknowledgements.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BY_ANN = { createdBy: "ann", comment: "on it", replace: false };
const BY_BOB = { ...BY_ANN, createdBy: "bob" };

/** Opens the acknowledgements of an instance, which has its own alerts, on a store. */
async function open(store: Store, clock: ManualClock, options: Partial<AcknowledgementsOptions> = {}) {
  const [alerts, logger] = [new AlertStore(), memoryLogger()];
  const collection = store.collection("acknowledgements");
  const base = { collection, alerts, clock, logger, retentionMs: 5 * DAY };
  return { alerts, logger, acknowledgements: await Acknowledgements.load({ ...base, ...options }) };
}

/** Opens the acknowledgements of a single instance on which an alert fires. */
async function single(options: Partial<AcknowledgementsOptions> = {}) {
  const [clock, store] = [new ManualClock(START), openSqlite(":memory:")];
  const instance = await open(store, clock, options);
  const alert = alertOf({ clock }, { alertname: "DiskFull" });
  instance.alerts.put(alert);
  const resolved = (): Alert => ({ ...alert, endsAt: clock.now(), updatedAt: clock.now() });
  return { ...instance, clock, store, alert, resolved, id: alert.fingerprint };
}

test("a firing alert is acknowledged until the person withdraws the acknowledgement", async () => {
  const { acknowledgements, alert, id, clock } = await single();
  expect(acknowledgements.of(alert)).toBeUndefined();
  await acknowledgements.acknowledge(id, BY_ANN);
  expect(acknowledgements.of(alert)).toMatchObject({ createdBy: "ann", comment: "on it", createdAt: START });
  expect(acknowledgements.inForce()).toHaveLength(1);
  await clock.advance(1000);
  expect(await acknowledgements.withdraw(id)).toBe(true);
  expect(await acknowledgements.withdraw(id)).toBe(false);
  expect([acknowledgements.of(alert), acknowledgements.inForce()]).toEqual([undefined, []]);
});

test.each([0, 1000])(
  "an acknowledgement ends when the alert resolves after %d ms, and a new firing with the same start is not acknowledged",
  async (ms) => {
    const { acknowledgements, alerts, alert, id, clock, resolved } = await single();
    await acknowledgements.acknowledge(id, BY_ANN);
    await clock.advance(ms);
    alerts.put(resolved());
    expect(acknowledgements.inForce()).toEqual([]);
    alerts.put({ ...alert, updatedAt: clock.now() });
    expect(acknowledgements.of(alerts.get(id)!)).toBeUndefined();
  },
);

test("an acknowledgement survives repeated reports, also of a second source with another start", async () => {
  const { acknowledgements, alerts, alert, id, clock } = await single();
  await clock.advance(60_000);
  await acknowledgements.acknowledge(id, BY_ANN);
  for (const startsAt of [START, START + 15_000, START - 15_000]) {
    alerts.put({ ...alert, startsAt, endsAt: clock.now() + HOUR, updatedAt: clock.now() });
    expect(acknowledgements.of(alerts.get(id)!)?.createdBy).toBe("ann");
  }
});

test("an alert that fires again later ends the acknowledgement, even if its end was never reported", async () => {
  const { acknowledgements, alerts, alert, id, clock } = await single();
  await acknowledgements.acknowledge(id, BY_ANN);
  await clock.advance(2 * HOUR);
  const again = { ...alert, startsAt: clock.now(), endsAt: clock.now() + HOUR, updatedAt: clock.now() };
  expect(acknowledgements.of(again)).toBeUndefined();
  alerts.put(again);
  expect(acknowledgements.inForce()).toEqual([]);
});

test("an alert that its source no longer reports ends the acknowledgement when receivers are notified of the end", async () => {
  const { acknowledgements, alert, id, clock } = await single();
  await acknowledgements.acknowledge(id, BY_ANN);
  await clock.advance(HOUR);
  expect(acknowledgements.inForce()).toHaveLength(1);
  acknowledgements.alertExpired(alert);
  expect(acknowledgements.inForce()).toEqual([]);
});

test("a late report of an earlier end does not end the acknowledgement", async () => {
  const { acknowledgements, alert, id } = await single();
  await acknowledgements.acknowledge(id, BY_ANN);
  acknowledgements.alertExpired({ ...alert, startsAt: START - 2 * HOUR, endsAt: START - HOUR });
  expect(acknowledgements.inForce()).toHaveLength(1);
});

test("another person replaces an acknowledgement only on request, and the same person changes the comment", async () => {
  const { acknowledgements, id, clock } = await single();
  await acknowledgements.acknowledge(id, BY_ANN);
  await expect(acknowledgements.acknowledge(id, BY_BOB)).rejects.toMatchObject({
    status: 409,
    message: '"ann" has already acknowledged the alert: set replace to take it over',
  });
  await clock.advance(1);
  await acknowledgements.acknowledge(id, { ...BY_ANN, comment: "half done" });
  expect(acknowledgements.inForce()).toMatchObject([{ createdBy: "ann", comment: "half done" }]);
  await acknowledgements.acknowledge(id, { ...BY_BOB, replace: true });
  expect(acknowledgements.inForce()).toMatchObject([{ createdBy: "bob" }]);
});

test("of two people who acknowledge an alert at the same time, only the first succeeds", async () => {
  const { acknowledgements, id } = await single();
  const results = await Promise.allSettled([BY_ANN, BY_BOB].map((by) => acknowledgements.acknowledge(id, by)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});

test.each([
  [{ createdBy: "" }, "createdBy is empty: set the name of the person"],
  [{ createdBy: "a".repeat(201) }, "createdBy is longer than 200 characters"],
  [{ comment: "a".repeat(1001) }, "comment is longer than 1000 characters"],
])("the request %j is refused", async (change, message) => {
  const { acknowledgements, id } = await single();
  await expect(acknowledgements.acknowledge(id, { ...BY_ANN, ...change })).rejects.toMatchObject({
    status: 400,
    message,
  });
});

test("an alert that has ended or is unknown cannot be acknowledged", async () => {
  const { acknowledgements, alerts, id, resolved } = await single();
  const missing = { status: 404, message: "the alert does not fire" };
  await expect(acknowledgements.acknowledge("0000000000000000", BY_ANN)).rejects.toMatchObject(missing);
  alerts.put(resolved());
  await expect(acknowledgements.acknowledge(id, BY_ANN)).rejects.toMatchObject(missing);
});

test("the number of acknowledgements is limited, for requests and for other instances", async () => {
  const { acknowledgements, alerts, id, clock } = await single({ maxCount: 1 });
  const kept = await acknowledgements.acknowledge(id, BY_ANN);
  const other = alertOf({ clock }, { alertname: "Other" });
  alerts.put(other);
  await expect(acknowledgements.acknowledge(other.fingerprint, BY_ANN)).rejects.toMatchObject({
    status: 400,
    message: "there are already 1 acknowledgements: withdraw some and try again later",
  });
  expect(await acknowledgements.merge([{ ...kept, fingerprint: other.fingerprint }])).toEqual([]);
  expect(acknowledgements.all()).toHaveLength(1);
});

test("an acknowledgement is answered even if those of other instances reach the limit while it is stored", async () => {
  const [clock, store] = [new ManualClock(START), openSqlite(":memory:")];
  const stored = store.collection("acknowledgements");
  const { createdBy, comment } = BY_BOB;
  const times = { createdAt: START, startsAt: START, updatedAt: START, keptUntil: START + DAY };
  const arriving: Acknowledgement[] = [{ fingerprint: "00000000000000aa", createdBy, comment, ...times }];
  const change: Collection["change"] = async (put, removed) => {
    await acknowledgements.merge(arriving.splice(0));
    await stored.change(put, removed);
  };
  const collection = { ...stored, change };
  const { acknowledgements, alerts } = await open(store, clock, { collection, maxCount: 1 });
  const alert = alertOf({ clock }, { alertname: "DiskFull" });
  alerts.put(alert);
  const answer = await acknowledgements.acknowledge(alert.fingerprint, BY_ANN);
  expect(answer).toMatchObject({ fingerprint: alert.fingerprint, createdBy: "ann", createdAt: START });
  expect((await stored.entries()).map(({ key }) => key)).toContain(alert.fingerprint);
});

test("a long-firing alert keeps its acknowledgement, which is removed some time after its end", async () => {
  const { acknowledgements, alerts, alert, id, clock, store, resolved } = await single({ retentionMs: 2 * DAY });
  await acknowledgements.acknowledge(id, BY_ANN);
  for (let day = 0; day < 5; day++) {
    await clock.advance(DAY);
    alerts.put({ ...alert, endsAt: clock.now() + HOUR, updatedAt: clock.now() });
    await acknowledgements.collect();
  }
  const entries = () => store.collection("acknowledgements").entries();
  expect(acknowledgements.of(alerts.get(id)!)?.createdBy).toBe("ann");
  expect((await entries())[0]!.expiresAt).toBeGreaterThan(clock.now());
  alerts.put(resolved());
  await clock.advance(2 * DAY - 1);
  await acknowledgements.collect();
  expect(await entries()).toHaveLength(1);
  await clock.advance(1);
  await acknowledgements.collect();
  expect([await entries(), acknowledgements.all()]).toEqual([[], []]);
});

test("the acknowledgement of an alert that no instance sees any more is removed", async () => {
  const { acknowledgements, id, clock } = await single();
  await acknowledgements.acknowledge(id, BY_ANN);
  await clock.advance(5 * DAY);
  await acknowledgements.collect();
  expect(acknowledgements.all()).toEqual([]);
});

test("a restart keeps an acknowledgement, and an alert that is restored as ended ends it", async () => {
  const { acknowledgements, alert, id, clock, store, resolved } = await single();
  await acknowledgements.acknowledge(id, BY_ANN);
  await clock.advance(1000);
  const firing = await open(store, clock);
  firing.alerts.put({ ...alert, timeout: true });
  expect(firing.acknowledgements.of(alert)).toMatchObject({ createdBy: "ann" });
  const ended = await open(store, clock);
  ended.alerts.put(resolved());
  expect(ended.acknowledgements.inForce()).toEqual([]);
  await settle();
  expect((await open(store, clock)).acknowledgements.inForce()).toEqual([]);
});

test("an acknowledgement that cannot be stored is refused and has no effect; an end has effect at once and is stored later", async () => {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const { acknowledgements, alerts, logger } = await open(store, clock);
  const alert = alertOf({ clock }, { a: "b" });
  alerts.put(alert);
  const id = alert.fingerprint;
  store.reach(false);
  await expect(acknowledgements.acknowledge(id, BY_ANN)).rejects.toMatchObject({
    status: 503,
    message: "the acknowledgement was not stored, try again: the database is out of reach",
  });
  store.reach(true);
  store.refuse("disk full");
  await expect(acknowledgements.acknowledge(id, BY_ANN)).rejects.toMatchObject({
    status: 500,
    message: "the acknowledgement was not stored: disk full",
  });
  expect(acknowledgements.all()).toEqual([]);
  store.refuse(undefined);
  await acknowledgements.acknowledge(id, BY_ANN);
  store.refuse("disk full");
  await expect(acknowledgements.withdraw(id)).rejects.toMatchObject({ status: 500 });
  expect(acknowledgements.inForce()).toHaveLength(1);
  await clock.advance(1000);
  alerts.put({ ...alert, endsAt: clock.now(), updatedAt: clock.now() });
  expect(acknowledgements.inForce()).toEqual([]);
  await settle();
  expect(logger.lines.some(({ message }) => message.startsWith("Storing acknowledgements of alerts"))).toBe(true);
  store.refuse(undefined);
  await acknowledgements.collect();
  expect((await open(store, clock)).acknowledgements.inForce()).toEqual([]);
});

test("alerts that end together share one transaction, and close() waits for it", async () => {
  const [clock, store] = [new ManualClock(START), openSqlite(":memory:")];
  const stored = store.collection("acknowledgements");
  const sizes: number[] = [];
  const change: Collection["change"] = (put, removed) => {
    sizes.push(put.length);
    return stored.change(put, removed);
  };
  const { acknowledgements, alerts } = await open(store, clock, { collection: { ...stored, change } });
  const many = Array.from({ length: 20 }, (_, i) => alertOf({ clock }, { i: String(i) }));
  for (const alert of many) {
    alerts.put(alert);
    await acknowledgements.acknowledge(alert.fingerprint, BY_ANN);
  }
  sizes.length = 0;
  await clock.advance(1000);
  for (const alert of many) alerts.put({ ...alert, endsAt: clock.now(), updatedAt: clock.now() });
  await acknowledgements.close();
  expect(sizes).toEqual([20]);
  expect((await open(store, clock)).acknowledgements.inForce()).toEqual([]);
});

test("instances with one database share acknowledgements, also after an outage", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const [here, there] = [await open(a, clock), await open(b, clock)];
  const alert = alertOf({ clock }, { a: "b" });
  for (const { alerts } of [here, there]) alerts.put(alert);
  await here.acknowledgements.acknowledge(alert.fingerprint, BY_ANN);
  expect(there.acknowledgements.of(alert)?.createdBy).toBe("ann");
  b.reach(false);
  await clock.advance(1000);
  await here.acknowledgements.withdraw(alert.fingerprint);
  expect(there.acknowledgements.of(alert)?.createdBy).toBe("ann");
  b.reach(true);
  expect(there.acknowledgements.of(alert)).toBeUndefined();
});

test("an instance that sees the end late does not end the acknowledgement of the next firing", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [here, late] = [await open(database.open(), clock), await open(database.open(), clock)];
  const alert = alertOf({ clock }, { a: "b" });
  for (const { alerts } of [here, late]) alerts.put(alert);
  await here.acknowledgements.acknowledge(alert.fingerprint, BY_ANN);
  await clock.advance(1000);
  const resolved = { ...alert, endsAt: clock.now(), updatedAt: clock.now() };
  here.alerts.put(resolved);
  await clock.advance(1000);
  const again = { ...alert, startsAt: clock.now(), updatedAt: clock.now() };
  here.alerts.put(again);
  await here.acknowledgements.acknowledge(alert.fingerprint, BY_BOB);
  await clock.advance(1000);
  late.alerts.put(resolved);
  late.alerts.put(again);
  await settle();
  for (const { acknowledgements } of [here, late]) expect(acknowledgements.of(again)?.createdBy).toBe("bob");
});

const version: fc.Arbitrary<Acknowledgement> = fc.record({
  fingerprint: fc.constant("00000000000000aa"),
  createdBy: fc.constantFrom("ann", "bob"),
  comment: fc.constantFrom("", "x"),
  createdAt: fc.integer({ min: 1, max: 2 }),
  startsAt: fc.constant(1),
  endedAt: fc.constantFrom(1, 2),
  updatedAt: fc.integer({ min: 1, max: 3 }),
  keptUntil: fc.integer({ min: 1, max: 3 }),
});

test("joining versions is commutative, associative and idempotent, and never loses the last change", () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(joinVersions(a, b)).toEqual(joinVersions(b, a));
      expect(joinVersions(joinVersions(a, b), c)).toEqual(joinVersions(a, joinVersions(b, c)));
      expect(joinVersions(a, { ...a })).toBe(a);
      expect(joinVersions(a, b).updatedAt).toBe(Math.max(a.updatedAt, b.updatedAt));
    }),
  );
});
