import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { RateLimits } from "./http/rate-limits.ts";
import { Renderer } from "./templates/renderer.ts";
import { sendTest, testNotification } from "./test-notification.ts";
import { httpSink } from "./testing/http-sink.ts";
import { fakeSmtp } from "./testing/index.ts";
import { TOOLS, loadReceiver } from "./testing/open-receiver.ts";

const context = {
  tools: { ...TOOLS, clock: systemClock, env: {}, rateLimits: new RateLimits(systemClock) },
  renderer: Renderer.load([], () => 0),
};
const params = { now: systemClock.now(), externalUrl: "http://am:9093", fingerprintOf: () => "00" };

test("each integration reports the result of its test", async () => {
  await using good = await httpSink();
  await using bad = await httpSink({ status: 500, body: "broken" });
  await using smtp = await fakeSmtp({ replies: { RCPT: "550 who?" } });
  const receiver = loadReceiver(`{name: all,
    webhook_configs: [{url: '${good.url}'}, {url: '${bad.url}'}],
    email_configs: [{to: b@c, from: x@y, smarthost: 'localhost:${smtp.port}', require_tls: false}],
    slack_configs: [{api_url_file: /nonexistent/url}]}`);
  const notification = testNotification("all", { labels: { team: "shop" }, annotations: { summary: "mine" } }, params);
  const outcomes = await sendTest(receiver.integrations, notification, context);
  const found = new Map(
    outcomes.map(({ durationMs: _durationMs, ...rest }) => [`${rest.integration}[${rest.index}]`, rest]),
  );
  expect(found.get("webhook[0]")).toEqual({ integration: "webhook", index: 0, outcome: "sent" });
  expect(found.get("webhook[1]")).toMatchObject({ outcome: "failed", isRetried: true });
  expect(found.get("email[0]")).toMatchObject({ reason: 'send RCPT command: 550 "who?"', isRetried: true });
  expect(found.get("slack[0]")).toMatchObject({
    reason: "open /nonexistent/url: no such file or directory",
    isRetried: false,
  });
  expect(JSON.parse(good.requests[0]!.body)).toMatchObject({
    status: "firing",
    groupLabels: { alertname: "TestNotification", test: "true" },
    alerts: [{ labels: { team: "shop", test: "true", severity: "info" }, annotations: { summary: "mine" } }],
  });
});
