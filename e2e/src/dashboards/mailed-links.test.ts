import { fakeSmtp, type FakeSmtp } from "@narthex/receivers/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { axeProblems, type Visit, widePages } from "../support/page-visits.ts";
import { lacks } from "../support/requirements.ts";
import { PeopleRole } from "./people/people-role.ts";

const absent = lacks("browser");
let role: PeopleRole;
let smtp: FakeSmtp;

beforeAll(async () => {
  if (absent) return;
  smtp = await fakeSmtp();
  role = await PeopleRole.start([], ["smtp.enabled=true", `smtp.host=127.0.0.1:${smtp.port}`]);
});
afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
  await smtp?.[Symbol.asyncDispose]();
});

/** Returns the path of the link in the mail that the fake mail server received as number `count`. */
async function linkIn(count: number): Promise<string> {
  await eventually("the mail has arrived", async () => expect(smtp.mails.length).toBeGreaterThanOrEqual(count));
  const text = smtp.mails[count - 1]!.message.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "=");
  const link = /http:\/\/\S+\/(?:invite\/|user\/password\/reset\?code=)[\w-]+/.exec(text)![0];
  expect(link.startsWith(`${role.base}/`)).toBe(true);
  return link.slice(role.base.length);
}

test.skipIf(absent)(
  "a person accepts an invitation, loses the password, and chooses a new one; the audit log shows it",
  async () => {
    const email = "ann@example.org";
    const inviting = await role.open("admin", "/org/users");
    await inviting.getByRole("link", { name: "Invitations" }).click();
    await inviting.getByRole("button", { name: "Invite a user" }).click();
    const dialog = inviting.getByRole("dialog");
    await dialog.getByLabel("Email").fill(email);
    await dialog.getByLabel("Role").selectOption("Editor");
    await dialog.getByRole("button", { name: "Invite" }).click();
    await inviting.getByRole("row").filter({ hasText: email }).getByText("Sent", { exact: true }).waitFor();
    await inviting.context().close();
    const page = await role.open("", await linkIn(1));
    await page.getByText("admin@localhost has invited you.").waitFor();
    await page.getByLabel("User name").fill("ann");
    await page.getByLabel("Password", { exact: true }).fill("first secret");
    await page.getByLabel("Repeat the password").fill("first secret");
    await page.getByRole("button", { name: "Accept the invitation" }).click();
    await page.getByRole("button", { name: "Account of ann" }).waitFor();
    const again = await role.open("", await linkIn(1));
    await again.getByText("The invitation is not valid").waitFor();

    const other = await role.open("", "/login");
    await other.getByRole("link", { name: "Forgot your password?" }).click();
    await other.getByLabel("Email or user name").fill("ann");
    await other.getByRole("button", { name: "Send the mail" }).click();
    await other.getByText("a mail with a link for a new password is on its way").waitFor();
    await other.goto(role.base + (await linkIn(2)));
    await other.getByLabel("New password", { exact: true }).fill("second secret");
    await other.getByLabel("Repeat the password").fill("second secret");
    await other.getByRole("button", { name: "Change the password" }).click();
    await other.getByRole("link", { name: "Sign in" }).click();
    await other.getByLabel("Email or user name").fill("ann");
    await other.getByLabel("Password", { exact: true }).fill("second secret");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("button", { name: "Account of ann" }).waitFor();
    expect((await page.request.get(`${role.base}/api/user`)).status()).toBe(401);

    const admin = await role.open("admin", "/admin/audit?q=ann");
    await admin.getByRole("button", { name: /Reset the password user “ann”/ }).waitFor();
    await admin.getByLabel("Kind of record").selectOption("User");
    await admin.getByRole("button", { name: /Created user “ann”/ }).click();
    await admin.getByRole("table", { name: "Changed properties" }).getByText(email).first().waitFor();
    const downloading = admin.waitForEvent("download");
    await admin.getByRole("link", { name: "Export as JSON lines" }).click();
    expect((await downloading).suggestedFilename()).toBe("audit.jsonl");
    expect(role.errors).toEqual([]);
    for (const opened of [page, again, other, admin]) await opened.context().close();
  },
);

/** Returns the pages that the test checks, each with an optional action on the page before the check. */
async function visits(): Promise<readonly Visit[]> {
  const invitation = { loginOrEmail: "bob", role: "Viewer" };
  const { narthexUrl } = await role.call<{ narthexUrl: string }>("POST", "/api/org/invites", invitation);
  return [
    [`${role.base}/user/password/send-reset-email`],
    [`${role.base}/user/password/reset?code=x`],
    [narthexUrl],
    [`${role.base}/invite/unknown`],
    [`${role.base}/org/users/invitations`],
    [
      `${role.base}/org/users/invitations`,
      async (page) => {
        await page.getByRole("button", { name: "Invite a user" }).click();
        await page.getByRole("dialog").waitFor();
      },
    ],
    [
      `${role.base}/admin/audit`,
      (page) =>
        page
          .getByRole("button", { name: /Created invitation/ })
          .first()
          .click(),
    ],
    [`${role.base}/admin/audit?q=nothing-like-this`],
  ];
}

test.skipIf(absent).each(["light", "dark"] as const)(
  "axe finds nothing on the pages of links and of the audit log in %s colors",
  async (colorScheme) => {
    const page = await role.open("admin", "/dashboards", { colorScheme, viewport: { width: 1300, height: 1200 } });
    expect(await axeProblems(page, await visits())).toEqual([]);
    await page.context().close();
  },
  600_000,
);

test.skipIf(absent)("the pages of links and of the audit log fit a phone without scrolling sideways", async () => {
  const page = await role.open("admin", "/dashboards", { viewport: { width: 390, height: 800 } });
  expect(await widePages(page, await visits())).toEqual([]);
  expect(role.errors).toEqual([]);
  await page.context().close();
});
