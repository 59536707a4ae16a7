import { expect, test } from "vitest";
import { ar } from "./ar.ts";

test("ar() writes each member after its header, at an even offset", () => {
  const members = new Map([
    ["odd", Buffer.from("123")],
    ["even", Buffer.from("1234")],
  ]);
  expect(Buffer.from(ar(members, 1_700_000_000)).toString()).toBe(
    [
      "!<arch>\n",
      "odd             1700000000  0     0     100644  3         `\n123\n",
      "even            1700000000  0     0     100644  4         `\n1234",
    ].join(""),
  );
});

test("ar() refuses a long name", () => {
  expect(() => ar(new Map([["a-name-that-is-too-long", Buffer.alloc(0)]]), 0)).toThrow("ar has no room for the name");
});
