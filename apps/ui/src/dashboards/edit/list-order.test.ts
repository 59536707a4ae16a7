import { expect, test } from "vitest";
import { freeName, itemMoved } from "./list-order.ts";

test("an item moves to its new index, and never outside the list", () => {
  expect(itemMoved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(itemMoved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
  expect(itemMoved(["a"], 0, 1)).toEqual(["a"]);
  expect(itemMoved(["a"], 0, -1)).toEqual(["a"]);
});

test("a free name ends with the first number that is not taken", () => {
  expect(freeName("query0", [])).toBe("query0");
  expect(freeName("query0", ["query0", "query1"])).toBe("query2");
});
