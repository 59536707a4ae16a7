import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import InvitationsPage from "./InvitationsPage.tsx";
import { InviteModal } from "./InviteModal.tsx";

let page: DrawnPage;
let sent: string[];
let sendsMails: boolean;
let pending: object[];

beforeEach(() => {
  page = new DrawnPage();
  sent = [];
  sendsMails = true;
  pending = [];
  vi.stubGlobal(
    "fetch",
    async (url: string, { method = "GET", body = "" }: { method?: string; body?: string } = {}) => {
      if (url === "/api/frontend/settings")
        return Response.json({
          narthexMailEnabled: sendsMails,
          user: { isSignedIn: true, login: "admin", orgRole: "Admin" },
        });
      if (method === "GET") return Response.json(pending);
      sent.push(`${method} ${url} ${body}`);
      return Response.json(body.includes('"sendEmail":false') ? { narthexUrl: "http://x/invite/c1" } : { message: "" });
    },
  );
});
afterEach(() => page.close());

const shown = (): string => document.body.textContent ?? "";

async function invite(): Promise<void> {
  await page.click(page.find("button", "Invite a user"));
  await page.type(page.field("Email"), " ann@x.org ");
  await page.type(page.all<HTMLSelectElement>("select")[0]!, "Editor");
  await page.click(page.find("button", "Invite"));
}

test("an invitation is sent by mail, and no link is shown", async () => {
  await page.draw(<InvitationsPage />, "/org/users/invitations");
  expect(shown()).toContain("No invitation is pending");
  await invite();
  expect(sent).toEqual([
    'POST /api/org/invites {"loginOrEmail":"ann@x.org","name":"","role":"Editor","sendEmail":true}',
  ]);
  expect(shown()).not.toContain("Copy the link now");
});

test("without a mail server, the link is shown once", async () => {
  sendsMails = false;
  await page.draw(<InvitationsPage />, "/org/users/invitations");
  await invite();
  expect(sent[0]).toContain('"sendEmail":false');
  expect(shown()).toContain("Copy the link now");
  await page.click(page.find("button", "I have copied the link"));
  expect(shown()).not.toContain("Copy the link now");
});

test("the form waits until the page knows whether the server sends mails", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  vi.stubGlobal("fetch", () => promise);
  await page.draw(<InviteModal onClose={() => undefined} />);
  await page.type(page.field("Email"), "ann@x.org");
  const isReady = (): boolean => !page.find<HTMLButtonElement>("button", "Invite").disabled;
  expect([isReady(), shown().includes("[smtp] is not configured")]).toEqual([false, false]);
  resolve(Response.json({ narthexMailEnabled: true }));
  await page.until(() => expect(isReady()).toBe(true));
});

test("an invitation is revoked by its name", async () => {
  pending = [
    {
      id: 1,
      code: "u1",
      email: "bob@x.org",
      name: "Bob",
      role: "Viewer",
      invitedByLogin: "admin",
      emailSent: true,
      createdOn: "2026-01-01T00:00:00Z",
    },
  ];
  await page.draw(<InvitationsPage />, "/org/users/invitations");
  expect(shown()).toMatch(/bob@x\.org \(Bob\).*Viewer.*admin.*Sent/);
  await page.click(page.find("button", "Revoke the invitation of bob@x.org"));
  expect(sent).toEqual(["PATCH /api/org/invites/u1/revoke {}"]);
});
