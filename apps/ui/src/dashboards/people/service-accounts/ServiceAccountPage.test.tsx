import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import ServiceAccountPage from "./ServiceAccountPage.tsx";

let page: DrawnPage;
const reads: string[] = [];

beforeEach(() => {
  reads.length = 0;
  page = new DrawnPage();
});
afterEach(() => page.close());

/**
 * Renders the page of a service account.
 * @param permissions permissions on the account; undefined if the viewer may not see them
 */
async function draw(permissions: object | undefined): Promise<void> {
  const account = { id: 7, name: "CI", login: "sa-1-ci", role: "Viewer", isDisabled: false, teams: [] };
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname } = new URL(url, "http://x");
    reads.push(pathname);
    if (pathname === "/api/frontend/settings")
      return Response.json({ user: { isSignedIn: true, login: "eve", orgRole: "Viewer" } });
    if (pathname === "/api/narthex/permissions")
      return Response.json({ folders: [], dataSources: [], serviceAccounts: [{ id: 7 }] });
    if (pathname === "/api/narthex/permissions/serviceaccounts/7")
      return permissions === undefined
        ? Response.json({ message: "Permissions needed" }, { status: 403 })
        : Response.json(permissions);
    if (pathname === "/api/narthex/deleted") return Response.json({ dashboards: [], folders: [] });
    if (pathname.endsWith("/subjects")) return Response.json({ users: [], teams: [], serviceAccounts: [] });
    return Response.json(pathname === "/api/serviceaccounts/7" ? account : []);
  });
  await page.draw(<ServiceAccountPage />, "/org/serviceaccounts/7", "/org/serviceaccounts/:id");
  await page.until(() => expect(document.querySelector("h1")?.textContent).toBe("Service account CI"));
}

test("an admin of the account sees its permissions, and the page requests everything once", async () => {
  await draw({ uid: "7", title: "CI", levels: ["Edit", "Admin"], own: [], inherited: [] });
  await page.until(() => page.find("button", "Delete service account"));
  await page.until(() => expect(document.body.textContent).toContain("Edit: change the service account"));
  const wanted = [
    "/api/serviceaccounts/7",
    "/api/serviceaccounts/7/tokens",
    "/api/narthex/permissions/serviceaccounts/7",
  ];
  for (const path of wanted) expect([path, reads.filter((one) => one === path).length]).toEqual([path, 1]);
});

test("an editor of the account changes it, but sees no permissions and cannot delete it", async () => {
  await draw(undefined);
  await page.until(() => page.find("button", "Disable account"));
  expect(page.all("button").map(({ textContent }) => textContent)).not.toContain("Delete service account");
  expect(document.body.textContent).not.toContain("You may not see this");
});
