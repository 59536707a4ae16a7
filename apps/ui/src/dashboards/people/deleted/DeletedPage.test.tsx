import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import DeletedPage from "./DeletedPage.tsx";

let page: DrawnPage;
let orgRole: string;
let folders: readonly object[];
let refusal: string | undefined;
const changes: string[] = [];

const times = { deletedBy: "eve", permanentlyDeleteDate: "2026-02-01T00:00:00Z" };
const board = { id: 1, uid: "b", title: "Board", type: "dash-db", folderUid: "f", deleted: "2026-01-01T00:00:00Z" };
const folder = { id: 1, uid: "g", title: "Old", type: "dash-folder", parentUid: "", deleted: "2026-01-02T00:00:00Z" };

beforeEach(() => {
  changes.length = 0;
  orgRole = "Admin";
  refusal = undefined;
  folders = [{ uid: "f", title: "Racks", type: "dash-folder", url: "", tags: [] }];
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body = "" }: { method?: string; body?: string }) => {
    const { pathname } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings")
      return Response.json({ user: { isSignedIn: true, login: "eve", orgRole } });
    if (method !== "GET") {
      changes.push(`${method} ${pathname}${body === "{}" ? "" : body}`);
      return refusal === undefined ? Response.json({}) : Response.json({ message: refusal }, { status: 409 });
    }
    if (pathname === "/api/narthex/permissions")
      return Response.json({ folders: [], dataSources: [], serviceAccounts: [] });
    if (pathname === "/api/search") return Response.json(folders);
    if (pathname !== "/api/narthex/deleted") return Response.json([]);
    return Response.json({ dashboards: [{ ...board, ...times }], folders: [{ ...folder, ...times, dashboards: 2 }] });
  });
});
afterEach(() => page.close());

const rows = () => page.all("tbody tr").map(({ textContent }) => textContent);

test("deleted dashboards and folders are listed with their places, the last one first, and restored", async () => {
  await page.draw(<DeletedPage />);
  await page.until(() => expect(rows()).toHaveLength(2));
  expect(rows()[0]).toMatch(/Old.*Folder with 2 dashboards.*Dashboards.*by eve/);
  await page.until(() => expect(rows()[1]).toMatch(/Board.*Dashboard.*Racks.*by eve/));
  await page.click(page.find("button", "Restore Old"));
  await page.click(page.find("button", "Restore Board"));
  expect(changes).toEqual(["PATCH /api/folders/g/trash", "PATCH /api/dashboards/uid/b/trash"]);
  await page.click(page.find("button", "Delete Board permanently"));
  await page.click(page.find("[role=dialog] button", "Delete"));
  expect(changes.at(-1)).toBe("DELETE /api/dashboards/uid/b/trash");
});

test("an admin selects a folder for a dashboard whose folder is gone", async () => {
  folders = [];
  await page.draw(<DeletedPage />);
  await page.until(() => expect(rows()[1]).toContain("A folder that is gone"));
  await page.click(page.find("button", "Restore Board"));
  expect(changes).toEqual([]);
  await page.click(page.find("[role=dialog] button", "Restore"));
  expect(changes).toEqual(['PATCH /api/dashboards/uid/b/trash{"folderUid":""}']);
});

test("only admins delete permanently, and a refused restore shows its reason", async () => {
  orgRole = "Editor";
  refusal = "a dashboard with this uid exists";
  await page.draw(<DeletedPage />);
  await page.until(() => expect(rows()).toHaveLength(2));
  expect(page.all("[aria-label$=permanently]")).toEqual([]);
  await page.click(page.find("button", "Restore Board"));
  expect(document.body.textContent).toContain("a dashboard with this uid exists");
});
