import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import AccountButton, { loadItems } from "./AccountButton.tsx";

let page: DrawnPage;
const requests: string[] = [];

beforeEach(() => {
  requests.length = 0;
  page = new DrawnPage();
});
afterEach(() => page.close());

interface Server {
  readonly user?: object;
  readonly disableLoginForm?: boolean;
  /** JSON answers of the fake server by path. A request for any other path is refused. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

async function draw({ user = {}, disableLoginForm = false, answers = {} }: Server, address = "/"): Promise<void> {
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings") return Response.json({ user, disableLoginForm });
    requests.push(pathname);
    return pathname in answers ? Response.json(answers[pathname]) : Response.json({ message: "No" }, { status: 403 });
  });
  await page.draw(<AccountButton />, address);
  await page.settle();
}

/**
 * Opens the account menu. Waits for its code and the user's rights, then returns the texts and paths of the menu's
 * links.
 */
async function links(name: string): Promise<readonly string[]> {
  await loadItems();
  await page.click(page.find("button", name));
  await page.settle();
  return page.all("[role=menuitem]").map((item) => `${item.textContent} ${item.getAttribute("href")}`);
}

const OWN = ["Profile /profile", "Sign out /logout"];
const viewer = { isSignedIn: true, login: "eve", orgRole: "Viewer" };

test("an admin of the server sees all links, without further requests", async () => {
  await draw({ user: { isSignedIn: true, login: "admin", orgRole: "Admin", isGrafanaAdmin: true } });
  const all = [
    "Users /admin/users",
    "Teams /org/teams",
    "Service accounts /org/serviceaccounts",
    "Data sources /connections/datasources",
    "Deleted /dashboard/recently-deleted",
    "Audit log /admin/audit",
  ];
  expect(await links("Account of admin")).toEqual(expect.arrayContaining([...OWN, ...all]));
  expect(requests).toEqual([]);
});

test("an admin of the organization gets the page of the organization's users", async () => {
  await draw({ user: { isSignedIn: true, login: "olga", orgRole: "Admin" } });
  expect(await links("Account of olga")).toContain("Users /org/users");
});

test("a viewer sees only the profile, and the rights are requested when the menu opens", async () => {
  await draw({ user: viewer });
  expect(requests).toEqual([]);
  expect(await links("Account of eve")).toEqual(OWN);
  expect(requests.toSorted()).toEqual(["/api/narthex/deleted", "/api/narthex/permissions", "/api/user/teams"]);
});

test("members of a team, users who manage a data source or a service account or have deleted a dashboard see these links", async () => {
  const answers = {
    "/api/user/teams": [{ id: 1 }],
    "/api/narthex/permissions": {
      folders: [],
      dataSources: [{ uid: "s", name: "S", type: "x" }],
      serviceAccounts: [{ id: 1 }],
    },
    "/api/narthex/deleted": { dashboards: [{}], folders: [] },
  };
  await draw({ user: viewer, answers });
  expect(await links("Account of eve")).toEqual([
    ...OWN,
    "Teams /org/teams",
    "Service accounts /org/serviceaccounts",
    "Data sources /connections/datasources",
    "Deleted /dashboard/recently-deleted",
  ]);
});

test("pages whose addresses contain codes have no link that repeats the address", async () => {
  for (const address of ["/invite/c1", "/user/password/reset?code=c1", "/login"]) {
    await page.close();
    page = new DrawnPage();
    await draw({ user: { isSignedIn: false, orgRole: "Viewer" } }, address);
    expect(page.all("a, button")).toEqual([]);
  }
});

test("a visitor gets the link to the sign-in page, and the administration if the visitors are admins", async () => {
  await draw({ user: { isSignedIn: false, orgRole: "Viewer" } });
  expect(page.find("a", "Sign in").getAttribute("href")).toBe("/login?redirectTo=%2F");
  expect(page.all("button")).toEqual([]);
  await page.close();
  page = new DrawnPage();
  await draw({ user: { isSignedIn: false, orgRole: "Admin" }, disableLoginForm: true });
  expect(await links("Administration")).toEqual([
    "Users /org/users",
    "Teams /org/teams",
    "Service accounts /org/serviceaccounts",
    "Data sources /connections/datasources",
    "Deleted /dashboard/recently-deleted",
  ]);
});
