import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { SubjectSelect } from "./SubjectSelect.tsx";

let page: DrawnPage;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

test("the server searches after a pause in typing, and at once for an empty text", async () => {
  const queries: (string | null)[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    queries.push(new URL(url, "http://x").searchParams.get("query"));
    return Response.json({ users: [], teams: [], serviceAccounts: [] });
  });
  await page.draw(
    <SubjectSelect kind="user" label="Name" value={undefined} without={new Set()} onChange={() => undefined} />,
  );
  await act(async () => page.field("Name").focus());
  await page.type(page.field("Name"), "e");
  await page.type(page.field("Name"), "ev");
  await page.type(page.field("Name"), "eve");
  expect(queries).toEqual([null]);
  await act(async () => vi.advanceTimersByTime(120));
  expect(queries).toEqual([null, "eve"]);
  await page.type(page.field("Name"), "");
  await page.type(page.field("Name"), "b");
  expect(queries).toEqual([null, "eve", null]);
});
