import { expect, test } from "vitest";
import { cookieOf } from "./cookie.ts";

test.each([
  [undefined, undefined],
  ["", undefined],
  ["a", undefined],
  ["ab=1; a =2 ;a=3", "2"],
  ["b=a=1;a=b=c", "b=c"],
  ["a=", ""],
])("the cookie named a among %j is %j", (cookie, value) => {
  expect(cookieOf({ headers: { cookie } }, "a")).toBe(value);
});
