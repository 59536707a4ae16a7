import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import StatusPage from "./StatusPage.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

test("shows the build information of a server that also lists parts of its API", async () => {
  const build = { version: "3.14.0", branch: "", features: { ruler_config_api: "true" } };
  vi.stubGlobal("fetch", async (url: string) =>
    Response.json({ status: "success", data: url.includes("buildinfo") ? build : { CWD: "/srv" } }),
  );
  await page.draw(<StatusPage />);
  expect(page.all("tr").map(({ textContent }) => textContent)).toEqual([
    "Working directory/srv",
    "Version3.14.0",
    "Branch–",
  ]);
});
