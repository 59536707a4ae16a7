import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeProblems, type Visit, widePages } from "../../support/page-visits.ts";
import { lacks } from "../../support/requirements.ts";
import { PeopleRole } from "./people-role.ts";

const absent = lacks("browser");
let role: PeopleRole;
let teamUid: string;

beforeAll(async () => {
  if (absent) return;
  role = await PeopleRole.start(["eve", "a.user.with.a.very.long.name.in.a.long.domain"]);
  await role.call("PUT", "/api/users/2", { login: "eve", name: "Eve Example" });
  await role.call("POST", "/api/admin/users/3/disable");
  ({ uid: teamUid } = await role.call<{ uid: string }>("POST", "/api/teams", { name: "Operations" }));
  for (const userId of [2, 3]) await role.call("POST", "/api/teams/1/members", { userId });
  await role.call("POST", "/api/serviceaccounts", { name: "Terraform", role: "Viewer", isDisabled: true });
  await role.call("POST", "/api/serviceaccounts/4/tokens", { name: "one", secondsToLive: 1 });
  await role.call("POST", "/api/access-control/serviceaccounts/4/users/2", { permission: "Edit" });
  const person = { loginOrEmail: "fay@example.com", role: "Viewer", sendEmail: false };
  await role.call("POST", "/api/org/invites", person);
  await role.call("POST", "/api/folders", { uid: "outer", title: "Outer" });
  await role.call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
  for (const uid of ["board", "gone"])
    await role.call("POST", "/api/dashboards/db", { dashboard: { uid, title: uid, panels: [] }, folderUid: "inner" });
  await role.call("DELETE", "/api/dashboards/uid/gone");
  await role.call("POST", "/api/access-control/folders/inner/teams/1", { permission: "Edit" });
  await role.call("POST", "/api/access-control/folders/inner/users/3", { permission: "View" });
});
afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
});

/** Returns an action that clicks a button and waits for the dialog that it opens. */
const dialog =
  (button: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole("dialog").waitFor();
  };

/** Paths of the pages that the test checks, each with an optional action on the page before the check. */
const visits = (): readonly Visit[] => {
  const paths: readonly Visit[] = [
    ["/profile"],
    ["/profile/password"],
    ["/admin/users"],
    ["/admin/users", dialog("New user")],
    ["/org/users/invitations"],
    ["/org/users/invitations", dialog("Invite a user")],
    ["/admin/users/edit/2"],
    ["/admin/users/edit/2", dialog("Delete user")],
    ["/org/teams"],
    ["/org/teams", dialog("New team")],
    [`/org/teams/edit/${teamUid}`],
    ["/org/serviceaccounts"],
    ["/org/serviceaccounts", dialog("New service account")],
    ["/org/serviceaccounts/4"],
    [
      "/org/serviceaccounts/4",
      async (page) => {
        await dialog("New token")(page);
        await page.getByRole("switch", { name: "Limit the rights of the account" }).click();
      },
    ],
    [
      "/org/serviceaccounts/4",
      async (page) => {
        await dialog("New token")(page);
        await page.getByLabel("Name").last().fill(`at ${performance.now()}`);
        await page.getByRole("switch", { name: "Limit the rights of the account" }).click();
        await page.getByRole("button", { name: "Create token" }).click();
        await page.getByText("Copy the key now.").waitFor();
      },
    ],
    ["/dashboards/f/inner/inner/permissions"],
    ["/d/board/board/permissions"],
    ["/connections/datasources"],
    ["/connections/datasources/new"],
    ["/connections/datasources/edit/td"],
    ["/connections/datasources/edit/td/permissions"],
    ["/dashboard/recently-deleted"],
    [
      "/dashboards",
      async (page) => {
        await page.getByRole("button", { name: "Account of admin" }).click();
        await page.getByRole("menuitem", { name: "Deleted" }).waitFor();
      },
    ],
  ];
  return paths.map(([path, act]) => [role.base + path, act]);
};

test.skipIf(absent).each(["light", "dark"] as const)(
  "axe finds nothing on the pages of accounts and permissions in %s colors",
  async (colorScheme) => {
    const page = await role.open("admin", "/profile", { colorScheme, viewport: { width: 1300, height: 1600 } });
    // Checks only contrast in the second colour theme, because the themes differ only in colours.
    const rules = colorScheme === "light" ? undefined : ["color-contrast"];
    expect(await axeProblems(page, visits(), rules)).toEqual([]);
    expect(role.errors).toEqual([]);
    await page.context().close();
  },
  600_000,
);

test.skipIf(absent)("the pages of accounts and permissions fit a phone without scrolling sideways", async () => {
  const page = await role.open("admin", "/profile", { viewport: { width: 390, height: 800 } });
  expect(await widePages(page, visits())).toEqual([]);
  expect(role.errors).toEqual([]);
  await page.context().close();
});
