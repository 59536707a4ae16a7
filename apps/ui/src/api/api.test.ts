import { expect, test } from "vitest";
import { readPageSettings } from "./page-settings.ts";
import { base64Segment, groupPath } from "./pushgateway.ts";
import { encodeParams } from "./request.ts";
import { rootPathOf } from "./root-path.ts";

test.each([
  ["/query", "./", ""],
  ["/", "./", ""],
  ["/prom/query", "./", "/prom"],
  ["/a/b/service-discovery", "./", "/a/b"],
  ["/prom/", "./", "/prom"],
  ["/silences/new", "../", ""],
  ["/alerts/silences/x/edit", "../../", "/alerts"],
])("on the page %s with the root %s, paths start with %j", (pathname, root, rootPath) => {
  expect(rootPathOf(`http://narthex.example:9090${pathname}?q=/x#/y`, root)).toBe(rootPath);
});

test("parameters keep their order, lists become repeated parameters, and undefined values are left out", () => {
  expect(encodeParams({ "match[]": ["a", "b"], end: undefined, start: 1.5 })).toBe(
    "match%5B%5D=a&match%5B%5D=b&start=1.5",
  );
});

test("settings that the server did not set have their defaults", () => {
  const dev = readPageSettings('{"agentMode":"AGENT_MODE_PLACEHOLDER","lookbackDelta":"LOOKBACKDELTA_PLACEHOLDER"}');
  expect(dev).toEqual({
    role: "server",
    root: "./",
    theme: "auto",
    minRefreshMs: 5000,
    consolesLink: "",
    agentMode: false,
    ready: true,
    lookbackDelta: "5m",
    api: "",
    home: "",
    stack: new Map(),
  });
  expect(readPageSettings('{"agentMode":"true","ready":"false"}')).toMatchObject({ agentMode: true, ready: false });
  expect(readPageSettings('{"theme":"light","minRefreshMs":"0"}')).toMatchObject({
    theme: "light",
    minRefreshMs: 0,
  });
  expect(readPageSettings('{"theme":"system"}')).toMatchObject({ theme: "auto" });
  expect(readPageSettings("no JSON")).toMatchObject({ ready: true });
});

test("the path of a deleted group contains its label values as URL-safe base64, also empty values", () => {
  expect(groupPath({ instance: "", job: "a/b", x: "ÿþ?" })).toBe(
    `/metrics/job@base64/YS9i/instance@base64/=/x@base64/${base64Segment("ÿþ?")}`,
  );
  expect(base64Segment("??>>")).toBe("Pz8-Pg==");
});
