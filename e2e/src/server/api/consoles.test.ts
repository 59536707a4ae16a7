import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const absent = lacks("peers");
const workplace = new Workplace();
const servers: Served[] = [];

const VECTOR = `label_replace(vector(2), 'job', 'b', '', '') or label_replace(vector(1.5), 'job', 'a<&', '', '')`;

/** A console template library, as users write it. */
const LIBRARY = `{{ define "head" }}<!doctype html>
<html><head><title>{{ .Path }}</title>
<script>var PATH_PREFIX = "{{ pathPrefix }}"; var params = {{ .Params }};</script>
<link rel="stylesheet" href="{{ pathPrefix }}/user/style.css"></head><body>{{ end }}
{{ define "tail" }}</body></html>{{ end }}
{{ define "link" }}<a href="{{ graphLink .arg0 }}">{{ with query .arg0 }}{{ . | first | value | humanize }}{{ $.arg1 }}{{ end }}</a>{{ end }}
{{ define "cell" }}<td>{{ .arg0 }}{{ with $x := .arg1 }}:{{ tmpl $x . }}{{ end }}</td>{{ end }}
{{ define "bold" }}<b>{{ . }}</b>{{ end }}
{{ define "twice" }}from the library{{ end }}
`;

const PAGES: Readonly<Record<string, string>> = {
  "index.html": `{{ template "head" . }}<h1>{{ title "all jobs" }}</h1>{{ range query "${VECTOR}" | sortByLabel "job" }}
<p id="{{ .Labels.job }}">{{ .Labels.job }}: {{ .Value }}</p>{{ end }}{{ template "tail" }}`,
  "parameters.html": `{{ .Path }} {{ .Params.a }} {{ $params.b }} {{ .RawParams.a }} {{ $rawParams.Get "a" }} {{ range $k, $v := .RawParams }}[{{ $k }}={{ range $v }}{{ . }},{{ end }}]{{ end }} {{ .RawParams.Encode }} {{ .RawParams.Has "a" }} {{ .Params }}`,
  "labels.html": `{{ .ExternalLabels.cluster }} {{ $externalLabels.cluster }} {{ .ExternalLabels.nope }} {{ .ExternalLabels }} {{ $path }} {{ externalURL }}|{{ pathPrefix }}`,
  "tmpl.html": `<table><tr>{{ template "cell" (args "a" "bold") }}{{ template "cell" (args "b") }}</tr></table>{{ tmpl "bold" "<i>" }}`,
  "link.html": `<p>{{ template "link" (args "vector(12345)" "x") }}</p>`,
  "overridden.html": `{{ define "twice" }}from the page{{ end }}{{ template "twice" }}`,
  "escapes.html": `<a href="{{ .Params.u }}" title={{ .Params.t }} onclick="go({{ .Params }})">{{ .Params.t }}</a>{{ safeHtml .Params.t }}<style>p { color: {{ .Params.t }} }</style>`,
  "plain.txt": "{{ 1 }} of {{ 2 }}",
  "xml.xml": '  <?xml version="1.0"?><a>{{ .Path }}</a>',
  "space.html": "\n\n  <P>text</P>",
  "shout.html": "<DIV>text</DIV>",
  "bold.html": "<B>x</B>",
  "almost.html": "<pre>x</pre>",
  "bytes.bin": "a\u0001b",
  "unicode.html": "ü\u0000 {{ toUpper `aßŉǆé` }} {{ toLower `ΑΣ İZ` }} {{ title `ßa éb` }}",
  "empty.html": "",
  "nothing.html": "{{ if false }}x{{ end }}",
  "sub/page.html": "{{ .Path }}",
  "scalar.html": `{{ query "1 + 1" | first | value }} {{ with query "vector(1) > 2" }}x{{ else }}none{{ end }}`,
  "results.html": `{{ with query "vector(1)" }}{{ .arg }}{{ end }}`,
  "first.html": `{{ query "vector(1) > 2" | first | value }}`,
  "string.html": `{{ query "'x'" }}`,
  "range.html": `{{ query "up[5m]" }}`,
  "badquery.html": `{{ query "sum(" }}`,
  "failing.html": `{{ query "label_replace(vector(1), 'a', '$1', 'b', '(')" }}`,
  "badparse.html": "line\n{{ if }}",
  "badname.html": "{{ foo 1 }}",
  "badfield.html": "a\n {{ .Nope }}",
  "badtmpl.html": `{{ tmpl "nope" . }}`,
  "badinner.html": `{{ tmpl "failing" . }}{{ define "failing" }}x {{ .Nope.Nope }}{{ first . }}{{ end }}`,
  "badcall.html": `{{ first 1 }}`,
  "time.html": `{{ humanizeDuration 3700 }} {{ humanize1024 123456 }} {{ parseDuration "1h" }} {{ (toTime 0).Year }}`,
};

const PATHS = [
  ...Object.keys(PAGES),
  "",
  "nope.html",
  "sub",
  "sub/",
  "../prometheus.yml",
  "%2e%2e/prometheus.yml",
  "sub/..%2f..%2findex.html",
  "index.html/x",
  "parameters.html?a=1&a=2&b=%3Cb%3E&c",
  "parameters.html?a=1;b=2",
  "parameters.html?a=%zz",
  "escapes.html?u=javascript:x&t=%3Ci%3E%22'%20x",
  "escapes.html?u=/a?b=c&t=red",
];

beforeAll(async () => {
  if (absent) return;
  workplace.write("libraries/one.lib", LIBRARY);
  workplace.write("libraries/two.lib", '{{ define "unused" }}x{{ end }}');
  workplace.write("libraries/three.txt", "{{ broken");
  for (const [name, text] of Object.entries(PAGES)) workplace.write(`consoles/${name}`, text);
  workplace.write("assets/style.css", "p { color: red }\n");
  workplace.write("assets/sub/index.html", "<p>in a folder</p>\n");
  workplace.write("assets/data.json", "{}\n");
  workplace.write("assets/script.js", "1;\n");
  workplace.write("assets/a <b>.txt", "text\n");
  const settings = {
    config: "global: {external_labels: {cluster: 'lab<1>', zone: z}}\n",
    flags: [
      `--web.console.templates=${workplace.path("consoles")}`,
      `--web.console.libraries=${workplace.path("libraries")}`,
      `--web.user-assets=${workplace.path("assets")}`,
      "--web.external-url=http://example.org/outside/",
      "--web.route-prefix=/",
    ],
  };
  servers.push(
    await serve("prometheus", workplace, "theirs", settings),
    await serve("narthex", workplace, "ours", settings),
  );
});

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: readonly (string | null)[];
  readonly body: string;
}

const HEADERS = ["content-type", "location", "x-content-type-options", "content-range"];

/** Sends a request to Prometheus and to our server. Resolves with the two answers in this order. */
const both = (path: string, init?: RequestInit): Promise<readonly Answer[]> =>
  Promise.all(
    servers.map(async ({ base }) => {
      const response = await fetch(`${base}/${path}`, { redirect: "manual", ...init });
      const headers = HEADERS.map((name) => response.headers.get(name));
      return { status: response.status, headers, body: await response.text() };
    }),
  );

test.skipIf(absent).each(PATHS)("/consoles/%s gets the same answer as from Prometheus", async (path) => {
  const [theirs, ours] = await both(`consoles/${path}`);
  expect(ours).toEqual(theirs);
});

const ASSETS: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[] = [
  ["style.css", {}],
  ["data.json", {}],
  ["script.js", {}],
  ["sub/", {}],
  ["sub?a=1", {}],
  ["sub/index.html", {}],
  ["nope", {}],
  ["style.css/", {}],
  ["a%20%3Cb%3E.txt", {}],
  ["", {}],
  ["../prometheus.yml", {}],
  ["%2e%2e%2fprometheus.yml", {}],
  ["style.css", { range: "bytes=2-4" }],
  ["style.css", { "if-modified-since": "Tue, 01 Jan 2999 00:00:00 GMT" }],
  ["style.css", { "if-modified-since": "Tue, 01 Jan 2019 00:00:00 GMT" }],
];

test.skipIf(absent).each(ASSETS)("/user/%s is served as Prometheus serves it, with %j", async (path, headers) => {
  const [theirs, ours] = await both(`user/${path}`, { headers });
  expect(ours).toEqual(theirs);
});

test.skipIf(absent)("the UI's document links to the consoles", async () => {
  const [, ours] = await both("query");
  expect(ours!.body).toContain('"consolesLink": "/outside/consoles/index.html"');
});
