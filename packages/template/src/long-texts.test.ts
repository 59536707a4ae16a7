import { expect, test } from "vitest";
import { alertmanagerFunctions } from "./alertmanager-functions.ts";
import { inAttribute } from "./html-escape.ts";
import { LiteralError, parseNumber } from "./literal.ts";
import { parseTemplate } from "./template.ts";
import { stringMap, TrustedText } from "./value.ts";

// Length of the texts. Reading such a text again from each of its characters would take hours.
const LENGTH = 2_000_000;

test("tags are removed from a long text of opening brackets that never close in one pass", () => {
  const open = "<".repeat(LENGTH);
  expect(inAttribute(new TrustedText("html", `<b>x</b>${open}`))).toBe(`x${"&lt;".repeat(LENGTH)}`);
  expect(inAttribute(new TrustedText("html", "a<b <c>d>e<"))).toBe("ad&gt;e&lt;");
});

test("blanks before an action that trims them are read once", () => {
  const parsed = parseTemplate("", `${" ".repeat(LENGTH)}x \t{{- 1 }}`);
  if (!parsed.ok) throw parsed.error;
  expect(parsed.template.execute(stringMap({})).trimStart()).toBe("x1");
});

test("a long word of a script is read once", () => {
  const text = `<script>${"a".repeat(LENGTH)}]{{ 1 }}</script>`;
  const parsed = parseTemplate("", text, { functions: alertmanagerFunctions(() => 0) });
  if (!parsed.ok) throw parsed.error;
  const limits = { html: true };
  expect(parsed.template.execute(stringMap({}), limits).slice(-14)).toBe("a] 1 </script>");
});

test("a long invalid number is refused in one pass", () => {
  expect(() => parseNumber(`1.${"1".repeat(LENGTH)}x`)).toThrow(LiteralError);
  expect(() => parseNumber(`${"1".repeat(LENGTH)}x`)).toThrow(LiteralError);
});
