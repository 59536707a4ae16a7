import { win32 } from "node:path";
import { expect, test } from "vitest";
import { isBelow } from "./is-below.ts";

test.each([
  ["/var/prometheus", true],
  ["/var/prometheus/", true],
  ["/var/prometheus/data", true],
  ["/var/prometheus/..data", true],
  ["/var/prometheus-old", false],
  ["/var/prometheus/../alertmanager", false],
  ["/var/x/../prometheus/data", true],
  ["/var", false],
])("isBelow(%j, /var/prometheus) is %j", (path, below) => expect(isBelow(path, "/var/prometheus")).toBe(below));

test.each([
  ["C:\\narthex\\data\\x", true],
  ["c:/narthex/data", true],
  ["C:\\narthex\\data-old", false],
  ["C:\\narthex\\data\\..\\x", false],
  ["D:\\narthex\\data", false],
])("isBelow(%j, C:\\narthex\\data) is %j on Windows", (path, below) =>
  expect(isBelow(path, "C:\\narthex\\data", win32)).toBe(below),
);
