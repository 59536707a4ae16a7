import fc from "fast-check";
import { expect, test } from "vitest";
import { choiceOf, hiddenBy } from "./hidden-series.ts";

const names = fc.uniqueArray(fc.string({ maxLength: 4 }), { minLength: 2, maxLength: 12 });

test("a stored selection hides its series again, unless that would hide all", () =>
  fc.assert(
    fc.property(names, fc.infiniteStream(fc.boolean()), (all, picks) => {
      const hidden = new Set(all.filter(() => picks.next().value === true));
      const again = hiddenBy(choiceOf(hidden, all), all);
      expect([...again]).toEqual(hidden.size === all.length ? [] : [...hidden]);
    }),
  ));

test("a series that is shown alone stays alone when new series appear, and a hidden series stays hidden", () => {
  const alone = choiceOf(new Set(["a", "b"]), ["a", "b", "c"]);
  expect([...hiddenBy(alone, ["c", "d"])]).toEqual(["d"]);
  const without = choiceOf(new Set(["a"]), ["a", "b", "c"]);
  expect([...hiddenBy(without, ["a", "b", "d"])]).toEqual(["a"]);
});

test("a selection of series that no longer exist hides nothing", () => {
  expect(hiddenBy({ kind: "only", keys: ["gone"] }, ["a", "b"]).size).toBe(0);
  expect(hiddenBy({ kind: "hide", keys: ["a"] }, ["a"]).size).toBe(0);
});
