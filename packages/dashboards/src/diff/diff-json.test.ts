import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffJson } from "./diff-json.ts";

const paths = (before: unknown, after: unknown): string[] =>
  diffJson(before, after).map(({ path, kind }) => `${kind} ${path}`);

describe("diffJson()", () => {
  test("names panels, queries and variables by what they are called", () => {
    const before = {
      title: "a",
      panels: [
        { id: 1, title: "CPU", targets: [{ refId: "A", expr: "x" }] },
        { id: 2, title: "Memory" },
      ],
      templating: { list: [{ name: "job", multi: false }] },
    };
    const after = {
      title: "b",
      panels: [
        { id: 3, title: "New" },
        { id: 1, title: "CPU", targets: [{ refId: "A", expr: "y" }] },
      ],
      templating: { list: [{ name: "job", multi: true }] },
      tags: [],
    };
    expect(paths(before, after)).toEqual([
      "changed title",
      'added panels[#3 "New"]',
      'changed panels[#1 "CPU"].targets[A].expr',
      'removed panels[#2 "Memory"]',
      "changed templating.list[job].multi",
      "added tags",
    ]);
  });

  test("tells of another order, and compares by place where nothing is named", () => {
    expect(paths({ panels: [{ id: 1 }, { id: 2 }] }, { panels: [{ id: 2 }, { id: 1 }] })).toEqual(["moved panels"]);
    expect(paths([1, 2], [1, 3, 4])).toEqual(["changed [1]", "added [2]"]);
    expect(paths([{ id: 1 }, { id: 1 }], [{ id: 1 }])).toEqual(["removed [1]"]);
  });

  test("finds nothing between equals, and something between any others", () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(diffJson(a, JSON.parse(JSON.stringify(a)))).toEqual([]);
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        if (!isSame && diffJson(a, b).length === 0) expect(a).toEqual(b);
      }),
    ));

  test("stops where nobody reads on", () => {
    const list = Array.from({ length: 10_000 }, (_, i) => i);
    expect(diffJson([], list)).toHaveLength(2000);
  });
});
