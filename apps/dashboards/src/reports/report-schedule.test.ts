import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import type { Context } from "../context.ts";
import type { User } from "../auth/users/users.ts";
import { type Delivered, ReportAccessError } from "./report-delivery.ts";
import { ReportRuns } from "./report-runs.ts";
import { ReportSchedule } from "./report-schedule.ts";
import { ReportStore } from "./report-store.ts";
import type { ReportDraft } from "./report.ts";

const START = Date.parse("2026-06-01T08:30Z");
const [MINUTE, HOUR] = [60_000, 3_600_000];

const DRAFT: ReportDraft = {
  name: "Load",
  subject: "",
  message: "",
  recipients: ["ann@x.org"],
  replyTo: "",
  schedule: { frequency: "hourly", start: START - 90 * MINUTE, zone: "UTC", isWorkdaysOnly: false },
  dashboards: [{ uid: "d", from: "", to: "", variables: {} }],
  formats: ["pdf"],
  layout: { orientation: "landscape", theme: "light", scale: 0 },
  hasLinks: false,
  state: "scheduled",
};

interface Attempt {
  readonly instance: string;
  readonly time: string;
}

const OK: Delivered = { bytes: 100, refused: [] };

/** Two or more instances of the server that share a database and a clock. */
class Instances {
  readonly clock = new ManualClock(START);
  readonly memory = new SharedMemory();
  readonly attempts: Attempt[] = [];
  readonly mails: { readonly to: unknown; readonly subject: string }[] = [];
  readonly logger = memoryLogger();
  /** Sends a report in place of the mail server. */
  send: (signal: AbortSignal) => Promise<Delivered> = () => Promise.resolve(OK);
  principal: () => void = () => undefined;

  async open(instance: string) {
    const { clock, logger } = this;
    const database = this.memory.open();
    const store = await ReportStore.open(database, clock);
    const runs = await ReportRuns.open(database, clock);
    const settings = { "reporting.rendering_timeout": MINUTE };
    const account = { id: 1, login: "ann", email: "ann@x.org" } as User;
    const schedule = new ReportSchedule({
      context: { clock, logger, settings, address: { url: "http://here" } } as unknown as Context,
      auth: { users: { account: () => account }, principalOf: () => ({}) } as never,
      sendMail: (to, { subject }) => {
        this.mails.push({ to, subject });
        return Promise.resolve([]);
      },
      store,
      runs,
      delivery: {
        principalOf: () => {
          this.principal();
          return { kind: "user", name: "ann" };
        },
        send: (_report, _recipients, _principal, signal) => {
          this.attempts.push({ instance, time: new Date(clock.now()).toISOString().slice(11, 16) });
          return this.send(signal);
        },
      },
    });
    return { store, runs, schedule };
  }

  times = (): readonly string[] => this.attempts.map(({ time }) => time);
}

test("a report is sent at each of its times, and not for the times before it was saved", async () => {
  const all = new Instances();
  const { store, runs, schedule } = await all.open("a");
  schedule.start();
  const { id } = await store.add(DRAFT, 1);
  await all.clock.advance(2 * HOUR);
  expect(all.times()).toEqual(["09:00", "10:00"]);
  expect(runs.of(id).map(({ status, bytes, attempts }) => [status, bytes, attempts])).toEqual([
    ["sent", 100, 1],
    ["sent", 100, 1],
  ]);
  await store.change(String(id), { ...DRAFT, state: "paused" }, 1);
  await all.clock.advance(2 * HOUR);
  await store.change(String(id), DRAFT, 1);
  await all.clock.advance(HOUR);
  expect(all.times()).toEqual(["09:00", "10:00", "13:00"]);
  await schedule.stop();
});

test("two instances send each report once", async () => {
  const all = new Instances();
  const [a, b] = [await all.open("a"), await all.open("b")];
  a.schedule.start();
  b.schedule.start();
  await a.store.add(DRAFT, 1);
  await all.clock.advance(5 * HOUR);
  expect(all.times()).toEqual(["09:00", "10:00", "11:00", "12:00", "13:00"]);
  await a.schedule.stop();
  await all.clock.advance(HOUR);
  expect(all.attempts.at(-1)).toEqual({ instance: "b", time: "14:00" });
  await b.schedule.stop();
});

test("a failed report is tried again after pauses, then recorded, and its creator gets a mail", async () => {
  const all = new Instances();
  const { store, runs, schedule } = await all.open("a");
  schedule.start();
  const { id } = await store.add(DRAFT, 1);
  all.send = () => Promise.reject(new Error("the mail server is away"));
  await all.clock.advance(HOUR);
  expect(all.times()).toEqual(["09:00", "09:01", "09:06"]);
  expect(runs.of(id)).toMatchObject([{ status: "failed", attempts: 3, error: "the mail server is away" }]);
  expect(all.mails).toEqual([{ to: ["ann@x.org"], subject: "The report Load was not sent" }]);
  all.send = () => Promise.resolve({ bytes: 5, refused: ["ben@x.org"] });
  await all.clock.advance(HOUR);
  expect(runs.of(id)[0]).toMatchObject({ status: "sent", error: "the mail server refused ben@x.org" });
  await schedule.stop();
});

test("a report that is renamed between two attempts is still sent", async () => {
  const all = new Instances();
  const { store, schedule } = await all.open("a");
  schedule.start();
  const { id } = await store.add(DRAFT, 1);
  all.send = () => Promise.reject(new Error("the mail server is away"));
  await all.clock.advance(30.5 * MINUTE);
  all.send = () => Promise.resolve(OK);
  await store.change(String(id), { ...DRAFT, name: "Other" }, 1);
  await all.clock.advance(10 * MINUTE);
  expect(all.times()).toEqual(["09:00", "09:01"]);
  await schedule.stop();
});

test("a report whose creator has lost the access is paused with the reason", async () => {
  const all = new Instances();
  const { store, runs, schedule } = await all.open("a");
  schedule.start();
  const { id } = await store.add(DRAFT, 1);
  all.principal = () => {
    throw new ReportAccessError("ann may not send reports any more");
  };
  await all.clock.advance(5 * HOUR);
  expect(all.attempts).toEqual([]);
  expect(runs.of(id)).toMatchObject([{ status: "failed", attempts: 1 }]);
  expect(store.byId(String(id))).toMatchObject({ state: "paused", notice: "ann may not send reports any more" });
  expect(all.mails).toHaveLength(1);
  await schedule.stop();
});

test.each([5, 100])("after %d hours without a server, only the last missed report is sent", async (hours) => {
  const all = new Instances();
  const { store, runs } = await all.open("a");
  const { id } = await store.add(DRAFT, 1);
  await all.clock.advance(hours * HOUR + 45 * MINUTE);
  const later = await all.open("b");
  later.schedule.start();
  await all.clock.advance(MINUTE);
  expect(all.attempts).toHaveLength(1);
  expect(runs.of(id)).toMatchObject([{ status: "sent", due: START + (hours + 0.5) * HOUR }]);
  await later.schedule.stop();
});

test("a report that was missed long ago is not sent, but recorded", async () => {
  const all = new Instances();
  const { store, runs } = await all.open("a");
  const daily = { ...DRAFT.schedule, frequency: "daily" } as const;
  const { id } = await store.add({ ...DRAFT, schedule: daily }, 1);
  await all.clock.advance(40 * HOUR);
  const later = await all.open("b");
  later.schedule.start();
  await all.clock.advance(MINUTE);
  expect(all.attempts).toEqual([]);
  expect(runs.of(id)).toMatchObject([{ status: "missed" }]);
  await all.clock.advance(9 * HOUR);
  expect(all.attempts).toHaveLength(1);
  await later.schedule.stop();
});

test("an instance that stops or dies during a report leaves it to another one", async () => {
  const all = new Instances();
  const [a, b] = [await all.open("a"), await all.open("b")];
  a.schedule.start();
  await a.store.add(DRAFT, 1);
  all.send = (signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
  await all.clock.advance(45 * MINUTE);
  all.send = () => Promise.resolve(OK);
  await a.schedule.stop();
  b.schedule.start();
  await all.clock.advance(MINUTE);
  expect(all.attempts.map(({ instance }) => instance)).toEqual(["a", "b"]);
  // An instance that never answers again.
  all.send = () => new Promise(() => undefined);
  await all.clock.advance(45 * MINUTE);
  const c = await all.open("c");
  all.send = () => Promise.resolve(OK);
  c.schedule.start();
  await all.clock.advance(5 * MINUTE);
  expect(all.attempts.map(({ instance }) => instance)).toEqual(["a", "b", "b"]);
  await all.clock.advance(10 * MINUTE);
  expect(all.attempts.map(({ instance }) => instance)).toEqual(["a", "b", "b", "c"]);
  await c.schedule.stop();
});

test("without reports there is no timer", async () => {
  const all = new Instances();
  const { schedule } = await all.open("a");
  schedule.start();
  expect(all.clock.pending).toBe(0);
  await schedule.stop();
});
