import { notifications } from "@mantine/notifications";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Notifications } from "../../../shell/Notifications.tsx";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import DashboardListPage from "../DashboardListPage.tsx";
import { copyTitle } from "./list-writes.ts";
import { selectedAfter } from "./selection.ts";

const hit = (title: string, more: Partial<SearchHit> = {}): SearchHit => ({
  uid: title,
  title,
  url: `/d/${title}/x`,
  type: "dash-db",
  tags: [],
  isStarred: false,
  ...more,
});
const hits = [
  hit("racks", { type: "dash-folder" }),
  hit("cpu", { folderUid: "racks", folderTitle: "racks" }),
  hit("disk"),
  hit("net"),
];

let page: DrawnPage;
let refused: string | undefined;
const changes: string[] = [];

beforeEach(async () => {
  localStorage.clear();
  changes.length = 0;
  refused = undefined;
  page = new DrawnPage();
  vi.stubGlobal(
    "fetch",
    async (url: string, { method = "GET", body = "" }: { method?: string; body?: string } = {}) => {
      const { pathname } = new URL(url, "http://x");
      if (pathname === "/api/frontend/settings") return Response.json({ user: { orgRole: "Editor" } });
      if (method !== "GET") {
        changes.push(`${method} ${pathname} ${body}`);
        const isRefused = refused !== undefined && pathname.includes(refused);
        return isRefused
          ? Response.json({ message: "it is locked" }, { status: 403 })
          : Response.json({ url: "/d/new/x" });
      }
      if (!pathname.startsWith("/api/dashboards/uid/")) return Response.json(hits);
      const uid = pathname.split("/").at(-1)!;
      const folderUid = uid === "cpu" ? "racks" : "";
      return Response.json({ dashboard: { id: 7, uid, title: uid, version: 3 }, meta: { folderUid } });
    },
  );
  await page.draw(
    <>
      <DashboardListPage />
      <Notifications />
    </>,
  );
  await page.until(() => page.find("button", "Actions of disk"));
});
afterEach(async () => {
  await act(async () => notifications.clean());
  await page.close();
});

const shown = (text: string): Promise<void> => page.until(() => expect(document.body.textContent).toContain(text));

async function choose(menu: string, item: string): Promise<void> {
  await page.click(page.find("button", menu));
  await page.click(page.find("[role=menuitem]", item));
}

/** Clicks a checkbox, with the Shift key for a range. */
async function select(title: string, shiftKey = false): Promise<void> {
  const box = page.find("input", `Select ${title}`);
  await act(async () => box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey })));
  await page.settle();
}

test("a dashboard is duplicated into its folder, with a title that is free", async () => {
  await choose("Actions of cpu", "Duplicate");
  await shown("Dashboard copied");
  const [path, body] = [changes[0]!.split(" ", 2)[1], changes[0]!.slice(changes[0]!.indexOf("{"))];
  expect(path).toBe("/api/dashboards/db");
  expect(JSON.parse(body)).toEqual({
    dashboard: { id: null, uid: "", title: "cpu Copy", version: 0 },
    folderUid: "racks",
    message: "",
    overwrite: false,
  });
  expect(copyTitle(hit("a"), [hit("a Copy"), hit("a Copy 2"), hit("a Copy 3", { folderUid: "f" })])).toBe("a Copy 3");
});

test("a deleted dashboard comes back with Undo in the message", async () => {
  await choose("Actions of disk", "Delete…");
  await page.until(() => page.find("[role=dialog] button", "Delete"));
  await page.click(page.find("[role=dialog] button", "Delete"));
  await shown("“disk” was deleted");
  await page.click(page.find("button", "Undo"));
  await shown("“disk” was restored");
  expect(changes).toEqual(["DELETE /api/dashboards/uid/disk ", "PATCH /api/dashboards/uid/disk/trash {}"]);
});

test("several dashboards are selected with Shift, moved and deleted; refusals are named, the others are changed", async () => {
  await select("cpu");
  await select("net", true);
  await shown("3 selected");
  await page.click(page.find("button", "Move…"));
  await page.until(() => page.find("[role=dialog] button", "Move"));
  expect(page.find<HTMLButtonElement>("[role=dialog] button", "Move").disabled).toBe(false);
  await page.click(page.find("[role=dialog] button", "Move"));
  // The dashboard that is in the folder already is not saved again.
  await page.until(() => expect(changes).toHaveLength(2));
  expect(changes.every((change) => change.includes('"folderUid":"racks"'))).toBe(true);
  expect(document.body.textContent).not.toContain("selected");

  refused = "disk";
  await select("disk");
  await select("net");
  await page.click(page.find("button", "Delete…"));
  await page.until(() => page.find("[role=dialog] button", "Delete"));
  await page.click(page.find("[role=dialog] button", "Delete"));
  await shown("“disk” was not deleted");
  await shown("it is locked");
  await shown("“net” was deleted");
});

test("selectedAfter() selects a range from the last click in either direction, and deselects it", () => {
  const shown = ["a", "b", "c", "d"];
  const click = (selected: readonly string[], uid: string, anchor?: string): readonly string[] =>
    [...selectedAfter(new Set(selected), { shown, anchor, uid, isRange: anchor !== undefined })].toSorted();
  expect(click([], "b")).toEqual(["b"]);
  expect(click(["b"], "b")).toEqual([]);
  expect(click(["b"], "d", "b")).toEqual(["b", "c", "d"]);
  expect(click(["d"], "a", "d")).toEqual(shown);
  expect(click(shown, "c", "a")).toEqual(["d"]);
  expect(click(["b"], "c", "gone")).toEqual(["b", "c"]);
});
