import { expect, test } from "vitest";
import { type ApiRigOptions, apiRig } from "../testing/api-rig.ts";
import { equal, ROUTE } from "../testing/rig.ts";

const OPTIONS: ApiRigOptions = {
  route: {
    ...ROUTE,
    routes: [
      { ...ROUTE, receiver: "other", matchers: [equal("to", "other")] },
      { ...ROUTE, receiver: "other", matchers: [equal("to", "night")], muteTimeIntervals: ["night"] },
      { ...ROUTE, receiver: "other", matchers: [equal("to", "day")], activeTimeIntervals: ["day"] },
    ],
  },
  inhibitRules: [
    { name: "r", source: [equal("alertname", "Root")], target: [equal("alertname", "Leaf")], equal: ["dc"] },
  ],
  intervals: ["night", "day"].map((name, i) => ({
    name,
    spans: [
      {
        times: [{ from: i * 60, to: 60 + i * 60 }],
        weekdays: [],
        daysOfMonth: [],
        months: [],
        years: [],
        location: "",
      },
    ],
  })),
};

const refused = (to: string): object => ({
  route: `{}/{to="${to}"}`,
  receiver: { name: "other" },
  verdict: "refused",
  failedMatcher: `to="${to}"`,
  value: "",
  continue: false,
  routes: [],
});

test("everything that decides whether an alert is notified is shown, with its last notifications", async () => {
  const r = await apiRig(OPTIONS);
  await r.post("/alerts", [
    { labels: { alertname: "Root", i: "1" }, startsAt: "2026-11-20T00:00:00Z", endsAt: "2026-11-20T09:00:00Z" },
  ]);
  await r.clock.advance(6 * 660_000 + 10_000);
  const shown = {
    fingerprint: "4db72d59dd280534",
    labels: { alertname: "Root", i: "1" },
    known: true,
    state: "active",
    startsAt: "2026-11-20T00:00:00.000Z",
    endsAt: "2026-11-20T09:00:00.000Z",
    sentences: expect.arrayContaining([expect.stringContaining("It fires since 2026-11-20T00:00:00.000Z")]),
    refusals: ["other", "night", "day"].map(
      (to) => `Route {}/{to="${to}"} does not take it: there is no label to, and the matcher is to="${to}".`,
    ),
    silencedBy: [],
    routing: {
      route: "{}",
      receiver: { name: "all" },
      verdict: "taken",
      continue: false,
      routes: ["other", "night", "day"].map(refused),
    },
    routes: [
      {
        route: "{}",
        receiver: { name: "all" },
        groupKey: '{}:{alertname="Root"}',
        groupLabels: { alertname: "Root" },
        groupWaitSeconds: 10,
        groupIntervalSeconds: 60,
        repeatIntervalSeconds: 600,
        nextFlushAt: "2026-11-20T01:07:10.000Z",
        mutedBy: [],
        active: true,
        integrations: [
          {
            name: "webhook",
            index: 0,
            sendResolved: true,
            verdict: "told",
            lastToldAt: "2026-11-20T01:06:10.000Z",
            repeatDueAt: "2026-11-20T01:17:10.000Z",
            notifications: Array.from({ length: 5 }, () => expect.objectContaining({ outcome: "sent" })),
          },
        ],
      },
    ],
  };
  expect(await r.get("/narthex/alerts/why")).toEqual([200, [shown]]);
  expect(await r.get("/narthex/alerts/4db72d59dd280534/why")).toEqual([200, shown]);
  expect(await r.post("/narthex/alerts/why", { labels: shown.labels })).toEqual([200, shown]);
});

test("labels of an alert that does not exist are routed, too", async () => {
  const r = await apiRig(OPTIONS);
  const [, shown] = await r.post("/narthex/alerts/why", { labels: { alertname: "A", to: "other" } });
  expect(shown).toMatchObject({
    known: false,
    state: "unknown",
    routes: [{ receiver: { name: "other" }, integrations: [] }],
  });
  expect(Object.keys(shown as object)).not.toContain("startsAt");
  expect(Object.keys((shown as { routes: object[] }).routes[0]!)).not.toContain("nextFlushAt");
});

test("an alert that only the history knows is explained by its fingerprint, an unknown one is not", async () => {
  const r = await apiRig(OPTIONS);
  await r.post("/alerts", [{ labels: { alertname: "Root", i: "1" } }]);
  r.alerts.collect(Infinity);
  expect(await r.get("/narthex/alerts/4db72d59dd280534/why")).toMatchObject([200, { known: false, state: "unknown" }]);
  expect(await r.call("GET", "/narthex/alerts/0/why")).toMatchObject({ status: 404, text: "" });
});

test.each([
  [{ alertname: "A" }, {}, "active"],
  [{ alertname: "A" }, { endsAt: "2026-11-20T00:00:00Z" }, "resolved"],
  [{ alertname: "Leaf" }, {}, "suppressed"],
  [{ alertname: "Leaf", dc: "1" }, {}, "active"],
  [{ alertname: "Quiet" }, {}, "suppressed"],
  [{ alertname: "A", to: "night" }, {}, "suppressed"],
  [{ alertname: "A", to: "day" }, {}, "suppressed"],
])("the state of %j with %j is %s", async (labels, times, state) => {
  const r = await apiRig(OPTIONS);
  const silence = {
    id: "",
    matchers: [equal("alertname", "Quiet")],
    startsAt: r.clock.now(),
    endsAt: r.clock.now() + 60_000,
    createdBy: "me",
    comment: "c",
    annotations: {},
  };
  const id = await r.silences.set(silence);
  await r.post("/alerts", [{ labels, ...times }, { labels: { alertname: "Root" } }]);
  const [, shown] = await r.post("/narthex/alerts/why", { labels });
  const inhibitedBy = { fingerprint: expect.any(String), labels: { alertname: "Root" }, rule: "r", equal: ["dc"] };
  const isInhibited = labels.alertname === "Leaf" && state === "suppressed";
  const silencedBy = [{ id, createdBy: "me", comment: "c", endsAt: "2026-11-20T00:01:00.000Z" }];
  expect(shown).toMatchObject({ state, silencedBy: labels.alertname === "Quiet" ? silencedBy : [] });
  expect((shown as { inhibitedBy?: object }).inhibitedBy).toEqual(isInhibited ? inhibitedBy : undefined);
});

test("if there are many alerts the first hundred by fingerprint are explained", async () => {
  const r = await apiRig();
  await r.post(
    "/alerts",
    Array.from({ length: 120 }, (_, i) => ({ labels: { alertname: i < 105 ? "A" : "B", i: String(i) } })),
  );
  const [, shown] = (await r.get("/narthex/alerts/why?filter=alertname=A")) as [number, { fingerprint: string }[]];
  const all = r.alerts.all().filter(({ labels }) => labels.get("alertname") === "A");
  const prints = all.map(({ fingerprint }) => fingerprint).sort();
  expect(shown.map(({ fingerprint }) => fingerprint)).toEqual(prints.slice(0, 100));
});

test.each([
  [{}, 422, { code: 602, message: "labels in body is required" }],
  [{ labels: [] }, 422, { code: 601, message: "labels in body must be an object of strings" }],
])("POST /narthex/alerts/why of %j is refused", async (body, status, message) => {
  const r = await apiRig();
  expect(await r.post("/narthex/alerts/why", body)).toEqual([status, message]);
});
