import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGroupPath } from "./group-key.ts";
import { LEGACY_NAMES, UTF8_NAMES } from "../body/name-rules.ts";

const read = (path: string, names = LEGACY_NAMES): unknown => {
  const parsed = parseGroupPath(path, names);
  return parsed.ok ? Object.fromEntries(parsed.labels) : parsed.message;
};

test.each([
  ["job/a", { job: "a" }],
  ["job/a/", { job: "a" }],
  ["job/a/l/v/k/w", { job: "a", k: "w", l: "v" }],
  ["job/a/l/", { job: "a", l: "" }],
  ["job/a/x/1/x/2", { job: "a", x: "2" }],
  ["job/a/job/b", { job: "a" }],
  ["job@base64/L3Zhci90bXA", { job: "/var/tmp" }],
  ["job@base64/YWI=", { job: "ab" }],
  ["job/a/l@base64/=", { job: "a", l: "" }],
  ["job@base64/=", "job name is required"],
  ["job/a/foo", 'odd number of components in label string "/foo"'],
  ["job/a/fo-o/b", 'improper label name "fo-o"'],
  ["job/a/__x/b", 'improper label name "__x"'],
  ["job@base64/!", 'invalid base64 encoding in job name "": illegal base64 data at input byte 0'],
  ["job/a/l@base64/ab!", 'invalid base64 encoding for label l="ab!": illegal base64 data at input byte 2'],
  ["job/a/l@base64/abcde", 'invalid base64 encoding for label l="abcde": illegal base64 data at input byte 4'],
])("parseGroupPath() reads %s", (path, expected) => {
  expect(read(path)).toEqual(expected);
});

test.each([
  ["job/a/U__foo_2e_bar/b", { job: "a", "foo.bar": "b" }],
  ["job/a/U__a__b/c", { job: "a", a_b: "c" }],
  ["job/a/U__foo_zz_/b", { job: "a", U__foo_zz_: "b" }],
  ["job/a/U__foo_2e_bar@base64/eA", { job: "a", "foo.bar": "x" }],
])("parseGroupPath() unescapes label names where UTF-8 is allowed: %s", (path, expected) => {
  expect(read(path, UTF8_NAMES)).toEqual(expected);
});

test("parseGroupPath() returns every value that was written as base64", () =>
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (value) => {
      const encoded = Buffer.from(value).toString("base64url");
      expect(read(`job@base64/${encoded}`)).toEqual({ job: Buffer.from(value).toString() });
    }),
  ));

test("padding that does not end a value is read in one pass", () => {
  const padding = "=".repeat(1_000_000);
  expect(read(`job@base64/${padding}x`)).toContain("illegal base64 data at input byte 0");
  expect(read(`job@base64/YWI${padding}`)).toEqual({ job: "ab" });
});
