import { decodeYaml, listOf, text } from "@narthex/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { yamlScalar } from "./yaml-scalar.ts";

test.each([
  ["shop", "shop"],
  ["db.example.org:9187", "db.example.org:9187"],
  ["yes", '"yes"'],
  ["12", '"12"'],
  ["a: b", '"a: b"'],
  ["#alerts", '"#alerts"'],
  ["\u0085", '"\\u0085"'],
  ["\u{1f980}", '"\\U0001f980"'],
])("yamlScalar(%j) gives %s", (value, expected) => expect(yamlScalar(value)).toBe(expected));

test("a YAML reader gets back the text of yamlScalar(), in block and flow lists", () =>
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (value) => {
      for (const yaml of [`- ${yamlScalar(value)}\n`, `[${yamlScalar(value)}]\n`]) {
        const decoded = decodeYaml(yaml, "a.yml", listOf(text));
        expect(decoded.ok && decoded.value).toEqual([value]);
      }
    }),
  ));
