import { expect, test } from "vitest";
import { withTexts } from "./wide-series.ts";

test("JSON becomes texts in short steps", () => {
  const values = Array.from({ length: 5000 }, (_, row) => (row === 1 ? null : [row]));
  const work = withTexts([{ name: "v", type: "json", values, config: {} }]);
  let steps = 0;
  let next = work.next();
  for (; next.done !== true; next = work.next()) steps++;
  expect(next.value[0]!.values.slice(0, 3)).toEqual(["[0]", null, "[2]"]);
  expect(steps).toBe(5);
});
