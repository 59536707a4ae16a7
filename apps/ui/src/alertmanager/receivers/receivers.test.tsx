import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { notifiesNobody } from "../../api/alertmanager.ts";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import NotificationsPage from "../NotificationsPage.tsx";
import ReceiversPage from "./ReceiversPage.tsx";
import { mayRequestSetup } from "./setup-query.ts";

let page: DrawnPage;
let receivers: readonly object[];
let tests: string[];

const email = { name: "email", index: 0, target: "ann@example.org" };

beforeEach(() => {
  page = new DrawnPage();
  tests = [];
  receivers = [{ name: "on call", integrations: [email] }, { name: "quiet", integrations: [] }, { name: "unused" }];
  vi.stubGlobal("fetch", async (url: string, { method }: RequestInit) => {
    if (url.endsWith("/receiver-setup")) return Response.json("no such page", { status: 404 });
    if (method === "POST") {
      tests.push(url);
      const results = [{ integration: { name: "email", index: 0 }, outcome: "rejected", reason: "no such user" }];
      return Response.json({ receiver: "on call", results });
    }
    return Response.json(url.includes("receivers") ? receivers : []);
  });
});
afterEach(() => page.close());

const text = (): string => document.body.textContent ?? "";

test.each([
  [[], false],
  [[{ name: "a" }], false],
  [[{ name: "a", integrations: [] }, { name: "b" }], true],
  [
    [
      { name: "a", integrations: [] },
      { name: "b", integrations: [email] },
    ],
    false,
  ],
])("notifiesNobody(%j) is %s", (all, expected) => expect(notifiesNobody(all)).toBe(expected));

test.each([
  ["a page on the program's own address", null, true],
  ["a user who is not known yet", undefined, false],
  ["an editor", { isOrgAdmin: false }, false],
  ["an administrator", { isOrgAdmin: true }, true],
])("the file is requested only if the server would answer: %s", (_, viewer, expected) =>
  expect(mayRequestSetup(viewer)).toBe(expected),
);

test("a receiver shows whom it notifies, and sends a test", async () => {
  await page.draw(<ReceiversPage />);
  await page.until(() => expect(text()).toContain("email to ann@example.org"));
  expect(text()).toContain("It notifies nobody: the receiver has no integrations.");
  expect(text()).toContain("No route names this receiver.");
  await page.click(page.find("button", "Send a test to on call"));
  await page.until(() => expect(text()).toContain("email to ann@example.org: not sent: no such user"));
  expect(tests).toEqual(["/api/v2/narthex/receivers/on%20call/test"]);
});

test("the original Alertmanager has no button for a test", async () => {
  receivers = [{ name: "a" }];
  await page.draw(<ReceiversPage />);
  await page.until(() => expect(page.all("section")[0]?.textContent).toBe("a"));
  await page.until(() => expect(page.all("button")).toEqual([]));
});

test("the notifications page says that nobody is notified", async () => {
  receivers = [{ name: "a", integrations: [] }];
  await page.draw(<NotificationsPage />, "/notifications");
  await page.until(() => expect(text()).toContain("Nobody is notified of alerts"));
  expect(text()).toContain("Send alerts by e-mail or send alerts to Slack.");
});
