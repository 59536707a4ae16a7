import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import GeneratePage from "./GeneratePage.tsx";
import { listedSources, testSource } from "../testing/test-source.ts";

let page: DrawnPage;
const requests: { path: string; body: unknown }[] = [];

beforeEach(() => {
  requests.length = 0;
  page = new DrawnPage();
});
afterEach(() => page.close());

/**
 * Renders the page with a fake server that has data sources of these types. The server sends the given answer, or an
 * answer without metrics.
 */
async function draw(address: string, types: readonly string[], answer?: Response): Promise<void> {
  vi.stubGlobal("fetch", async (url: string, { body }: { body?: string } = {}) => {
    const path = new URL(url, "http://x").pathname;
    requests.push({ path, body: body === undefined ? undefined : JSON.parse(body) });
    if (path === "/api/narthex/sources")
      return Response.json(
        listedSources(types.map((type, i) => testSource({ uid: `u${i}`, name: `S${i}`, type, isDefault: i === 0 }))),
      );
    if (path === "/api/narthex/variables/values") return Response.json({ values: [{ text: "node", value: "node" }] });
    return answer ?? Response.json({ dashboard: { title: "x", schemaVersion: 42, panels: [] }, metrics: 0 });
  });
  await page.draw(<GeneratePage />, address);
  await page.settle();
}

const generated = () => requests.filter(({ path }) => path === "/api/narthex/generate").map(({ body }) => body);

test("the page sends no request until a job or words are given, and then one for the form's values", async () => {
  await draw("/dashboard/generate", ["prometheus"]);
  expect(generated()).toEqual([]);
  expect(page.find<HTMLButtonElement>("button", "Show").disabled).toBe(true);
  await page.type(page.field("Names of metrics"), " http requests ");
  await page.click(page.find("button", "Show"));
  await page.until(() =>
    expect(generated()).toEqual([{ datasource: { uid: "u0" }, job: "", search: "http requests" }]),
  );
  await page.until(() => expect(document.body.textContent).toContain("No metrics found"));
});

test("the address determines the dashboard, and the server's message says why there is none", async () => {
  const refusal = Response.json({ message: "the data source is away" }, { status: 502 });
  await draw("/dashboard/generate?source=u1&job=node", ["prometheus", "prometheus"], refusal);
  await page.until(() => expect(document.body.textContent).toContain("the data source is away"));
  expect(generated()).toEqual([{ datasource: { uid: "u1" }, job: "node", search: "" }]);
});

test("the page shows a message if no data source has metrics", async () => {
  await draw("/dashboard/generate", ["testdata"]);
  await page.until(() => expect(document.body.textContent).toContain("There is no data source with metrics"));
});
