import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatGoFloat } from "./float-format.ts";
import { GoDuration } from "./duration.ts";
import { GoTime } from "./time.ts";
import { formatLayout, parseLayout } from "./time-layout.ts";
import { parseTemplate, type Template } from "./template.ts";

function parse(text: string, within?: Template): Template {
  const parsed = parseTemplate("t", text, within === undefined ? {} : { within });
  if (!parsed.ok) throw parsed.error;
  return parsed.template;
}

test("a later definition replaces an earlier one unless it is blank", () => {
  const base = parse('{{ define "a" }}one{{ end }}');
  expect(parse('{{ define "a" }}two{{ end }}{{ template "a" }}', base).execute(undefined)).toBe("two");
  expect(parse('{{ define "a" }} {{/* nothing */}} {{ end }}{{ template "a" }}', base).execute(undefined)).toBe("one");
  expect(base.execute(undefined, { name: "a" })).toBe("one");
});

test("other delimiters are accepted, and endless recursion ends with an error", () => {
  const parsed = parseTemplate("t", "<% . %> {{ . }}", { delims: ["<%", "%>"] });
  expect(parsed.ok && parsed.template.execute("x")).toBe("x {{ . }}");
  const endless = parse('{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}');
  expect(() => endless.execute(1n)).toThrow("exceeded maximum template depth");
});

test("parseTemplate() returns a template or an error for any text", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "{{",
          "}}",
          "if",
          "end",
          " ",
          ".",
          "$x",
          ":=",
          "|",
          "(",
          ")",
          '"',
          "range",
          "a",
          "1",
          "-",
          "/*",
          "*/",
          "\n",
        ),
        { maxLength: 20 },
      ),
      (pieces) => {
        const parsed = parseTemplate("t", pieces.join(""));
        expect(parsed.ok || parsed.error.message.startsWith("template: t:")).toBe(true);
      },
    ),
  ));

test("text without delimiters is printed unchanged", () =>
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("{{")),
      (text) => {
        expect(parse(text).execute(undefined)).toBe(text);
      },
    ),
  ));

test("the output of formatGoFloat() is read as the same number", () =>
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const format of ["e", "f", "g"] as const) expect(Number(formatGoFloat(value, format, -1))).toBe(value);
      expect(Number(formatGoFloat(value, "e", 20))).toBe(value);
    }),
  ));

test("parseLayout() inverts formatLayout()", () =>
  fc.assert(
    fc.property(fc.integer({ min: -6e12, max: 6e12 }), (ms) => {
      const layout = "Mon, 02 Jan 2006 15:04:05.000 -0700";
      const text = formatLayout(layout, GoTime.ofMilliseconds(ms).wallClock());
      expect(parseLayout(layout, text)?.unixNanos).toBe(BigInt(ms) * 1_000_000n);
    }),
  ));

test.each([
  [0n, "0s"],
  [1n, "1ns"],
  [1_500n, "1.5µs"],
  [250_000_000n, "250ms"],
  [90_000_000_000n, "1m30s"],
  [-3_600_000_000_000n, "-1h0m0s"],
])("a duration of %d ns prints as %s", (nanoseconds, text) => {
  expect(new GoDuration(nanoseconds).toString()).toBe(text);
});
