import { openSqlite } from "@narthex/store";
import { Matcher } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { alertOf, equal, notificationLines, readings, rig, ROUTE, START } from "../testing/rig.ts";
import { Dispatcher } from "./dispatcher.ts";
import { NO_OBSERVER } from "./notification-observer.ts";

test("two alerts within group_wait are notified once, a third at the next group_interval", async () => {
  const r = await rig();
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(5000);
  r.alerts.put(alertOf(r, { alertname: "A", i: "2" }));
  await r.clock.advance(10_000);
  r.alerts.put(alertOf(r, { alertname: "A", i: "3" }));
  const [group] = r.dispatcher.groups();
  const flushed = (): readonly boolean[] => group!.alerts().map(({ fingerprint }) => group!.hasFlushed(fingerprint));
  expect([flushed(), group!.nextFlushAt]).toEqual([[true, true, false], START + 70_000]);
  await r.clock.advance(100_000);
  expect(flushed()).toEqual([true, true, true]);
  expect(notificationLines(r)).toEqual([
    '10s {}:{alertname="A"} first notification: 1 2',
    '70s {}:{alertname="A"} new alerts added: 1 2 3',
  ]);
});

test("an alert older than group_wait is notified at once, and groups are separate", async () => {
  const r = await rig();
  r.alerts.put({ ...alertOf(r, { alertname: "A", i: "1" }), startsAt: START - 10_001 });
  r.alerts.put({ ...alertOf(r, { alertname: "B", i: "2" }), startsAt: START - 10_000 });
  await r.clock.advance(10_000);
  expect(notificationLines(r)).toEqual([
    '0s {}:{alertname="A"} first notification: 1',
    '10s {}:{alertname="B"} first notification: 2',
  ]);
});

test("a resolved alert is notified and the group ends; a later alert makes a new group", async () => {
  const r = await rig();
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(20_000);
  r.alerts.put({ ...alertOf(r, { alertname: "A", i: "1" }), endsAt: r.clock.now() });
  await r.clock.advance(100_000);
  expect(r.dispatcher.groups().length).toBe(0);
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(10_000);
  expect(notificationLines(r)).toEqual([
    '10s {}:{alertname="A"} first notification: 1',
    '70s {}:{alertname="A"} all alerts resolved: !1',
    '130s {}:{alertname="A"} first notification: 1',
  ]);
});

test("with send_resolved off, the end of an alert is recorded but not notified", async () => {
  const r = await rig({ sendResolved: false });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  r.alerts.put(alertOf(r, { alertname: "A", i: "2" }, START));
  await r.clock.advance(20_000);
  expect(notificationLines(r)).toEqual(['10s {}:{alertname="A"} first notification: 1']);
  r.alerts.put({ ...alertOf(r, { alertname: "A", i: "1" }), endsAt: r.clock.now() });
  await r.clock.advance(60_000);
  expect(notificationLines(r).length).toBe(1);
  expect(r.log.get('{}:{alertname="A"}:all/webhook/0')?.firing).toEqual([]);
});

test("a notification is repeated at the first tick after repeat_interval", async () => {
  const r = await rig({ route: { ...ROUTE, repeatIntervalMs: 120_000 } });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(400_000);
  expect(notificationLines(r).map((line) => line.split(" ")[0])).toEqual(["10s", "190s", "370s"]);
});

test("a failed delivery is tried again with growing pauses and logged once", async () => {
  const failure = { kind: "retry", reason: "boom", failure: "serverError" } as const;
  const r = await rig({ outcomes: [failure, failure, failure] });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(30_000);
  expect(r.notified.map(({ at }) => at)).toEqual([10, 10.5, 11.25, 12.375]);
  expect(r.logger.lines.filter(({ level }) => level === "warn").length).toBe(1);
});

test("a refused delivery is not repeated until the next tick, and a flush ends with its deadline", async () => {
  const refused = { kind: "rejected", reason: "no", failure: "clientError" } as const;
  const r = await rig({ outcomes: [refused], tookMs: [250] });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(70_000);
  expect(r.notified.map(({ at }) => at)).toEqual([10, 70]);
  expect(await readings(r.selfMetrics, "alertmanager_")).toEqual([
    "notifications_total webhook: 2",
    "notifications_failed_total webhook clientError: 1",
    "notification_requests_total webhook: 2",
    "notification_requests_failed_total webhook: 1",
    "notification_latency_seconds_sum webhook: 0.25",
    "notification_latency_seconds_count webhook: 2",
    "dispatcher_alert_processing_duration_seconds_count: 1",
  ]);
  expect(r.logger.lines[0]?.fields).toEqual({
    aggrGroup: '{}:{alertname="A"}',
    num_alerts: 1,
    err: "all/webhook[0]: notify retry canceled due to unrecoverable error after 1 attempts: no",
  });
  const failing = Array.from({ length: 30 }, () => ({ kind: "retry", reason: "x", failure: "other" }) as const);
  const slow = await rig({ outcomes: failing });
  slow.alerts.put(alertOf(slow, { alertname: "A", i: "1" }));
  await slow.clock.advance(70_000);
  expect(slow.logger.lines.find(({ level }) => level === "error")?.fields["err"]).toMatch(
    /^all\/webhook\[0\]: notify retry canceled after \d+ attempts: x$/,
  );
});

test("a flush that fails for an unexpected reason is repeated at the next tick, and reported", async () => {
  let flushes = 0;
  const r = await rig({
    observer: {
      ...NO_OBSERVER,
      async flushBegins() {
        if (++flushes === 1) throw new TypeError("a bug");
      },
    },
  });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(70_000);
  expect(r.notified.map(({ at }) => at)).toEqual([70]);
  expect([...r.metrics.internalErrors.counts]).toEqual([["notification", 1]]);
  expect(r.logger.lines.find(({ level }) => level === "error")?.fields).toMatchObject({
    aggrGroup: '{}:{alertname="A"}',
    stack: expect.stringContaining("a bug"),
  });
});

test("the interval between ticks stays the same if a timer fires slightly late", async () => {
  const r = await rig({ lateMs: 3, route: { ...ROUTE, groupWaitMs: 0, groupIntervalMs: 1000, repeatIntervalMs: 500 } });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(5100);
  expect(r.notified.map(({ at }) => at)).toEqual([0.003, 1.003, 2.003, 3.003, 4.003, 5.003]);
});

test("a tick during a flush takes effect after the flush, and later ticks are counted from that moment", async () => {
  const slow = { kind: "sent" } as const;
  const r = await rig({
    route: { ...ROUTE, groupWaitMs: 0, groupIntervalMs: 1000, repeatIntervalMs: 100 },
    outcomes: [slow],
    tookMs: [2500],
  });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(5000);
  // The flush of 1 s runs late, at 2.5 s, when the log entry is too recent for a repetition. Further flushes run at 3.5
  // s and 4.5 s.
  expect(r.notified.map(({ at }) => at)).toEqual([0, 3.5, 4.5]);
});

test("a flush that a reload cancels is not an error, and its notifications are sent after the reload", async () => {
  const r = await rig({ route: { ...ROUTE, groupWaitMs: 0 }, tookMs: [5000] });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(1000);
  const stopped = r.dispatcher.stop();
  await r.clock.advance(0);
  await stopped;
  expect(r.logger.lines.map(({ level, fields }) => [level, fields["err"]])).toEqual([
    ["debug", "all/webhook[0]: notify retry canceled after 1 attempts: context canceled"],
  ]);
  expect(r.log.get('{}:{alertname="A"}:all/webhook/0')).toBeUndefined();
});

test("data that a receiver returned is not passed to a first notification", async () => {
  const data = { threadTs: "1" };
  const r = await rig({ outcomes: [{ kind: "sent", data }] });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(20_000);
  r.alerts.put(alertOf(r, { alertname: "A", i: "2" }));
  r.alerts.put({ ...alertOf(r, { alertname: "A", i: "1" }), endsAt: r.clock.now() });
  await r.clock.advance(60_000);
  r.alerts.put({ ...alertOf(r, { alertname: "A", i: "2" }), endsAt: r.clock.now() });
  await r.clock.advance(60_000);
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(60_000);
  expect(r.notified.map(({ notification }) => [notification.reason, notification.data])).toEqual([
    ["first notification", {}],
    ["new alerts added", data],
    ["all alerts resolved", data],
    ["first notification", {}],
  ]);
});

test("alerts of a notification are ordered by job, instance, number of labels, and then by the first differing name", async () => {
  const r = await rig({ route: { ...ROUTE, groupBy: [] } });
  const sets = [
    { i: "1", instance: "b", job: "b" },
    { i: "2", a: "x", z: "x" },
    { i: "3", b: "x", z: "x" },
    { i: "4", job: "a", z: "z" },
    { i: "5", instance: "a" },
    { i: "6" },
    { i: "7", job: "b", more: "1" },
  ];
  for (const labels of sets) r.alerts.put(alertOf(r, labels));
  await r.clock.advance(20_000);
  expect(notificationLines(r)).toEqual(["10s {}:{} first notification: 4 1 7 5 6 3 2"]);
});

test("a flush that takes several intervals is followed by one flush, not by one for each interval", async () => {
  const failing = Array.from({ length: 9 }, () => ({ kind: "retry", reason: "x", failure: "other" }) as const);
  const r = await rig({ outcomes: failing, route: { ...ROUTE, groupWaitMs: 0, groupIntervalMs: 1000 } });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(20_000);
  const gaps = r.notified.slice(1).map(({ at }, i) => at - r.notified[i]!.at);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.5);
});

test("after a restart nothing is notified again, and the end of a notified alert is notified", async () => {
  const store = openSqlite(":memory:");
  const first = await rig({ store });
  first.alerts.put(alertOf(first, { alertname: "A", i: "1" }));
  await first.clock.advance(20_000);
  await first.dispatcher.stop();
  const second = await rig({ store, clock: new ManualClock(START + 30_000) });
  second.alerts.put(alertOf(second, { alertname: "A", i: "1" }));
  await second.clock.advance(20_000);
  expect(notificationLines(second)).toEqual([]);
  second.alerts.put({ ...alertOf(second, { alertname: "A", i: "1" }), endsAt: second.clock.now() });
  await second.clock.advance(60_000);
  expect(notificationLines(second)).toEqual(['100s {}:{alertname="A"} all alerts resolved: !1']);
});

test("with continue an alert reaches several routes, a parent takes only alerts that no child takes, and '...' groups by all labels", async () => {
  const child = { ...ROUTE, matchers: [equal("severity", "page")] };
  const r = await rig({
    route: {
      ...ROUTE,
      routes: [
        { ...child, receiver: "other", groupBy: ["..."], continues: true },
        { ...child, receiver: "" },
        { ...child, receiver: "other" },
      ],
    },
  });
  const page = alertOf(r, { alertname: "A", i: "1", severity: "page" });
  expect(r.dispatcher.receiversOf(page.labels)).toEqual(["other", "all"]);
  r.alerts.put(page);
  r.alerts.put(alertOf(r, { alertname: "A", i: "2" }));
  await r.clock.advance(10_000);
  expect(notificationLines(r).sort()).toEqual([
    '10s {}/{severity="page"}:{alertname="A", i="1", severity="page"} first notification: 1',
    '10s {}/{severity="page"}:{alertname="A"} first notification: 1',
    '10s {}:{alertname="A"} first notification: 2',
  ]);
});

test("inhibited and silenced alerts are not notified, and an alert that is equal to a source is not inhibited", async () => {
  const rule = {
    name: "",
    source: [new Matcher("=~", "sev", "crit|both")],
    target: [new Matcher("=~", "sev", "warn|both")],
    equal: ["inst"],
  };
  const r = await rig({ inhibitRules: [rule] });
  for (const labels of [
    { i: "crit1", sev: "crit", inst: "1" },
    { i: "warn1", sev: "warn", inst: "1" },
    { i: "warn2", sev: "warn", inst: "2" },
    { i: "twinA", sev: "both", inst: "3", n: "a" },
    { i: "twinB", sev: "both", inst: "3", n: "b" },
    { i: "silent", sev: "none" },
  ]) {
    r.alerts.put(alertOf(r, { alertname: "A", ...labels }));
  }
  const id = await r.silences.set({
    id: "",
    matchers: [equal("i", "silent")],
    startsAt: NaN,
    endsAt: START + 60_000,
    createdBy: "me",
    comment: "",
    annotations: {},
  });
  await r.clock.advance(10_000);
  expect(notificationLines(r)).toEqual(['10s {}:{alertname="A"} first notification: crit1 warn2 twinA twinB']);
  expect(await readings(r.selfMetrics, "alertmanager_notifications_suppressed_total")).toEqual([
    " inhibition: 1",
    " silence: 1",
  ]);
  await r.silences.expire(id);
  await r.clock.advance(60_000);
  expect(r.notified.at(-1)?.notification.alerts.map(({ labels }) => labels.get("i"))).toContain("silent");
});

test("a muted group is not notified, and reports what mutes it", async () => {
  const always = {
    name: "always",
    spans: [{ times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: "" }],
  };
  const child = { ...ROUTE, matchers: [equal("a", "b")], muteTimeIntervals: ["always"] };
  const never = { name: "never", spans: [] };
  const r = await rig({
    intervals: [always, never],
    route: {
      ...ROUTE,
      routes: [child, { ...child, matchers: [equal("a", "c")], muteTimeIntervals: [], activeTimeIntervals: ["never"] }],
    },
  });
  r.alerts.put(alertOf(r, { alertname: "A", a: "b" }));
  r.alerts.put(alertOf(r, { alertname: "A", a: "c" }));
  await r.clock.advance(100_000);
  expect(notificationLines(r)).toEqual([]);
  expect(r.dispatcher.groups().map(({ mutedBy }) => mutedBy)).toEqual([["always"], ["never"]]);
  expect(await readings(r.selfMetrics, "alertmanager_notifications_suppressed_total")).toEqual([
    " mute_time_interval: 2",
    " active_time_interval: 2",
  ]);
});

test("an end that the alert store has forgotten is notified after a reload", async () => {
  const r = await rig();
  const alert = alertOf(r, { alertname: "A", i: "1" });
  r.alerts.put(alert);
  await r.clock.advance(20_000);
  r.alerts.put({ ...alert, endsAt: r.clock.now(), updatedAt: r.clock.now() });
  r.alerts.collect(r.clock.now());
  await r.dispatcher.stop();
  const reloaded = new Dispatcher(r.dispatching);
  reloaded.start(r.dispatcher.awaited());
  await r.clock.advance(100_000);
  expect(notificationLines(r).slice(1)).toEqual(['20s {}:{alertname="A"} all alerts resolved: !1']);
  expect(reloaded.awaited()).toEqual([]);
});
