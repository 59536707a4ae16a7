import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { SINGLE_INSTANCE, type HeldLock } from "../dispatch/coordination.ts";
import type { Delivery } from "@narthex/notification";
import { NotificationHistory } from "./notification-history.ts";
import { NO_OBSERVER } from "../dispatch/notification-observer.ts";
import { alertOf, equal, rig, type RigOptions, ROUTE, START, stateOf } from "../testing/rig.ts";
import type { TimeInterval } from "../routing/time-interval.ts";
import { type FactSources, factsAbout } from "./why.ts";
import { rejectionsOf, explanationOf } from "./why-sentences.ts";

/** A time interval that begins each day in the hour of START. */
const NIGHT: TimeInterval = {
  name: "night",
  spans: [{ times: [{ from: 0, to: 60 }], weekdays: [], daysOfMonth: [], months: [], years: [], location: "" }],
};

async function asked(options: RigOptions = {}) {
  const clock = new ManualClock(START);
  const store = openSqlite(":memory:");
  const kept = { clock, logger: memoryLogger(), retentionMs: 3_600_000 };
  const notificationHistory = await NotificationHistory.load({
    ...kept,
    collection: store.collection("notifications"),
  });
  const observer = { ...NO_OBSERVER, notifying: notificationHistory.notifying.bind(notificationHistory) };
  const r = await rig({ clock, store, observer, ...options });
  const sources: FactSources = {
    ...r,
    notificationHistory,
    cluster: () => ({ status: "disabled" }),
    state: () => stateOf(r, options),
  };
  const about = (labels: Record<string, string>) => factsAbout(Labels.of(labels), sources);
  return { ...r, about, why: (labels: Record<string, string>) => explanationOf(about(labels)) };
}

const A = { alertname: "A", i: "1" };

test("the sentences contain who was notified when, and when the next repeat is due", async () => {
  const r = await asked();
  r.alerts.put(alertOf(r, A));
  expect(r.why(A)).toEqual([
    "It fires since 2026-11-20T00:00:00.000Z, and ends at 2026-11-20T01:00:00.000Z unless it is reported again.",
    'Route {} takes it to receiver "all", group {}:{alertname="A"}.',
    "The next flush of the group is at 2026-11-20T00:00:10.000Z (group_wait is 10s, group_interval 1m).",
    "webhook[0] has not been notified of it yet; the next flush is at 2026-11-20T00:00:10.000Z.",
  ]);
  await r.clock.advance(20_000);
  expect(r.why(A).slice(2)).toEqual([
    "The next flush of the group is at 2026-11-20T00:01:10.000Z (group_wait is 10s, group_interval 1m).",
    "webhook[0] was notified at 2026-11-20T00:00:10.000Z that it fires; if nothing changes in the group it is notified again at 2026-11-20T00:11:10.000Z (repeat_interval is 10m).",
  ]);
  await r.clock.advance(650_000);
  expect(r.notified.map(({ at }) => at)).toEqual([10, 670]);
  r.alerts.put(alertOf(r, A, r.clock.now()));
  await r.clock.advance(1000);
  expect(r.why(A).at(-1)).toBe(
    "webhook[0] has not been notified of its end yet; the next flush is at 2026-11-20T00:12:10.000Z.",
  );
  await r.clock.advance(60_000);
  expect(r.why(A).at(-1)).toBe("webhook[0] was notified at 2026-11-20T00:12:10.000Z that it has ended.");
});

test("silence, inhibition and time interval are named", async () => {
  const r = await asked({
    inhibitRules: [
      { name: "root", source: [equal("alertname", "R")], target: [equal("alertname", "A")], equal: ["dc"] },
    ],
    route: { ...ROUTE, muteTimeIntervals: ["night"], activeTimeIntervals: ["never"] },
    intervals: [NIGHT],
  });
  r.alerts.put(alertOf(r, { alertname: "R", dc: "x" }));
  const id = await r.silences.set({
    id: "",
    matchers: [new Matcher("=~", "i", "1|2")],
    startsAt: START,
    endsAt: START + 60_000,
    createdBy: "me",
    comment: "works",
    annotations: {},
  });
  const sentences = r.why({ ...A, dc: "x" });
  expect(sentences).toEqual([
    "No such alert is known; this is what would happen to one.",
    `Silence ${id} by "me" ("works") suppresses it until 2026-11-20T00:01:00.000Z.`,
    'The alert {alertname="R", dc="x"} inhibits it by the inhibition rule "root", with the same dc.',
    'Route {} takes it to receiver "all", group {}:{alertname="A"}.',
    'The route is muted now by the time interval "night".',
    'The route notifies only in the time interval "never", which is not active now.',
    "webhook[0] would not be notified.",
  ]);
});

test("each route that was tried has a sentence about why it did not match the alert", async () => {
  const route = {
    ...ROUTE,
    routes: [
      { ...ROUTE, receiver: "", matchers: [equal("severity", "page")] },
      { ...ROUTE, receiver: "", matchers: [equal("i", "1")], continues: true },
      { ...ROUTE, receiver: "", matchers: [new Matcher("=~", "alertname", "A|B")] },
      { ...ROUTE, receiver: "", matchers: [] },
    ],
  };
  const r = await asked({ route });
  const explanation = r.about(A);
  expect(explanation.routes.map((each) => each.route.key)).toEqual(['{}/{i="1"}', '{}/{alertname=~"A|B"}']);
  expect(rejectionsOf(explanation)).toEqual([
    'Route {}/{severity="page"} does not take it: there is no label severity, and the matcher is severity="page".',
    "Route {}/{} was not tried: a route before it took the alert.",
  ]);
  expect(r.dispatcher.receiversOf(Labels.of(A)).length).toBe(2);
});

test("if a receiver fails, the sentence contains its response and the time of the next try", async () => {
  const failing: Delivery = { kind: "retry", reason: "boom", failure: "serverError" };
  const refused: Delivery = { kind: "rejected", reason: "no", failure: "clientError" };
  const r = await asked({ outcomes: [failing, failing, refused] });
  r.alerts.put(alertOf(r, A));
  await r.clock.advance(10_600);
  expect(r.why(A).at(-1)).toBe(
    'webhook[0] is being notified since 2026-11-20T00:00:10.000Z: attempt 2 failed with "boom", the next one comes at 2026-11-20T00:00:11.250Z.',
  );
  await r.clock.advance(10_000);
  expect(r.why(A).at(-1)).toBe(
    "webhook[0] could not be notified at 2026-11-20T00:00:10.000Z: all/webhook[0]: notify retry canceled due to unrecoverable error after 3 attempts: no; it is tried again at 2026-11-20T00:01:10.000Z.",
  );
});

test("the sentences mention a flush in progress, and a cluster that has not settled", async () => {
  const turn = Promise.withResolvers<HeldLock>();
  const r = await asked({ coordination: { ...SINGLE_INSTANCE, acquire: () => turn.promise } });
  r.alerts.put(alertOf(r, A));
  await r.clock.advance(11_000);
  expect(r.why(A).at(-1)).toBe("webhook[0] has not been notified of it yet; a flush of the group is in progress.");
  expect(explanationOf({ ...r.about(A), isSettling: true })[1]).toBe(
    "This instance does not notify yet: it waits until its cluster has settled.",
  );
  turn.resolve({ release: async () => undefined });
  await r.clock.advance(0);
  expect(r.why(A).at(-1)).toContain("was notified at 2026-11-20T00:00:11.000Z");
});

const last = (sentences: readonly string[]): string => sentences.at(-1)!;

test("an alert that does not exist would be notified after group_wait", async () => {
  const r = await asked();
  expect(r.why(A)).toEqual([
    "No such alert is known; this is what would happen to one.",
    'Route {} takes it to receiver "all", group {}:{alertname="A"}.',
    "webhook[0] would be notified 10s (group_wait) after the group's first alert.",
  ]);
});

test("for an alert that ended because it was not reported again, the sentences say so, and a notification is optional", async () => {
  const r = await asked();
  r.alerts.put(alertOf(r, A, START + 5000));
  await r.clock.advance(5000);
  expect(r.why(A)[0]).toBe(
    "It ended at 2026-11-20T00:00:05.000Z: it was not reported again after 2026-11-20T00:00:00.000Z.",
  );
  expect(last(r.why(A))).toBe("webhook[0] was not notified of it before it ended.");
  r.alerts.put({ ...alertOf(r, A, r.clock.now()), startsAt: START });
  expect(r.why(A)[0]).toBe("It ended at 2026-11-20T00:00:05.000Z.");
});

test.each([
  [true, "webhook[0] has not been notified of its end yet; the next flush is at 2026-11-20T00:01:10.000Z."],
  [false, "webhook[0] is not notified of ends (send_resolved is false)."],
])("the end of an alert is explained if send_resolved is %s", async (sendResolved, sentence) => {
  const r = await asked({ sendResolved });
  r.alerts.put(alertOf(r, A));
  await r.clock.advance(20_000);
  r.alerts.put(alertOf(r, A, r.clock.now()));
  expect(last(r.why(A))).toBe(sentence);
  await r.clock.advance(60_000);
  expect(last(r.why(A))).toBe(
    sendResolved ? "webhook[0] was notified at 2026-11-20T00:01:10.000Z that it has ended." : sentence,
  );
});

test("an alert whose group is suppressed is notified as soon as nothing suppresses it", async () => {
  const r = await asked({
    inhibitRules: [{ name: "", source: [equal("alertname", "R")], target: [equal("i", "1")], equal: [] }],
  });
  r.alerts.put(alertOf(r, A));
  r.alerts.put(alertOf(r, { alertname: "R" }, START + 30_000));
  expect(r.why(A)[1]).toBe('The alert {alertname="R"} inhibits it by an inhibition rule.');
  expect(last(r.why(A))).toBe("webhook[0] is not notified of it as long as it is suppressed.");
  await r.clock.advance(30_000);
  expect(last(r.why(A))).toBe(
    "webhook[0] has not been notified of it yet; the next flush is at 2026-11-20T00:01:10.000Z.",
  );
});

test.each([
  [600_000, "2026-11-20T00:11:10.000Z"],
  [60_000, "2026-11-20T00:02:10.000Z"],
  [59_999, "2026-11-20T00:01:10.000Z"],
  [1, "2026-11-20T00:01:10.000Z"],
])("a repeat after %d ms comes with the first look at the group after that", async (repeatIntervalMs, at) => {
  const r = await asked({ route: { ...ROUTE, repeatIntervalMs } });
  r.alerts.put(alertOf(r, A));
  await r.clock.advance(20_000);
  expect(last(r.why(A))).toContain(`it is notified again at ${at} (`);
  await r.clock.advance(Date.parse(at) - r.clock.now());
  expect(r.notified.map((each) => each.at * 1000 + START)).toEqual([START + 10_000, Date.parse(at)]);
});

test("the alerts of another group, receiver or number do not affect the sentences of this one", async () => {
  const r = await asked();
  r.alerts.put(alertOf(r, A));
  r.alerts.put(alertOf(r, { alertname: "B" }));
  await r.clock.advance(20_000);
  const [route] = r.about({ alertname: "A", i: "2" }).routes;
  expect([route!.group, route!.integrations[0]!.verdict, route!.integrations[0]!.notifications.length]).toEqual([
    undefined,
    "waiting",
    1,
  ]);
  expect(last(r.why({ alertname: "A", i: "2" }))).toContain("would be notified 10s (group_wait)");
});
