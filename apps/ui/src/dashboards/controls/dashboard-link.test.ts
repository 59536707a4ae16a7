import { interpolate, type Lookup, type VariableState } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { linkAddress } from "./dashboard-link.ts";

const state = {
  variable: { name: "job", type: "query", skipUrlSync: false },
  options: [],
  current: [
    { text: "a", value: "a b" },
    { text: "c", value: "c" },
  ],
} as unknown as VariableState;
const lookup: Lookup = (name) =>
  name === "host" ? { name, values: ["x/y"], texts: ["x/y"], isMulti: false, isVerbatim: false } : undefined;
const around = { raw: { from: "now-6h", to: "now" }, states: new Map([["job", state]]), lookup };
const address = (url: string, keeps = false) => linkAddress({ url, includeVars: keeps, keepTime: keeps }, around);

test("a link takes along the range and the variables beside what it has", () => {
  expect(interpolate("$host", lookup, "percentencode")).toBe("x%2Fy");
  expect(address("/d/abc")).toBe("/d/abc");
  expect(address("https://example.org/$host?q=1#end")).toBe("https://example.org/x%2Fy?q=1#end");
  expect(address("/d/abc?q=1&var-job=old#end", true)).toBe("/d/abc?q=1&from=now-6h&to=now&var-job=a+b&var-job=c#end");
  expect(address("d/abc", true)).toBe("d/abc?from=now-6h&to=now&var-job=a+b&var-job=c");
});

test("a link that would run a script leads nowhere", () => {
  expect(address("javascript:alert(1)")).toBeUndefined();
  expect(address(" JavaScript:alert(1)", true)).toBeUndefined();
  expect(address("java\nscript:alert(1)")).toBeUndefined();
  expect(address("data:text/html,x")).toBeUndefined();
  expect(address("mailto:a@example.org")).toBe("mailto:a@example.org");
});
