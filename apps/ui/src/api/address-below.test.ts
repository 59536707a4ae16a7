import fc from "fast-check";
import { expect, test } from "vitest";
import { addressBelow } from "./address-below.ts";

test("a path is accepted only if it leads to this server, below the root", () =>
  fc.assert(
    fc.property(
      fc.constantFrom("", "/grafana"),
      fc.oneof(
        fc.string(),
        fc.webPath(),
        fc
          .array(fc.constantFrom("/", "\\", ".", "..", "d", "@", ":", "http:", "\t", "%2f", "?a=b", "#"))
          .map((parts) => `/${parts.join("")}`),
      ),
      (root, wanted) => {
        const found = addressBelow(root, wanted);
        if (found === undefined) return;
        const led = new URL(found.address, location.origin);
        expect(led.origin).toBe(location.origin);
        expect(led.pathname).toBe(`${root}${found.path}`);
        expect(new URL(found.path, location.origin).origin).toBe(location.origin);
      },
    ),
  ));

test("the address below the root keeps its parameters", () => {
  expect(addressBelow("/g", "/d/host?a=b")).toEqual({ address: "/g/d/host?a=b", path: "/d/host" });
  expect(addressBelow("/g", "/../other")).toBeUndefined();
  expect(addressBelow("", "//evil.example/")).toBeUndefined();
});
