import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DashboardContext, type DashboardContextValue } from "../../data/dashboard-context.ts";
import { testSource } from "../../testing/test-source.ts";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { SourceFailures } from "./SourceFailures.tsx";

let page: DrawnPage;
let requests: string[];
beforeEach(() => {
  page = new DrawnPage();
  requests = [];
});
afterEach(() => page.close());

const NOW = Date.UTC(2026, 0, 1, 12, 30);

/** Draws the banner for a user with this role. */
async function open(orgRole: string, failures: readonly object[]): Promise<void> {
  vi.stubGlobal("fetch", async (url: string) => {
    requests.push(url);
    return url.endsWith("/settings")
      ? Response.json({ user: { orgRole, isSignedIn: true } })
      : Response.json({ url: "http://10.1.2.3:9090" });
  });
  const context = {
    feeds: { watch: () => () => undefined, failures: () => failures },
    sources: [testSource({ uid: "p", name: "Main" })],
    zone: "UTC",
    now: NOW,
  } as unknown as DashboardContextValue;
  await page.draw(
    <DashboardContext value={context}>
      <SourceFailures />
    </DashboardContext>,
  );
  await page.settle();
}

const text = (): string | null | undefined => page.all("[role=status]")[0]?.textContent;
const main = { uid: "p", error: "connection refused", since: Date.UTC(2026, 0, 1, 12, 3) };

test("names each source that fails and since when; only administrators see the address", async () => {
  await open("Admin", [main, { uid: "", error: "no response", since: Date.UTC(2025, 11, 31, 23, 59) }]);
  await page.until(() => expect(text()).toContain("Its address is http://10.1.2.3:9090. Settings"));
  expect(text()).toContain("Main has failed since 12:03: connection refused");
  expect(text()).toContain("The server of this page has failed since 2025-12-31 23:59: no response");
});

test("a viewer's page does not request the address", async () => {
  await open("Viewer", [main]);
  expect(text()).toBe("Main has failed since 12:03: connection refused");
  expect(requests.filter((url) => url.includes("/api/datasources"))).toEqual([]);
});

test("without failures, nothing is shown", async () => {
  await open("Viewer", []);
  expect(text()).toBeUndefined();
});
