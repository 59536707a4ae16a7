import { Matcher } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Acknowledgement, printAcknowledgement } from "../acknowledgements/acknowledgement.ts";
import { Acknowledgements } from "../acknowledgements/acknowledgements.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { type StoredLogEntry, NotificationLog } from "../dispatch/notification-log.ts";
import type { Silence } from "../silences/silence.ts";
import { printSilence } from "../silences/silence-text.ts";
import { Silences } from "../silences/silences.ts";
import { alertOf, NO_METRICS } from "../testing/rig.ts";
import { broadcastChanges, sharedAcknowledgements, sharedLog, sharedSilences } from "./shared-entries.ts";

const START = 1_000_000_000_000;
const HOUR = 3_600_000;

async function instance(clock: ManualClock) {
  const store = openSqlite(":memory:");
  const logger = memoryLogger();
  const silences = await Silences.load({
    collection: store.collection("silences"),
    clock,
    logger,
    retentionMs: HOUR,
    maxCount: 0,
    maxBytes: 0,
    logChanges: false,
    metrics: NO_METRICS,
  });
  const log = await NotificationLog.load({
    collection: store.collection("notification_log"),
    clock,
    retentionMs: HOUR,
    metrics: NO_METRICS,
    logger: logger,
  });
  const options = { clock, logger, retentionMs: HOUR };
  const alerts = new AlertStore();
  const acknowledgements = await Acknowledgements.load({
    ...options,
    collection: store.collection("acknowledgements"),
    alerts,
  });
  return {
    silences,
    log,
    alerts,
    acknowledgements,
    logger,
    ack: sharedAcknowledgements(acknowledgements, options),
    sil: sharedSilences(silences, options),
    nfl: sharedLog(log, options),
    close: () => store.close(),
  };
}

type Instance = Awaited<ReturnType<typeof instance>>;

const content = ({ silences, log, acknowledgements }: Instance): unknown => ({
  acknowledgements: acknowledgements.all().map(printAcknowledgement).sort(),
  silences: silences.all().map(printSilence).sort(),
  log: [...log.all()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
});

const silence: fc.Arbitrary<Silence> = fc.record({
  id: fc.constantFrom("one", "two", "three"),
  matchers: fc.constantFrom([new Matcher("=", "a", "b")], [new Matcher("=~", "a", "b.*"), new Matcher("!=", "c", "")]),
  startsAt: fc.constant(START),
  endsAt: fc.integer({ min: START - 2 * HOUR, max: START + HOUR }),
  updatedAt: fc.integer({ min: START, max: START + 3 }),
  createdBy: fc.constantFrom("me", "you"),
  comment: fc.string(),
  annotations: fc.dictionary(fc.string(), fc.string()),
});

const kept: fc.Arbitrary<StoredLogEntry> = fc.record({
  key: fc.constantFrom("{}:{}:a/webhook/0", "{}:{}:a/webhook/1"),
  entry: fc.record({
    firing: fc.array(fc.constantFrom("1", "2")),
    resolved: fc.array(fc.constantFrom("3", "4")),
    timestamp: fc.integer({ min: START, max: START + 3 }),
    data: fc.dictionary(fc.constantFrom("ts", "channel"), fc.string()),
  }),
  expiresAt: fc.constantFrom(START - 1, START + HOUR),
});

const acknowledgement: fc.Arbitrary<Acknowledgement> = fc
  .record({
    fingerprint: fc.constantFrom("00000000000000aa", "00000000000000bb"),
    createdBy: fc.constantFrom("me", "you"),
    comment: fc.string(),
    createdAt: fc.constant(START),
    startsAt: fc.constant(START),
    endedAt: fc.option(fc.integer({ min: START, max: START + 3 }), { nil: undefined }),
    updatedAt: fc.integer({ min: START, max: START + 3 }),
    keptUntil: fc.integer({ min: START - 1, max: START + 3 }),
  })
  .map(({ endedAt, ...rest }) => (endedAt === undefined ? rest : { ...rest, endedAt }));

const batch = fc.record({
  silences: fc.array(silence, { maxLength: 6 }),
  log: fc.array(kept, { maxLength: 6 }),
  acknowledgements: fc.array(acknowledgement, { maxLength: 6 }),
});
interface Batch {
  readonly silences: readonly Silence[];
  readonly log: readonly StoredLogEntry[];
  readonly acknowledgements: readonly Acknowledgement[];
}

async function take({ silences, log, acknowledgements }: Instance, batches: readonly Batch[]): Promise<void> {
  for (const each of batches) {
    await acknowledgements.merge(each.acknowledgements);
    await silences.merge(each.silences);
    await log.merge(each.log);
  }
}

test("merging gives the same result in any order and grouping, and merging twice changes nothing", async () => {
  const clock = new ManualClock(START);
  await fc.assert(
    fc.asyncProperty(batch, batch, batch, async (x, y, z) => {
      const [a, b, c] = [await instance(clock), await instance(clock), await instance(clock)];
      await take(a, [x, y, z]);
      await take(b, [z, x, x, y, z]);
      const both = {
        silences: [...y.silences, ...z.silences],
        log: [...y.log, ...z.log],
        acknowledgements: [...y.acknowledgements, ...z.acknowledgements],
      };
      await take(c, [both, x]);
      expect(content(b)).toEqual(content(a));
      expect(content(c)).toEqual(content(a));
      for (const key of ["sil", "nfl", "ack"] as const) expect(b[key].digest()).toBe(a[key].digest());
      for (const one of [a, b, c]) await one.close();
    }),
    { numRuns: 60 },
  );
});

test("the newest change wins, and expired entries never return", async () => {
  const clock = new ManualClock(START);
  await fc.assert(
    fc.asyncProperty(batch, async (changes) => {
      const one = await instance(clock);
      await take(one, [changes]);
      for (const { id, updatedAt, endsAt } of changes.silences) {
        if (endsAt + HOUR > START) expect(one.silences.get(id)!.updatedAt).toBeGreaterThanOrEqual(updatedAt);
      }
      for (const { endsAt } of one.silences.all()) expect(endsAt + HOUR).toBeGreaterThan(START);
      for (const { key, entry, expiresAt } of changes.log) {
        if (expiresAt > START) expect(one.log.get(key)!.timestamp).toBeGreaterThanOrEqual(entry.timestamp);
      }
      await one.close();
    }),
    { numRuns: 60 },
  );
});

test("the whole state of one instance is transferred as bytes, and new entries are reported", async () => {
  const clock = new ManualClock(START);
  await fc.assert(
    fc.asyncProperty(batch, async (changes) => {
      const [a, b] = [await instance(clock), await instance(clock)];
      await take(a, [changes]);
      for (const kind of ["sil", "nfl", "ack"] as const) {
        const items = [...a[kind].snapshot()];
        expect(await b[kind].merge(items)).toHaveLength(items.length);
        expect(await b[kind].merge(items)).toEqual([]);
      }
      expect(content(b)).toEqual(content(a));
      for (const one of [a, b]) await one.close();
    }),
    { numRuns: 40 },
  );
});

test("a change made by this instance is passed on, and a change that came from another instance is not", async () => {
  const clock = new ManualClock(START);
  const one = await instance(clock);
  const notified: string[] = [];
  const end = broadcastChanges(one, (key, item) => notified.push(`${key} ${Buffer.from(item).toString().length > 2}`));
  const request = { matchers: [new Matcher("=", "a", "b")], startsAt: NaN, endsAt: START + HOUR };
  const id = await one.silences.set({ ...request, id: "", createdBy: "me", comment: "", annotations: {} });
  await one.log.record("k", { firing: ["1"], resolved: [], timestamp: START, data: {} }, HOUR);
  await one.silences.merge([{ ...one.silences.get(id)!, updatedAt: START + 5 }]);
  const alert = alertOf({ clock }, { a: "b" });
  one.alerts.put(alert);
  await one.acknowledgements.acknowledge(alert.fingerprint, { createdBy: "me", comment: "", replace: false });
  const [made] = one.acknowledgements.all();
  await one.acknowledgements.merge([{ ...made!, updatedAt: START + 5 }]);
  end();
  await one.silences.expire(id);
  await one.acknowledgements.withdraw(alert.fingerprint);
  expect(notified).toEqual(["sil true", "nfl true", "ack true"]);
});

const good = { id: "x", startsAt: 1, endsAt: START + HOUR, updatedAt: 1, createdBy: "", comment: "", annotations: {} };

test.each([
  ["no JSON", "{"],
  ["null", "null"],
  ["no matchers", { ...good, matchers: [] }],
  ["a matcher of no type", { ...good, matchers: [{ type: "~", name: "a", value: "b" }] }],
  ["a broken pattern", { ...good, matchers: [{ type: "=~", name: "a", value: "(" }] }],
  ["a time that is none", { ...good, matchers: [{ type: "=", name: "a", value: "b" }], endsAt: null }],
  ["annotations that are none", { ...good, matchers: [{ type: "=", name: "a", value: "b" }], annotations: [1] }],
])("an entry that is wrong (%s) is left out, the others count, and it is said once", async (_what, wrong) => {
  const one = await instance(new ManualClock(START));
  const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  const right = { ...good, id: "y", matchers: [{ type: "=", name: "a", value: "b" }] };
  expect(await one.sil.merge([bytes(wrong), bytes(right), bytes(wrong)])).toHaveLength(1);
  expect(one.silences.all().map(({ id }) => id)).toEqual(["y"]);
  expect(await one.nfl.merge([bytes(wrong), bytes({ key: "k", entry: {}, expiresAt: 1 })])).toEqual([]);
  expect(one.logger.lines.filter(({ message }) => message.includes("silences of another"))).toHaveLength(1);
});

test("an entry whose time no later change could exceed is refused", async () => {
  const one = await instance(new ManualClock(START));
  const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value).replaceAll('"endless"', "1e999"));
  const passed = { firing: ["1"], resolved: [], data: {} };
  const far = START + HOUR + 1;
  const items = [
    { key: "k", entry: { ...passed, timestamp: "endless" }, expiresAt: far },
    { key: "k", entry: { ...passed, timestamp: 1e300 }, expiresAt: far },
    { key: "k", entry: { ...passed, timestamp: far }, expiresAt: far },
    { key: "k", entry: { ...passed, timestamp: START }, expiresAt: "endless" },
  ];
  expect(await one.nfl.merge(items.map(text))).toEqual([]);
  const matchers = [{ type: "=", name: "a", value: "b" }];
  const silences = ["endless", 1e300, far].map((updatedAt) => ({ ...good, matchers, updatedAt }));
  expect(await one.sil.merge([...silences, { ...good, matchers, endsAt: 1e300 }].map(text))).toEqual([]);
});

test.each([
  ["no JSON", "{"],
  ["null", "null"],
  ["a fingerprint that is none", { fingerprint: "x" }],
  ["a comment that is too long", { comment: "c".repeat(1001) }],
  ["a name that is too long", { createdBy: "n".repeat(201) }],
  ["an end that is none", { endedAt: null }],
  ["a change in the future", { updatedAt: START + HOUR + 1 }],
  ["a time that no Date has", { keptUntil: 1e300 }],
])("an acknowledgement of another instance with %s is left out, and the others count", async (_what, wrong) => {
  const one = await instance(new ManualClock(START));
  const times = { createdAt: START, startsAt: START, updatedAt: START, keptUntil: START + 1 };
  const right = { fingerprint: "00000000000000aa", createdBy: "me", comment: "", ...times };
  const text =
    typeof wrong === "string" ? wrong : JSON.stringify({ ...right, fingerprint: "00000000000000bb", ...wrong });
  expect(await one.ack.merge([text, JSON.stringify(right)].map((each) => Buffer.from(each)))).toHaveLength(1);
  expect(one.acknowledgements.all()).toEqual([right]);
});

test("entries of another instance are read in time slices", async () => {
  let slices = 0;
  const clock = new ManualClock(START);
  let elapsed = 0;
  const busy: Clock = {
    now: () => clock.now(),
    // Simulates that processing an entry takes a millisecond.
    monotonic: () => elapsed++,
    sleep: async () => void slices++,
    after: () => () => {},
  };
  const one = await instance(clock);
  const merging = sharedSilences(one.silences, { clock: busy, logger: one.logger, retentionMs: HOUR });
  expect(await merging.merge(Array.from({ length: 1000 }, () => Buffer.from("{}")))).toEqual([]);
  expect(slices).toBeGreaterThan(50);
  await one.close();
});

test("an entry of the log expires after the retention of this instance", async () => {
  const one = await instance(new ManualClock(START));
  const entry = { firing: ["1"], resolved: [], timestamp: START, data: {} };
  await one.nfl.merge([Buffer.from(JSON.stringify({ key: "k", entry, expiresAt: START + 90 * HOUR }))]);
  expect([...one.log.all()].map(({ expiresAt }) => expiresAt)).toEqual([START + HOUR]);
});
