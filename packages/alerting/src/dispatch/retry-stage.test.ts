import { SelfMetrics } from "@narthex/http";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { alertingMetrics } from "./alerting-metrics.ts";
import { deliverWithRetries } from "./retry-stage.ts";
import { readings } from "../testing/rig.ts";
import { DeliveryLimiter } from "./delivery-limiter.ts";
import type { Delivery, Notification } from "@narthex/notification";
import type { Flush } from "./flush.ts";
import type { SharedLock } from "./notification-lock.ts";
import { type NotificationTrace, NO_OBSERVER } from "./notification-observer.ts";

const FAILED = { kind: "retry", reason: "boom", failure: "serverError" } as const;

const NOTIFICATION: Notification = {
  receiver: "team",
  groupKey: "{}:{}",
  groupLabels: Labels.EMPTY,
  routeLabels: new Map(),
  externalUrl: "",
  maxRetryAfterMs: 300_000,
  alerts: [],
  reason: "first notification",
  data: {},
};

/**
 * Delivers one notification while `others` other deliveries are in progress. `outcomes` contains the results and
 * durations of the first attempts; all later attempts succeed.
 */
function delivering(
  outcomes: readonly (readonly [result: Delivery, tookMs?: number])[],
  { random = 0.5, lock, others = 0 }: { random?: number; lock?: SharedLock; others?: number } = {},
) {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const self = new SelfMetrics();
  const metrics = alertingMetrics(self, ["webhook"]);
  const flush = new AbortController();
  const attempts: number[] = [];
  const integration = {
    kind: "webhook",
    index: 1,
    sendResolved: true,
    async deliver(_: Notification, signal: AbortSignal): Promise<Delivery> {
      const [result, tookMs = 0] = outcomes[attempts.length] ?? [{ kind: "sent", data: { ts: "1" } }];
      attempts.push(clock.monotonic());
      await clock.sleep(tookMs, signal);
      return result;
    },
  };
  const limiter = new DeliveryLimiter(clock);
  for (let i = 0; i < others; i++) void limiter.acquire(flush.signal);
  const traced: unknown[] = [];
  const trace: NotificationTrace = {
    ...NO_OBSERVER.notifying({} as Flush, integration, ""),
    attempted: (at, tookMs, result) => void traced.push([at, tookMs, result.kind === "sent" ? "sent" : result.reason]),
    waitsUntil: (at) => void traced.push(at),
  };
  const notified = deliverWithRetries(integration, NOTIFICATION, flush.signal, {
    clock,
    logger,
    metrics,
    reportError: self.internalErrors.reporter("notification", logger),
    limiter,
    random: () => random,
    trace,
    lock,
  });
  notified.catch(() => undefined);
  return { clock, logger, self, flush, attempts, limiter, traced, notified };
}

test("deliver() pauses half a second, then 1.5 times as long each time, up to a minute", async () => {
  const d = delivering(Array.from({ length: 16 }, () => [FAILED] as const));
  await d.clock.advance(600_000);
  expect(await d.notified).toEqual({ ts: "1" });
  const pauses = d.attempts.slice(1).map((at, i) => Math.round(at - d.attempts[i]!));
  expect(pauses.slice(0, 4)).toEqual([500, 750, 1125, 1688]);
  expect(pauses.slice(-3)).toEqual([60_000, 60_000, 60_000]);
});

test.each([
  [0, 250],
  [0.999999, 750],
])("deliver() varies a pause by half: at random %s it is %s ms", async (random, pause) => {
  const d = delivering([[FAILED]], { random });
  await d.clock.advance(10_000);
  expect(d.attempts.map(Math.round)).toEqual([0, pause]);
});

test("pauses are counted from the beginning of an attempt, so after a slow attempt the next one follows at once", async () => {
  const d = delivering([[FAILED, 400], [FAILED, 3000], [FAILED]]);
  await d.clock.advance(60_000);
  expect(d.attempts).toEqual([0, 500, 3500, 4625]);
});

test("deliver() logs each reason once, and logs when a later attempt succeeds", async () => {
  const other = { ...FAILED, reason: "other" };
  const d = delivering([[FAILED], [FAILED], [other], [other]]);
  await d.clock.advance(60_000);
  const notified = { receiver: "team", integration: "webhook[1]", aggrGroup: "{}:{}" };
  expect(d.logger.lines).toEqual([
    {
      level: "warn",
      message: "Notify attempt failed, will retry later",
      fields: { ...notified, attempts: 1, err: "boom" },
    },
    {
      level: "warn",
      message: "Notify attempt failed, will retry later",
      fields: { ...notified, attempts: 3, err: "other" },
    },
    {
      level: "info",
      message: "Notify success",
      fields: { ...notified, attempts: 5, duration: "0.000000s", numAlerts: 0 },
    },
  ]);
});

test("deliver() ends with the flush; the error is the last failure's reason, or the reason why the flush ended", async () => {
  const failing = delivering([[FAILED], [FAILED], [FAILED]]);
  await failing.clock.advance(1000);
  failing.flush.abort(new Error("context deadline exceeded"));
  await expect(failing.notified).rejects.toMatchObject({
    message: "team/webhook[1]: notify retry canceled after 2 attempts: boom",
    delivery: { failure: "serverError" },
  });
  const silent = delivering([[FAILED, 20_000]]);
  await silent.clock.advance(1000);
  silent.flush.abort(new Error("context deadline exceeded"));
  await expect(silent.notified).rejects.toMatchObject({
    message: "team/webhook[1]: notify retry canceled after 1 attempts: context deadline exceeded",
    delivery: { failure: "contextDeadlineExceeded" },
  });
});

test("deliver() ends at once if the notification is refused for good", async () => {
  const d = delivering([[FAILED], [{ kind: "rejected", reason: "no", failure: "clientError" }]]);
  await d.clock.advance(60_000);
  await expect(d.notified).rejects.toMatchObject({
    message: "team/webhook[1]: notify retry canceled due to unrecoverable error after 2 attempts: no",
    delivery: { failure: "clientError" },
  });
});

test("deliver() waits for Retry-After if it is longer than the pause; a shorter Retry-After has no effect", async () => {
  const d = delivering([[{ ...FAILED, retryAfterMs: 7000 }], [{ ...FAILED, retryAfterMs: 1 }]]);
  await d.clock.advance(60_000);
  expect(d.attempts).toEqual([0, 7000, 7750]);
});

test("deliver() waits for a service that limits the rate for at most one group_interval", async () => {
  const d = delivering([[{ ...FAILED, retryAfterMs: 3_600_000 }]]);
  await d.clock.advance(301_000);
  expect(d.attempts).toEqual([0, 300_000]);
});

test("during a pause that the service asked for no attempt is made, counted or logged", async () => {
  const unsent = { ...FAILED, reason: "not over", retryAfterMs: 9000, unsent: true } as const;
  const d = delivering([[unsent], [unsent]]);
  await d.clock.advance(60_000);
  expect(d.attempts).toEqual([0, 9000, 18_000]);
  const requests = (await d.self.families()).find(({ name }) => name === "alertmanager_notification_requests_total");
  expect(requests?.samples.reduce((sum, { value }) => sum + value, 0)).toBe(1);
  expect(d.logger.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("an integration that fails because of a bug is tried again, and reported with the stack", async () => {
  let calls = 0;
  const outcome = {
    [Symbol.iterator]() {
      if (++calls === 1) throw new TypeError("a bug");
      return [{ kind: "sent", data: { ts: "1" } }][Symbol.iterator]();
    },
  };
  const d = delivering([outcome as never]);
  await d.clock.advance(1000);
  expect(await d.notified).toEqual({ ts: "1" });
  expect([...d.self.internalErrors.counts]).toEqual([["notification", 1]]);
  expect(d.logger.lines[0]?.fields).toMatchObject({ receiver: "team", stack: expect.stringContaining("a bug") });
});

test("attempts and pauses are traced and counted", async () => {
  const d = delivering([
    [FAILED, 400],
    [{ kind: "rejected", reason: "no", failure: "clientError" }, 300],
  ]);
  await d.clock.advance(60_000);
  expect(d.traced).toEqual([[0, 400, "boom"], 500, [500, 300, "no"]]);
  expect(await readings(d.self, "alertmanager_notification_")).toEqual([
    "requests_total webhook: 2",
    "requests_failed_total webhook: 2",
    "latency_seconds_sum webhook: 0.7",
    "latency_seconds_count webhook: 2",
  ]);
});

test("a delivery waits until its integration allows another attempt, and then frees that place", async () => {
  const d = delivering([[FAILED]], { others: 512 });
  await d.clock.advance(1000);
  expect(d.attempts).toEqual([]);
  d.limiter.release(undefined);
  await d.clock.advance(1000);
  expect([d.attempts, await d.notified]).toEqual([[1000, 1500], { ts: "1" }]);
  await d.limiter.acquire(d.flush.signal);
});

/**
 * Returns a lock that the test takes away with lose(). `granted` contains the results of reacquire(): false means that
 * another instance has notified.
 */
function lockOf(granted: readonly boolean[]) {
  let controller = new AbortController();
  const state = { isHeld: true, calls: [] as string[] };
  const answers = [...granted];
  const lock: SharedLock = {
    isHeld: () => state.isHeld,
    get lost() {
      return controller.signal;
    },
    release: () => void state.calls.push("release"),
    reacquire: () => {
      state.calls.push("reacquire");
      state.isHeld = true;
      controller = new AbortController();
      return Promise.resolve(answers.shift() ?? true);
    },
  };
  const lose = (withSignal = true): void => {
    state.isHeld = false;
    if (withSignal) controller.abort(new Error("lost"));
  };
  return { lock, state, lose };
}

test("the lock is released in each pause, and the delivery ends if another instance has notified in the pause", async () => {
  const { lock, state } = lockOf([true, false]);
  const d = delivering([[FAILED], [FAILED]], { lock });
  await d.clock.advance(60_000);
  expect(await d.notified).toBeUndefined();
  expect([d.attempts, state.calls]).toEqual([
    [0, 500],
    ["release", "reacquire", "release", "reacquire"],
  ]);
});

test.each([
  [true, { ts: "1" }, 1],
  [false, undefined, 0],
])("no attempt is made under a lost lock (granted again: %s)", async (isGranted, left, attempts) => {
  const { lock, state, lose } = lockOf([isGranted]);
  lose(false);
  const d = delivering([], { lock });
  await d.clock.advance(0);
  expect([await d.notified, d.attempts.length, state.calls]).toEqual([left, attempts, ["release", "reacquire"]]);
});

test("an attempt that is aborted because the lock was lost is repeated with the next lock, and traced with the reason", async () => {
  const { lock, state, lose } = lockOf([true]);
  const d = delivering([[FAILED, 5000]], { lock });
  await d.clock.advance(1000);
  lose();
  await d.clock.advance(0);
  expect(await d.notified).toEqual({ ts: "1" });
  expect([d.attempts, state.calls, d.logger.lines.filter(({ level }) => level === "warn")]).toEqual([
    [0, 1000],
    ["release", "reacquire"],
    [],
  ]);
  expect(d.traced).toEqual([
    [0, 1000, "broken off: the lease was lost, another instance may be sending"],
    [1000, 0, "sent"],
  ]);
});

test.each([
  ["with its signal", true],
  ["while the process was stopped", false],
])("a delivery whose lock is lost %s while it waits for a place asks for the lock again", async (_, withSignal) => {
  const { lock, state, lose } = lockOf([true]);
  const d = delivering([], { lock, others: 512 });
  await d.clock.advance(1000);
  lose(withSignal);
  await d.clock.advance(0);
  for (let i = 0; i < 512; i++) d.limiter.release(undefined);
  await d.clock.advance(0);
  expect([await d.notified, state.calls, d.attempts]).toEqual([{ ts: "1" }, ["release", "reacquire"], [1000]]);
  const places = Array.from({ length: 512 }, () => d.limiter.acquire(d.flush.signal));
  expect([(await Promise.all(places)).length, d.limiter.waiting]).toEqual([512, 0]);
});

test("a flush that ends while its delivery waits for a place ends it with the flush's reason", async () => {
  const { lock, lose } = lockOf([]);
  const d = delivering([], { lock, others: 512 });
  await d.clock.advance(0);
  d.flush.abort(new Error("context canceled"));
  lose();
  await expect(d.notified).rejects.toMatchObject({
    message: "team/webhook[1]: notify retry canceled after 0 attempts: context canceled",
    delivery: { failure: "contextCanceled" },
  });
});
