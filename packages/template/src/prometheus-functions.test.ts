import { expect, test } from "vitest";
import { prometheusFunctions, type QuerySample } from "./prometheus-functions.ts";
import { parseTemplate } from "./template.ts";
import { stringMap } from "./value.ts";

const SAMPLES: readonly QuerySample[] = [
  { Labels: stringMap({ job: "b", __value__: "x" }), Value: 2 },
  { Labels: stringMap({ job: "a" }), Value: 1.5 },
];

const CONTEXT = {
  time: 1_700_000_000_500,
  externalUrl: "http://host:9090/prefix",
  query: (expression: string) =>
    expression === "bad"
      ? Promise.reject(new Error("parse error"))
      : Promise.resolve(expression === "none" ? [] : SAMPLES),
};

const PRELUDE = "{{$labels := .Labels}}{{$value := .Value}}";

async function render(text: string, value = 93784.5): Promise<string> {
  const parsed = parseTemplate("__alert_X", PRELUDE + text, { functions: prometheusFunctions(CONTEXT) });
  if (!parsed.ok) return `! ${parsed.error.message}`;
  try {
    return await parsed.template.executeAsync({ Labels: stringMap({ instance: "web-1" }), Value: value });
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}

test.each([
  ["{{ $labels.instance }}|{{ $labels.nope }}|{{ $value }}", "web-1||93784.5"],
  ["{{ humanize $value }} {{ humanize1024 $value }}", "93.78k 91.59ki"],
  ["{{ humanizeDuration $value }} {{ humanizePercentage $value }}", "1d 2h 3m 4s 9.378e+06%"],
  ["{{ humanize 0.00123 }} {{ humanize -75.25 }} {{ humanize 1234567 }}", "1.23m -75.25 1.235M"],
  ["{{ humanizeDuration 0.00123 }} {{ humanizeDuration -75.25 }} {{ humanizeDuration 0 }}", "1.23ms -1m 15s 0s"],
  ["{{ humanize1024 0.00123 }} {{ humanize1024 1234567 }}", "0.00123 1.177Mi"],
  ['{{ humanize "12e3" }} {{ humanizeTimestamp 93784.5 }}', "12k 1970-01-02 02:03:04.5 +0000 UTC"],
  [
    '{{ query "up" | first | value }} {{ range query "up" | sortByLabel "job" }}{{ .Labels.job }}={{ .Value }} {{ end }}',
    "2 a=1.5 b=2 ",
  ],
  ['{{ with query "up" }}{{ . | first | label "job" }}{{ . | first | strvalue }}{{ end }}', "bx"],
  ['{{ with query "none" }}some{{ else }}nothing{{ end }}', "nothing"],
  ['{{ title "hello wORLD" }} {{ toUpper "a" }} {{ toLower "A" }}', "Hello WORLD A a"],
  ['{{ reReplaceAll "(.*)-1" "$1" "web-1" }} {{ match "w.b" "web-1" }}', "web true"],
  ['{{ stripPort "h:80" }} {{ stripPort "[::1]:80" }} {{ stripPort "h" }}', "h ::1 h"],
  ['{{ stripDomain "a.b.c:80" }} {{ stripDomain "1.2.3.4:80" }}', "a:80 1.2.3.4:80"],
  ['{{ graphLink "up == 0" }} {{ tableLink "up" }}', "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=up&g0.tab=1"],
  ["{{ externalURL }} {{ pathPrefix }} {{ now }}", "http://host:9090/prefix /prefix 1.7000000005e+09"],
  ['{{ parseDuration "1h30m" }} {{ toDuration 90 }} {{ (toTime 0).Year }}', "5400 1m30s 1970"],
  ['{{ (args 1 2).arg1 }} {{ urlQueryEscape "a b" }}', "2 a+b"],
])("%s renders as Prometheus shows it", async (text, expected) => {
  expect(await render(text)).toBe(expected);
});

test("the errors of a failed query and of an empty first() name the position as Go does", async () => {
  expect(await render('{{ query "bad" }}')).toBe(
    '! template: __alert_X:1:45: executing "__alert_X" at <query "bad">: error calling query: parse error',
  );
  expect(await render('{{ query "none" | first }}')).toBe(
    '! template: __alert_X:1:60: executing "__alert_X" at <first>: error calling first: first() called on vector with no elements',
  );
  expect(await render("{{ if gt $value 5 }}{{ end }}")).toContain("incompatible types for comparison: float64 and int");
});

test("execute() refuses an asynchronous function", () => {
  const parsed = parseTemplate("x", '{{ query "up" }}', { functions: prometheusFunctions(CONTEXT) });
  expect(() => (parsed.ok ? parsed.template.execute({}) : "")).toThrow("executeAsync");
});
