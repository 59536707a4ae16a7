import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

/** Checks that only the component next to a CSS module uses the module's classes. */
const root = resolve(import.meta.dirname, "../apps/ui/src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name));
const text = (path: string): string => readFileSync(path, "utf8");

/** Returns the source files that import a CSS module. */
const usersOf = (sheet: string): string[] =>
  files
    .filter((path) => /\.tsx?$/.test(path))
    .filter((path) => {
      const imported = /import styles from "(.*)"/.exec(text(path))?.[1];
      return imported !== undefined && resolve(dirname(path), imported) === sheet;
    });

/** Returns the class names in the rules of a CSS module, without class names of libraries. */
const classesIn = (css: string): string[] =>
  Array.from(
    css.replaceAll(/:global\([^)]*\)+|\/\*.*?\*\/|\{[^{}]*\}/gs, "").matchAll(/\.([a-z][\w-]*)/g),
    ([, name]) => name!,
  );

const classesUsedIn = (source: string): string[] =>
  Array.from(source.matchAll(/\bcss\(([^)]*)\)/g), ([, names]) => names!).flatMap((names) =>
    Array.from(names.matchAll(/"([^"]+)"/g), ([, name]) => name!),
  );

const sheets = files.filter((path) => path.endsWith(".module.css"));

test.each(sheets.map((sheet) => [sheet.slice(root.length + 1), sheet]))(
  "%s has exactly the classes that its components use",
  (_name, sheet) => {
    const used = usersOf(sheet).flatMap((user) => classesUsedIn(text(user)));
    expect([...new Set(classesIn(text(sheet)))].toSorted()).toEqual([...new Set(used)].toSorted());
  },
);

test("the test finds modules and their classes", () => {
  expect(sheets.length).toBeGreaterThan(20);
  expect(classesIn(".a > .b:hover { color: red }\n@media (width) { .c :global(.d) { margin: 0.5px } }")).toEqual([
    "a",
    "b",
    "c",
  ]);
  expect(classesUsedIn('css("a", "b") + css("c")')).toEqual(["a", "b", "c"]);
});
