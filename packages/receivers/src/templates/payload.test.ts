import { expect, test } from "vitest";
import { renderPayload } from "./payload.ts";

test.each([
  ["1", "1"],
  ["1_000", "1000"],
  ["12345678901234567890", "12345678901234567890"],
  ["-9223372036854775808", "-9223372036854775808"],
  ["18446744073709551616", "18446744073709552000"],
  ["0x1F", "31"],
  ["-0x1F", "-31"],
  ["017", "15"],
  ["0o17", "15"],
  ["0b101", "5"],
  ["1.50", "1.5"],
  ["1e3", "1000"],
  ["1e-7", "1e-7"],
  ["-0.0", "-0"],
  [".inf", '".inf"'],
  ["yes", "true"],
  ["off", "false"],
  ["~", "null"],
  ["", "null"],
  ["2026-11-20", '"2026-11-20"'],
  ["a: b", '{"a":"b"}'],
  ["a: b: c", '"a: b: c"'],
  ["[1, '1', x]", '[1,"1","x"]'],
  ['{"b":"1","a":[null,true]}', '{"a":[null,true],"b":"1"}'],
  ["a\u2029b: c", '"a\\u2029b: c"'],
  ['{"a":"b\u2029c"}', '{"a":"b\\u2029c"}'],
  ["? a", '{"a":null}'],
  ["{a, b: 1}", '{"a":null,"b":1}'],
  ["!x", '"!x"'],
  ["[!x 5]", '["5"]'],
  ["%a", '"%a"'],
  ["%FOO bar\n---\na: 1", '"%FOO bar\\n---\\na: 1"'],
  ["'quoted'", "\"'quoted'\""],
  ["x <b> & é", '"x \\u003cb\\u003e \\u0026 é"'],
])("what renders to %j goes out as %s", (text, json) => {
  expect(renderPayload("template", () => text)).toBe(json);
});

test("texts in lists and mappings are rendered, including keys, and the later of two equal keys is used", () => {
  const payload = {
    entries: [
      ["{{b}}", { items: ["{{1}}", 2, true, null] }],
      ["a", "first"],
      ["{{a}}", "second"],
    ] as const,
  };
  const render = (template: string): string => template.replace(/[{}]/g, "");
  expect(renderPayload(payload, render)).toBe('{"a":"second","b":[1,2,true,null]}');
});
