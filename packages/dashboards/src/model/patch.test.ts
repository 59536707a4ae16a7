import { expect, test } from "vitest";
import { patchDashboard, patchPanel } from "./patch.ts";

const source = {
  b: 1,
  title: "old",
  panels: [
    { id: 1, type: "row", panels: [{ id: 3, title: "inner" }] },
    { z: 0, id: 2, options: { legend: { calcs: [] }, tooltip: {} }, a: 0 },
  ],
  last: {},
};

test("patchPanel() sets keys in place, and keeps unchanged parts as the same objects", () => {
  const patched = patchPanel(source, 2, [{ path: ["options", "legend", "calcs"], value: ["mean"] }]);
  expect(JSON.stringify(patched)).toBe(JSON.stringify(source).replace('"calcs":[]', '"calcs":["mean"]'));
  expect((patched["panels"] as unknown[])[0]).toBe(source.panels[0]);
  expect(patched["last"]).toBe(source.last);
});

test("patchPanel() changes panels within rows, and returns the same JSON if the panel does not exist", () => {
  const patched = patchPanel(source, 3, [{ path: ["title"], value: "x" }]);
  expect(JSON.stringify(patched)).toBe(JSON.stringify(source).replace("inner", "x"));
  expect(patchPanel(source, 99, [{ path: ["title"], value: "x" }])).toBe(source);
});

test("patchDashboard() adds, removes and creates missing parents", () => {
  const patched = patchDashboard(source, [
    { path: ["title"], value: undefined },
    { path: ["templating", "list", 0, "name"], value: "job" },
    { path: ["panels", 0], value: undefined },
    { path: ["nothing", "here"], value: undefined },
  ]);
  expect(JSON.stringify(patched)).toBe(
    JSON.stringify({ b: 1, panels: [source.panels[1]], last: {}, templating: { list: [{ name: "job" }] } }),
  );
});

test("patchDashboard() never sets prototypes and leaves no holes in lists", () => {
  const patched = patchDashboard({ list: [] }, [
    { path: ["__proto__", "polluted"], value: 1 },
    { path: ["constructor", "prototype", "polluted"], value: 1 },
    { path: ["list", 5], value: 1 },
  ]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(patched["list"]).toEqual([]);
});
