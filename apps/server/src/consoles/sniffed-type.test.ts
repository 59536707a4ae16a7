import { expect, test } from "vitest";
import { sniffedType } from "./sniffed-type.ts";

test.each([
  ["<!DOCTYPE html>\n", "text/html; charset=utf-8"],
  ["\n <P>", "text/html; charset=utf-8"],
  ["<!-- x", "text/html; charset=utf-8"],
  ["<pre>", "text/plain; charset=utf-8"],
  ["<p", "text/plain; charset=utf-8"],
  [" <?xml ?>", "text/xml; charset=utf-8"],
  ["ü\t\u001b", "text/plain; charset=utf-8"],
  ["a\u0001", "application/octet-stream"],
  [`${"a".repeat(512)}\u0001`, "text/plain; charset=utf-8"],
])("sniffedType(%j) is %s", (text, type) => expect(sniffedType(text)).toBe(type));
