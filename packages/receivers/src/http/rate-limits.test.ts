import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Notification } from "@narthex/notification";
import { RateLimits } from "./rate-limits.ts";
import { httpSink } from "../testing/http-sink.ts";
import { NOTIFICATION, openReceiver } from "../testing/open-receiver.ts";

test("a pause lasts as long as the service requested, at most an hour and at most the caller's limit", async () => {
  const clock = new ManualClock();
  const limits = new RateLimits(clock);
  limits.note("a", 60_000);
  limits.note("year", 365 * 86_400_000);
  await clock.advance(1000);
  expect([
    limits.remainingMs("a", 300_000),
    limits.remainingMs("a", 10_000),
    limits.remainingMs("a", 0),
    limits.remainingMs("b", 1e9),
  ]).toEqual([59_000, 9000, 0, 0]);
  expect(limits.remainingMs("year", 1e12)).toBe(3_599_000);
});

/** Returns a notification whose alert has the URL's host as the label `host`. */
const notificationTo = (url: string): Notification => ({
  ...NOTIFICATION,
  alerts: NOTIFICATION.alerts.map((alert) => ({ ...alert, labels: alert.labels.with({ host: new URL(url).host }) })),
});

/** Returns the configuration of a webhook whose host is a template, with a password. */
const hook = (password: string): string =>
  `{name: all, webhook_configs: [{url: 'http://{{ .CommonLabels.host }}/', http_config: {basic_auth: {username: u, password: ${password}}}}]}`;

async function openReceiverWith(answer: Parameters<typeof httpSink>[0]) {
  const clock = new ManualClock();
  const rateLimits = new RateLimits(clock);
  const [limiting, other] = [await httpSink(answer), await httpSink()];
  const open = (password = "pass1") => openReceiver(hook(password), { clock, rateLimits });
  return { clock, limiting, other, open };
}

test("429 with Retry-After pauses one credential at a host, for all groups and integrations, and nothing else", async () => {
  const { clock, limiting, other, open } = await openReceiverWith({ status: 429, headers: { "retry-after": "3600" } });
  await using _ = limiting;
  await using __ = other;
  await using one = await open();
  await using same = await open();
  await using stranger = await open("pass2");
  const to = (url: string) => ({ notification: notificationTo(url) });
  expect(await one.deliver(to(limiting.url))).toMatchObject({ kind: "retry", retryAfterMs: 3_600_000 });
  expect(await one.deliver(to(other.url))).toEqual({ kind: "sent" });
  expect(await same.deliver(to(limiting.url))).toMatchObject({ kind: "retry", unsent: true, retryAfterMs: 300_000 });
  expect(limiting.requests.length).toBe(1);
  expect(await stranger.deliver(to(limiting.url))).not.toHaveProperty("unsent");
  expect(limiting.requests.length).toBe(2);
  await clock.advance(60_000);
  expect(
    await one.deliver({ notification: { ...notificationTo(limiting.url), maxRetryAfterMs: 60_000 } }),
  ).not.toHaveProperty("unsent");
  expect(limiting.requests.length).toBe(3);
});

test.each([500, 502, 503])("a pause in %s is ignored", async (status) => {
  const { limiting, other, open } = await openReceiverWith({ status, headers: { "retry-after": "3600" } });
  await using _ = limiting;
  await using __ = other;
  await using one = await open();
  for (let attempt = 1; attempt <= 2; attempt++) {
    const outcome = await one.deliver({ notification: notificationTo(limiting.url) });
    expect(outcome).toMatchObject({ kind: "retry", failure: "serverError" });
    expect(outcome).not.toHaveProperty("retryAfterMs");
    expect(limiting.requests.length).toBe(attempt);
  }
});
