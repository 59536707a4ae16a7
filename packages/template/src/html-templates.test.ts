import { expect, test } from "vitest";
import { alertmanagerFunctions } from "./alertmanager-functions.ts";
import { parseTemplate } from "./template.ts";
import { GoStruct, stringMap } from "./value.ts";

const DATA = new GoStruct(
  { name: "template.Data" },
  {
    Status: "firing",
    CommonLabels: stringMap({ alertname: "A b", i: "1", severity: "critical" }),
    CommonAnnotations: stringMap({ summary: "x <b> & é" }),
    ExternalURL: "http://vm:19093",
  },
);

/** Renders a template. Returns the output, or `! ` followed by the error. */
function render(text: string): string {
  const parsed = parseTemplate("", text, { functions: alertmanagerFunctions(() => 0) });
  if (!parsed.ok) return `! ${parsed.error.message}`;
  try {
    return parsed.template.execute(DATA, { html: true });
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}

/** Templates, each with the output of amtool 0.33.1 with --template.type=html. */
const OBSERVED: readonly (readonly [string, string])[] = [
  ['<a href="{{ "javascript:x" }}">{{ "<b>+\'" }}</a><!-- c -->', '<a href="#ZgotmplZ">&lt;b&gt;&#43;&#39;</a>'],
  ['<a href="/x?q={{ "a b&c" }}">', '<a href="/x?q=a%20b%26c">'],
  ['<a title={{ "a b" }}>', "<a title=a&#32;b>"],
  ['<p style="color: {{ "red;x" }}">', '<p style="color: ZgotmplZ">'],
  ['<p style="color: {{ "red" }}">', '<p style="color: red">'],
  ['<a href="{{ "http://h/a b?x=1&y=ü" }}">', '<a href="http://h/a%20b?x=1&amp;y=%c3%bc">'],
  ['<b>{{ safeHtml "<i>" }}</b>', "<b><i></b>"],
  ['<b title="{{ safeHtml "<i>x</i>&amp;" }}">', '<b title="x&amp;">'],
  ['<a href="{{ safeUrl "javascript:1" }}">', '<a href="javascript:1">'],
  ["<td>{{ .CommonAnnotations.summary }}</td>", "<td>x &lt;b&gt; &amp; é</td>"],
  ["<td>{{ .CommonAnnotations.summary | html }}</td>", "<td>x &lt;b&gt; &amp; é</td>"],
  ["<td>{{ .Foo }}</td>", '! template: :1:7: executing "" at <.Foo>: can\'t evaluate field Foo in type template.Data'],
  ['{{ (dict "a" 1).b }}|{{ .CommonLabels.zz }}', "|"],
  ["<script>var x = {{ 1.5 }};</script>", "<script>var x =  1.5 ;</script>"],
  ['<div onclick="f({{ "a\'b" }})">', '<div onclick="f(&#34;a&#39;b&#34;)">'],
  [
    '<img src="{{ .ExternalURL }}/a{{ "b c" }}?x={{ "1&2" }}#{{ "z z" }}">',
    '<img src="http://vm:19093/ab%20c?x=1%262#z%20z">',
  ],
  ['<title>{{ "<x>" }}</title>', "<title>&lt;x&gt;</title>"],
  ["<!-- {{ .Status }} -->x", "x"],
  ["<!DOCTYPE html><html>{{ .Status }}", "<!DOCTYPE html><html>firing"],
  ['<a {{ "title" }}="x">', '<a title="x">'],
  ['<{{ "b" }}>', "&lt;b>"],
  [
    '{{ define "x" }}<i>{{ . }}</i>{{ end }}<b title="{{ .Status }}">{{ template "x" .CommonAnnotations.summary }}</b>',
    '<b title="firing"><i>x &lt;b&gt; &amp; é</i></b>',
  ],
  ['<a href="mailto:{{ "a@b c" }}">', '<a href="mailto:a@b%20c">'],
  ['<style>p { color: {{ "red" }} }</style>', "<style>p { color: red }</style>"],
  ["<input value={{ .CommonAnnotations.summary }}>", "<input value=x&#32;&lt;b&gt;&#32;&amp;&#32;é>"],
  ['<a href={{ "http://x/a b" }}>', "<a href=http://x/a%20b>"],
  ['{{ "a+b=c`d\\"e" }}', "a&#43;b=c`d&#34;e"],
  [
    '<a data-href="{{ "javascript:1" }}" xlink:href="{{ "javascript:1" }}">',
    '<a data-href="#ZgotmplZ" xlink:href="#ZgotmplZ">',
  ],
  [
    "<tr style='background: {{ if eq .Status \"firing\" }}#E6522C{{ else }}green{{ end }}'>",
    "<tr style='background: #E6522C'>",
  ],
  ['{{ 5 | html | printf "%s" }}', '! html/template::1:3: predefined escaper "html" disallowed in template'],
  ['<textarea>{{ "</textarea>" }}</textarea>', "<textarea>&lt;/textarea&gt;</textarea>"],
  ['1 < 2 {{ "x" }} > 3', "1 &lt; 2 x > 3"],
  ['<b>{{ safeHtml "<i>" | printf "%s" }}</b>', "<b>&lt;i&gt;</b>"],
  ['<script>// it\'s\nf({{ "a" }})</script>', '<script>\nf("a")</script>'],
  ['<script>/* don\'t */ f({{ "a" }})</script>', '<script>  f("a")</script>'],
  ['<script>/* a\nb */f({{ 1 }}); // {{ "c" }} it\'s\ng({{ 2 }})</script>', "<script>\nf( 1 ); \ng( 2 )</script>"],
  ["<script>x = 1 <!-- it's\ny = {{ \"z\" }}; --> isn't\n</script>", '<script>x = 1 \ny = "z"; \n</script>'],
  [
    '<script>f(`a ${b} {{ "${c}`" }}`, {{ "d" }})</script>',
    '<script>f(`a ${b} \\u0024\\u007bc\\u007d\\u0060`, "d")</script>',
  ],
  [
    '<script>f(`${ g("{{ "<" }}", {h: {{ "i" }}}) } {{ "j" }}`)</script>',
    '<script>f(`${ g("\\u003c", {h: "i"}) } j`)</script>',
  ],
  [
    '<script>f = /it\'s [/] \\/ {{ "a.b" }}/g; g = 4 / {{ 2 }}; "{{ "h" }}"</script>',
    '<script>f = /it\'s [/] \\/ a\\.b/g; g = 4 /  2 ; "h"</script>',
  ],
  ['<script>f("</script>", {{ 1 }})</script>', '<script>f("\\x3C/script>",  1 )</script>'],
  ['<script type="text/template">{{ "<b>" }} `</script>', '<script type="text/template">&lt;b&gt; `</script>'],
  [
    '<style>/* it\'s */ p { color: {{ "red" }} } // isn\'t {{ 1 }}\nq { background: url({{ "javascript:x" }}); font: "{{ "a;b" }}" }</style>',
    '<style>  p { color: red } \nq { background: url(#ZgotmplZ); font: "a\\3b b" }</style>',
  ],
  [
    '<b onclick="f(&quot;{{ "a" }}&quot;, {{ "b" }}) // it\'s {{ "c" }}">',
    '<b onclick="f(&quot;a&quot;, &#34;b&#34;) // it\'s ">',
  ],
  ['<img srcset="{{ "a.png 1x, javascript:x 2x" }}">', '<img srcset="a.png 1x,#ZgotmplZ">'],
  ['<meta content="0; url={{ "javascript:x" }}">', '<meta content="0; url=#ZgotmplZ">'],
  ['<a {{ "rel" }}="x" {{ "Title" }}="y">', '<a ZgotmplZ="x" title="y">'],
  [
    "<script>f({{ 1 }}",
    "! html/template: ends in a non-text context: {stateJS delimNone urlPartNone jsCtxDivOp [] attrNone elementScript <nil>}",
  ],
  [
    '<a href="x',
    "! html/template: ends in a non-text context: {stateURL delimDoubleQuote urlPartPreQuery jsCtxRegexp [] attrURL elementNone <nil>}",
  ],
  ['<a b"c="d">', '! html/template: "\\"" in attribute name: " b\\"c=\\"d\\">"'],
  ["<a id=a=b>", '! html/template: "=" in unquoted attr: "a=b"'],
  ['<a href="x"y">', '! html/template: "\\"" in attribute name: "y\\">"'],
  ['<script>f = "\\{{ 1 }}"</script>', '! html/template: unfinished escape sequence in JS string: "\\\\"'],
  ["<script>f = /[{{ 1 }}]/</script>", '! html/template: unfinished JS regexp charset: "["'],
];

test("the error of a text with an invalid name shows the same part as Go", () => {
  const shown = String.raw`"<script><style><script type=\"tex"`;
  expect(render('<i <script><style><script type="text/x">')).toBe(
    `! html/template: "<" in attribute name: ${shown.replace("<script>", " <script>").slice(0, -2)}"`,
  );
});

test("an error after the end of a style is not reported for the style", () => {
  expect(render('<style>p { content: "</style>\\')).toBe('<style>p { content: "</style>\\');
});

test("the time for a long script grows linearly with its length", () => {
  const script = `<script>${"{'a'}; ".repeat(20_000)}`;
  expect(render(`${script}{{ 1 }}</script>`)).toBe(`${script} 1 </script>`);
});

test.each(OBSERVED)("html mode renders %s like Go", (text, expected) => {
  expect(render(text)).toBe(expected);
});
