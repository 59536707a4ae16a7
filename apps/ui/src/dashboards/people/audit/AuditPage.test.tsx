import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import type { AuditRecord } from "./audit-api.ts";
import AuditPage from "./AuditPage.tsx";
import { actorText, differencesOf } from "./audit-words.ts";

let page: DrawnPage;
/** Query strings of the requests for audit records. */
let asked: string[];
let pages: Readonly<Record<string, { records: readonly AuditRecord[]; next?: string }>>;
let isServerAdmin: boolean;

beforeEach(() => {
  page = new DrawnPage();
  asked = [];
  isServerAdmin = true;
  vi.stubGlobal("fetch", async (url: string) => {
    if (url.startsWith("/api/frontend/settings"))
      return Response.json({
        user: { isSignedIn: true, login: "admin", orgRole: "Admin", isGrafanaAdmin: isServerAdmin },
      });
    if (!url.startsWith("/api/narthex/audit")) return Response.json([]);
    const query = new URLSearchParams(url.split("?")[1]);
    asked.push(query.toString());
    return Response.json(pages[query.get("before") ?? ""] ?? { records: [] });
  });
});
afterEach(() => page.close());

const record = (id: string, part: Partial<AuditRecord>): AuditRecord => ({
  id,
  time: Date.UTC(2026, 10, 27, 10),
  actor: { kind: "user", id: 1, login: "ann" },
  action: "changed",
  kind: "dashboard",
  ...part,
});
const shown = (): string => document.body.textContent ?? "";

test("a record shows who did what, and a click shows the properties before and after", async () => {
  pages = {
    "": {
      records: [
        record("3", {
          name: "Shop",
          uid: "d1",
          address: "10.0.0.7",
          before: { title: "Old", version: 1 },
          after: { title: "Shop", version: 2 },
          changed: ["jsonData"],
          paths: ["panels"],
        }),
      ],
    },
  };
  await page.draw(<AuditPage />, "/admin/audit");
  expect(shown()).toMatch(/ann.*Changed dashboard “Shop”.*10\.0\.0\.7/);
  expect(shown()).not.toContain("Old");
  await page.click(page.find("button", "Changed dashboard “Shop”"));
  expect(shown()).toMatch(
    /titleOldShop.*version12.*jsonDatanot shownnot shown.*Changed parts of the dashboard: panels.*uid d1/,
  );
});

test("older records are added to the list, and the filters and the export ask for the same records", async () => {
  pages = {
    "": { records: [record("3", { name: "Three" })], next: "3" },
    "3": { records: [record("2", { name: "Two" })] },
  };
  await page.draw(<AuditPage />, "/admin/audit?kind=dashboard&q=t");
  await page.click(page.find("button", "Search older records"));
  expect(shown()).toMatch(/Three.*Two/);
  expect(shown()).not.toContain("Search older records");
  expect(asked).toEqual(["q=t&kind=dashboard", "q=t&kind=dashboard&before=3"]);
  expect(page.all<HTMLAnchorElement>("a[download]")[0]?.getAttribute("href")).toBe(
    "/api/narthex/audit/export?q=t&kind=dashboard",
  );
});

test("a page without matches can be followed by older records", async () => {
  pages = { "": { records: [], next: "9" }, "9": { records: [] } };
  await page.draw(<AuditPage />, "/admin/audit?action=deleted");
  expect(shown()).toContain("No recent record matches");
  await page.click(page.find("button", "Search older records"));
  expect(shown()).toContain("No record matches");
});

test("only admins of the server see the log", async () => {
  isServerAdmin = false;
  pages = {};
  await page.draw(<AuditPage />, "/admin/audit");
  expect(shown()).toContain("Only admins of the server see the audit log.");
  expect(asked).toEqual([]);
});

test("actors without an account have words, and tokens are named", () => {
  expect(actorText(record("1", { actor: { kind: "provisioning" } }))).toBe("Provisioning files");
  expect(actorText(record("1", { actor: { kind: "service-account", login: "sa-1-x", tokenId: 7 } }))).toBe(
    "sa-1-x (token 7)",
  );
  expect(differencesOf(record("1", { after: { tags: ["a"] } }))).toEqual([
    { name: "tags", before: "", after: '["a"]' },
  ]);
});
