import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { PASSWORD, PeopleRole, row } from "./people-role.ts";

const absent = lacks("browser");
let role: PeopleRole;

interface Member {
  readonly login: string;
  readonly permission: number;
}

beforeAll(async () => {
  if (!absent) role = await PeopleRole.start(["eve", "bob", "carol", "olga"]);
});
afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
});

test.skipIf(absent)(
  "a user changes names, start page and password, and ends a session of another browser",
  async () => {
    await role.call("POST", "/api/dashboards/db", { dashboard: { uid: "first", title: "First", panels: [] } });
    const other = await role.open("eve", "/");
    const page = await role.open("eve", "/");
    await page.getByRole("button", { name: "Account of eve" }).click();
    await page.getByRole("menuitem", { name: "Profile" }).click();
    const names = page.getByRole("form", { name: "Names" });
    await names.getByLabel("Name", { exact: true }).fill("Eve Example");
    await names.getByLabel("Email").fill("admin@localhost");
    await names.getByRole("button", { name: "Save" }).click();
    await names.getByText("User with email or login already exists").waitFor();
    await names.getByLabel("Email").fill("eve@example.org");
    await names.getByRole("button", { name: "Save" }).click();
    await page.getByText("The names were saved").waitFor();
    expect(await role.call("GET", "/api/users/2")).toMatchObject({ name: "Eve Example", email: "eve@example.org" });

    const preferences = page.getByRole("form", { name: "Preferences" });
    await preferences.getByLabel("Start page").click();
    await page.getByRole("option", { name: "First" }).click();
    await preferences.getByRole("button", { name: "Save" }).click();
    await page.getByText("The start page was saved").waitFor();

    const password = page.getByRole("form", { name: "Password" });
    await password.getByLabel("Current password").fill("wrong");
    await password.getByLabel("New password", { exact: true }).fill("another secret");
    await password.getByLabel("Repeat the new password").fill("another secre");
    expect(await password.getByRole("button", { name: "Change password" }).isDisabled()).toBe(true);
    await password.getByText("The passwords differ").waitFor();
    await password.getByLabel("Repeat the new password").fill("another secret");
    await password.getByRole("button", { name: "Change password" }).click();
    await password.getByText("Invalid old password").waitFor();

    const sessions = page.getByRole("table", { name: "Sessions" });
    expect(await sessions.getByRole("row").count()).toBe(3);
    await sessions.getByRole("button", { name: /^End the session/ }).click();
    await sessions.getByRole("button").waitFor({ state: "detached" });
    expect((await other.request.get(`${role.base}/api/user`)).status()).toBe(401);
    expect((await page.request.get(`${role.base}/api/user`)).status()).toBe(200);

    await password.getByLabel("Current password").fill(PASSWORD);
    await password.getByRole("button", { name: "Change password" }).click();
    await page.getByText("The password was changed").waitFor();
    await page.goto(role.base);
    await page.waitForURL(/\/d\/first\//);
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
);

test.skipIf(absent)(
  "an admin adds a user, changes role, names, password and rights, and disables and deletes the user",
  async () => {
    const page = await role.open("admin", "/admin/users");
    await page.getByRole("button", { name: "New user" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("User name").fill("bob");
    await dialog.getByLabel("Password", { exact: true }).fill("dans password");
    await dialog.getByLabel("Role").selectOption("Editor");
    await dialog.getByRole("button", { name: "Add user" }).click();
    await dialog.getByText("User with email 'bob' or username 'bob' already exists").waitFor();
    await dialog.getByLabel("User name").fill("dan");
    await dialog.getByRole("button", { name: "Add user" }).click();
    await dialog.waitFor({ state: "detached" });
    const chosenRole = row(page, "dan").getByLabel("Role of dan");
    expect(await chosenRole.inputValue()).toBe("Editor");
    await chosenRole.selectOption("Viewer");
    const member = async () =>
      (await role.call<{ login: string; role: string; isDisabled: boolean }[]>("GET", "/api/org/users?query=dan"))[0];
    await expect.poll(async () => (await member())?.role).toBe("Viewer");

    await page.getByLabel("Search users").fill("dan");
    await row(page, "bob").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "dan", exact: true }).click();
    const names = page.getByRole("form", { name: "Names" });
    await names.getByLabel("Name", { exact: true }).fill("Dan Example");
    await names.getByRole("button", { name: "Save" }).click();
    await page.getByText("The names were saved").waitFor();
    await page.getByRole("switch", { name: "Server admin" }).click();
    await expect
      .poll(async () => (await role.call<{ isGrafanaAdmin: boolean }>("GET", "/api/users/6")).isGrafanaAdmin)
      .toBe(true);
    const password = page.getByRole("form", { name: "Password" });
    await password.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await password.getByLabel("Repeat the new password").fill(PASSWORD);
    await password.getByRole("button", { name: "Set password" }).click();
    await page.getByText("The password was set").waitFor();

    const own = await role.open("dan", "/admin/users");
    await row(own, "You").getByText("Server admin").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "End all sessions" }).click();
    await page.getByText("The user is not signed in with any browser.").waitFor();
    expect((await own.request.get(`${role.base}/api/user`)).status()).toBe(401);

    await page.getByRole("button", { name: "Disable account" }).click();
    await page.getByRole("button", { name: "Enable account" }).waitFor();
    await expect(role.call("GET", "/api/user", undefined, "dan")).rejects.toThrow("401");
    await page.getByRole("button", { name: "Enable account" }).click();
    await page.getByRole("button", { name: "Disable account" }).waitFor();
    await role.call("GET", "/api/user", undefined, "dan");

    await page.getByRole("button", { name: "Delete user" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.waitForURL(/\/admin\/users$/);
    await row(page, "bob").waitFor();
    expect(await row(page, "dan").count()).toBe(0);
    await row(page, "You").getByRole("link").click();
    await page.getByText("This is your own account.").waitFor();
    await page.getByRole("switch", { name: "Server admin" }).click();
    await page.getByText("cannot remove last grafana admin").waitFor();
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
);

test.skipIf(absent)(
  "an admin of the organization sees the users and changes roles, but does not add users",
  async () => {
    await role.call("PATCH", "/api/org/users/5", { role: "Admin" });
    const page = await role.open("olga", "/org/users");
    await row(page, "carol").getByLabel("Role of carol").selectOption("Editor");
    await expect
      .poll(async () => (await role.call<{ role: string }[]>("GET", "/api/org/users?query=carol"))[0]?.role)
      .toBe("Editor");
    expect(await page.getByRole("button", { name: "New user" }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "carol" }).count()).toBe(0);
    await page.goto(`${role.base}/admin/users/edit/2`);
    await page.getByText("Only admins of the server change users.").waitFor();
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
);

test.skipIf(absent)("an admin adds a team, whose own admin then changes it; other members only see it", async () => {
  const page = await role.open("admin", "/org/teams");
  await page.getByText("No teams yet").waitFor();
  await page.getByRole("button", { name: "New team" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Operations");
  await page.getByRole("dialog").getByRole("button", { name: "Add team" }).click();
  await page.getByRole("heading", { name: "Team Operations" }).waitFor();
  const add = page.getByRole("form", { name: "Add a member" });
  for (const login of ["bob", "carol"]) {
    await add.getByRole("combobox", { name: "Add a member" }).fill(login);
    await page.getByRole("option", { name: login }).click();
    await add.getByRole("button", { name: "Add" }).click();
    await row(page, login).waitFor();
  }
  await page.getByLabel("Level of bob").selectOption("Admin");
  await expect
    .poll(
      async () =>
        (await role.call<Member[]>("GET", "/api/teams/1/members")).find(({ login }) => login === "bob")?.permission,
    )
    .toBe(4);
  const address = new URL(page.url()).pathname;

  const admin = await role.open("bob", "/org/teams");
  await row(admin, "Operations").getByText("Admin").waitFor();
  expect(await admin.getByRole("button", { name: "New team" }).count()).toBe(0);
  await admin.getByRole("link", { name: "Operations" }).click();
  await admin.getByRole("combobox", { name: "Add a member" }).fill("olga");
  await admin.getByRole("option", { name: "olga" }).click();
  await admin.getByRole("button", { name: "Add", exact: true }).click();
  await row(admin, "olga").waitFor();
  await admin.getByRole("button", { name: "Remove olga" }).click();
  await row(admin, "olga").waitFor({ state: "detached" });
  const form = admin.getByRole("form", { name: "Name of the team" });
  await form.getByLabel("Name", { exact: true }).fill("Night shift");
  await form.getByRole("button", { name: "Save" }).click();
  await admin.getByRole("heading", { name: "Team Night shift" }).waitFor();

  const member = await role.open("carol", address);
  await row(member, "carol").getByText("You").waitFor();
  expect(
    await member
      .getByRole("main")
      .getByRole("button", { name: /Remove|Delete|Add|Save/ })
      .count(),
  ).toBe(0);
  const outside = await role.open("olga", address);
  await outside.getByRole("button", { name: "Delete team" }).click();
  await outside.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await outside.getByText("No teams yet").waitFor();
  await member.reload();
  await member.getByText("You may not see this").waitFor();
  expect(role.errors).toEqual([]);
  for (const one of [page, admin, member, outside]) await one.context().close();
});

test.skipIf(absent)(
  "the key of a new token is shown once; the token signs in until it is revoked or the account is disabled",
  async () => {
    const page = await role.open("admin", "/org/serviceaccounts");
    await page.getByRole("button", { name: "New service account" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Terraform");
    await dialog.getByLabel("Role").selectOption("Editor");
    await dialog.getByRole("button", { name: "Add service account" }).click();
    await page.getByRole("heading", { name: "Service account Terraform" }).waitFor();
    const create = async (name: string, lifetime: string, isLimited = false): Promise<string> => {
      await page.getByRole("button", { name: "New token" }).click();
      await dialog.getByLabel("Name").fill(name);
      await dialog.getByLabel("Expires").selectOption(lifetime);
      if (isLimited) {
        await dialog.getByRole("switch", { name: "Limit the rights of the account" }).click();
        await dialog.getByLabel("Query").click();
        await dialog.getByLabel("Only series that match").fill('{team="a"}');
      }
      await dialog.getByRole("button", { name: "Create token" }).click();
      await dialog.getByText("Copy the key now.").waitFor();
      await page.keyboard.press("Escape");
      const key = await dialog.getByLabel("Key", { exact: true }).inputValue();
      await dialog.getByRole("button", { name: "Copy: Key" }).waitFor();
      await dialog.getByRole("button", { name: "I have copied the key" }).click();
      await dialog.waitFor({ state: "detached" });
      expect(await page.locator("body").innerText()).not.toContain(key);
      return key;
    };
    const [lasting, short] = [await create("lasting", "Never"), await create("short", "After 7 days", true)];
    const statusWith = async (key: string): Promise<number> =>
      (await role.ask("GET", "/api/org", undefined, { authorization: `Bearer ${key}` })).status;
    expect([await statusWith(lasting), await statusWith(short)]).toEqual([200, 200]);
    await page.reload();
    await row(page, "lasting").getByText("Just now").first().waitFor();
    expect(await row(page, "lasting").innerText()).toContain("Never");
    expect(await row(page, "short").innerText()).toMatch(/Only read\s+Only series \{team="a"\}[^]*in (6d 23h|7d)/);

    await page.getByRole("button", { name: "Revoke short" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await row(page, "short").waitFor({ state: "detached" });
    expect([await statusWith(lasting), await statusWith(short)]).toEqual([200, 401]);
    await page.getByRole("button", { name: "Disable account" }).click();
    await page.getByRole("button", { name: "Enable account" }).waitFor();
    expect(await statusWith(lasting)).toBe(401);

    const form = page.getByRole("form", { name: "Name and role" });
    await form.getByLabel("Role").selectOption("Viewer");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByText("The service account was saved").waitFor();
    await page.getByRole("button", { name: "Delete service account" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("No service accounts yet").waitFor();
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
);
