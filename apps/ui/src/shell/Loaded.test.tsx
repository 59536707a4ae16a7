import type { UseQueryResult } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Answer } from "../api/request.ts";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { Loaded } from "./Loaded.tsx";
import { setPreference } from "./preferences.ts";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
  setPreference("timeZone", "utc");
});
afterEach(async () => {
  await page.close();
  setPreference("timeZone", "browser");
});

test("after a failed refresh, older data stays with its time", async () => {
  const result = {
    data: { data: "3 targets" },
    isError: true,
    error: new Error("no response"),
    dataUpdatedAt: Date.UTC(2026, 0, 1, 12, 3, 5),
  } as unknown as UseQueryResult<Answer<string>>;
  await page.draw(
    <Loaded result={result} label="Loading">
      {(data) => <output>{data}</output>}
    </Loaded>,
  );
  expect(page.all("output")[0]?.textContent).toBe("3 targets");
  const text = page.all("[role=alert]")[0]?.textContent;
  expect(text).toContain("Refresh failed: this is data from 2026-01-01 12:03:05");
  expect(text).toContain("no response");
});
