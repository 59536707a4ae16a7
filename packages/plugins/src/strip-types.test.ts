import { expect, test } from "vitest";
import { PluginError } from "./plugin-error.ts";
import { stripTypes } from "./strip-types.ts";

test("types become spaces, so that each line stays in its place", () => {
  const code = 'import type { A } from "./a.d.ts";\nexport const f = (x: number): A => x as never;\n';
  const stripped = stripTypes(code, "module.ts");
  expect(stripped).toHaveLength(code.length);
  expect(stripped.split("\n")[1]).toMatch(/^export const f = \(x +\) +=> x +;$/);
});

test.each([
  "enum A { B }",
  "namespace a { export const b = 1 }",
  "class C { constructor(private a: number) {} }",
  "let a: = 1",
])("%s is refused with the place and the remedy", (code) => {
  expect(() => stripTypes(code, "x/module.ts")).toThrow(PluginError);
  expect(() => stripTypes(code, "x/module.ts")).toThrow(
    /^x\/module\.ts: the types cannot be removed: .*write no enum/s,
  );
});
