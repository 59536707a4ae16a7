import fc from "fast-check";
import { expect, test } from "vitest";
import { option, options, variable } from "../testing/variables.ts";
import { filterOptions, listedOptions, sortOptions } from "./variable-options.ts";
import { orderVariables } from "./variable-order.ts";
import {
  ALL_OPTION,
  bindVariable,
  clearedSelection,
  reconcileSelection,
  selectionFromUrl,
} from "./variable-selection.ts";
import { interpolate } from "./variable-syntax.ts";

test("filterOptions() filters, shortens and names options", () => {
  const given = options("node:9100", "db:9200", "db:9201");
  expect(filterOptions(given, "").options).toEqual(given);
  expect(filterOptions(given, "/db/").options).toEqual(given.slice(1));
  expect(filterOptions(given, "/(.*):.*/").options).toEqual(options("node", "db"));
  expect(filterOptions(given, "/(?<text>.*):(?<value>.*)/").options).toEqual([
    option("node", "9100"),
    option("db", "9200"),
    option("db", "9201"),
  ]);
  expect(filterOptions(given, "/(/")).toMatchObject({ options: [], error: expect.stringContaining('"("') });
});

test.each([
  [1, ["B", "a10", "a9"]],
  [2, ["a9", "a10", "B"]],
  [3, ["B", "a9", "a10"]],
  [5, ["a10", "a9", "B"]],
  [7, ["a9", "a10", "B"]],
  [0, ["a10", "B", "a9"]],
])("sortOptions(…, %i)", (sort, expected) => {
  expect(sortOptions(options("a10", "B", "a9"), sort).map(({ text }) => text)).toEqual(expected);
});

test("listedOptions() parses pairs and escaped commas", () => {
  expect(listedOptions(String.raw`a, b : 2 ,c\,d,http://x:80`)).toEqual([
    option("a"),
    option("b", "2"),
    option("c,d"),
    option("http://x:80"),
  ]);
});

test("orderVariables() puts each variable after its dependencies, and reports a cycle", () => {
  const chained = [
    variable("c", { query: "label_values(x{a='$a'}, ${b})" }),
    variable("b", { query: "$a" }),
    variable("a"),
  ];
  expect(orderVariables(chained).ordered.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  const round = [variable("x", { query: "$y" }), variable("y", { regex: "/$x/" }), variable("z", { query: "$y" })];
  const { ordered, circular } = orderVariables(round);
  expect(ordered.map(({ name }) => name)).toEqual(["x", "y", "z"]);
  expect([...circular]).toEqual(["x"]);
});

test("orderVariables() keeps every variable, whatever the dependencies", () => {
  const names = ["a", "b", "c", "d"];
  const queries = fc.array(fc.array(fc.constantFrom(...names), { maxLength: 3 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(queries, (needs) => {
      const given = names.map((name, at) => variable(name, { query: needs[at]!.map((need) => `$${need}`).join(" ") }));
      const { ordered, circular } = orderVariables(given);
      expect(ordered.map(({ name }) => name).sort()).toEqual(names);
      ordered.forEach(({ name }, at) => {
        const before = new Set(ordered.slice(0, at).map((one) => one.name));
        if (circular.has(name)) return;
        for (const need of needs[names.indexOf(name)]!) if (need !== name) expect(before.has(need)).toBe(true);
      });
    }),
  );
});

test("reconcileSelection() keeps the chosen options that remain, and uses the default if none remains", () => {
  const plain = variable("v");
  const multi = variable("v", { multi: true, includeAll: true });
  expect(reconcileSelection(plain, options("b"), options("a", "b"))).toEqual(options("b"));
  expect(reconcileSelection(plain, options("x"), options("a", "b"))).toEqual(options("a"));
  expect(reconcileSelection(plain, options("x"), [])).toEqual([]);
  expect(reconcileSelection(multi, options("a", "x", "b"), options("a", "b"))).toEqual(options("a", "b"));
  expect(reconcileSelection(multi, [ALL_OPTION], options("a"))).toEqual([ALL_OPTION]);
  expect(reconcileSelection(multi, [], options("a"))).toEqual([ALL_OPTION]);
  expect(reconcileSelection(multi, options("x"), options("a"))).toEqual([ALL_OPTION]);
});

test("the choice All is replaced by its configured value, or by the values of all options", () => {
  const all = variable("v", { multi: true, includeAll: true });
  const bound = bindVariable({ variable: all, options: options("a.b", "c"), current: [ALL_OPTION] });
  expect(interpolate("$v ${v:regex} ${v:text}", () => bound)).toBe(String.raw`{a.b,c} (a\.b|c) All`);
  const set = bindVariable({ variable: { ...all, allValue: ".*" }, options: [], current: [ALL_OPTION] });
  expect(interpolate("$v ${v:regex}", () => set, "promql")).toBe(".* .*");
});

test("selectionFromUrl() accepts one or several values, and both names of All", () => {
  const params = new URLSearchParams("var-v=a&var-v=b&var-w=All");
  expect(selectionFromUrl(variable("v"), params)).toEqual(options("a"));
  expect(selectionFromUrl(variable("v", { multi: true }), params)).toEqual(options("a", "b"));
  expect(selectionFromUrl(variable("w", { includeAll: true }), params)).toEqual([ALL_OPTION]);
  expect(selectionFromUrl(variable("none"), params)).toBeUndefined();
});

test("clearedSelection() is All, the first option, or an empty text, depending on the variable's type", () => {
  const cleared = (rest: Parameters<typeof variable>[1]) =>
    clearedSelection({ variable: variable("v", rest), options: options("a", "b"), current: options("b") });
  expect(cleared({ multi: true })).toEqual(options("a"));
  expect(cleared({ multi: true, includeAll: true })).toEqual([ALL_OPTION]);
  expect(cleared({ type: "groupby" })).toEqual(options(""));
});

test("formats write All and lists with one value as Grafana does", () => {
  const host = variable("host", { multi: true, includeAll: true });
  const bind = (values: readonly string[], rest = {}) =>
    bindVariable({ variable: { ...host, ...rest }, options: options("a", "b"), current: options(...values) });
  const all = bindVariable({ variable: host, options: options("a", "b"), current: [ALL_OPTION] });
  const fixed = bindVariable({ variable: { ...host, allValue: ".*" }, options: [], current: [ALL_OPTION] });
  const write = (text: string, bound: ReturnType<typeof bind>) => interpolate(text, () => bound);
  expect([all, fixed].map((bound) => write("${host:queryparam}", bound))).toEqual([
    "var-host=$__all",
    "var-host=$__all",
  ]);
  expect(write("${host:queryparam}", bind(["a b", "c:d"]))).toBe("var-host=a%20b&var-host=c:d");
  expect(write("${host:json} ${host:percentencode}", bind(["a"]))).toBe('["a"] %7Ba%7D');
  expect(write("${host:json} ${host:percentencode}", bind(["a"], { multi: false }))).toBe("a a");
  expect(write("${host:html}", bind([`<'">`, "&"]))).toBe("&lt;&#39;&quot;&gt;, &amp;");
  expect(write("${host:uriencode}", bind(["it's/(x)"], { multi: false }))).toBe("it%27s/%28x%29");
});

test("an option of a JSON list has its properties as parts", () => {
  const current = [{ ...option("Web", "web"), properties: { team: "a", size: 3, deep: {} } }];
  const bound = bindVariable({ variable: variable("host", { type: "custom" }), options: current, current });
  const text = interpolate("$host ${host.team} ${host.size} ${host.deep}", () => bound);
  expect(text).toBe("web a 3 ${host.deep}");
});

test("dates are written in the user's zone, in a format that may contain colons, or in milliseconds; an invalid date gives NaN", () => {
  const ms = 1_594_671_549_254;
  const bound = (value: string) => ({ name: "t", values: [value], texts: [value], isMulti: false, isVerbatim: true });
  const write = (format: string, value = String(ms)) => interpolate(`\${t:date:${format}}`, () => bound(value));
  const [hours, minutes] = [new Date(ms).getHours(), new Date(ms).getMinutes()].map((n) => String(n).padStart(2, "0"));
  expect(write("HH:mm")).toBe(`${hours}:${minutes}`);
  expect(write("ms")).toBe(String(ms));
  expect(write("iso", "x")).toBe("NaN");
});
