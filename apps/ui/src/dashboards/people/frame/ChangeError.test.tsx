import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../../../api/request.ts";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { ChangeError } from "./ChangeError.tsx";

let page: DrawnPage;
const open = vi.fn<(address: string) => void>();
beforeEach(() => {
  page = new DrawnPage();
  open.mockClear();
});
afterEach(() => page.close());

const notRecent = new ApiError("http", 403, "Sign out and in again first", "sign-in.not-recent");

test("the link of an old sign-in signs out, and leads over the sign-in page back to this page", async () => {
  const fetched: unknown[] = [];
  vi.stubGlobal("fetch", async (path: string, { redirect }: RequestInit) => {
    fetched.push([path, redirect]);
    return { type: "opaqueredirect", status: 0 };
  });
  await page.draw(<ChangeError error={notRecent} open={open} />, "/profile");
  expect(document.body.textContent).toContain("The server makes this change only shortly after a sign-in.");
  await page.click(page.find("button", "Sign out and in again"));
  expect(fetched).toEqual([["/logout", "manual"]]);
  expect(open.mock.calls).toEqual([["/login?redirectTo=%2Fprofile"]]);
});

test("the page stays if signing out fails", async () => {
  vi.stubGlobal("fetch", async () => ({ type: "basic", status: 503 }));
  await page.draw(<ChangeError error={notRecent} open={open} />, "/profile");
  await page.click(page.find("button", "Sign out and in again"));
  expect(document.body.textContent).toContain("You are not signed out: HTTP status 503");
  expect(open).not.toHaveBeenCalled();
});

test("another error shows the server's message", async () => {
  await page.draw(<ChangeError error={new ApiError("http", 403, "No")} title="Not changed" />);
  expect(page.find("[role=alert]", /./).textContent).toBe("Not changedNo");
});
