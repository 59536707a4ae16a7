import fc from "fast-check";
import { expect, test } from "vitest";
import { anyValue } from "../decode/collections.ts";
import { DecodeContext } from "../decode/decode-context.ts";
import { jsonNode, type JsonValue } from "./json-node.ts";
import { parseYaml } from "./node.ts";

const read = (node: Parameters<typeof anyValue.decode>[0]) => anyValue.decode(node, new DecodeContext(""));

test("jsonNode() returns the tree that YAML's parser makes of the same JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      const { root } = parseYaml(JSON.stringify({ value }), "");
      const found = read(root!);
      expect(read(jsonNode({ value } as JsonValue))).toEqual(found);
    }),
  );
});

test("jsonNode() keeps texts unchanged, whatever they look like", () => {
  for (const text of ["true", "1", "null", "~", "2026-01-01", "!env HOME", "\u007f", ""])
    expect(jsonNode(text)).toMatchObject({ kind: "scalar", tag: "!!str", text });
});
