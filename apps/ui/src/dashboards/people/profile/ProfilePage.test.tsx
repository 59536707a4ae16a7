import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import ProfilePage from "./ProfilePage.tsx";

let page: DrawnPage;
let isSignedIn: boolean;
const changes: string[] = [];

const session = (id: number, isActive: boolean, browser: string, os: string): object => ({
  id,
  isActive,
  browser,
  browserVersion: "1",
  os,
  clientIp: "10.0.0.1",
  createdAt: "2026-01-01T00:00:00Z",
  seenAt: "2026-01-01T00:00:00Z",
});

beforeEach(() => {
  changes.length = 0;
  isSignedIn = true;
  page = new DrawnPage();
  const answers: Readonly<Record<string, unknown>> = {
    "/api/user": { id: 2, login: "eve", name: "Eve", email: "eve@example.com", authLabels: ["LDAP"] },
    "/api/user/preferences": { homeDashboardUID: "" },
    "/api/user/auth-tokens": [session(1, true, "Firefox", "Linux"), session(2, false, "Chrome", "Windows")],
    "/api/user/teams": [{ id: 1, uid: "t", name: "Operations", memberCount: 1 }],
  };
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body = "" }: { method?: string; body?: string }) => {
    const { pathname } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings")
      return Response.json({ user: { isSignedIn, login: "eve", orgRole: "Viewer" } });
    if (method !== "GET") changes.push(`${method} ${pathname} ${body}`);
    return Response.json(answers[pathname] ?? []);
  });
});
afterEach(() => page.close());

test("names are saved when they are changed, and only other sessions can be ended", async () => {
  await page.draw(<ProfilePage />, "/profile");
  await page.until(() => page.find("button", "End the session of Chrome on Windows"));
  expect(page.all("button[aria-label^=End]")).toHaveLength(1);
  expect(page.find("a", "Operations").getAttribute("href")).toBe("/org/teams/edit/t");
  const save = () => page.find<HTMLButtonElement>("form[aria-label=Names] button", "Save");
  expect(save().disabled).toBe(true);
  await page.type(page.field("Name"), "Eve Example ");
  await page.click(save());
  await page.click(page.find("button", "End the session of Chrome on Windows"));
  expect(changes).toEqual([
    'PUT /api/user {"login":"eve","name":"Eve Example","email":"eve@example.com"}',
    'POST /api/user/revoke-auth-token {"authTokenId":2}',
  ]);
});

test("a new password is sent only if both entries are the same, and then the fields are empty", async () => {
  await page.draw(<ProfilePage />, "/profile/password");
  await page.settle();
  expect(page.all("form")).toHaveLength(1);
  expect(document.body.textContent).toContain("You sign in with LDAP.");
  const save = () => page.find<HTMLButtonElement>("button", "Change password");
  await page.type(page.field("Current password"), "old");
  await page.type(page.field("New password"), "new one");
  await page.type(page.field("Repeat the new password"), "new");
  expect(save().disabled).toBe(true);
  await page.type(page.field("Repeat the new password"), "new one");
  await page.click(save());
  expect(changes).toEqual(['PUT /api/user/password {"oldPassword":"old","newPassword":"new one"}']);
  await page.until(() => expect(page.field("New password").value).toBe(""));
});

test("a visitor gets the link to the sign-in page, which leads back", async () => {
  isSignedIn = false;
  await page.draw(<ProfilePage />, "/profile");
  await page.until(() => page.find("a", "Sign in"));
  expect(page.find("a", "Sign in").getAttribute("href")).toBe("/login?redirectTo=%2Fprofile");
  expect(page.all("form")).toEqual([]);
});
