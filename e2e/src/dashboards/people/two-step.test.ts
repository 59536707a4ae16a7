import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../../support/axe.ts";
import { lacks } from "../../support/requirements.ts";
import { VirtualAuthenticator } from "../../support/virtual-authenticator.ts";
import { authenticatorApp } from "./authenticator-app.ts";
import { PASSWORD, PeopleRole } from "./people-role.ts";
import { enterCode, enterPassword, signOut } from "./sign-in-form.ts";

const absent = lacks("browser");
let role: PeopleRole;

beforeAll(async () => {
  if (!absent) role = await PeopleRole.start(["eve", "bob", "carol", "dan", "fay"], [], "localhost");
});
afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
});

/** Turns on two-step sign-in on the open profile page. Resolves with the authenticator app and the recovery codes. */
async function turnOn(page: Page): Promise<{ app: () => string; recoveryCodes: readonly string[] }> {
  await page.getByRole("button", { name: "Turn on two-step codes" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
  const app = authenticatorApp(await dialog.getByLabel("Secret", { exact: true }).inputValue());
  await dialog.getByLabel("Code from the app").fill(app());
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await dialog.getByText("Store the codes now.").waitFor();
  return { app, recoveryCodes: await dialog.getByRole("listitem").allInnerTexts() };
}

const stored = (page: Page): Promise<void> => page.getByRole("button", { name: "I have stored the codes" }).click();

test.skipIf(absent)(
  "a user turns on two-step codes, and then signs in with the password and a code or a recovery code",
  async () => {
    const other = await role.open("eve", "/");
    const page = await role.open("eve", "/profile");
    const { app, recoveryCodes } = await turnOn(page);
    expect(new Set(recoveryCodes).size).toBe(10);
    await page.keyboard.press("Escape");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("recovery-codes-localhost.txt");
    expect(await readFile(await file.path(), "utf8")).toBe(`${recoveryCodes.join("\n")}\n`);
    await stored(page);
    await page.getByText("10 recovery codes are left.").waitFor();
    expect((await other.request.get(`${role.base}/api/user`)).status()).toBe(401);
    await expect(role.call("GET", "/api/user", undefined, "eve")).rejects.toThrow("401");

    await signOut(page, "eve");
    await page.goto(`${role.base}/profile`);
    await enterPassword(page, "eve");
    await enterCode(page, "000000");
    await page.getByRole("alert").getByText("The code is wrong, or was used already").waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await enterCode(page, app());
    await page.getByText("10 recovery codes are left.").waitFor();

    await signOut(page, "eve");
    await page.goto(`${role.base}/profile`);
    await enterPassword(page, "eve");
    await enterCode(page, recoveryCodes[0]!);
    await page.getByText("9 recovery codes are left.").waitFor();
    expect(role.errors).toEqual([]);
    for (const one of [page, other]) await one.context().close();
  },
);

test.skipIf(absent)("a user renews the recovery codes and turns the codes off, each with a code", async () => {
  const page = await role.open("bob", "/profile");
  const { app, recoveryCodes: before } = await turnOn(page);
  await stored(page);
  const dialog = page.getByRole("dialog");
  const field = dialog.getByLabel("Code from your authenticator app, or a recovery code");
  await page.getByRole("button", { name: "New recovery codes" }).click();
  await field.fill("000000");
  await dialog.getByRole("button", { name: "Create codes" }).click();
  await dialog.getByText("The code is wrong, or was used already").waitFor();
  await field.fill(app());
  await dialog.getByRole("button", { name: "Create codes" }).click();
  await dialog.getByText("Store the codes now.").waitFor();
  const renewed = await dialog.getByRole("listitem").allInnerTexts();
  expect(renewed.filter((code) => before.includes(code))).toEqual([]);
  await stored(page);
  await page.getByRole("button", { name: "Turn off" }).click();
  await field.fill(renewed[0]!);
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await page.getByRole("button", { name: "Turn on two-step codes" }).waitFor();
  await role.open("bob", "/");
  await page.context().close();
});

test.skipIf(absent)("an admin removes the codes of a user who has lost the app", async () => {
  const page = await role.open("carol", "/profile");
  await turnOn(page);
  await stored(page);
  const admin = await role.open("admin", "/admin/users/edit/4");
  await admin.getByText("No passkeys. Two-step codes are on.").waitFor();
  await admin.getByRole("button", { name: "Remove second step" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await admin.getByText("No passkeys. Two-step codes are off.").waitFor();
  await page.goto(`${role.base}/profile`);
  await enterPassword(page, "carol");
  await page.getByRole("button", { name: "Turn on two-step codes" }).waitFor();
  expect(role.errors).toEqual([]);
  for (const one of [page, admin]) await one.context().close();
});

/** Makes requests that change two-step sign-in fail as if the user had signed in long ago. */
const makeOld = (page: Page): Promise<unknown> =>
  page.route("**/api/user/two-step", async (route) => {
    const body = { messageId: "sign-in.not-recent", message: "Sign out and in again first" };
    await (route.request().method() === "POST" ? route.fulfill({ status: 403, json: body }) : route.continue());
  });

test.skipIf(absent)(
  "the link of an old sign-in ends the session, and the next sign-in leads back to the profile",
  async () => {
    const page = await role.open("dan", "/profile");
    await makeOld(page);
    const [cookie] = await page.context().cookies();
    await page.getByRole("button", { name: "Turn on two-step codes" }).click();
    await page.getByRole("button", { name: "Sign out and in again" }).click();
    await page.getByRole("form", { name: "Sign in" }).waitFor();
    const headers = { cookie: `${cookie!.name}=${cookie!.value}` };
    expect((await role.ask("GET", "/api/user", undefined, headers)).status).toBe(401);
    await enterPassword(page, "dan");
    await page.getByRole("heading", { name: "Profile" }).waitFor();
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
);

/** Signs in as the user `fay` and brings the page into each state of two-step sign-in. Calls `check` for each state. */
async function eachState(page: Page, check: (state: string) => Promise<void>): Promise<void> {
  await VirtualAuthenticator.addTo(page);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Add the passkey" }).waitFor();
  await check("dialog for a new passkey");
  await dialog.getByLabel("Name").fill("A security key with a very long name that does not fit into one line");
  await dialog.getByRole("button", { name: "Add the passkey" }).click();
  await dialog.waitFor({ state: "detached" });
  await makeOld(page);
  await page.getByRole("button", { name: "Turn on two-step codes" }).click();
  await page.getByRole("button", { name: "Sign out and in again" }).waitFor();
  await check("profile with an old sign-in");
  await page.unrouteAll();
  await page.getByRole("button", { name: "Turn on two-step codes" }).click();
  await dialog.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
  await check("QR code");
  const app = authenticatorApp(await dialog.getByLabel("Secret", { exact: true }).inputValue());
  await dialog.getByLabel("Code from the app").fill(app());
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await dialog.getByText("Store the codes now.").waitFor();
  await check("recovery codes");
  await stored(page);
  await page.getByText("10 recovery codes are left.").waitFor();
  await check("profile");
  await page.getByRole("button", { name: "Turn off" }).click();
  await check("dialog for a code");
  await page.keyboard.press("Escape");
  await signOut(page, "fay");
  await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
  await check("sign-in");
  await enterPassword(page, "fay");
  await enterCode(page, "000000");
  await page.getByRole("alert").waitFor();
  await check("sign-in with a wrong code");
}

test.skipIf(absent).each([
  ["light", 1300],
  ["dark", 1300],
  ["light", 390],
] as const)(
  "axe finds nothing serious, and nothing overflows, on the pages for the second step (%s, %d px)",
  async (colorScheme, width) => {
    const page = await role.open("fay", "/profile", { colorScheme, viewport: { width, height: 1000 } });
    await page.context().addInitScript(axeSource());
    await page.reload();
    const found: unknown[] = [];
    await eachState(page, async (state) => {
      const overhang = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if (overhang !== 0) found.push({ state, overhang });
      for (const finding of await axeFindings(page)) found.push({ state, finding });
    });
    expect(found).toEqual([]);
    expect(role.errors).toEqual([]);
    await page.context().close();
    await role.call("DELETE", "/api/admin/users/6/second-step");
  },
);
