import { SelfMetrics } from "@narthex/http";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { alertingMetrics } from "./alerting-metrics.ts";
import { deliverWithRetries } from "./retry-stage.ts";
import { DeliveryLimiter } from "./delivery-limiter.ts";
import type { Delivery, Notification } from "@narthex/notification";
import type { Flush } from "./flush.ts";
import { NO_OBSERVER } from "./notification-observer.ts";

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

/** One delivery; `outcomes` say how each attempt ends and how long it takes, then it is sent. */
function delivering(outcomes: readonly (readonly [result: Delivery, tookMs?: number])[], random = () => 0.5) {
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
    async deliver(): Promise<Delivery> {
      const [result, tookMs = 0] = outcomes[attempts.length] ?? [{ kind: "sent", data: { ts: "1" } }];
      attempts.push(clock.monotonic());
      await clock.sleep(tookMs, flush.signal);
      return result;
    },
  };
  const limiter = new DeliveryLimiter(clock);
  const trace = NO_OBSERVER.notifying({} as Flush, integration, "");
  const notified = deliverWithRetries(integration, NOTIFICATION, flush.signal, {
    clock,
    logger,
    metrics,
    reportError: self.internalErrors.reporter("notification", logger),
    limiter,
    random,
    trace,
  });
  notified.catch(() => undefined);
  return { clock, logger, self, flush, attempts, notified };
}

test("deliver() pauses half a second, then half as long again each time, up to a minute", async () => {
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
  const d = delivering([[FAILED]], () => random);
  await d.clock.advance(10_000);
  expect(d.attempts.map(Math.round)).toEqual([0, pause]);
});

test("pauses count from the beginning of an attempt: after a slow one the next follows at once", async () => {
  const d = delivering([[FAILED, 400], [FAILED, 3000], [FAILED]]);
  await d.clock.advance(60_000);
  expect(d.attempts).toEqual([0, 500, 3500, 4625]);
});

test("deliver() warns of each reason once, and says so when a later attempt succeeds", async () => {
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

test("deliver() gives up at the end of the flush with the last reason, or with the flush's own", async () => {
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

test("deliver() gives up at once on what is refused for good", async () => {
  const d = delivering([[FAILED], [{ kind: "rejected", reason: "no", failure: "clientError" }]]);
  await d.clock.advance(60_000);
  await expect(d.notified).rejects.toMatchObject({
    message: "team/webhook[1]: notify retry canceled due to unrecoverable error after 2 attempts: no",
    delivery: { failure: "clientError" },
  });
});

test("Retry-After is waited for, however short the pause would be; a shorter one shortens nothing", async () => {
  const d = delivering([[{ ...FAILED, retryAfterMs: 7000 }], [{ ...FAILED, retryAfterMs: 1 }]]);
  await d.clock.advance(60_000);
  expect(d.attempts).toEqual([0, 7000, 7750]);
});

test("a service that limits the rate is not waited for beyond group_interval", async () => {
  const d = delivering([[{ ...FAILED, retryAfterMs: 3_600_000 }]]);
  await d.clock.advance(301_000);
  expect(d.attempts).toEqual([0, 300_000]);
});

test("an attempt that the service's pause forbids is none: it is not counted, nor warned of", async () => {
  const unsent = { ...FAILED, reason: "not over", retryAfterMs: 9000, unsent: true } as const;
  const d = delivering([[unsent], [unsent]]);
  await d.clock.advance(60_000);
  expect(d.attempts).toEqual([0, 9000, 18_000]);
  const requests = (await d.self.families()).find(({ name }) => name === "alertmanager_notification_requests_total");
  expect(requests?.samples.reduce((sum, { value }) => sum + value, 0)).toBe(1);
  expect(d.logger.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("an integration that fails by a mistake of the program is tried again, and reported with the stack", async () => {
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
