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
    return parsed.template.execute(DATA);
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}

/** Templates, each with the output of amtool 0.33.1. */
const OBSERVED: readonly (readonly [string, string])[] = [
  ['{{ and 1 0 2 }} {{ or 0 "" "z" }}', "0 z"],
  ['{{ "a" | printf "%s-%s" "b" }}', "b-a"],
  ["{{ range 3 }}{{.}}{{end}}", "012"],
  ['{{ len "é" }}', "2"],
  ['{{ print 1 2 "a" 3 }}', "1 2a3"],
  ['{{ dict "a" 1 }} {{ list 1 2 }} {{ (dict "a" 1).zz }}', "map[a:1] [1 2] <no value>"],
  ['{{ printf "%d %v %s" 1.5 2 3 }}', "%!d(float64=1.5) 2 %!s(int=3)"],
  ['{{ printf "%d" }} {{ printf "%s" "a" "b" }} {{ printf "%z" 1 }}', "%!d(MISSING) a%!(EXTRA string=b) %!z(int=1)"],
  ['{{ printf "%6.2f|%-5s|%05d|%x %q" 3.14159 "a" 42 "hi" "q" }}', '  3.14|a    |00042|6869 "q"'],
  ['{{ urlquery "a b&c" }} {{ html "<a>" }} {{ js "it\'s" }}', "a+b%26c &lt;a&gt; it\\'s"],
  ['{{/* c */}}x {{- " y " -}} z', "x y z"],
  ["{{ 07 }}{{ 0x1F }}{{ 1_000 }}", "7311000"],
  ['{{ slice "hello" 1 3 }}', "el"],
  ['{{ title "hello wORLD" }}', "Hello World"],
  ["{{ humanizeDuration 3700 }}", "1h 1m 40s"],
  ['{{ eq .Status "a" "firing" }}', "true"],
  ['{{ "a" }', '! template: :1: unexpected "}" in operand'],
  ["{{ if }}", "! template: :1: missing value for if"],
  ["{{ foo }}", '! template: :1: function "foo" not defined'],
  [
    '{{ reReplaceAll "(" "" "x" }}',
    '! template: :1:3: executing "" at <reReplaceAll "(" "" "x">: error calling reReplaceAll: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`',
  ],
  ["{{ .Status.Foo }}", '! template: :1:10: executing "" at <.Status.Foo>: can\'t evaluate field Foo in type string'],
  [
    "{{ eq 1 1.0 }}",
    '! template: :1:3: executing "" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64',
  ],
  [
    "{{ .StartsAt }}",
    '! template: :1:3: executing "" at <.StartsAt>: can\'t evaluate field StartsAt in type template.Data',
  ],
  ["{{ $x := 1 }}{{ $x }}{{ $y }}", '! template: :1: undefined variable "$y"'],
  ["{{ range $k,$v := .CommonLabels }}{{$k}}={{$v}};{{end}}", "alertname=A b;i=1;severity=critical;"],
  ["{{ len 1 }}", '! template: :1:3: executing "" at <len 1>: error calling len: len of type int'],
  ["{{ toUpper 1 }}", '! template: :1:11: executing "" at <1>: expected string; found 1'],
  ["{{ title 1.0 }}", '! template: :1:9: executing "" at <1.0>: expected string; found 1.0'],
  ["{{ if 1 }}", "! template: :1: unexpected EOF"],
  ["{{ end }}", "! template: :1: unexpected {{end}}"],
  ['{{ "abc }}', "! template: :1: unterminated quoted string"],
  ["{{ a@b }}", "! template: :1: bad character U+0040 '@'"],
  ["{{ .@ }}", "! template: :1: bad character U+0040 '@'"],
  ["{{ break }}", "! template: :1: {{break}} outside {{range}}"],
  ['{{ template "zz" . }}', '! template: :1:12: executing "" at <{{template "zz" .}}>: template "zz" not defined'],
  ["{{ nil }}", '! template: :1:3: executing "" at <nil>: nil is not a command'],
  ["{{ 1 | 2 }}", "! template: :1: non executable command in pipeline stage 2"],
  ["{{ .Foo | len }}", '! template: :1:3: executing "" at <.Foo>: can\'t evaluate field Foo in type template.Data'],
  [
    '{{ lt "a" 1 }}',
    '! template: :1:3: executing "" at <lt "a" 1>: error calling lt: incompatible types for comparison: string and int',
  ],
  ['{{ len "a" "b" }}', '! template: :1:3: executing "" at <len>: wrong number of args for len: want 1 got 2'],
  ["{{ not }}", '! template: :1:3: executing "" at <not>: wrong number of args for not: want 1 got 0'],
  [
    "{{ 1234567.5 }} {{ 123456.5 }} {{12345678.25}} {{ 100000.5 }} {{ 1000000.5 }} {{1e5}} {{123456.0}} {{1234560.0}} {{0.00001}} {{1e21}} {{ 1.0 }}",
    "1.2345675e+06 123456.5 1.234567825e+07 100000.5 1.0000005e+06 100000 123456 1.23456e+06 1e-05 1e+21 1",
  ],
  [
    '{{ printf "%.3g %.10g %g %.0f %.0f %.1f %.2e" 1234567.5 1234567.5 100000.5 0.5 2.5 0.25 1.125 }}',
    "1.23e+06 1234567.5 100000.5 0 2 0.2 1.12e+00",
  ],
  [
    '{{ printf "%6.3d|%+d|%x|%X|%#x|% d|%c|%q|%U|%o|%b|%e|%s" 5 5 255 255 255 5 65 65 65 8 5 1.5 true}}',
    "   005|+5|ff|FF|0xff| 5|A|'A'|U+0041|10|101|1.500000e+00|%!s(bool=true)",
  ],
  [
    '{{ printf "%v %d %s %q" (list 1 2 "a") (list 1 2) (list "a" 1) (list "a" "b") }}',
    '[1 2 a] [1 2] [a %!s(int=1)] ["a" "b"]',
  ],
  [
    '{{ printf "%t %v %5t|%-7v|%07.2f|%+.1e|%x|% x|%#q" true false true 1.5 3.14159 12345.678 "hi" "hi" "a`b" }}',
    'true false  true|1.5    |0003.14|+1.2e+04|6869|68 69|"a`b"',
  ],
  ['{{ printf "%[2]d %[1]d %*d|%-*d|" 1 2 5 3 5 3}}', "2 1  5|5  |"],
  ['{{ printf "%!|%z|%d" "x"}}{{ printf "%" }}', "%!!(string=x)|%!z(MISSING)|%!d(MISSING)%!(NOVERB)"],
  [
    '{{ printf "%#v %#v %#v %#v" 1 1.0 (list 1 "a") (dict "a" 1) }}',
    '1 1 []interface {}{1, "a"} map[string]interface {}{"a":1}',
  ],
  ['{{ printf "%v %s %d" nil nil nil}}', "<nil> %!s(<nil>) %!d(<nil>)"],
  ['{{ print nil 1 "a" }}|{{println 1 "a"}}', "<nil> 1a|1 a\n"],
  ["{{ with .Foo }}", "! template: :1: unexpected EOF"],
  ["{{ with .CommonLabels.nope }}a{{ else with .Status }}b{{ . }}{{ else }}c{{ end }}", "bfiring"],
  ["{{ if eq 1 2 }}a{{ else if eq 1 1 }}b{{ else }}c{{ end }}", "b"],
  ['{{ define "x" }}[{{ . }}]{{ end }}{{ template "x" .Status }}{{ template "x" }}', "[firing][<no value>]"],
  ['{{ block "y" .Status }}<{{ . }}>{{ end }}', "<firing>"],
  ["{{ range $i := list 1 2 3 }}{{ if eq $i 2 }}{{ continue }}{{ end }}{{ $i }}{{ end }}", "13"],
  ["{{ range list 1 2 3 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}", "1"],
  ["{{ range 1.5 }}{{ end }}", '! template: :1:9: executing "" at <1.5>: range can\'t iterate over 1.5'],
  ['{{ range "abc" }}{{ . }}{{ end }}', '! template: :1:9: executing "" at <"abc">: range can\'t iterate over abc'],
  ['{{ toJson (dict "b" 1 "a" (list 1.5 "x<")) }}', '{"a":[1.5,"x\\u003c"],"b":1}'],
  [
    '{{ humanizeDuration 0.0015 }} {{ humanizeDuration 93784.5 }} {{ humanizeDuration -75.25 }} {{ humanizeDuration "61" }} {{ humanizeDuration 0 }}',
    "1.5ms 1d 2h 3m 4s -1m 15s 1m 1s 0s",
  ],
  [
    '{{ humanizeDuration "x" }}',
    '! template: :1:3: executing "" at <humanizeDuration "x">: error calling humanizeDuration: strconv.ParseFloat: parsing "x": invalid syntax',
  ],
  [
    '{{ humanizeDuration "constructor" }}',
    '! template: :1:3: executing "" at <humanizeDuration "constructor">: error calling humanizeDuration: strconv.ParseFloat: parsing "constructor": invalid syntax',
  ],
  ['{{ match "^a" "abc" }} {{ match "b$" "abc" }}', "true false"],
  [
    '{{ match "(" "abc" }}',
    '! template: :1:3: executing "" at <match "(" "abc">: error calling match: error parsing regexp: missing closing ): `(`',
  ],
  ['{{ reReplaceAll "(a)(b)" "${2}$1x$1_" "abab" }}', "bb"],
  ['{{ urlUnescape "a%20b+c" }}', "a b c"],
  ['{{ urlUnescape "é%C3%A9%FF" }}', "éé\ufffd"],
  [
    '{{ urlUnescape "a%zz" }}',
    '! template: :1:3: executing "" at <urlUnescape "a%zz">: error calling urlUnescape: invalid URL escape "%zz"',
  ],
  ['{{ trimSpace "  x " }}|{{ toLower "ABC" }}', "x|abc"],
  [
    '{{ dict "a" }}',
    '! template: :1:3: executing "" at <dict "a">: error calling dict: dict requires an even number of arguments',
  ],
  ["{{ dict 1 2 }}", '! template: :1:3: executing "" at <dict 1 2>: error calling dict: dict keys must be strings'],
  ['{{ index (dict "a" 1) "a" }} {{ index (dict "a" 1) "b" }} {{ index .CommonLabels "x-y" }}|', "1 <no value> |"],
  ['{{ index "abc" 1 }} {{ index (list (list 1 2) 3) 0 1 }}', "98 2"],
  [
    '{{ index "abc" "x" }}',
    '! template: :1:3: executing "" at <index "abc" "x">: error calling index: cannot index slice/array with type string',
  ],
  [
    "{{ index 5 1 }}",
    '! template: :1:3: executing "" at <index 5 1>: error calling index: can\'t index item of type int',
  ],
  [
    '{{ slice "hello" 3 1 }}',
    '! template: :1:3: executing "" at <slice "hello" 3 1>: error calling slice: invalid slice index: 3 > 1',
  ],
  ["{{ slice (list 1 2 3) 1 }}", "[2 3]"],
  ['{{ (dict "a" nil).a.b }}', '! template: :1:13: executing "" at <nil>: nil pointer evaluating interface {}.b'],
  [
    "{{ .CommonLabels.a.b }}",
    '! template: :1:16: executing "" at <.CommonLabels.a.b>: can\'t evaluate field b in type string',
  ],
  ["{{ true.x }}", '! template: :1: unexpected . after term "true"'],
  ['{{ "a".x }}', '! template: :1: unexpected . after term "\\"a\\""'],
  ['{{ (1) }} {{ ("a" | len) }}', "1 1"],
  ["{{ 1 2 }}", '! template: :1:3: executing "" at <1>: can\'t give argument to non-function 1'],
  [
    "{{ .Status 1 }}",
    '! template: :1:3: executing "" at <.Status>: Status has arguments but cannot be invoked as function',
  ],
  [
    "{{ .CommonLabels.foo 1 }}",
    '! template: :1:16: executing "" at <.CommonLabels.foo>: foo is not a method but has arguments',
  ],
  ['{{ "a" "b" }}', '! template: :1:3: executing "" at <"a">: can\'t give argument to non-function "a"'],
  ["{{ $.Status }} {{ with 1 }}{{ $.Status }}{{ end }}", "firing firing"],
  ["{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ $x = 3 }}{{ $x }}{{ end }}{{ $x }}", "231"],
  ["{{ $x = 1 }}", '! template: :1:8: executing "" at <1>: undefined variable: $x'],
  ["{{ $x, $y := 1 }}", "! template: :1: too many declarations in command"],
  ["{{ range $x, $y, $z := 1 }}{{ end }}", "! template: :1: too many declarations in range"],
  ["{{ 'a' }} {{ '\\\n' }}", "! template: :1: unterminated character constant"],
  ['{{ "\\x41\\u00e9\\t|" }}', "Aé\t|"],
  ['{{ "a\\qb" }}', "! template: :1: invalid syntax"],
  ["{{ 1e400 }}", '! template: :1: illegal number syntax: "1e400"'],
  ["{{ 99999999999999999999 }}", '! template: :1: integer overflow: "99999999999999999999"'],
  ["{{ 1a }}", '! template: :1: bad number syntax: "1a"'],
  ["{{-->", '! template: :1: bad number syntax: "--"'],
  ["{{ 1+2 }}", '! template: :1: bad number syntax: "1+2"'],
  ["{{ 1p3 }}", '! template: :1: bad number syntax: "1p"'],
  ["{{ 0x1p-2a }}", '! template: :1: bad number syntax: "0x1p-2a"'],
  ["{{ .1a }}", '! template: :1: bad number syntax: ".1a"'],
  ["{{ 1.5.2 }}", '! template: :1: unexpected ".2" in operand'],
  ["{{ ( 1 }}", "! template: :1: unclosed left paren"],
  ["{{ 1 ) }}", "! template: :1: unexpected right paren"],
  ["{{ () }}", "! template: :1: missing value for parenthesized pipeline"],
  ["{{ | }}", '! template: :1: unexpected "|" in command'],
  ["{{ 1 | }}", "1"],
  ['{{ "a" | }}', "a"],
  ["{{ : }}", "! template: :1: expected :="],
  ["{{ $ x }}", '! template: :1: function "x" not defined'],
  ['{{ "a', "! template: :1: unterminated quoted string"],
  ["{{ /* x */ }}", '! template: :1: unexpected "/" in command'],
  ["{{/* x }}", "! template: :1: unclosed comment"],
  ["{{/* x */ }}", "! template: :1: comment ends before closing delimiter"],
  ["{{- /* x */ -}}  a", "a"],
  ["a {{- 1 -}} b", "a1b"],
  ["{{-1}} {{ -1 }} {{ +1 }}", "-1 -1 1"],
  ["{{ else }}", "! template: :1: unexpected {{else}}"],
  ["{{ if 1 }}{{ else }}{{ else }}{{ end }}", "! template: :1: expected end; found {{else}}"],
  ['{{ define "a" }}x', "! template: :1: unexpected EOF"],
  ["{{ define a }}x{{ end }}", '! template: :1: unexpected "a" in define clause'],
  ["{{ template a }}", '! template: :1: unexpected "a" in template clause'],
  ['{{ template "a" 1 2 }}', '! template: :1:12: executing "" at <{{template "a" 1 2}}>: template "a" not defined'],
  ['{{ if 1 }}{{ define "x" }}{{ end }}{{ end }}', "! template: :1: unexpected <define> in command"],
  [
    "{{ range $x := 1 }}{{ $x }}{{ end }}{{ range $k, $v := 2 }}{{$k}}{{$v}}{{ end }}",
    '! template: :1:55: executing "" at <2>: can\'t use 2 to iterate over more than one variable',
  ],
  ["{{ range }}{{ end }}", "! template: :1: missing value for range"],
  ["{{ with }}{{ end }}", "! template: :1: missing value for with"],
  ['{{ "é@" }}{{ é }}', '! template: :1: function "é" not defined'],
  ["a\nb\n{{ .Foo }}", '! template: :3:3: executing "" at <.Foo>: can\'t evaluate field Foo in type template.Data'],
  ["a\n{{ if 1 }}\n{{ foo }}", '! template: :3: function "foo" not defined'],
  ["{{ eq 1 }} ", '! template: :1:3: executing "" at <eq 1>: error calling eq: missing argument for comparison'],
  [
    '{{ eq "a" "b" "a" }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1.5 1.0 }} {{ ge "b" "a" }}',
    "true true true true true true",
  ],
  [
    "{{ lt true false }}",
    '! template: :1:3: executing "" at <lt true false>: error calling lt: invalid type for comparison',
  ],
  [
    "{{ eq true 1 }}",
    '! template: :1:3: executing "" at <eq true 1>: error calling eq: incompatible types for comparison: bool and int',
  ],
  ["{{ eq nil nil }} {{ eq 1 nil }}", "true false"],
  [
    "{{ eq (list 1) (list 1) }}",
    '! template: :1:3: executing "" at <eq (list 1) (list 1)>: error calling eq: non-comparable type [%!s(int=1)]: []interface {}',
  ],
  [
    "{{ lt (list 1) (list 1) }}",
    '! template: :1:3: executing "" at <lt (list 1) (list 1)>: error calling lt: invalid type for comparison',
  ],
  ['{{ not 1 }} {{ not "" }} {{ not nil }}', "false true true"],
  ["{{ and }}", '! template: :1:3: executing "" at <and>: wrong number of args for and: want at least 1 got 0'],
  ['{{ 1 | and 2 }} {{ 0 | or 0 }} {{ "x" | or "" }}', "1 0 x"],
  ["{{ or true (index .Alerts 5) }}", "true"],
  ["{{ call 1 }}", '! template: :1:3: executing "" at <call 1>: error calling call: non-function 1 of type int'],
  ["{{ print (print) }}{{ print 1.0 1 true nil }}", "1 1 true <nil>"],
  [
    '{{ js "<a href=\'x\'>\\\n&=é" }} {{ html "a\'b\\"c" 1 }} {{ urlquery "ä/?&=+ ~" }}',
    "! template: :1: unterminated quoted string",
  ],
  [
    "{{ append (list 1) 2 3 }} {{ append 1 2 }}",
    '! template: :1:36: executing "" at <1>: can\'t handle 1 for arg of type []interface {}',
  ],
  ['{{ stringSlice "a" 1 }}', '! template: :1:19: executing "" at <1>: expected string; found 1'],
  ['{{ printf "%s" .Status | toUpper | printf "%q" }}', '"FIRING"'],
  ['{{ printf "%5.1f|%-8.3f|%+d|%x" 3.14159 2.5 -7 -255 }}', "  3.1|2.500   |-7|-ff"],
  ['{{ printf "%08.3f|%+.2f|% .2f|%e|%G" -3.14159 2.5 2.5 0.0 1e-10 }}', "-003.142|+2.50| 2.50|0.000000e+00|1E-10"],
  ['{{ printf "%3c|%-3c|%03d|%+03d|%-5d|" 65 66 7 7 7 }}', "  A|B  |007|+07|7    |"],
  ['{{ printf "%s %v" (dict "a" 1 "b" "x") (dict) }}', "map[a:%!s(int=1) b:x] map[]"],
  ['{{ printf "%d%%" 5 }}', "5%"],
  ['{{ printf "%q" "a\\\n\\t\\"é\\x00" }}', "! template: :1: unterminated quoted string"],
  ['{{ printf "%6.2f%%" 12.345 }}', " 12.35%"],
  ['{{ printf "%.3s|%5s|%-5s|%05s" "abcdef" "é" "é" "ab" }}', "abc|    é|é    |000ab"],
  [
    '{{ printf "%v" 9223372036854775807 }} {{ 9223372036854775808 }}',
    '! template: :1:41: executing "" at <9223372036854775808>: 9223372036854775808 overflows int',
  ],
  [
    '{{ template "__subject" . }}',
    '! template: :1:12: executing "" at <{{template "__subject" .}}>: template "__subject" not defined',
  ],
  [
    '{{ $a := "x" }}{{ $b := printf "%s" $a }}{{ $b }}{{ template "q" $b }}{{ define "q" }}{{ $ }}{{ $b }}{{ end }}',
    '! template: :1: undefined variable "$b"',
  ],
  ["{{ since 1 }}", '! template: :1:9: executing "" at <1>: can\'t handle 1 for arg of type time.Time'],
  ['{{ print "a" | eq "a" }}', "true"],
  ["{{ with $x := 5 }}{{ $x }}{{ . }}{{ end }}", "55"],
  ["{{ with $x := 0 }}{{ else }}{{ $x }}{{ end }}", "0"],
];

test.each(OBSERVED)("text mode renders %s like Go", (text, expected) => {
  expect(render(text)).toBe(expected);
});

test("toUpper and toLower convert each letter to a single letter, as in Go", () => {
  expect(render('{{ toUpper "straße" }} {{ toLower "ΑΣ" }}')).toBe("STRAßE ασ");
});
