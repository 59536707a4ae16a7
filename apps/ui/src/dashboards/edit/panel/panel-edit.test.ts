import { readPanelSource, valueAtPath } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnKinds } from "../../panels/registry.ts";
import { customSettings, standardSettings } from "./options/field-settings.ts";
import { editedPanel, freeLetters, type Path } from "./panel-edit.ts";

const source = {
  "x-first": { kept: [1, null, { a: "b" }] },
  id: 7,
  type: "timeseries",
  title: "CPU",
  targets: [{ refId: "A", expr: "up", "x-target": 1 }, "no object", { refId: "B", expr: "down" }],
  options: { legend: { calcs: ["mean"], "x-legend": true }, "x-option": 1 },
  fieldConfig: {
    defaults: { unit: "s", custom: { lineWidth: 3, "x-custom": {} }, "x-default": 0 },
    overrides: [
      { matcher: { id: "byName", options: "a" }, properties: [{ id: "unit", value: "ms" }], "x-override": 1 },
    ],
  },
  "x-last": null,
};

const modules = await Promise.all(drawnKinds.map(async (kind) => ({ kind, module: await kind.load() })));

const paths: readonly Path[] = [
  ["title"],
  ["description"],
  ["targets", 0, "expr"],
  ["targets", 2, "hide"],
  ["fieldConfig", "overrides", 0, "properties"],
  ...standardSettings.map(({ id }) => ["fieldConfig", "defaults", ...id.split(".")]),
  ...modules.flatMap(({ kind, module }) => [
    ...Object.values(module.options).map(({ path }) => ["options", ...path.split(".")]),
    ...customSettings(module, kind.name).map(({ id }) => ["fieldConfig", "defaults", ...id.split(".")]),
  ]),
];

/** Returns the path and value of each leaf of a JSON value. */
function leaves(json: unknown, path: readonly (string | number)[] = []): [string, unknown][] {
  if (typeof json !== "object" || json === null) return [[JSON.stringify(path), json]];
  return Object.entries(json).flatMap(([key, value]) =>
    leaves(value, [...path, Array.isArray(json) ? Number(key) : key]),
  );
}

/** Excludes values with the key `__proto__`, since the patch functions and the dashboard reader drop this key. */
const values = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__"'));

test("an edit changes only its own path, and does not modify the panel before it", () => {
  const before = JSON.stringify(source);
  const panel = readPanelSource(source);
  fc.assert(
    fc.property(fc.constantFrom(...paths), values, (path, value) => {
      const next = editedPanel(panel, [{ path, value }]);
      expect(valueAtPath(next.source, path)).toEqual(value);
      const own = JSON.stringify(path).slice(0, -1);
      const isElsewhere = ([at]: readonly [string, unknown]): boolean => !at.startsWith(own);
      expect(leaves(next.source).filter(isElsewhere)).toEqual(leaves(source).filter(isElsewhere));
      expect(JSON.stringify(panel.source)).toBe(before);
    }),
  );
});

test("setting a value and restoring the old one restores the same bytes", () => {
  const panel = readPanelSource(source);
  fc.assert(
    fc.property(fc.constantFrom(...paths), values, (path, value) => {
      const old = valueAtPath(source, path);
      fc.pre(old !== undefined);
      const back = editedPanel(editedPanel(panel, [{ path, value }]), [{ path, value: old }]);
      expect(JSON.stringify(back.source)).toBe(JSON.stringify(source));
    }),
  );
});

test("freeLetters() counts from A to Z and on with AA", () => {
  expect(freeLetters(new Set(["A", "B"]))).toBe("C");
  const all = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  expect(freeLetters(new Set(all))).toBe("AA");
});

test("valueAtPath() does not read prototypes", () => {
  expect(valueAtPath({}, ["constructor", "name"])).toBeUndefined();
});
