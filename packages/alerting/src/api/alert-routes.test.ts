import { expect, test } from "vitest";
import { type ApiRigOptions, apiRig } from "../testing/api-rig.ts";
import { equal, ROUTE, readings } from "../testing/rig.ts";

const OPTIONS: ApiRigOptions = {
  route: {
    ...ROUTE,
    routes: [
      {
        ...ROUTE,
        receiver: "other",
        matchers: [equal("to", "other")],
        labels: new Map([["tier", "<1>"]]),
        continues: true,
        muteTimeIntervals: ["night"],
      },
      { ...ROUTE, receiver: "all", matchers: [equal("to", "other")] },
    ],
  },
  inhibitRules: [{ name: "", source: [equal("alertname", "Root")], target: [equal("alertname", "Leaf")], equal: [] }],
  intervals: [
    {
      name: "night",
      spans: [{ times: [{ from: 0, to: 60 }], weekdays: [], daysOfMonth: [], months: [], years: [], location: "" }],
    },
  ],
};

const ROOT = { labels: { alertname: "Root", i: "1" }, generatorURL: "http://x/<&>", annotations: { s: "<&>", no: "" } };
const SILENCE = {
  matchers: [{ name: "alertname", value: "Quiet", isRegex: false }],
  startsAt: "2026-11-20T00:00:00Z",
  endsAt: "2026-11-21T00:00:00Z",
  createdBy: "me",
  comment: "c",
};

/**
 * Returns an API with an alert in each state. The alert Root is active, Root inhibits the alert Leaf, a silence
 * suppresses Quiet, and a time interval mutes Late.
 */
async function api() {
  const r = await apiRig(OPTIONS);
  const leaf = { labels: { alertname: "Leaf" }, startsAt: "2026-11-19T23:00:00Z", endsAt: "2026-11-20T00:00:20Z" };
  const quiet = { labels: { alertname: "Quiet", job: "b" } };
  const late = { labels: { alertname: "Late", to: "other" } };
  const old = { labels: { alertname: "Old" }, endsAt: "2026-11-19T23:00:00Z" };
  expect(await r.post("/alerts", [quiet, leaf, late, ROOT, old])).toEqual([200, undefined]);
  const [, { silenceID }] = (await r.post("/silences", SILENCE)) as [number, { silenceID: string }];
  await r.clock.advance(20_000);
  return { ...r, silenceID };
}

interface Listed {
  readonly labels: { readonly alertname: string };
  readonly status: { readonly state: string };
  readonly receivers: readonly { readonly name: string }[];
}

const lineOf = ({ labels, status, receivers }: Listed): string =>
  `${labels.alertname} ${status.state} ${receivers.map(({ name }) => name).join()}`;

test("an alert is listed with all its fields, in Alertmanager's order and escapes", async () => {
  const r = await api();
  const { text, headers } = await r.call("GET", "/alerts?filter=i=1");
  expect(text).toBe(
    '[{"annotations":{"no":"","s":"\\u003c\\u0026\\u003e"},"endsAt":"2026-11-20T00:05:00.000Z",' +
      '"fingerprint":"4db72d59dd280534","receivers":[{"name":"all"}],"startsAt":"2026-11-20T00:00:00.000Z",' +
      '"status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"},' +
      '"updatedAt":"2026-11-20T00:00:00.000Z","generatorURL":"http://x/\\u003c\\u0026\\u003e",' +
      '"labels":{"alertname":"Root","i":"1"}}]\n',
  );
  expect(headers["content-type"]).toBe("application/json");
  const [, found] = await r.get("/alerts?filter=alertname=~%22Leaf|Quiet%22");
  expect(found).toMatchObject([
    { status: { inhibitedBy: [], silencedBy: [r.silenceID], state: "suppressed" } },
    { status: { inhibitedBy: ["4db72d59dd280534"], silencedBy: [], state: "suppressed" } },
  ]);
  expect(Object.hasOwn((found as object[])[0]!, "generatorURL")).toBe(false);
});

test.each([
  ["", ["Root active all", "Late active other,all", "Leaf suppressed all", "Quiet suppressed all"]],
  ["?active=false", ["Leaf suppressed all", "Quiet suppressed all"]],
  ["?silenced=false", ["Root active all", "Late active other,all", "Leaf suppressed all"]],
  ["?inhibited=no", ["Root active all", "Late active other,all", "Quiet suppressed all"]],
  ["?filter=alertname!=Root&filter=to=", ["Leaf suppressed all", "Quiet suppressed all"]],
  ["?receiver=oth.r", ["Late active other,all"]],
  ["?receiver=all&receiver=oth", []],
  ["?receiver_matchers=team=a&silenced=0", ["Root active all", "Late active other,all", "Leaf suppressed all"]],
  ["?receiver_matchers=team!=a", ["Late active other,all"]],
])("GET /alerts%s lists %j", async (query, lines) => {
  const r = await api();
  const [status, found] = (await r.get(`/alerts${query}`)) as [number, readonly Listed[]];
  expect([status, found.map(lineOf).sort()]).toEqual([200, lines.toSorted()]);
});

test("alerts are listed by fingerprint until their end has passed", async () => {
  const r = await api();
  const fingerprints = async (): Promise<readonly string[]> =>
    ((await r.get("/alerts")) as [number, { fingerprint: string }[]])[1].map(({ fingerprint }) => fingerprint);
  const before = await fingerprints();
  expect(before).toEqual(before.toSorted());
  await r.clock.advance(1);
  expect((await fingerprints()).length).toBe(before.length - 1);
});

test.each(["/alerts", "/alerts/groups", "/receivers", "/silences"])(
  "GET %s refuses faulty parameters",
  async (path) => {
    const r = await apiRig();
    const messages: Readonly<Record<string, string>> = {
      "filter=x": "bad matcher format: x",
      "receiver_matchers=x": "failed to parse receiver_matchers param: bad matcher format: x",
      "receiver=(": "failed to parse receiver param: error parsing regexp: missing closing ): `^(?:()$`",
    };
    const taken: Readonly<Record<string, readonly string[]>> = {
      "/receivers": ["receiver_matchers=x"],
      "/silences": ["filter=x"],
    };
    for (const query of taken[path] ?? Object.keys(messages))
      expect(await r.get(`${path}?${query}`)).toEqual([400, messages[query]]);
  },
);

test("a group is listed with its alerts, route labels and receiver", async () => {
  const r = await api();
  const { text } = await r.call("GET", "/alerts/groups?receiver=other");
  expect(text).toBe(
    '[{"alerts":[{"annotations":{},"endsAt":"2026-11-20T00:05:00.000Z","fingerprint":"b4ff90b6aa1b4229",' +
      '"receivers":[{"name":"other"}],"startsAt":"2026-11-20T00:00:00.000Z",' +
      '"status":{"inhibitedBy":[],"mutedBy":["night"],"silencedBy":[],"state":"suppressed"},' +
      '"updatedAt":"2026-11-20T00:00:00.000Z","labels":{"alertname":"Late","to":"other"}}],' +
      '"labels":{"alertname":"Late"},"receiver":{"name":"other"},"routeLabels":{"tier":"<1>"}}]\n',
  );
});

test.each([
  ["", ["all: Late", "other: Late", "all: Leaf", "all: Quiet", "all: Root"]],
  ["?muted=false", ["all: Late", "all: Leaf", "all: Quiet", "all: Root"]],
  ["?active=false", ["all: Leaf", "all: Quiet"]],
  ["?silenced=false&inhibited=false&receiver=all", ["all: Late", "all: Root"]],
  ["?filter=job=b", ["all: Quiet"]],
])("GET /alerts/groups%s lists %j", async (query, lines) => {
  const r = await api();
  const [, found] = (await r.get(`/alerts/groups${query}`)) as [
    number,
    readonly { readonly receiver: { readonly name: string }; readonly alerts: readonly Listed[] }[],
  ];
  const names = (alerts: readonly Listed[]): string => alerts.map(({ labels }) => labels.alertname).join();
  expect(found.map(({ receiver, alerts }) => `${receiver.name}: ${names(alerts)}`)).toEqual(lines);
});

test.each([
  [
    "",
    [
      { labels: { team: "a" }, name: "all" },
      { labels: {}, name: "other" },
    ],
  ],
  ["?receiver_matchers=team=a", [{ labels: { team: "a" }, name: "all" }]],
])("GET /receivers%s lists %j", async (query, receivers) => {
  const r = await apiRig();
  expect(await r.get(`/receivers${query}`)).toEqual([200, receivers]);
});

test("on request, GET /receivers lists the integrations of the receivers that are in use", async () => {
  const r = await apiRig();
  expect(await r.get("/receivers?narthex_integrations=true")).toEqual([
    200,
    [
      { labels: { team: "a" }, name: "all", integrations: [{ name: "webhook", index: 0 }] },
      { labels: {}, name: "other" },
    ],
  ]);
});

test("each alert of a request is accepted or refused separately, and refused ones are named and counted", async () => {
  const r = await apiRig();
  const bad = (labels: object, more: object = {}): object => ({ labels, ...more });
  const [from, to] = ["2026-11-20T00:00:01Z", "2026-11-20T00:00:00Z"];
  const posted = [
    bad({ a: "1" }, { startsAt: from, endsAt: to }),
    bad({ a: "", b: "" }),
    bad({ "": "x" }),
    bad({ a: "1" }, { annotations: { "": "x" } }),
    { labels: { a: "1" }, startsAt: to, endsAt: from },
    { labels: { a: "2" }, endsAt: to },
  ];
  expect(await r.post("/alerts", posted)).toEqual([
    400,
    [
      "start time must be before end time",
      "at least one label pair required",
      'invalid label set: invalid name ""',
      'invalid annotations: invalid name ""',
    ].join("\n"),
  ]);
  const known = r.alerts
    .all()
    .map(({ labels, startsAt, endsAt, timeout }) => [labels.get("a"), endsAt - startsAt, timeout]);
  expect(known).toEqual([
    ["1", 1000, false],
    ["2", 0, false],
  ]);
  expect(await readings(r.selfMetrics, "alertmanager_alerts_received_total")).toEqual([
    " firing v2: 4",
    " resolved v2: 2",
  ]);
  expect(await readings(r.selfMetrics, "alertmanager_alerts_invalid_total")).toEqual([" v2: 4"]);
});

test("an alert without times begins now and ends after the resolve timeout; classic mode accepts classic names only", async () => {
  const r = await apiRig({ context: { mode: "classic" } });
  expect(await r.post("/alerts", [{ labels: { a: "1" } }, { labels: { "a.b": "1" } }])).toEqual([
    400,
    'invalid label set: invalid name "a.b"',
  ]);
  const now = r.clock.now();
  expect(r.alerts.all()).toMatchObject([{ startsAt: now, endsAt: now + 300_000, updatedAt: now, timeout: true }]);
});

test("a request with alerts is answered when they are on disk", async () => {
  const written = Promise.withResolvers<void>();
  const r = await apiRig({ features: { alertsWritten: () => written.promise } });
  let isAnswered = false;
  const answer = r.post("/alerts", [{ labels: { a: "1" } }]).then((got) => {
    isAnswered = true;
    return got;
  });
  while (r.alerts.size === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isAnswered).toBe(false);
  written.resolve();
  expect(await answer).toEqual([200, undefined]);
});
