import { afterEach, expect, test, vi } from "vitest";
import { metricProvider, nameSelector } from "./metrics.ts";
import { pageProvider, pagesOf } from "./pages.ts";

afterEach(() => vi.unstubAllGlobals());

const never = new AbortController().signal;
const link = (path: string, name: string) => ({ path, name, icon: (() => null) as never });

test("pages are those of the navigation, each once, and are found by name and section", async () => {
  const role = {
    links: [link("/query", "Query")],
    menu: [{ name: "Server", links: [link("/flags", "Command-line flags"), link("/query", "Query")] }],
  };
  const own = pagesOf(role, []);
  expect(own.map(({ href }) => href)).toEqual(["/query", "/flags"]);
  const { find } = pageProvider(own);
  expect((await find("server FLAG", never)).map(({ title }) => title)).toEqual(["Command-line flags"]);
  const shared = pagesOf(role, [
    { root: undefined, links: [link("/dashboards", "Dashboards")], menu: [] },
    { root: "/sources/main", ...role },
  ]);
  expect(shared.map(({ href }) => href)).toEqual(["/dashboards", "/sources/main/query", "/sources/main/flags"]);
});

test("special characters of a text are literal in the search for metrics", () => {
  expect(nameSelector("node cpu")).toBe('{__name__=~"(?i).*node.*cpu.*"}');
  expect(nameSelector('a.b"(')).toBe(String.raw`{__name__=~"(?i).*a\\.b\"\\(.*"}`);
});

test("metrics that begin with the text are requested alone and come first, and lead to the query page of their server", async () => {
  const urls: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    urls.push(url);
    // A server with many metrics returns only the first names that contain the text.
    const isBeginning = !new URL(url, "http://x").searchParams.get("match[]")!.includes("(?i).*");
    return Response.json({ status: "success", data: isBeginning ? ["up"] : ["my_up", "up", "ünusual up"] });
  });
  const { find } = metricProvider({ api: "/proxy", pages: "/sources/main" })!;
  expect(await find("u", never)).toEqual([]);
  expect(urls).toEqual([]);
  const found = await find("up", never);
  expect(found.map(({ title }) => title)).toEqual(["up", "my_up", "ünusual up"]);
  expect(found[0]!.href).toBe("/sources/main/query?g0.expr=up&g0.tab=1");
  expect(decodeURIComponent(found[2]!.href)).toContain('{"ünusual up"}');
  expect(new URL(urls[0]!, "http://x").pathname).toBe("/proxy/api/v1/label/__name__/values");
});
