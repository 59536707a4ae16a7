import { expect, test } from "vitest";
import { alertmanagerFunctions } from "./alertmanager-functions.ts";
import { TemplateError } from "./problem.ts";
import { parseTemplate } from "./template.ts";

const LIMITS = { steps: 10_000, length: 10_000 };

function run(text: string, html = false): string {
  const parsed = parseTemplate("", text, { functions: alertmanagerFunctions(() => 0) });
  if (!parsed.ok) throw parsed.error;
  return parsed.template.execute({}, { limits: LIMITS, html });
}

const STEPS = "the template takes more than 10000 steps: does a loop or a template that calls itself not end?";

test.each([
  ["an empty loop", "{{ range 1000000000 }}{{ end }}", STEPS],
  ["loops in loops", "{{ range 1000 }}{{ range 1000 }}{{ if true }}{{ end }}{{ end }}{{ end }}", STEPS],
  [
    "templates that call themselves twice",
    `${Array.from({ length: 30 }, (_, i) => `{{ define "t${i}" }}{{ template "t${i + 1}" }}{{ template "t${i + 1}" }}{{ end }}`).join("")}{{ define "t30" }}{{ end }}{{ template "t0" }}`,
    STEPS,
  ],
  [
    "a template within itself",
    '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
    "maximum template depth",
  ],
  [
    "output without end",
    '{{ range 1000 }}{{ "0123456789" }}0123456789{{ end }}',
    "the output gets longer than 10000 characters",
  ],
  [
    "a text that doubles",
    '{{ $x := "ab" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}',
    "a value gets longer than 10000",
  ],
  [
    "a list that holds itself twice",
    "{{ $x := list 1 }}{{ range 100 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
    "a value gets longer",
  ],
  [
    "a map that holds itself twice",
    '{{ $x := dict "a" 1 }}{{ range 100 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toJson $x }}',
    "a value gets longer",
  ],
  [
    "patterns over and over",
    '{{ range 100 }}{{ if match "(a*)*b" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }}{{ end }}{{ end }}',
    STEPS,
  ],
  ["a wide number", '{{ printf "%999999999d" 1 }}', "a value gets longer"],
])("%s is stopped", (_name, text, message) => {
  expect(() => run(text)).toThrow(message);
  expect(() => run(text, true)).toThrow(message);
});

test("the error names the position", () => {
  expect(() => run("x\n  {{ range 100000 }}{{ end }}")).toThrow(
    /^template: :2:\d+: executing "" at <{{range 100000}}.*>: the template takes/,
  );
});

test("a template that calls itself from deep within its branches is stopped", () => {
  const nested = "{{ if true }}".repeat(50);
  const text = `{{ define "a" }}${nested}{{ template "a" . }}${"{{ end }}".repeat(50)}{{ end }}{{ template "a" . }}`;
  expect(() => run(text)).toThrow(TemplateError);
  expect(() => run(`{{ ${"(".repeat(100_000)} 1 ${")".repeat(100_000)} }}`)).toThrow(TemplateError);
});

test("a template within its limits is not affected", () => {
  expect(run("{{ range 4000 }}.{{ end }}")).toBe(".".repeat(4000));
});
