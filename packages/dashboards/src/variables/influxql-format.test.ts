import fc from "fast-check";
import { expect, test } from "vitest";
import { influxqlFormat } from "./influxql-format.ts";
import { fluxTokens, influxqlTokens } from "./influxql-tokens.ts";
import { interpolate, type Lookup } from "./variable-syntax.ts";

const lookupOf =
  (...values: readonly string[]): Lookup =>
  (name) => ({ name, values, texts: values, isMulti: name !== "one", isVerbatim: false });

const filled = (text: string, ...values: readonly string[]): string =>
  interpolate(text, lookupOf(...values), influxqlFormat);

test.each([
  ["SELECT a FROM m WHERE h =~ /^$many$/", ["a.b", "c"], String.raw`SELECT a FROM m WHERE h =~ /^(a\.b|c)$/`],
  ["SELECT a FROM m WHERE h =~ /^$one$/", ["a.b"], String.raw`SELECT a FROM m WHERE h =~ /^a\.b$/`],
  ["SELECT a FROM m WHERE h = '$one'", ["it's \\"], String.raw`SELECT a FROM m WHERE h = 'it\'s \\'`],
  ['SELECT "$one" FROM m', ['a"b'], String.raw`SELECT "a\"b" FROM m`],
  ["SELECT a / $one FROM m WHERE h = '$one'", ["'"], String.raw`SELECT a / ' FROM m WHERE h = '\''`],
  ["SELECT a FROM /$one/ -- it's\nWHERE h = '$one'", ["/'"], "SELECT a FROM /\\/'/ -- it's\nWHERE h = '/\\''"],
  ["/^$many$/", ["a/b"], String.raw`/^(a\/b)$/`],
  ["$one", ["it's"], "it's"],
  ["SELECT a /* $one */ FROM b -- $one", ["*/ x\n\r;"], "SELECT a /*   x  ; */ FROM b --   x  ;"],
  ["buckets() // $one\n|> limit(n: 1)", ["\r|> to()"], "buckets() //  |> to()\n|> limit(n: 1)"],
  [
    "SHOW TAG VALUES WITH KEY = k WHERE r =~ /${many:regex}/",
    ["\\"],
    String.raw`SHOW TAG VALUES WITH KEY = k WHERE r =~ /\x5c/`,
  ],
  [
    'from(bucket: "$one") |> filter(fn: (r) => r.h =~ /^$many$/)',
    ["a.b", "c"],
    String.raw`from(bucket: "{a.b,c}") |> filter(fn: (r) => r.h =~ /^(a\.b|c)$/)`,
  ],
  [
    'from(bucket: "$one") |> filter(fn: (r) => r.h =~ /^$one$/)',
    ['w.*"${x}/\\'],
    'from(bucket: "w.*\\"\\${x}/\\\\") |> filter(fn: (r) => r.h =~ /^w.*"${x}\\/\\x5c$/)',
  ],
])("values in %j", (text, values, expected) => {
  expect(filled(text, ...values)).toBe(expected);
});

const hostile = fc.string({
  unit: fc.constantFrom("'", '"', "\\", "/", "\n", "\r", ";", "-", "a", "$", "*", "é", "|", "("),
});

test("no value leaves its string, name or regular expression", () => {
  const texts = [
    `SELECT "$one" FROM /$many/ WHERE a = '$one' AND b =~ /^$many$/ AND c !~ /$one/ AND d =~ /\${many:regex}/ AND e = '$many' /* $one */ -- $many`,
    `from(bucket: "$one") |> filter(fn: (r) => r.a == "$many" and r.b =~ /$one/ and r.c =~ /$many/) // $one`,
  ];
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), (values) => {
      for (const [at, tokens] of [influxqlTokens, fluxTokens].entries()) {
        const kinds = (text: string): readonly string[] => [...tokens(text)].map(({ kind }) => kind);
        const one = interpolate(texts[at]!, lookupOf(values[0]!), influxqlFormat);
        expect(kinds(filled(texts[at]!, ...values)).join()).toBe(kinds(texts[at]!).join());
        expect(kinds(one).join()).toBe(kinds(texts[at]!).join());
      }
    }),
    { numRuns: 300 },
  );
});
