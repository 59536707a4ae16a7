import { expect, test } from "vitest";
import { keepsCredentials, referer, RequestChain } from "./redirect.ts";

test.each([
  ["http://a:1/", "https://a:2/", true],
  ["http://a/", "http://b.a/", true],
  ["http://a/", "http://b/", false],
  ["http://b.a/", "http://a/", false],
  ["http://a/", "http://xa/", false],
  ["http://0.0.1/", "http://127.0.0.1/", false],
  ["http://127.0.0.1/", "http://1.127.0.0.1.example/", false],
])("credentials go from %s to %s: %s", (from, to, expected) => expect(keepsCredentials(from, to)).toBe(expected));

test("referer() omits a secure URL for a plain host, the path for a foreign host, and always the password", () => {
  expect(referer("http://u:p@a/x?y", "https://a/", false)).toBe("http://a/x?y");
  expect(referer("http://u:p@a/x?y", "https://b/", true)).toBe("http://a/");
  expect(referer("https://a/", "http://a/", false)).toBe("");
});

const moved = (location: string, status = 307) => ({ status, location });

test("an Authorization of the request has precedence over that of the URL, and that of the URL over the configured one", () => {
  const basic = `Basic ${btoa("u:p")}`;
  const configured = { Authorization: "Bearer t", "X-One": ["1"] };
  const fields = (url: string, headers = {}, isToken = false) =>
    new RequestChain({ url, headers }).fields(configured, isToken);
  expect(fields("http://a/")).toEqual(configured);
  expect(fields("http://u:p@a/")).toEqual({ ...configured, Authorization: basic });
  expect(fields("http://u:p@a/", { authorization: "x" })).toEqual({ authorization: "x", "X-One": ["1"] });
  expect(fields("http://u:p@a/", { authorization: "x" }, true)).toEqual(configured);
});

test("user and password are kept for a relative redirect, and for no other one", () => {
  const chain = new RequestChain({ url: "http://u:p@a/x", headers: {} });
  expect(chain.follow(moved("/y"))).toBe(true);
  expect(chain.fields({})).toEqual({ Authorization: `Basic ${btoa("u:p")}`, Referer: "http://a/x" });
  chain.follow(moved("http://a/z"));
  expect(chain.fields({})).toEqual({ Referer: "http://a/y" });
});

test("a foreign host gets no credentials, and neither does the first host after it", () => {
  const chain = new RequestChain({ url: "http://a/x", headers: { "X-Key": "k", Cookie: "c", Accept: "*/*" } });
  chain.follow(moved("http://b.a/"));
  expect(chain.fields({ "X-Two": "2" })).toMatchObject({ "X-Key": "k", Cookie: "c", "X-Two": "2" });
  chain.follow(moved("http://c/"));
  expect(chain.fields({ "X-Two": "2" })).toEqual({ Accept: "*/*", Referer: "http://b.a/" });
  chain.follow(moved("http://a/"));
  expect(chain.fields({ "X-Two": "2" })).toEqual({ Accept: "*/*", Referer: "http://c/" });
});

test("307 and 308 keep method and body, the other redirects use GET", () => {
  const post = { url: "http://a/", method: "POST", headers: { "content-type": "t", "X-A": "1" }, body: "b" } as const;
  for (const status of [301, 302, 303, 307, 308]) {
    const chain = new RequestChain(post);
    chain.follow(moved("http://a/", status));
    expect([chain.method, chain.body]).toEqual(status < 307 ? ["GET", undefined] : ["POST", "b"]);
    expect("content-type" in chain.fields({})).toBe(status >= 307);
  }
});

test("a body with a secret is not sent to another host", () => {
  const post = { url: "http://a/", method: "POST", headers: {}, body: "key", bodyHoldsSecret: true } as const;
  expect(() => new RequestChain(post).follow(moved("http://b/"))).toThrow(
    "the redirect leads to another host, and the request's body contains a secret",
  );
  expect(new RequestChain(post).follow(moved("http://b.a/"))).toBe(true);
  expect(new RequestChain(post).follow(moved("http://b/", 303))).toBe(true);
});

test("a redirect from https to http gets no credentials and no body with a secret", () => {
  const headers = { "X-Key": "k", Cookie: "c", Accept: "*/*" };
  const chain = new RequestChain({ url: "https://u:p@a/x", headers });
  chain.follow(moved("https://a:2/"));
  expect(chain.fields({ "X-Two": "2" })).toMatchObject({ "X-Key": "k", "X-Two": "2" });
  chain.follow(moved("http://a/"));
  expect(chain.fields({ "X-Two": "2" })).toEqual({ Accept: "*/*" });
  chain.follow(moved("https://a/"));
  expect(chain.fields({ "X-Two": "2" })).toEqual({ Accept: "*/*", Referer: "http://a/" });
  const post = { url: "https://a/", method: "POST", headers: {}, body: "key", bodyHoldsSecret: true } as const;
  expect(() => new RequestChain(post).follow(moved("http://a/"))).toThrow(
    "the redirect leads from https to http, and the request's body contains a secret",
  );
  expect(new RequestChain({ ...post, url: "http://a/" }).follow(moved("https://a/"))).toBe(true);
});
