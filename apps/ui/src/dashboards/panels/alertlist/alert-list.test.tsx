import type { SourceListing } from "@narthex/dashboards";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ManagedAlert } from "../../../api/alertmanager.ts";
import type { AlertingRule } from "../../../api/rule-data.ts";
import { hostedPanel, REFRESHED } from "../../testing/hosted-panel.tsx";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import { chosenRules, labelTest } from "./chosen-rules.ts";
import { alertList } from "./index.ts";
import { evaluatedRules, managedRules } from "./listed-rules.ts";
import { alertListOptions } from "./options.ts";
import { testSource } from "../../testing/test-source.ts";

const source = (uid: string, type = "prometheus", isDefault = false): SourceListing =>
  testSource({ uid, name: `Source ${uid}`, type, isDefault });
const own = source("own");

const ago = (minutes: number): string => new Date(REFRESHED - minutes * 60_000).toISOString();

const alert = (state: "pending" | "firing", minutes: number, labels = {}, more = {}) => ({
  labels: { alertname: "x", ...labels },
  annotations: {},
  state,
  activeAt: ago(minutes),
  value: "1e+00",
  ...more,
});

const rule = (name: string, alerts: AlertingRule["alerts"], more: Partial<AlertingRule> = {}): AlertingRule => ({
  type: "alerting",
  name,
  query: "up == 0",
  health: "ok",
  evaluationTime: 0,
  lastEvaluation: ago(0),
  state: alerts?.[0]?.state ?? "inactive",
  duration: 0,
  keepFiringFor: 0,
  alerts,
  ...more,
});

const rules = [
  rule("Disk 10", [alert("pending", 30, { severity: "page", team: "a" })]),
  rule("disk 2", [alert("firing", 5, { severity: "warn" }), alert("firing", 20, { severity: "page", team: "b" })]),
  rule("Kept", [alert("firing", 60, { team: "a" }, { keepFiringSince: ago(1) })]),
  rule("Quiet", []),
  rule("Broken", [], { health: "err", lastError: "no such function" }),
];

const chosen = (options: object) =>
  chosenRules(evaluatedRules(own, [group]), readOptions(alertListOptions, options as Record<string, never>), {
    uid: "dash",
    fill: (text) => text.replaceAll("$team", "a"),
  });
const group = { name: "g", file: "f", rules, interval: 1, evaluationTime: 0, lastEvaluation: ago(0) };
const names = (options: object) => chosen(options).rules.map(({ name }) => name);

test.each([
  [{}, ["Broken", "disk 2", "Disk 10", "Kept"]],
  [{ sortOrder: 2 }, ["Kept", "Disk 10", "disk 2", "Broken"]],
  [{ sortOrder: 3 }, ["disk 2", "Broken", "Kept", "Disk 10"]],
  [{ sortOrder: 4 }, ["Kept", "Disk 10", "disk 2", "Broken"]],
  [{ sortOrder: 5 }, ["disk 2", "Disk 10", "Kept", "Broken"]],
  [{ stateFilter: { error: false, recovering: false } }, ["disk 2", "Disk 10"]],
  [{ stateFilter: { error: false, firing: false, pending: false } }, ["Kept"]],
  [{ stateFilter: { normal: true } }, ["Broken", "disk 2", "Disk 10", "Kept"]],
  [{ stateFilter: { normal: true }, showInactiveAlerts: true }, ["Broken", "disk 2", "Disk 10", "Kept", "Quiet"]],
  [{ alertName: "DISK" }, ["disk 2", "Disk 10"]],
  [{ alertInstanceLabelFilter: '{team="$team"}' }, ["Disk 10", "Kept"]],
  [{ alertInstanceLabelFilter: "severity=~pag.,team!~b|c" }, ["Disk 10"]],
  [{ dashboardAlerts: true }, []],
])("the options %j select the rules %j", (options, expected) => {
  expect(names(options)).toEqual(expected);
});

test("a label filter removes some alerts of a rule and keeps the others", () => {
  const [kept] = chosen({ alertInstanceLabelFilter: "{severity=page}", alertName: "2" }).rules;
  expect(kept?.alerts.map(({ labels }) => labels["severity"])).toEqual(["page"]);
});

test("the alerts of a dashboard are those whose rule's annotations or labels contain its uid", () => {
  const linked = rule("Linked", [alert("firing", 1)], { annotations: { __dashboardUid__: "dash" } });
  const around = { uid: "dash", fill: (text: string) => text };
  const all = evaluatedRules(own, [{ ...group, rules: [...rules, linked] }]);
  const options = readOptions(alertListOptions, { dashboardAlerts: true });
  expect(chosenRules(all, options, around).rules.map(({ name }) => name)).toEqual(["Linked"]);
});

test("label filters are parsed as matchers, and the error names an invalid one", () => {
  expect(labelTest("")({})).toBe(true);
  expect(labelTest('{none=""}')({})).toBe(true);
  expect(labelTest('a!="b"')({ a: "b" })).toBe(false);
  expect(labelTest("a=~b")({ a: "abc" })).toBe(false);
  expect(chosen({ alertInstanceLabelFilter: "what is this" }).problem).toMatch(/"what is this" is invalid/);
  expect(chosen({ alertInstanceLabelFilter: '{a=~"("}' }).problem).toMatch(/"\(", which is not a valid/);
});

const managed = (name: string): ManagedAlert => ({
  fingerprint: name,
  labels: { alertname: name },
  annotations: {},
  startsAt: ago(1),
  endsAt: ago(0),
  updatedAt: ago(0),
  receivers: [],
  status: { state: "active", silencedBy: [], inhibitedBy: [] },
});

test("alerts of an Alertmanager are listed by name, and its page shows all of them", () => {
  const listed = managedRules(source("am/1"), [managed("a"), managed("b"), managed("a")]);
  expect(listed.map(({ name, alerts }) => [name, alerts.length])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(listed[0]?.href).toBe(
    "/sources/am%2F1/alerts?silenced=true&inhibited=true&muted=true&filter=%7Balertname%3D%22a%22%7D",
  );
});

let page: DrawnPage;
const requests: string[] = [];
const acknowledgement = { createdBy: "ann", comment: "on it", createdAt: ago(0) };

beforeEach(() => {
  requests.length = 0;
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string) => {
    requests.push(url);
    if (url.includes("/api/v2/alerts"))
      return Response.json([{ ...managed("Full"), labels: { alertname: "Full", i: "1" }, acknowledgement }]);
    return url.includes("/uid/down/")
      ? Response.json({ message: "it sleeps" }, { status: 502 })
      : Response.json({ status: "success", data: { groups: [group] } });
  });
});
afterEach(() => page.close());

const text = (): string => page.all("[role=region]")[0]?.textContent ?? "";

test("every Prometheus is queried, and an error of one does not hide the alerts of the others", async () => {
  const sources = [source("a"), source("down"), source("am", "alertmanager")];
  await page.draw(hostedPanel(alertList, { maxItems: 2 }, { sources }));
  await page.until(() => expect(page.all("li")).toHaveLength(2));
  expect(requests.filter((url) => url.includes("/rules"))).toEqual(
    ["a", "down"].map((uid) => `/api/datasources/proxy/uid/${uid}/api/v1/rules?type=alert`),
  );
  expect(text()).toBe("Source down: it sleepserrorBrokenno such functionfiringdisk 2for 20m2 instancesand 2 more");
  expect(page.find("a", "disk 2").getAttribute("href")).toBe("/sources/a/alerts?search=disk+2");
  await page.click(page.find("button", "2 instances"));
  expect(page.all("ul ul li").map((line) => line.textContent)).toEqual([
    'firingseverity="page"team="b"for 20m',
    'firingseverity="warn"for 5m',
  ]);
});

test("an alert of an Alertmanager shows who has acknowledged it", async () => {
  await page.draw(hostedPanel(alertList, { datasource: "am" }, { sources: [source("am", "alertmanager")] }));
  await page.until(() => expect(page.all("li")).toHaveLength(1));
  expect(requests).toEqual(["/api/datasources/proxy/uid/am/api/v2/alerts?narthex_acknowledgements=true"]);
  await page.click(page.find("button", "1 instance"));
  expect(page.all("ul ul li").map((line) => line.textContent)).toEqual(['firingi="1"for 1macknowledged by ann: on it']);
});

const listing = (hosts: readonly string[]) => ({ sources: hosts.map((uid) => source(uid)) });
const broken = () => vi.stubGlobal("fetch", async () => Response.json({ message: "it sleeps" }, { status: 502 }));

test("a failed refresh keeps the last list, with its age", async () => {
  await page.draw(hostedPanel(alertList, { maxItems: 2 }, listing(["a"])));
  await page.until(() => expect(page.all("li")).toHaveLength(2));
  broken();
  await page.draw(hostedPanel(alertList, { maxItems: 2 }, { ...listing(["a"]), now: REFRESHED + 60_000 }));
  await page.until(() => expect(text()).toContain("Source a: it sleeps (this list is 1m old)"));
  expect(page.all("li")).toHaveLength(2);
  await page.draw(hostedPanel(alertList, { maxItems: 2 }, { ...listing(["a"]), now: REFRESHED + 120_000 }));
  await page.until(() => expect(text()).toContain("this list is 2m old"));
});

test.each([
  ["list", "Source a: it sleeps"],
  ["stat", "Source a: it sleeps–"],
])("a list that was never loaded does not read as none (%s)", async (viewMode, words) => {
  broken();
  await page.draw(hostedPanel(alertList, { viewMode }, listing(["a"])));
  await page.until(() => expect(text()).toBe(words));
});

test.each([
  [[rule("Quiet", [])], {}, "No alerts"],
  [[rule("Quiet", [])], { alertName: "x" }, "No alerts matching filters"],
  [[rule("New", [], { health: "unknown" })], {}, "The rules have not been evaluated yet"],
  [[rule("New", [], { health: "unknown" })], { viewMode: "stat" }, "–"],
  [[rule("Quiet", [])], { viewMode: "stat" }, "0"],
  [[], { viewMode: "stat" }, "0"],
])("the rules %j with the options %j read as %j", async (all, options, words) => {
  vi.stubGlobal("fetch", async () =>
    Response.json({ status: "success", data: { groups: [{ ...group, rules: all }] } }),
  );
  await page.draw(hostedPanel(alertList, options, listing(["a"])));
  await page.until(() => expect(text()).toBe(words));
});

test("a pending alert says when it would fire", async () => {
  const waiting = rule("Waiting", [alert("pending", 2)], { duration: 300 });
  vi.stubGlobal("fetch", async () =>
    Response.json({ status: "success", data: { groups: [{ ...group, rules: [waiting] }] } }),
  );
  await page.draw(hostedPanel(alertList, { showInstances: true }, listing(["a"])));
  await page.until(() => expect(text()).toMatch(/pending.*for 2m.*would fire in 3m.*would fire in 3m/));
});

test.each([
  [[], [], "Source a sends alerts to no Alertmanager. Send alerts by e-mail"],
  [[{ url: "x" }], [{ name: "r", integrations: [] }], "The receivers of the Alertmanager have no integrations."],
  [[{ url: "x" }], [{ name: "r", integrations: [{ name: "email", index: 0 }] }], ""],
  [[{ url: "x" }], [{ name: "r" }], ""],
])(
  "with the Alertmanagers %j and the receivers %j, the list says: %s",
  async (activeAlertmanagers, receivers, words) => {
    vi.stubGlobal("fetch", async (url: string) => {
      if (url.includes("/receivers")) return Response.json(receivers);
      const data = url.includes("/rules") ? { groups: [group] } : { activeAlertmanagers };
      return Response.json({ status: "success", data });
    });
    await page.draw(hostedPanel(alertList, {}, { sources: [source("a"), source("am", "alertmanager")] }));
    await page.until(() => expect(page.all("li").length).toBeGreaterThan(0));
    await page.settle();
    if (words === "") expect(text()).not.toContain("Nobody");
    else await page.until(() => expect(text()).toContain(`Nobody is notified of alerts. ${words}`));
  },
);

test("alerts are grouped by labels, or counted", async () => {
  const sources = [own];
  await page.draw(hostedPanel(alertList, { groupMode: "custom", groupBy: ["team"] }, { sources }));
  await page.until(() =>
    expect(page.all("li").map((line) => line.textContent)).toEqual([
      'team="a"for 1h2 instances',
      'team="b"for 20m1 instance',
      "No groupingfor 5m1 instance",
    ]),
  );
  await page.draw(hostedPanel(alertList, { viewMode: "stat" }, { sources }));
  await page.until(() => expect(text()).toBe("4"));
  await page.draw(hostedPanel(alertList, { alertName: "nothing" }, { sources }));
  await page.until(() => expect(text()).toBe("No alerts matching filters"));
});

test.each([
  ["gone", 'There is no data source "gone".'],
  ["store", 'The data source "Source store" has no alerts. Choose a Prometheus or an Alertmanager.'],
  ["", "There is no data source of the type Prometheus whose alerts could be listed."],
])("the alerts of the data source %j cannot be listed: %s", async (datasource, sentence) => {
  await page.draw(hostedPanel(alertList, { datasource }, { sources: [source("store", "loki", true)] }));
  await page.until(() => expect(text()).toBe(sentence));
  expect(requests).toEqual([]);
});

test("a panel whose source does not respond says for how long it has waited, and can cancel the request", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  try {
    let signal: AbortSignal | undefined;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      if (url.includes("/api/v1/rules")) signal = init.signal ?? undefined;
      return new Promise(() => undefined);
    });
    await page.draw(hostedPanel(alertList, { datasource: "Source own" }, { sources: [own] }));
    await act(async () => vi.advanceTimersByTimeAsync(14_000));
    expect(text()).toContain("Waiting for Source own, 14 s");
    await page.click(page.find("button", "Cancel"));
    expect([signal?.aborted, page.all("[role=timer]").length]).toEqual([true, 0]);
  } finally {
    vi.useRealTimers();
  }
});
