import { expect, test } from "vitest";
import { bypassesProxy, Proxies } from "./proxies.ts";

const of = (settings: Partial<ConstructorParameters<typeof Proxies>[0]>, url: string, env = {}): string | undefined =>
  new Proxies({ proxyUrl: "", noProxy: "", proxyFromEnvironment: false, ...settings }, env).urlFor(new URL(url));

const proxyUrl = "http://proxy:3128";

test("proxy_url applies to all hosts, including this machine", () => {
  expect(of({ proxyUrl }, "http://127.0.0.1/")).toBe(proxyUrl);
  expect(of({ proxyUrl }, "https://a/")).toBe(proxyUrl);
  expect(of({}, "https://a/")).toBeUndefined();
});

test("with no_proxy, this machine's own addresses are reached directly", () => {
  const noProxy = "b";
  for (const host of ["127.0.0.1", "127.3.2.1", "localhost", "[::1]", "b"]) {
    expect(of({ proxyUrl, noProxy }, `http://${host}/`)).toBeUndefined();
  }
  expect(of({ proxyUrl, noProxy }, "http://a/")).toBe(proxyUrl);
});

test("the environment names one proxy for each scheme", () => {
  const env = { http_proxy: "proxy:1", HTTPS_PROXY: "https://proxy:2", NO_PROXY: "c" };
  const asked = (url: string): string | undefined => of({ proxyFromEnvironment: true }, url, env);
  expect([asked("http://a/"), asked("https://a/"), asked("http://c/"), asked("http://localhost/")]).toEqual([
    "http://proxy:1",
    "https://proxy:2",
    undefined,
    undefined,
  ]);
});

test("of() reads a proxy's URL", () => {
  const proxies = new Proxies({ proxyUrl: "https://u:p%40@[::1]", noProxy: "", proxyFromEnvironment: false }, {});
  const expected = { secure: true, host: "::1", port: 443, authorization: `Basic ${btoa("u:p@")}` };
  expect(proxies.of(new URL("http://a/"))).toEqual(expected);
  expect(proxies.speakHttp).toBe(true);
  const socks = new Proxies({ proxyUrl: "socks5://a:1", noProxy: "", proxyFromEnvironment: false }, {});
  expect(socks.speakHttp).toBe(false);
});

test.each([
  ["example.org", "http://example.org/", true],
  ["example.org", "http://api.example.org/", true],
  [".example.org", "http://example.org/", false],
  ["example.org:8080", "http://example.org/", false],
  ["10.0.0.0/8", "http://10.2.3.4/", true],
  ["10.0.0.0/8", "http://11.2.3.4/", false],
  ["*", "http://anything/", true],
  ["", "http://anything/", false],
])("no_proxy %j bypasses for %s: %s", (list, url, expected) =>
  expect(bypassesProxy(list, new URL(url))).toBe(expected),
);
