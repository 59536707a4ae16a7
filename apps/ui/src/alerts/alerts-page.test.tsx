import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alertmanagerAt } from "../api/alertmanager.ts";
import { DrawnPage } from "../testing/drawn-page.tsx";
import AlertsPage from "./AlertsPage.tsx";

let page: DrawnPage;
/** JSON answers by path. A path without an answer is refused with status 502. */
let answers: Record<string, unknown>;
let requests: string[];

/** Time of the page, epoch ms. */
const NOW = Date.UTC(2026, 0, 1);

const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

const alert = (instance: string, more = {}) => ({
  labels: { alertname: "HostDown", instance },
  annotations: { summary: `${instance} is down`, __dashboardUid__: "d1", __panelId__: "4" },
  state: "firing",
  activeAt: ago(5),
  value: "9.12345678912345e-01",
  sentLabels: [{ alertname: "HostDown", instance, cluster: "lab" }],
  ...more,
});
const managed = (fingerprint: string, instance: string, more = {}) => ({
  fingerprint,
  labels: { alertname: "HostDown", instance, cluster: "lab" },
  annotations: {},
  startsAt: ago(5),
  endsAt: ago(-5),
  updatedAt: ago(0),
  receivers: [{ name: "on-call" }],
  status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] },
  ...more,
});
const rule = {
  type: "alerting",
  name: "HostDown",
  query: "up == 0",
  health: "ok",
  state: "firing",
  duration: 600,
  keepFiringFor: 0,
  annotations: { summary: "{{ $labels.instance }} is down" },
  evaluationTime: 0,
  lastEvaluation: ago(0),
  alerts: [
    alert("a", { activeAt: ago(9) }),
    alert("b", { activeAt: ago(8) }),
    alert("c", { state: "pending", activeAt: ago(7) }),
    alert("d", { activeAt: ago(6) }),
  ],
};
const groups = (rules: readonly object[]) => ({
  status: "success",
  data: {
    groups: [{ name: "hosts", file: "hosts.yml", rules, interval: 15, evaluationTime: 0, lastEvaluation: ago(0) }],
  },
});
const record = (id: string, outcome: string, firing: readonly string[], more = {}) => ({
  id,
  at: ago(3),
  outcome,
  reason: "first notification",
  receiver: { name: "on-call" },
  integration: { name: "email", index: 0, target: "ann@example.org" },
  groupKey: "{}",
  groupLabels: {},
  alertCount: 1,
  alerts: { firing, resolved: [] },
  attemptCount: 1,
  attempts: [],
  ...more,
});
const manager = { api: alertmanagerAt("/am"), pages: "/sources/am" };
const receiver = { name: "on-call", integrations: [{ name: "email", index: 0, target: "ann@example.org" }] };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  page = new DrawnPage();
  requests = [];
  answers = {
    "/api/v1/rules": groups([rule]),
    "/api/v1/alertmanagers": {
      status: "success",
      data: { activeAlertmanagers: [{ url: "http://am:9093/api/v2/alerts" }] },
    },
    "/am/api/v2/alerts": [
      managed("1", "a", { status: { state: "suppressed", silencedBy: ["s-1"], inhibitedBy: [] } }),
      managed("2", "b", { acknowledgement: { createdBy: "ann", comment: "on it", createdAt: ago(1) } }),
    ],
    "/am/api/v2/receivers": [receiver],
    "/am/api/v2/narthex/notifications": [
      record("4", "failed", ["2"], { at: ago(2), error: "connection refused" }),
      record("3", "sent", ["2"], { integration: { name: "slack", index: 0, target: "#ops" } }),
      record("1", "sent", ["1"], { at: ago(60) }),
    ],
  };
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname, search } = new URL(url, "http://x");
    requests.push(`${pathname}${search}`);
    return pathname in answers
      ? Response.json(answers[pathname])
      : new Response("the upstream does not answer", { status: 502 });
  });
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

const draw = (address = "/alerts", place: typeof manager | undefined = manager) =>
  page.draw(<AlertsPage manager={place} />, address);
const text = (): string => document.body.textContent ?? "";
/** Returns the texts of the rows below the alerts. */
const details = (): readonly string[] => page.all("td[data-follows]").map(({ textContent }) => textContent ?? "");

test("each alert shows its texts, its silence, who was notified and when, and links to silence it", async () => {
  await draw("/alerts?search=HostDown");
  await page.until(() => expect(details()).toHaveLength(4));
  await page.until(() => expect(text()).toContain("connection refused"));
  const [first, second, fourth, third] = details();
  expect(first).toBe("summarya is downsilencedAcknowledge Why?");
  expect(second).toMatch(/^summaryb is down/);
  expect(second).toContain("acknowledged");
  expect(second).toContain("Acknowledged by ann");
  expect(second).toMatch(/on-call \(email to ann@example\.org\) could not be notified 2m ago: connection refused/);
  expect(second).toMatch(/on-call \(slack to #ops\) notified 3m ago/);
  expect(third).toBe("summaryc is down");
  expect(fourth).toContain("The Alertmanager's list does not contain this alert.");
  expect(page.find("a", "silenced").getAttribute("href")).toBe("/sources/am/silences/s-1");
  const silence = page.all("a").filter(({ textContent }) => textContent === "Silence");
  expect(silence.map((link) => new URL(link.getAttribute("href")!, "http://x").searchParams.get("filter"))).toEqual([
    '{alertname="HostDown"}',
    '{alertname="HostDown", instance="b", cluster="lab"}',
  ]);
  expect(requests).toContain("/api/v1/rules?type=alert&narthex_sent_labels=true");
});

test("groups of the same name in two files are no landmarks, whose names would have to differ", async () => {
  const { status, data } = groups([rule]);
  const [first] = data.groups;
  answers["/api/v1/rules"] = { status, data: { groups: [first, { ...first, file: "more.yml" }] } };
  await draw();
  await page.until(() => expect(page.all("[aria-label='Group hosts']")).toHaveLength(2));
  expect(page.all("section[aria-label]")).toEqual([]);
});

test("numbers are short, names of panels are hidden, and a pending alert says when it would fire", async () => {
  await draw("/alerts?search=HostDown");
  await page.until(() => expect(details()).toHaveLength(4));
  expect(text()).not.toContain("__dashboardUid__");
  const [value] = page.all("[title='9.12345678912345e-01']");
  expect(value?.textContent).toBe("0.912346");
  expect(text()).toMatch(/would fire in [23]m/);
  expect(page.find("button", /HostDown.*silenced \(1\)/).getAttribute("aria-expanded")).toBe("true");
  const template = page.all("details")[0]!;
  expect([template.hasAttribute("open"), template.textContent]).toEqual([
    false,
    "Annotations of the rulesummary{{ $labels.instance }} is down",
  ]);
});

test("the link of a notification shows the alerts of its receiver", async () => {
  await draw("/alerts?receiver=on-call");
  await page.until(() => expect(details()).toHaveLength(4));
});

test("alerts of other receivers are hidden until the user shows those of all receivers", async () => {
  await draw("/alerts?receiver=other");
  await page.until(() => expect(requests).toContain("/am/api/v2/alerts?narthex_acknowledgements=true"));
  await page.settle();
  expect(text()).toContain("Receiver other");
  expect(page.all("table")).toEqual([]);
  await page.click(page.find("button", "All receivers"));
  await page.until(() => expect(page.all("table")).toHaveLength(1));
});

test("a banner says that nobody is notified, with the reason and the instructions", async () => {
  answers["/am/api/v2/receivers"] = [{ ...receiver, integrations: [] }, { name: "unused" }];
  await draw("/alerts?search=HostDown");
  await page.until(() => expect(text()).toContain("Nobody is notified of alerts"));
  expect(text()).toContain("The receivers of the Alertmanager have no integrations.");
  expect(page.find("a", "Send alerts by e-mail").getAttribute("href")).toBe("/docs/alert-email.html");
  await page.until(() => expect(details()[1]).toContain("on-call notifies nobody: the receiver has no integrations."));
});

test.each([undefined, manager])("a server without Alertmanagers notifies nobody (%j)", async (place) => {
  answers["/api/v1/alertmanagers"] = { status: "success", data: { activeAlertmanagers: [] } };
  await draw("/alerts", place);
  await page.until(() => expect(text()).toContain("The server sends alerts to no Alertmanager."));
});

test("a server outside of a stack links to its Alertmanager and asks it nothing", async () => {
  await page.draw(<AlertsPage />, "/alerts?search=HostDown");
  await page.until(() => expect(page.find("a", "http://am:9093/")).toBeDefined());
  expect(requests.filter((path) => path.startsWith("/am"))).toEqual([]);
  expect(page.all("a").filter(({ textContent }) => textContent === "Silence")).toEqual([]);
  expect(text()).not.toContain("does not contain this alert");
});

test("without the Alertmanager's answer, an error says that silences may be missing, and no alert reads as not silenced", async () => {
  delete answers["/am/api/v2/alerts"];
  await draw("/alerts?search=HostDown");
  await page.until(() => expect(text()).toContain("The Alertmanager did not answer: silences may be missing"));
  await page.until(() => expect(details()).toHaveLength(4));
  expect(text()).not.toContain("does not contain this alert");
});

test("an Alertmanager without a history shows silences, and nothing that it does not know", async () => {
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname } = new URL(url, "http://x");
    return pathname.includes("/narthex/")
      ? Response.json({ message: "no such path" }, { status: 404 })
      : Response.json(pathname.endsWith("/receivers") ? [{ name: "on-call" }] : answers[pathname]);
  });
  await draw("/alerts?search=HostDown");
  await page.until(() => expect(details()[0]).toContain("silenced"));
  expect(text()).not.toMatch(/Why\?|Nobody|did not answer/);
});

test("the counts of states are not shown as 0 if the server does not answer", async () => {
  answers = {};
  await draw();
  await page.until(() => expect(text()).toContain("HTTP 502"));
  expect(page.all("[aria-label='Filter by state']")[0]?.textContent).toBe("inactivependingfiringunknown");
});
