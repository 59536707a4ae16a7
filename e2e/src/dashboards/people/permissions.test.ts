import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { menuLinks, PeopleRole, row } from "./people-role.ts";

const absent = lacks("browser");
let role: PeopleRole;

beforeAll(async () => {
  if (absent) return;
  role = await PeopleRole.start(["eve", "bob", "nobody"]);
  await role.call("PATCH", "/api/org/users/3", { role: "Editor" });
  await role.call("PATCH", "/api/org/users/4", { role: "None" });
  await role.call("POST", "/api/teams", { name: "Operations" });
  await role.call("POST", "/api/serviceaccounts", { name: "Reporter", role: "None" });
  await role.call("POST", "/api/folders", { uid: "outer", title: "Outer" });
  await role.call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
  for (const [uid, folderUid] of [
    ["board", "inner"],
    ["other", "outer"],
  ])
    await role.call("POST", "/api/dashboards/db", { dashboard: { uid, title: uid, panels: [] }, folderUid });
});
afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
});

const statusFor = async (user: string, path: string): Promise<number> =>
  (await role.ask("GET", path, undefined, { authorization: `Basic ${btoa(`${user}:secret`)}` })).status;

test.skipIf(absent)(
  "permissions of a folder are added, raised, inherited, closed and removed, and apply at once",
  async () => {
    const page = await role.open("admin", "/dashboards");
    await page.getByRole("button", { name: "Actions of folder Outer" }).click();
    await page.getByRole("menuitem", { name: "Permissions" }).click();
    await page.getByRole("button", { name: "Remove Viewers" }).click();
    await row(page, "Viewers").waitFor({ state: "detached" });
    expect(await statusFor("eve", "/api/dashboards/uid/board")).toBe(403);
    expect(await page.getByRole("switch").count()).toBe(0);

    const add = page.getByRole("form", { name: "Add a permission" });
    const give = async (kind: string, name: string, level: string): Promise<void> => {
      await add.getByLabel("Add a permission for a").selectOption(kind);
      if (kind === "Role") await add.getByLabel("Role").selectOption(name);
      else {
        await add.getByRole("combobox", { name: "Name" }).fill(name);
        await page.getByRole("option", { name }).click();
      }
      await add.getByLabel("Level").selectOption(level);
      await add.getByRole("button", { name: "Add" }).click();
      await page.getByLabel(`Level of ${kind === "Role" ? `${name}s` : name}`).waitFor();
    };
    await give("User", "eve", "View");
    await give("Team", "Operations", "Edit");
    await give("Service account", "Reporter", "View");
    await give("Role", "Viewer", "View");
    expect(await statusFor("eve", "/api/dashboards/uid/board")).toBe(200);
    await page.getByLabel("Level of eve").selectOption("Admin");
    await expect.poll(() => statusFor("eve", "/api/folders/outer/permissions")).toBe(200);

    await page.goto(`${role.base}/dashboards/f/inner/inner`);
    await page.getByRole("link", { name: "Permissions", exact: true }).click();
    await row(page, "Operations").getByText("Inherited from Outer").waitFor();
    expect(await page.getByLabel("Level of Operations").count()).toBe(0);
    await page.getByRole("switch", { name: "Inherit the permissions of the folders above" }).click();
    await page.getByText("Only admins of the organization have rights here.").waitFor();
    expect(await statusFor("eve", "/api/dashboards/uid/board")).toBe(403);
    expect(await statusFor("eve", "/api/dashboards/uid/other")).toBe(200);
    await page.getByRole("switch").click();
    await row(page, "Operations").getByRole("link", { name: "Outer" }).click();
    await page.getByRole("heading", { name: "Permissions of the folder Outer" }).waitFor();
    expect(await statusFor("eve", "/api/dashboards/uid/board")).toBe(200);
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
);

test.skipIf(absent)("permissions of a dashboard and of a data source are changed on their pages", async () => {
  const page = await role.open("admin", "/d/board/board");
  await page.getByRole("link", { name: "Permissions" }).click();
  const add = page.getByRole("form", { name: "Add a permission" });
  await add.getByRole("combobox", { name: "Name" }).fill("bob");
  await page.getByRole("option", { name: "bob" }).click();
  await add.getByLabel("Level").selectOption("Admin");
  await add.getByRole("button", { name: "Add" }).click();
  await page.getByLabel("Level of bob").waitFor();
  expect(await statusFor("bob", "/api/dashboards/uid/board/permissions")).toBe(200);
  await page.getByRole("link", { name: "Open the dashboard" }).click();
  await page.waitForURL(/\/d\/board\/board$/);
  await page.goto(`${role.base}/d/board/board?editview=permissions`);
  await page.waitForURL(/\/d\/board\/board\/permissions$/);
  await page.getByLabel("Level of bob").waitFor();

  await page.goto(`${role.base}/connections/datasources`);
  await page.getByRole("link", { name: "Permissions of Made up" }).click();
  await page.getByRole("button", { name: "Remove Viewers" }).click();
  await row(page, "Viewers").waitFor({ state: "detached" });
  expect(await statusFor("eve", "/api/datasources/uid/td")).toBe(403);
  await page.getByLabel("Level of Editors").selectOption("Admin");
  await expect.poll(() => statusFor("bob", "/api/access-control/datasources/td")).toBe(200);
  const editor = await role.open("bob", "/connections/datasources");
  await editor.getByRole("link", { name: "Permissions of Made up" }).click();
  await editor.getByLabel("Level of Editors").waitFor();
  expect(role.errors).toEqual([]);
  for (const one of [page, editor]) await one.context().close();
});

test.skipIf(absent)(
  "a user who may manage one service account creates its tokens, and sees no other account",
  async () => {
    await role.call("POST", "/api/serviceaccounts", { name: "Other", role: "None" });
    const page = await role.open("admin", "/org/serviceaccounts");
    await page.getByRole("link", { name: "Reporter" }).click();
    // The list has all users until the search has an answer. It then becomes shorter and moves, so the keyboard chooses.
    const name = page.getByRole("combobox", { name: "Name" });
    await name.fill("eve");
    await page.getByRole("option", { name: "eve" }).waitFor();
    await expect.poll(() => page.getByRole("listbox").getByRole("option").count()).toBe(1);
    await name.press("ArrowDown");
    await name.press("Enter");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByLabel("Level of eve").waitFor();

    const manager = await role.open("eve", "/org/serviceaccounts");
    await row(manager, "Reporter").waitFor();
    expect(await row(manager, "Other").count()).toBe(0);
    expect(await manager.getByRole("button", { name: "New service account" }).count()).toBe(0);
    await manager.getByRole("link", { name: "Reporter" }).click();
    await manager.getByRole("button", { name: "New token" }).click();
    await manager.getByRole("dialog").getByLabel("Name").fill("own");
    await manager.getByRole("button", { name: "Create token" }).click();
    await manager.getByText("Copy the key now.").waitFor();
    expect(await manager.getByRole("button", { name: "Delete service account" }).count()).toBe(0);
    expect(await manager.getByRole("combobox", { name: "Name" }).count()).toBe(0);
    await page.getByRole("button", { name: "Remove eve" }).click();
    await page.getByLabel("Level of eve").waitFor({ state: "detached" });
    await manager.reload();
    await manager.getByText("Only admins of the organization manage service accounts").waitFor();
    expect(role.errors).toEqual([]);
    for (const one of [page, manager]) await one.context().close();
  },
);

test.skipIf(absent)("a deleted folder and a deleted dashboard are restored, or removed for good", async () => {
  await role.call("POST", "/api/folders", { uid: "old", title: "Old" });
  for (const uid of ["one", "two"])
    await role.call("POST", "/api/dashboards/db", {
      dashboard: { uid, title: `Board ${uid}`, panels: [] },
      folderUid: "old",
    });
  await role.call("DELETE", "/api/dashboards/uid/two", undefined, "admin");
  const page = await role.open("admin", "/dashboards");
  await page.getByRole("button", { name: "Actions of folder Old" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByText("The folder can be restored for 30 days.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Actions of folder Old" }).waitFor({ state: "detached" });
  await page.goto(`${role.base}/dashboard/recently-deleted`);
  await page.getByRole("button", { name: "Restore Old" }).click();
  await page.getByText("“Old” was restored").waitFor();
  expect(await statusFor("eve", "/api/dashboards/uid/one")).toBe(200);
  expect(await row(page, "Board two").innerText()).toContain("by admin");
  await page.getByRole("button", { name: "Delete Board two permanently" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row(page, "Board two").waitFor({ state: "detached" });

  await role.call("DELETE", "/api/dashboards/uid/one");
  await role.call("DELETE", "/api/folders/old");
  await page.reload();
  await row(page, "Board one").getByText("A folder that is gone").waitFor();
  await page.getByRole("button", { name: "Restore Board one" }).click();
  await page.getByRole("dialog").getByLabel("Folder").click();
  await page.getByRole("option", { name: "Outer", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await page.getByText("“Board one” was restored").waitFor();
  const { meta } = await role.call<{ meta: { folderUid: string } }>("GET", "/api/dashboards/uid/one");
  expect(meta.folderUid).toBe("outer");

  await role.call("DELETE", "/api/dashboards/uid/one", undefined, "bob");
  const editor = await role.open("bob", "/dashboard/recently-deleted");
  expect(await editor.getByRole("button", { name: /permanently/ }).count()).toBe(0);
  await editor.getByRole("button", { name: "Restore Board one" }).click();
  await editor.getByText("“Board one” was restored").waitFor();
  expect(await statusFor("eve", "/api/dashboards/uid/one")).toBe(200);
  expect(role.errors).toEqual([]);
  for (const one of [page, editor]) await one.context().close();
});

test.skipIf(absent)(
  "a link is shown only to users who may use its page, and a page opened without the right says so",
  async () => {
    const admin = await role.open("admin", "/dashboards");
    const all = ["Users", "Teams", "Service accounts", "Data sources", "Deleted", "Audit log"];
    await expect.poll(() => menuLinks(admin)).toEqual(["Profile", "Sign out", ...all]);
    await role.call("POST", "/api/folders/outer/permissions", { items: [{ role: "Viewer", permission: 1 }] });
    await role.call("POST", "/api/access-control/datasources/td", {
      permissions: [{ builtInRole: "Editor", permission: "Query" }],
    });
    const viewer = await role.open("eve", "/dashboards");
    await viewer.getByRole("button", { name: "Outer" }).waitFor();
    expect(await menuLinks(viewer)).toEqual(["Profile", "Sign out"]);
    expect(await viewer.getByRole("link", { name: /Permissions/ }).count()).toBe(0);
    const refusals = {
      "/admin/users": "Only admins of the server or of the organization see the users.",
      "/admin/users/edit/1": "Only admins of the server change users.",
      "/admin/audit": "Only admins of the server see the audit log.",
      "/org/users/invitations": "Only admins of the organization invite users.",
      "/org/teams": "You are in no team.",
      "/org/serviceaccounts": "Only admins of the organization manage service accounts",
      "/org/serviceaccounts/5": "Only admins of the organization manage service accounts",
      "/connections/datasources": "Only admins of the organization or of a data source see this page.",
      "/connections/datasources/new": "Only admins of the organization add data sources.",
      "/connections/datasources/edit/td": "You may not see this",
      "/connections/datasources/edit/td/permissions": "You may not see this",
      "/dashboards/f/outer/outer/permissions": "You may not see this",
      "/d/board/board/permissions": "You may not see this",
      "/dashboard/recently-deleted": "Here are the dashboards and folders that you have deleted.",
    };
    for (const [path, sentence] of Object.entries(refusals)) {
      await viewer.goto(role.base + path);
      await viewer.getByText(sentence).waitFor();
      expect(await viewer.getByRole("table").count(), path).toBe(0);
    }
    const editor = await role.open("bob", "/dashboards");
    await expect.poll(() => menuLinks(editor)).toEqual(["Profile", "Sign out", "Deleted"]);
    const nobody = await role.open("nobody", "/");
    await nobody.getByText("You'll need additional permissions").waitFor();
    await nobody.goto(`${role.base}/profile`);
    await nobody.getByRole("form", { name: "Names" }).waitFor();
    expect(await menuLinks(nobody)).toEqual(["Profile", "Sign out"]);
    expect(role.errors).toEqual([]);
    for (const one of [admin, viewer, editor, nobody]) await one.context().close();
  },
);
