import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonChanges, jsonDelta } from "./json-delta.ts";

test("jsonDelta() returns what was added, replaced and removed, also within lists", () => {
  const before = { title: "A", old: 1, panels: [{ id: 1 }, { id: 2, x: 1 }, 3], same: [1, { a: 1 }] };
  const after = { title: "B", added: { b: 2 }, panels: [{ id: 1 }, { id: 2, x: 2 }], same: [1, { a: 1 }] };
  expect(jsonDelta(before, after)).toEqual({
    title: ["A", "B"],
    old: [1, 0, 0],
    added: [{ b: 2 }],
    panels: { _t: "a", 1: { x: [1, 2] }, _2: [3, 0, 0] },
  });
  expect(jsonDelta([1], { 0: 1 })).toEqual([[1], { 0: 1 }]);
  expect(jsonDelta(before, structuredClone(before))).toBeUndefined();
});

test("applying jsonChanges() of two values to the first one gives the second", () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 3, withNullPrototype: false }), fc.object({ maxDepth: 3 }), (a, b) => {
      const [before, after] = [a, b].map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
      const patched = { root: structuredClone(before) as unknown };
      for (const change of jsonChanges(before, after).toReversed()) {
        let target = patched as Record<string, unknown>;
        for (const key of ["root", ...change.path].slice(0, -1)) target = target[key] as Record<string, unknown>;
        const key = ["root", ...change.path].at(-1)!;
        if (change.after !== undefined)
          Object.defineProperty(target, key, {
            value: change.after,
            enumerable: true,
            configurable: true,
            writable: true,
          });
        else if (Array.isArray(target)) target.splice(Number(key), 1);
        else delete target[key];
      }
      expect(patched.root).toEqual(after);
    }),
  );
});
