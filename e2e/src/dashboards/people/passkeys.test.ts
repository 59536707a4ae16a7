import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { VirtualAuthenticator } from "../../support/virtual-authenticator.ts";
import { PeopleRole } from "./people-role.ts";
import { signOut } from "./sign-in-form.ts";

const absent = lacks("browser");
let role: PeopleRole;

beforeAll(async () => {
  if (!absent) role = await PeopleRole.start(["eve", "bob", "carol"], [], "localhost");
});
afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
});

const passkeyButton = (page: Page) => page.getByRole("button", { name: "Sign in with a passkey" });

/** Returns the table row of a passkey on the profile page. */
const passkey = (page: Page, name: string) =>
  page.getByRole("table", { name: "Passkeys" }).getByRole("row").filter({ hasText: name });

/** Adds a passkey on the open profile page. */
async function addPasskey(page: Page, name?: string): Promise<void> {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a passkey" });
  if (name !== undefined) await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Add the passkey" }).click();
}

test.skipIf(absent)("a user adds a passkey, and signs in with it without a name and a password", async () => {
  const page = await role.open("eve", "/profile");
  const device = await VirtualAuthenticator.addTo(page);
  await page.getByText("No passkeys yet.").waitFor();
  await addPasskey(page);
  await passkey(page, "Chrome on Linux").getByText("Never").waitFor();
  expect(await device.count()).toBe(1);

  await addPasskey(page, "again");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("This device already has a passkey of your account.").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await signOut(page, "eve");
  await page.goto(`${role.base}/profile`);
  const loaded: string[] = [];
  await page.waitForLoadState("networkidle");
  page.on("request", (request) => request.resourceType() === "script" && loaded.push(request.url()));
  await device.recognize(false);
  await passkeyButton(page).click();
  await page.getByText("No passkey was used. Try again, or sign in in another way.").waitFor();
  expect(loaded).toHaveLength(1);
  expect(await page.getByRole("alert").count()).toBe(0);

  await device.recognize(true);
  await passkeyButton(page).click();
  await page.getByRole("heading", { name: "Profile" }).waitFor();
  expect(await passkey(page, "Chrome on Linux").innerText()).toMatch(/Just now\s+Just now/);
  expect(role.errors).toEqual([]);
  await page.context().close();
});

test.skipIf(absent)("a deleted passkey no longer signs in", async () => {
  const page = await role.open("bob", "/profile");
  const device = await VirtualAuthenticator.addTo(page);
  await addPasskey(page, "Lost phone");
  await page.getByRole("button", { name: "Delete the passkey Lost phone" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No passkeys yet.").waitFor();
  expect(await device.count()).toBe(1);
  await signOut(page, "bob");
  await passkeyButton(page).click();
  await page.getByRole("alert").getByText("The passkey was not accepted").waitFor();
  expect(role.errors).toEqual([]);
  await page.context().close();
});

test.skipIf(absent)(
  "an admin sees the number of a user's passkeys and removes them, which ends the sessions",
  async () => {
    const page = await role.open("carol", "/profile");
    await VirtualAuthenticator.addTo(page);
    await addPasskey(page, "Key");
    await passkey(page, "Key").waitFor();
    const admin = await role.open("admin", "/admin/users/edit/4");
    await admin.getByText("1 passkey. Two-step codes are off.").waitFor();
    await admin.getByRole("button", { name: "Remove second step" }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await admin.getByText("No passkeys. Two-step codes are off.").waitFor();
    await admin.getByText("The user is not signed in with any browser.").waitFor();
    await page.goto(`${role.base}/profile`);
    await passkeyButton(page).click();
    await page.getByRole("alert").getByText("The passkey was not accepted").waitFor();
    expect(role.errors).toEqual([]);
    for (const one of [page, admin]) await one.context().close();
  },
);

test.skipIf(absent)("at another address than the one in root_url, the pages offer no passkeys", async () => {
  const address = role.base.replace("localhost", "127.0.0.1");
  const page = await role.open("", "/login");
  await page.goto(`${address}/login`);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.waitForLoadState("networkidle");
  expect(await passkeyButton(page).count()).toBe(0);
  await page.goto(`${role.base}/login`);
  await passkeyButton(page).waitFor();
  await page.context().close();
});
