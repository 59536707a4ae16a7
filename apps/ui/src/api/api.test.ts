import { expect, test } from "vitest";
import { readPageSettings } from "../shell/page-settings.ts";
import { pathPrefixOf } from "./path-prefix.ts";
import { base64Segment, groupPath } from "./pushgateway.ts";
import { encodeParams } from "./request.ts";

test.each([
  ["/query", ""],
  ["/graph", ""],
  ["/", ""],
  ["/prom/query", "/prom"],
  ["/a/b/service-discovery", "/a/b"],
  ["/prom/", "/prom"],
  ["/prom/query/", "/prom"],
  ["/index.html", ""],
])("the prefix of %s is %j", (path, prefix) => {
  expect(pathPrefixOf(path)).toBe(prefix);
});

test("parameters keep their order, lists repeat, undefined ones vanish", () => {
  expect(encodeParams({ "match[]": ["a", "b"], end: undefined, start: 1.5 })).toBe(
    "match%5B%5D=a&match%5B%5D=b&start=1.5",
  );
});

test("settings that no server filled in take their defaults", () => {
  const dev = readPageSettings('{"agentMode":"AGENT_MODE_PLACEHOLDER","lookbackDelta":"LOOKBACKDELTA_PLACEHOLDER"}');
  expect(dev).toEqual({ consolesLink: "", agentMode: false, ready: true, lookbackDelta: "5m" });
  expect(readPageSettings('{"agentMode":"true","ready":"false"}')).toMatchObject({ agentMode: true, ready: false });
  expect(readPageSettings("no JSON")).toMatchObject({ ready: true });
});

test("groups are deleted by a path in URL-safe base64, empty values included", () => {
  expect(groupPath({ instance: "", job: "a/b", x: "ÿþ?" })).toBe(
    `/metrics/job@base64/YS9i/instance@base64/=/x@base64/${base64Segment("ÿþ?")}`,
  );
  expect(base64Segment("??>>")).toBe("Pz8-Pg==");
});
