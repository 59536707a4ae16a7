import { fakeSmtp, type FakeSmtp } from "@narthex/receivers/testing";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { eventually } from "../support/eventually.ts";
import { launchBrowser } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
let role: Running;
let browser: Browser;
let smtp: FakeSmtp;
let base: string;
/** Errors of the scripts of all pages. */
const errors: string[] = [];

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(base + path, {
    method,
    headers: { authorization: `Basic ${btoa("admin:secret")}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => errors.push(`${page.url()}: ${message}`));
  await page.goto(path.startsWith("http") ? path : base + path);
  return page;
}

async function openAsAdmin(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open("/login", options);
  const answer = await page.request.post(`${base}/login`, { data: { user: "admin", password: "secret" } });
  expect(answer.ok()).toBe(true);
  await page.goto(base + path);
  return page;
}

/** Returns the link in the mail with this number. */
async function linkIn(count: number): Promise<string> {
  await eventually("the mail has arrived", async () => expect(smtp.mails.length).toBeGreaterThanOrEqual(count));
  const text = smtp.mails[count - 1]!.message.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "=");
  return /http:\/\/\S+\/(?:invite\/|user\/password\/reset\?code=)[\w-]+/.exec(text)![0];
}

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  smtp = await fakeSmtp();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  const settings = [
    "security.admin_password=secret",
    "smtp.enabled=true",
    `smtp.host=127.0.0.1:${smtp.port}`,
    `server.root_url=${base}/`,
  ];
  role = narthex(dashboardsArguments(workplace, port, settings));
  await role.ready(`${base}/api/health`);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await role?.[Symbol.asyncDispose]();
  await smtp?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

test.skipIf(absent)(
  "a person accepts an invitation, loses the password, and chooses a new one; the audit log shows it",
  async () => {
    const email = "ann@example.org";
    const inviting = await openAsAdmin("/org/users");
    await inviting.getByRole("link", { name: "Invitations" }).click();
    await inviting.getByRole("button", { name: "Invite a user" }).click();
    const dialog = inviting.getByRole("dialog");
    await dialog.getByLabel("Email").fill(email);
    await dialog.getByLabel("Role").selectOption("Editor");
    await dialog.getByRole("button", { name: "Invite" }).click();
    await inviting.getByRole("row").filter({ hasText: email }).getByText("Sent", { exact: true }).waitFor();
    await inviting.context().close();
    const page = await open(await linkIn(1));
    await page.getByText("admin@localhost has invited you.").waitFor();
    await page.getByLabel("User name").fill("ann");
    await page.getByLabel("Password", { exact: true }).fill("first secret");
    await page.getByLabel("Repeat the password").fill("first secret");
    await page.getByRole("button", { name: "Accept the invitation" }).click();
    await page.getByRole("button", { name: "Account of ann" }).waitFor();
    const again = await open(await linkIn(1));
    await again.getByText("The invitation is not valid").waitFor();

    const other = await open("/login");
    await other.getByRole("link", { name: "Forgot your password?" }).click();
    await other.getByLabel("Email or user name").fill("ann");
    await other.getByRole("button", { name: "Send the mail" }).click();
    await other.getByText("a mail with a link for a new password is on its way").waitFor();
    await other.goto(await linkIn(2));
    await other.getByLabel("New password", { exact: true }).fill("second secret");
    await other.getByLabel("Repeat the password").fill("second secret");
    await other.getByRole("button", { name: "Change the password" }).click();
    await other.getByRole("link", { name: "Sign in" }).click();
    await other.getByLabel("Email or user name").fill("ann");
    await other.getByLabel("Password", { exact: true }).fill("second secret");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("button", { name: "Account of ann" }).waitFor();
    expect((await page.request.get(`${base}/api/user`)).status()).toBe(401);

    const admin = await openAsAdmin("/admin/audit?q=ann");
    await admin.getByRole("button", { name: /Reset the password user “ann”/ }).waitFor();
    await admin.getByLabel("Kind of record").selectOption("User");
    await admin.getByRole("button", { name: /Created user “ann”/ }).click();
    await admin.getByRole("table", { name: "Changed properties" }).getByText(email).first().waitFor();
    const downloading = admin.waitForEvent("download");
    await admin.getByRole("link", { name: "Export as JSON lines" }).click();
    expect((await downloading).suggestedFilename()).toBe("audit.jsonl");
    expect(errors).toEqual([]);
    for (const opened of [page, again, other, admin]) await opened.context().close();
  },
);

/** The pages, each with an optional action before the check. */
const visits = async (): Promise<readonly (readonly [url: string, act?: (page: Page) => Promise<unknown>])[]> => {
  const { narthexUrl } = (await call("POST", "/api/org/invites", { loginOrEmail: "bob", role: "Viewer" })) as {
    readonly narthexUrl: string;
  };
  return [
    [`${base}/user/password/send-reset-email`],
    [`${base}/user/password/reset?code=x`],
    [narthexUrl],
    [`${base}/invite/unknown`],
    [`${base}/org/users/invitations`],
    [
      `${base}/org/users/invitations`,
      async (page) => {
        await page.getByRole("button", { name: "Invite a user" }).click();
        await page.getByRole("dialog").waitFor();
      },
    ],
    [
      `${base}/admin/audit`,
      (page) =>
        page
          .getByRole("button", { name: /Created invitation/ })
          .first()
          .click(),
    ],
    [`${base}/admin/audit?q=nothing-like-this`],
  ];
};

test.skipIf(absent).each(["light", "dark"] as const)(
  "axe finds nothing critical or serious on the pages of links and of the audit log in %s colors",
  async (colorScheme) => {
    const page = await openAsAdmin("/dashboards", { colorScheme, viewport: { width: 1300, height: 1200 } });
    await page.context().addInitScript(axeSource());
    const found: unknown[] = [];
    for (const [url, act] of await visits()) {
      await page.goto(url);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForLoadState("networkidle");
      await act?.(page);
      for (const finding of await axeFindings(page)) found.push({ url, finding });
    }
    expect(found).toEqual([]);
    await page.context().close();
  },
  600_000,
);

test.skipIf(absent)("the pages of links and of the audit log fit a phone without scrolling sideways", async () => {
  const page = await openAsAdmin("/dashboards", { viewport: { width: 390, height: 800 } });
  for (const [url, act] of await visits()) {
    await page.goto(url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle");
    await act?.(page);
    const overhang = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect({ url, overhang }).toEqual({ url, overhang: 0 });
  }
  expect(errors).toEqual([]);
  await page.context().close();
});
