import { expect, test } from "vitest";
import { pathBack } from "./path-back.ts";

test.each([
  ["?redirectTo=%2Fd%2Fhost%3Fvar-job%3Da%2520b", "/d/host?var-job=a%20b"],
  ["?redirectTo=%2F", "/"],
  ["", undefined],
  ["?redirectTo=", undefined],
  ["?redirectTo=https%3A%2F%2Fevil.example%2F", undefined],
  ["?redirectTo=%2F%2Fevil.example%2F", undefined],
  ["?redirectTo=%2F%5Cevil.example%2F", undefined],
  ["?redirectTo=%2F%09%2Fevil.example%2F", undefined],
  ["?redirectTo=%2F.%2F%2Fevil.example%2F", undefined],
  ["?redirectTo=%2F%2F%5B", undefined],
  ["?redirectTo=%2Fd%2F..%2Flogout", undefined],
  ["?redirectTo=%2Flogin", undefined],
  ["?redirectTo=javascript%3Aalert(1)", undefined],
])("after signing in at /login%s, the path back is %s", (search, path) => {
  expect(pathBack(search)).toBe(path);
});

test("the fragment of the wanted page, such as the receiver in a link of a notification, is kept", () => {
  const search = "?redirectTo=%2Fsources%2Fam%2F";
  expect(pathBack(search, "#/alerts?receiver=on-call")).toBe("/sources/am/#/alerts?receiver=on-call");
});
