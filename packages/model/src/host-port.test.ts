import { expect, test } from "vitest";
import { splitHostPort } from "./host-port.ts";

test.each([
  ["localhost:25", { host: "localhost", port: "25" }],
  [":25", { host: "", port: "25" }],
  ["mail:", { host: "mail", port: "" }],
  ["[::1]:25", { host: "::1", port: "25" }],
  ["", { problem: "address : missing port in address" }],
  ["mail", { problem: "address mail: missing port in address" }],
  ["::1", { problem: "address ::1: too many colons in address" }],
  ["[::1]", { problem: "address [::1]: missing port in address" }],
  ["[::1]:25:26", { problem: "address [::1]:25:26: too many colons in address" }],
  ["[[]]:25", { problem: "address [[]]:25: missing port in address" }],
  ["[::1:25", { problem: "address [::1:25: missing ']' in address" }],
  ["[[]:25", { problem: "address [[]:25: unexpected '[' in address" }],
  ["a]:25", { problem: "address a]:25: unexpected ']' in address" }],
])("splitHostPort(%s) returns the result or error of Go", (address, expected) => {
  expect(splitHostPort(address)).toEqual(expected);
});
