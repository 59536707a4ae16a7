import { expect, test } from "vitest";
import { type NamedText, renderConsole } from "./console-template.ts";
import { stringMap } from "./value.ts";

const CONTEXT = { time: 0, externalUrl: "http://host/prefix", query: async () => [] };

const render = (
  text: string,
  libraries: readonly NamedText[] = [],
  pause: () => Promise<void> | undefined = () => undefined,
): Promise<string> =>
  renderConsole({ name: "__console_/a", text }, stringMap({ x: "<b>" }), { context: CONTEXT, libraries, pause });

test("a page uses the definitions of libraries; if a definition occurs several times, the last one is used", async () => {
  const libraries = [
    { name: "a.lib", text: '{{ define "w" }}first{{ end }}' },
    { name: "b.lib", text: '{{ define "w" }}{{ . }}{{ end }}' },
  ];
  expect(await render('{{ define "w" }}own{{ end }}<p>{{ template "w" .x }}</p>', libraries)).toBe("<p>&lt;b&gt;</p>");
});

test("tmpl expands a definition with a computed name once", async () => {
  const libraries = [{ name: "a.lib", text: '{{ define "w1" }}<i>{{ . }}</i>{{ end }}' }];
  expect(await render('<p>{{ tmpl (printf "w%d" 1) .x }}</p>', libraries)).toBe("<p><i>&lt;b&gt;</i></p>");
});

test.each([
  ["{{ if }}", "error parsing template __console_/a: template: __console_/a:1: missing value for if"],
  [
    '{{ tmpl "nope" 1 }}',
    'error executing template __console_/a: template: __console_/a:1:3: executing "__console_/a" at <tmpl "nope" 1>: ' +
      'error calling tmpl: html/template: "nope" is undefined',
  ],
])("%s is refused as Prometheus refuses it", async (text, message) => {
  await expect(render(text)).rejects.toThrow(message);
});

test("the error of a library that cannot be parsed names it", async () => {
  const libraries = [{ name: "a.lib", text: "\n{{ foo }}" }];
  await expect(render("", libraries)).rejects.toThrow(
    'error parsing template files for __console_/a: template: a.lib:2: function "foo" not defined',
  );
});

test("a template expanded by tmpl shares the limits of the page, and an endless one is stopped", async () => {
  await expect(render('{{ define "a" }}{{ tmpl "a" . }}{{ end }}{{ tmpl "a" . }}')).rejects.toThrow(
    "templates are nested deeper than 100",
  );
  const loops = '{{ range 10000000 }}{{ tmpl "w" . }}{{ end }}';
  const libraries = [{ name: "a.lib", text: '{{ define "w" }}{{ range 3000000 }}{{ end }}{{ end }}' }];
  await expect(render(loops, libraries)).rejects.toThrow("takes more than 10000000 steps");
});

test("a run pauses between statements, and continues", async () => {
  let asked = 0;
  const pause = (): Promise<void> | undefined => (++asked % 2 === 0 ? Promise.resolve() : undefined);
  expect(await render("{{ range 5 }}{{ . }}{{ end }}", [], pause)).toBe("01234");
  expect(asked).toBeGreaterThan(5);
});
