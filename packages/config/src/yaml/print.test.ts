import fc from "fast-check";
import { expect, test } from "vitest";
import { parseYaml } from "./node.ts";
import { printYaml } from "./print.ts";

test("printYaml() quotes only texts that would be read as another type", () => {
  const words = ["a", "1", "y", "0x1", "a: b", "#x", "", "*", "a b", "a#b", "1:30", "it's", "x\ny", "-", "a:"];
  expect(printYaml({ items: words })).toBe(
    "- a\n- \"1\"\n- \"y\"\n- \"0x1\"\n- 'a: b'\n- '#x'\n- \"\"\n- '*'\n- a b\n- a#b\n- \"1:30\"\n- it's\n- |-\n  x\n  y\n- '-'\n- 'a:'\n",
  );
});

test("a printed text is read back unchanged", () =>
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{0,120}$/), (text) => {
      const { root, problems } = parseYaml(printYaml({ entries: [["key", { items: [text] }]] }), "f.yml");
      expect(problems).toEqual([]);
      const list = root?.kind === "map" ? root.entries[0]!.value : undefined;
      const [item] = list?.kind === "list" ? list.items : [];
      expect(item).toMatchObject({ kind: "scalar", tag: "!!str", text });
    }),
    { numRuns: 500 },
  ));
