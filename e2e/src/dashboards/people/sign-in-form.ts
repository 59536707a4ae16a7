import type { Page } from "playwright-core";
import { PASSWORD } from "./people-role.ts";

/** Signs out through the account menu, and waits for the sign-in page. */
export async function signOut(page: Page, user: string): Promise<void> {
  await page.getByRole("button", { name: `Account of ${user}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("form", { name: "Sign in" }).waitFor();
}

/** Enters name and password on the sign-in page. */
export async function enterPassword(page: Page, user: string): Promise<void> {
  const form = page.getByRole("form", { name: "Sign in" });
  await form.getByLabel("Email or user name").fill(user);
  await form.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await form.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Enters a code in the second step of the sign-in. */
export async function enterCode(page: Page, code: string): Promise<void> {
  const form = page.getByRole("form", { name: "Enter your code" });
  await form.getByLabel("Code from your authenticator app, or a recovery code").fill(code);
  await form.getByRole("button", { name: "Sign in" }).click();
}
