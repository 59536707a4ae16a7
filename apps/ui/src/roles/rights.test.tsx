import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import AlertsPage from "../alertmanager/AlertsPage.tsx";
import NewSilencePage from "../alertmanager/NewSilencePage.tsx";
import ReceiversPage from "../alertmanager/receivers/ReceiversPage.tsx";
import SilencesPage from "../alertmanager/SilencesPage.tsx";
import { GroupsTab } from "../pushgateway/GroupsTab.tsx";
import EditRulesPage from "../rules/edit/EditRulesPage.tsx";
import ActiveQueriesPage from "../status/ActiveQueriesPage.tsx";
import FlagsPage from "../status/FlagsPage.tsx";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { editorSettings, KnownViewer, viewerSettings } from "../testing/known-viewer.tsx";

let page: DrawnPage;
let settings: object;
let requests: string[];

const soon = new Date(Date.now() + 3_600_000).toISOString();
const silence = {
  id: "s",
  status: { state: "active" },
  matchers: [{ name: "a", value: "b", isRegex: false }],
  startsAt: "2026-01-01T00:00:00Z",
  endsAt: soon,
  updatedAt: "2026-01-01T00:00:00Z",
  createdBy: "ann",
  comment: "on it",
};
const alert = {
  fingerprint: "1",
  labels: { alertname: "A" },
  annotations: {},
  startsAt: "2026-01-01T00:00:00Z",
  endsAt: soon,
  updatedAt: soon,
  receivers: [{ name: "r" }],
  status: { state: "active", silencedBy: [], inhibitedBy: [] },
};
const success = (data: unknown): object => ({ status: "success", data });
const answers: Readonly<Record<string, unknown>> = {
  "/api/v2/silences": [silence],
  "/api/v2/alerts": [],
  "/api/v2/alerts/groups": [{ labels: { alertname: "A" }, receiver: { name: "r" }, alerts: [alert] }],
  "/api/v2/receivers": [],
  "/api/v1/metrics": success([{ labels: { job: "j" }, last_push_successful: true }]),
  "/api/v1/status": success({ flags: {}, build_information: {}, start_time: soon }),
  "/api/v1/narthex/queries": success({
    queries: [{ id: "1", query: "up", kind: "query", lane: "x", state: "running", duration: 1, samples: 0, bytes: 0 }],
  }),
};

beforeEach(() => {
  page = new DrawnPage();
  requests = [];
  // Fields that grow with their text wait for fonts, which the simulated page does not have.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname } = new URL(url, "http://x");
    requests.push(pathname);
    if (pathname === "/api/frontend/settings") return Response.json(settings);
    // Only administrators may read the flags.
    if (pathname.endsWith("/flags")) return Response.json({ message: "no" }, { status: 403 });
    if (pathname.endsWith("/stored-rules")) return Response.json(success({ namespaces: [] }));
    return Response.json(answers[pathname] ?? {});
  });
});
afterEach(async () => {
  await page.close();
  Reflect.deleteProperty(document, "fonts");
});

async function draw(node: ReactNode, user: object, address = "/"): Promise<void> {
  settings = user;
  await page.draw(<KnownViewer />, address);
  await page.settle();
  await page.draw(
    <>
      <KnownViewer />
      {node}
    </>,
    address,
  );
}
const REASON = "Ask an administrator for the role of an editor";
const isDisabled = (name: string): boolean => page.find<HTMLButtonElement>("button", name).disabled;
const text = (): string => document.body.textContent ?? "";

test("a viewer gets no form for a silence, and the reason", async () => {
  await draw(<NewSilencePage />, viewerSettings);
  expect(page.all("form")).toEqual([]);
  expect(text()).toContain("You may not create silencesAsk an administrator for the role of an editor.");
});

test("a visitor is asked to sign in", async () => {
  await draw(<NewSilencePage />, { user: { isSignedIn: false, orgRole: "Viewer" } });
  expect(text()).toContain("Sign in, or ask an administrator for the role of an editor.");
});

test("the creator of a silence and of an acknowledgement is the signed-in user", async () => {
  localStorage.setItem("defaultCreator", JSON.stringify("somebody else"));
  await draw(<NewSilencePage />, editorSettings, "/?filter=%7Ba%3D%22b%22%7D");
  await page.until(() => expect(page.all("form")).toHaveLength(1));
  expect(page.all<HTMLInputElement>("input").map(({ value }) => value)).toContain("eddie");
  await draw(<AlertsPage />, editorSettings);
  await page.until(() => page.find("button", "Acknowledge"));
  await page.click(page.find("button", "Acknowledge"));
  await page.until(() => expect(page.all<HTMLInputElement>("input").map(({ value }) => value)).toContain("eddie"));
});

test.each([
  ["Expire", <SilencesPage key="" />],
  ["Extend", <SilencesPage key="" />],
  ["New silence", <SilencesPage key="" />],
  ["Silence", <AlertsPage key="" />],
  ["Acknowledge", <AlertsPage key="" />],
  ["Delete Group", <GroupsTab key="" />],
  ["New group", <EditRulesPage key="" />],
  ["Cancel", <ActiveQueriesPage key="" />],
])("the button %s is disabled for a viewer", async (name, node) => {
  await draw(node, viewerSettings);
  await page.until(() => expect(isDisabled(name)).toBe(true));
  expect(page.find("button", name).nextElementSibling?.textContent).toBe(REASON);
});

test("only an administrator may add a receiver, and others do not request the file", async () => {
  await draw(<ReceiversPage />, editorSettings);
  await page.until(() => expect(isDisabled("Add receiver")).toBe(true));
  expect(text()).toContain("Only administrators may do this");
  expect(requests).not.toContain("/api/v2/narthex/receiver-setup");
});

test("an editor may do all of it", async () => {
  await draw(<SilencesPage />, editorSettings);
  await page.until(() => expect([isDisabled("Expire"), isDisabled("Extend")]).toEqual([false, false]));
  expect(page.find("a", "New silence").getAttribute("href")).toContain("/silences/new");
  expect(text()).not.toContain(REASON);
});

test("an editor may cancel a query, although only administrators may read the flags", async () => {
  await draw(<ActiveQueriesPage />, editorSettings);
  await page.until(() => expect(isDisabled("Cancel")).toBe(false));
});

test("the flags are explained to users who may not see them", async () => {
  await draw(<FlagsPage />, editorSettings);
  await page.until(() => expect(text()).toContain("Only administrators may see the flags"));
});
