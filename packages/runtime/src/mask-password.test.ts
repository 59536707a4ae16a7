import { expect, test } from "vitest";
import { maskPassword } from "./mask-password.ts";

test.each([
  ["http://u:p@h/", "http://u:***@h/"],
  ["HTTPS://u:p@h/", "HTTPS://u:***@h/"],
  ["//u:p@h/", "//u:***@h/"],
  ["u:p@h:8500", "u:***@h:8500"],
  ["http://:p@h/", "http://:***@h/"],
  ["http://u:p@q@h/", "http://u:***@h/"],
  ["http://u:p/q@h/", "http://u:***@h/"],
  ["http://u:p?q@h/", "http://u:***@h/"],
  ["http://u:p#q@h/", "http://u:***@h/"],
  ["http://u:p\\q@h/", "http://u:***@h/"],
  ["http://u:p@q/r@h/", "http://u:***@h/"],
  ["http://u:p q@h/", "http://u:***@h/"],
  ["1u:p/q@h", "1u:***@h"],
])("the password of %j is masked", (text, shown) => expect(maskPassword(text, "***")).toBe(shown));

test.each([
  "http://u@h/",
  "http://h/a:b@c d",
  "http://h:8080/a@b",
  "http://h:8080?a@b",
  "unix:///a:b@c",
  "h:8500",
  "mailto:ops@x",
  "sip:ops@x",
  "",
])("%j has no password", (text) => expect(maskPassword(text, "***")).toBe(text));

test("a long text without a password takes one pass", () => {
  const long = "a".repeat(1_000_000);
  for (const text of [`${long}@`, `@${long}:`, `http://${long}`]) expect(maskPassword(text, "***")).toBe(text);
});
