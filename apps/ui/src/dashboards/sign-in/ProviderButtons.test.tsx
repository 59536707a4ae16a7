import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import LoginPage from "../list/LoginPage.tsx";
import { ProviderButtons } from "./ProviderButtons.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const OAUTH = { github: { name: "GitHub" }, generic_oauth: { name: "Company" } };

const settings = (given: object): void => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(given)));
};

const buttons = (): readonly (string | null)[][] =>
  page.all<HTMLAnchorElement>("a[href^='/login/']").map((link) => [link.textContent, link.getAttribute("href")]);

test("each provider has a button that leads to its sign-in page", async () => {
  settings({ oauth: OAUTH });
  await page.draw(<LoginPage />);
  expect(buttons()).toEqual([
    ["Sign in with GitHub", "/login/github"],
    ["Sign in with Company", "/login/generic_oauth"],
  ]);
  expect(page.field("Password")).toBeDefined();
});

test("without the login form, the page has only the buttons of providers", async () => {
  settings({ oauth: OAUTH, disableLoginForm: true });
  await page.draw(<LoginPage />);
  expect([buttons().length, page.all("input").length]).toEqual([2, 0]);
});

test.each([
  ["/login", [["/login/generic_oauth"]]],
  ["/login?error=not-allowed", []],
])("at %s, the page leads to the automatic provider unless a sign-in was refused", async (address, opened) => {
  settings({ oauth: OAUTH, oauthAutoLogin: "generic_oauth" });
  const open = vi.fn<(address: string) => void>();
  await page.draw(<ProviderButtons open={open} />, address);
  expect(open.mock.calls).toEqual(opened);
});

test.each([
  ["not-allowed", "This account may not sign in: it is not in an allowed domain, group or organization."],
  ["<b>anything</b>", "The sign-in failed. Try again."],
  ["constructor", "The sign-in failed. Try again."],
])("the page shows the reason %j of a refused sign-in as a sentence", async (reason, sentence) => {
  settings({});
  await page.draw(<LoginPage />, `/login?error=${encodeURIComponent(reason)}`);
  expect(page.all("[role=alert]")[0]?.textContent).toBe(sentence);
});
