import type { Delivery } from "@narthex/notification";
import { expect, test } from "vitest";
import { type ApiRigOptions, apiRig } from "../testing/api-rig.ts";
import { equal, ROUTE } from "../testing/rig.ts";

const failing: Delivery = { kind: "retry", reason: "boom", failure: "serverError" };
const OPTIONS: ApiRigOptions = {
  route: { ...ROUTE, routes: [{ ...ROUTE, receiver: "other", groupWaitMs: 20_000, matchers: [equal("to", "other")] }] },
};

/**
 * Returns an API with the notifications of two alerts. Alert A is sent to the receiver "all", and the second attempt
 * succeeds. Alert B is sent to the receiver "other" ten seconds later, and the first attempt fails.
 */
async function api(outcomes: Delivery[] = [failing, { kind: "sent" }, failing]) {
  const r = await apiRig({ ...OPTIONS, outcomes, tookMs: [1500] });
  await r.post("/alerts", [{ labels: { alertname: "A", i: "1" } }, { labels: { alertname: "B", to: "other" } }]);
  await r.clock.advance(20_000);
  return r;
}

const TOLD = {
  id: expect.stringMatching(/^01795132810000-[0-9a-f]{6}-1$/),
  at: "2026-11-20T00:00:10.000Z",
  endedAt: "2026-11-20T00:00:11.500Z",
  outcome: "sent",
  reason: "first notification",
  receiver: { name: "all" },
  integration: { name: "webhook", index: 0 },
  groupKey: '{}:{alertname="A"}',
  groupLabels: { alertname: "A" },
  alertCount: 1,
  alerts: { firing: ["caaaffbd9ccf039f"], resolved: [] },
  attemptCount: 2,
  attempts: [
    {
      at: "2026-11-20T00:00:10.000Z",
      durationSeconds: 1.5,
      outcome: "retry",
      reason: "boom",
      failure: "serverError",
    },
    { at: "2026-11-20T00:00:11.500Z", durationSeconds: 0, outcome: "sent" },
  ],
};

test("notifications are listed with all their attempts, the latest first", async () => {
  const r = await api();
  const [status, listed] = await r.get("/narthex/notifications");
  expect([status, listed]).toMatchObject([
    200,
    [
      {
        outcome: "sending",
        receiver: { name: "other" },
        attempts: [{ outcome: "retry" }],
        nextAttemptAt: expect.stringMatching(/^2026-11-20T00:00:20\.\d{3}Z$/),
      },
      {},
    ],
  ]);
  expect((listed as unknown[])[1]).toEqual(TOLD);
  expect(Object.hasOwn((listed as object[])[0]!, "endedAt")).toBe(false);
});

test("a notification that is refused is listed with the reason", async () => {
  const r = await api([{ kind: "rejected", reason: "no", failure: "clientError" }]);
  expect(await r.get("/narthex/notifications?outcome=failed")).toMatchObject([
    200,
    [{ outcome: "failed", error: expect.stringContaining("no"), receiver: { name: "all" } }],
  ]);
});

test.each([
  ["", ["B", "A"]],
  ["?receiver=other", ["B"]],
  ["?receiver=none", []],
  ["?integration=webhook", ["B", "A"]],
  ["?integration=email", []],
  ["?outcome=sent", ["A"]],
  ["?outcome=sending", ["B"]],
  [`?groupKey=${encodeURIComponent('{}:{alertname="A"}')}`, ["A"]],
  ["?fingerprint=caaaffbd9ccf039f", ["A"]],
  ["?fingerprint=0", []],
  ["?limit=1", ["B"]],
  ["?since=2026-11-20T00:00:20Z", ["B"]],
  ["?since=2026-11-20T00:00:20.001Z", []],
  ["?until=2026-11-20T00:00:10Z", ["A"]],
  ["?until=2026-11-20T00:00:09.999Z", []],
  ["?filter=alertname=B", ["B"]],
  ["?filter=i=1", ["A"]],
  ["?filter=to=other&filter=alertname=A", []],
])("GET /narthex/notifications%s lists %j", async (query, names) => {
  const r = await api();
  const [, listed] = (await r.get(`/narthex/notifications${query}`)) as [
    number,
    { groupLabels: { alertname: string } }[],
  ];
  expect(listed.map(({ groupLabels }) => groupLabels.alertname)).toEqual(names);
});

test("a filter finds notifications of alerts that only the history knows, and of ends", async () => {
  const r = await api();
  await r.post("/alerts", [{ labels: { alertname: "A", i: "1" }, endsAt: "2026-11-20T00:00:20Z" }]);
  await r.clock.advance(60_000);
  r.alerts.collect(r.clock.now());
  const [, listed] = (await r.get("/narthex/notifications?filter=i=1")) as [number, { alerts: object }[]];
  expect(listed.map(({ alerts }) => alerts)).toEqual([
    { firing: [], resolved: ["caaaffbd9ccf039f"] },
    { firing: ["caaaffbd9ccf039f"], resolved: [] },
  ]);
  expect(await r.get("/narthex/notifications?fingerprint=caaaffbd9ccf039f&limit=1")).toMatchObject([
    200,
    [{ alerts: { resolved: ["caaaffbd9ccf039f"] } }],
  ]);
});

test.each([
  ["outcome=x", 400, "failed to parse outcome param: write one of failed, interrupted, sending, sent"],
  ["since=x", 400, "failed to parse since param: write a time such as 2026-11-20T06:00:00Z"],
  ["until=0001-01-01T00:00:00Z", 400, "failed to parse until param: write a time such as 2026-11-20T06:00:00Z"],
  ["filter=x", 400, "bad matcher format: x"],
  ["limit=0", 422, { code: 601, message: 'limit in query must be of type int64: "0"' }],
  ["limit=1000000", 422, { code: 601, message: 'limit in query must be of type int64: "1000000"' }],
])("GET /narthex/notifications?%s is refused", async (query, status, message) => {
  const r = await apiRig();
  expect(await r.get(`/narthex/notifications?${query}`)).toEqual([status, message]);
});

test("an alert's history shows its labels, events and notifications, also after the alert is forgotten", async () => {
  const r = await api();
  const path = "/narthex/alerts/caaaffbd9ccf039f/history";
  const labels = { alertname: "A", i: "1" };
  const events = [{ at: "2026-11-20T00:00:00.000Z", event: "fired" }];
  const shown = { fingerprint: "caaaffbd9ccf039f", labels, events, notifications: [TOLD] };
  expect(await r.get(path)).toEqual([200, shown]);
  r.alerts.collect(Infinity);
  expect(await r.get(path)).toEqual([200, shown]);
  expect(await r.call("GET", "/narthex/alerts/0/history")).toMatchObject({ status: 404, text: "" });
});

test("an alert's history says in which group it was suppressed, and by what", async () => {
  const r = await apiRig();
  const id = await r.silences.set({
    id: "",
    matchers: [equal("alertname", "A")],
    startsAt: r.clock.now(),
    endsAt: r.clock.now() + 15_000,
    createdBy: "me",
    comment: "c",
    annotations: {},
  });
  await r.post("/alerts", [{ labels: { alertname: "A", i: "1" } }]);
  await r.clock.advance(70_000);
  const groupKey = '{}:{alertname="A"}';
  expect(await r.get("/narthex/alerts/caaaffbd9ccf039f/history")).toMatchObject([
    200,
    {
      events: [
        { at: "2026-11-20T00:01:10.000Z", event: "released", groupKey },
        { at: "2026-11-20T00:00:10.000Z", event: "silence", by: [id], groupKey },
        { at: "2026-11-20T00:00:00.000Z", event: "fired" },
      ],
    },
  ]);
});

test("an alert that only a notification mentions has a history without labels", async () => {
  const r = await api();
  const { notificationHistory } = r;
  const other = await apiRig({ features: { notificationHistory } });
  expect(await other.get("/narthex/alerts/caaaffbd9ccf039f/history")).toEqual([
    200,
    { fingerprint: "caaaffbd9ccf039f", labels: {}, events: [], notifications: [TOLD] },
  ]);
});
