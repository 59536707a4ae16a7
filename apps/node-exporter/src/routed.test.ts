import { expect, test } from "vitest";
import { textAnswer } from "./answers.ts";
import { routed } from "./routed.ts";

const route = routed(new Map([["/metrics", () => textAnswer(200, "metrics")]]));
const ask = async (url: string, method = "GET") => {
  const { status, headers, body } = await route({ method, url, headers: {} });
  return { status, location: headers["location"], body: body.toString() };
};

test.each([
  ["//metrics", "/metrics"],
  ["//metrics?", "/metrics"],
  ["//metrics?collect[]=time", "/metrics?collect[]=time"],
  ["/../x/..//./metrics", "/metrics"],
  ["/%2e%2e/metrics", "/metrics"],
  ["//met%2Frics", "/met/rics"],
  ["/metrics//", "/metrics/"],
  ["/..", "/"],
  ["//a%20b", "/a%20b"],
  ["//a%3Fb;c:d", "/a%3Fb;c:d"],
  ["//a[b]^|{}", "/a%5Bb%5D%5E%7C%7B%7D"],
  ["//\u00c3\u00a9?\u00c3", "/%C3%A9?%c3"],
])("who asks for %s is led to %s", async (url, location) => {
  expect(await ask(url)).toMatchObject({ status: 301, location });
});

test("the page of a redirect is safe to show, and a POST request gets no page", async () => {
  expect((await ask("//m?<\"'&")).body).toBe('<a href="/m?&lt;&#34;&#39;&amp;">Moved Permanently</a>.\n\n');
  expect(await ask("//metrics", "POST")).toEqual({ status: 301, location: "/metrics", body: "" });
});

test("the handler of other paths answers each path without a route", async () => {
  const all = routed(new Map([["/a", () => textAnswer(200, "a")]]), () => textAnswer(200, "rest"));
  const bodies = ["/", "/a", "/b/c"].map(async (url) => (await all({ method: "GET", url, headers: {} })).body);
  expect(await Promise.all(bodies)).toEqual(["rest", "a", "rest"]);
});

test("any notation of a known path is answered, an unknown path gets 404, a malformed one gets 400", async () => {
  expect((await ask("/met%72ics?x")).body).toBe("metrics");
  for (const path of ["/nope", "/metrics/", "/a/.../b", "/%ff"]) expect((await ask(path)).status).toBe(404);
  expect((await ask("//%zz")).status).toBe(400);
});
