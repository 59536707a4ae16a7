import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { PermissionsPage } from "./PermissionsPage.tsx";
import type { Permission, Permissions } from "./permissions-api.ts";

let page: DrawnPage;
let refusal: Response | undefined;
const changes: { method: string; path: string; body: unknown }[] = [];

beforeEach(() => {
  refusal = undefined;
  changes.length = 0;
  page = new DrawnPage();
});
afterEach(() => page.close());

const eve: Permission = { kind: "user", id: 2, name: "Eve", detail: "eve", level: "View" };
const editors: Permission = { kind: "role", id: "Editor", name: "Editor", detail: "", level: "Edit" };
const subjects = {
  users: [
    { id: 2, name: "Eve", detail: "eve" },
    { id: 3, name: "bob", detail: "" },
  ],
};

async function draw(permissions: Partial<Permissions>, kind: "folders" | "datasources" = "folders"): Promise<void> {
  const levels = kind === "folders" ? ["View", "Edit", "Admin"] : ["Query", "Edit", "Admin"];
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body }: { method?: string; body?: string } = {}) => {
    const { pathname } = new URL(url, "http://x");
    if (method !== "GET") {
      changes.push({ method, path: pathname, body: JSON.parse(body ?? "null") });
      return refusal ?? Response.json({});
    }
    if (pathname.endsWith("/subjects")) return Response.json({ teams: [], serviceAccounts: [], ...subjects });
    if (pathname === "/api/frontend/settings") return Response.json({});
    if (refusal !== undefined) return refusal;
    return Response.json({ uid: "f", title: "F", levels, own: [], inherited: [], ...permissions });
  });
  await page.draw(<PermissionsPage kind={kind} uid="f" back={{ path: "/", name: "Back" }} />);
  await page.settle();
}

const rows = () => page.all("tbody tr").map(({ textContent }) => textContent);

test("own permissions can be changed and removed; inherited ones show the folder that they come from", async () => {
  const from = { uid: "outer", title: "Outer" };
  const hidden = { ...eve, id: 9, name: "", from: { uid: "", title: "" } };
  await draw({ own: [eve], inherited: [{ ...editors, from }, hidden], inherit: true });
  expect(rows()[0]).toContain("Set here");
  expect(rows()[1]).toContain("Inherited from Outer");
  expect(page.find("a", "Outer").getAttribute("href")).toBe("/dashboards/f/outer/x/permissions");
  expect(rows()[2]).toContain("Deleted user 9");
  expect(rows()[2]).toContain("Inherited from a folder above");
  await page.type(page.find<HTMLSelectElement>("select", "Level of Eve"), "Admin");
  await page.click(page.find("button", "Remove Eve"));
  expect(page.all("button[aria-label^=Remove]")).toHaveLength(1);
  await page.click(page.find("input[role=switch]", ""));
  expect(changes).toEqual([
    { method: "POST", path: "/api/access-control/folders/f/users/2", body: { permission: "Admin" } },
    { method: "POST", path: "/api/access-control/folders/f/users/2", body: { permission: "" } },
    { method: "PUT", path: "/api/narthex/permissions/folders/f/inherit", body: { inherit: false } },
  ]);
});

test("a permission is added for a role that has none, with the lowest level of the data source", async () => {
  await draw({ own: [editors] }, "datasources");
  expect(page.all("input[role=switch]")).toEqual([]);
  await page.type(page.field("Add a permission for a"), "role");
  const offered = Array.from(page.field("Role").querySelectorAll("option"), ({ value }) => value);
  expect(offered).toEqual(["Viewer"]);
  await page.click(page.find("button", "Add"));
  expect(changes).toEqual([
    { method: "POST", path: "/api/access-control/datasources/f/builtInRoles/Viewer", body: { permission: "Query" } },
  ]);
});

test("users who have a permission already are not offered", async () => {
  await draw({ own: [eve] });
  await page.click(page.field("Name"));
  await page.until(() => expect(page.all("[role=option]").map(({ textContent }) => textContent)).toEqual(["bob"]));
});

test("the page shows why the permissions cannot be read or changed", async () => {
  await draw({ own: [eve] });
  refusal = Response.json({ message: "at most 1000 permissions are allowed" }, { status: 400 });
  await page.click(page.find("button", "Remove Eve"));
  expect(document.body.textContent).toContain("at most 1000 permissions are allowed");
  await page.close();
  page = new DrawnPage();
  refusal = Response.json({ message: "You'll need additional permissions" }, { status: 403 });
  await draw({});
  expect(document.body.textContent).toContain("You may not see this");
  expect(document.body.textContent).toContain("You'll need additional permissions");
  expect(page.all("table")).toEqual([]);
});
