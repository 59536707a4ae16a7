import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldDisplay } from "../display/display-value.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { Variable } from "../model/dashboard.ts";
import type { VariableState } from "../variables/variable-selection.ts";
import { bindVariable } from "../variables/variable-selection.ts";
import { dashboardSlug } from "./dashboard-address.ts";
import { linkAddress, resolveLink } from "./dashboard-link.ts";
import { dataLinksOf, resolveDataLink } from "./data-link.ts";
import { dashboardLookup, type LinkContext } from "./link-context.ts";
import { safeAddress } from "./safe-address.ts";
import type { ValuePlace } from "./value-lookup.ts";

const variable: Variable = {
  name: "host",
  type: "custom",
  multi: true,
  includeAll: false,
  skipUrlSync: false,
} as unknown as Variable;
const state: VariableState = {
  variable,
  options: [],
  current: [
    { text: "A", value: "a b" },
    { text: "C", value: "c&d" },
  ],
};
const hidden: VariableState = { ...state, variable: { ...variable, name: "hidden", skipUrlSync: true } };
const around: LinkContext = {
  raw: { from: "now-6h", to: "now" },
  states: new Map([
    ["host", state],
    ["hidden", hidden],
  ]),
  lookup: (name) => (name === "host" ? bindVariable(state) : undefined),
};

const lookup = dashboardLookup(around);

const frame: Frame = {
  name: "cpu",
  refId: "A",
  length: 2,
  fields: [
    { name: "Time", type: "time", config: {}, values: Float64Array.of(1000, 2000) },
    {
      name: "Value",
      type: "number",
      labels: { job: "node", "k8s.io/name": "x y" },
      config: { unit: "bytes", displayName: "Memory" },
      values: Float64Array.of(1024, 2048),
      nulls: Uint8Array.of(0, 0),
    },
    { name: "a.b c", type: "string", config: {}, values: ["one two", null] },
  ],
};
const displayOf = (field: Field) => fieldDisplay(field, { theme: "dark" });
const place: ValuePlace = { frame, field: frame.fields[1]!, row: 1, displayOf };
const filled = (text: string, at: ValuePlace = place) =>
  resolveDataLink({ title: text, url: "/", targetBlank: false, oneClick: false }, at, lookup)?.title;
const addressOf = (url: string, at: ValuePlace = place) =>
  resolveDataLink({ title: "", url, targetBlank: false, oneClick: false }, at, lookup)?.href;

test.each([
  ["${__value}", "2 KiB"],
  ["${__value.text}", "2 KiB"],
  ["${__value.raw} ${__value.numeric} ${__value.time}", "2048 2048 2000"],
  ["${__field.name} ${__field.displayName}", "Value Memory"],
  ["${__field.labels.job}|${__field.labels.none}|${__field.labels.constructor}", "node||"],
  ["${__field.labels.k8s.io/name}", "x y"],
  ['${__field.labels["k8s.io/name"]}', "x y"],
  ["${__field.labels}", 'job="node", k8s.io/name="x y"'],
  ["${__series.name} ${__data.refId} ${__data.name}", "cpu A cpu"],
  ["${__data.fields.Value} ${__data.fields[1]} ${__data.fields.Memory}", "2 KiB 2 KiB 2 KiB"],
  ["${__data.fields.Value.numeric} ${__data.fields[1].text}", "2048 2"],
  ["${__data.fields.none}|${__data.fields.Value.constructor}|${__data.fields.__proto__}", "||"],
  [
    "${__data} ${__series.x} ${__field} ${nothing} ${host.constructor}",
    "${__data} ${__series.x} ${__field} ${nothing} ${host.constructor}",
  ],
  ["${host:csv} ${host:queryparam}", "a b,c&d var-host=a%20b&var-host=c%26d"],
])("variables of a value are replaced in %s", (text, expected) => {
  expect(filled(text)).toBe(expected);
});

test("names with dots and spaces are found, and null becomes an empty text", () => {
  const first = { ...place, row: 0 };
  expect(filled('${__data.fields["a.b c"]} ${__data.fields[2]}', first)).toBe("one two one two");
  expect(filled("[${__data.fields[2]}${__value.raw}]", { ...place, field: frame.fields[2]! })).toBe("[]");
});

test("the reduced value of a panel is used, and without a row or value the variables stay in the text", () => {
  const reduced = displayOf(frame.fields[1]!)(4096);
  const { row: _, ...series } = place;
  expect(filled("${__value} ${__value.raw} ${__value.time}", { ...series, reduced })).toBe("4 KiB 4096 ");
  expect(filled("${__value.raw} ${__data.fields[0]}", series)).toBe("${__value.raw} ${__data.fields[0]}");
});

test("values are encoded in addresses, and parameters only once", () => {
  expect(addressOf("/d/x?${__url_time_range}&${__all_variables}&${host:queryparam}")).toBe(
    "/d/x?from=now-6h&to=now&var-host=a%20b&var-host=c%26d&var-host=a%20b&var-host=c%26d",
  );
  expect(addressOf("/x?a=${__data.fields[2]}&b=${__value.text}", { ...place, row: 0 })).toBe(
    "/x?a=one%20two&b=1%20KiB",
  );
  expect(addressOf("/x?a=${__value.text:percentencode}")).toBe("/x?a=2%20KiB");
});

test("links of dashboards include the time range and the values of variables", () => {
  const link = { url: "/d/x?var-host=z&q=1#top", includeVars: true, keepTime: true };
  expect(linkAddress(link, around)).toBe("/d/x?q=1&from=now-6h&to=now&var-host=a+b&var-host=c%26d#top");
  expect(linkAddress({ url: "https://e.com/$host", includeVars: false, keepTime: false }, around)).toBe(
    "https://e.com/{a b,c&d}",
  );
  const whole = { ...link, url: "/x", title: "To ${host}", targetBlank: true } as never;
  expect(resolveLink(whole, around)).toMatchObject({ title: "To A + C", targetBlank: true });
});

test.each([
  "javascript:alert(1)",
  " \u0001JaVa\tscr\nipt:alert(1)",
  "\u00A0data:text/html,x".slice(1),
  "vbscript:x",
  "blob:http://a/b",
  "file:///etc/passwd",
  "http://[",
  "",
  "  ",
])("safeAddress(%j) refuses the address", (text) => {
  expect(safeAddress(text)).toBeUndefined();
  expect(addressOf(text)).toBeUndefined();
});

test("a value's text cannot make a link unsafe", () => {
  const field: Field = { name: "url", type: "string", config: {}, values: ["javascript:alert(1)"] };
  const evil = { ...place, frame: { length: 1, fields: [field] }, field, row: 0 };
  expect(addressOf("${__value.raw}", evil)).toBeUndefined();
  const links = Array.from({ length: 1000 }, () => ({ title: "x", url: "/x", targetBlank: false, oneClick: false }));
  expect(dataLinksOf({ ...evil, field: { ...field, config: { links } } }, lookup)).toHaveLength(100);
});

test("the one-click link comes first, and variables within a value's text are not replaced", () => {
  const links = [
    { title: "second", url: "/b?${__value.raw}", targetBlank: false, oneClick: false },
    { title: "first", url: "tel:1", targetBlank: true, oneClick: true },
  ];
  const field: Field = { name: "text", type: "string", config: { links }, values: ["$host"] };
  const found = dataLinksOf({ ...place, frame: { length: 1, fields: [field] }, field, row: 0 }, lookup);
  expect(found.map(({ href, oneClick }) => [href, oneClick])).toEqual([
    ["tel:1", true],
    ["/b?$host", false],
  ]);
});

test("a text that ends within a surrogate pair is encoded", () => {
  const links = [{ title: "", url: "/x?h=${__value.raw}", targetBlank: false, oneClick: false }];
  const field: Field = { name: "text", type: "string", config: { links }, values: ["a\ud83d"] };
  const found = dataLinksOf({ ...place, frame: { length: 1, fields: [field] }, field, row: 0 }, lookup);
  expect(found[0]!.href).toBe("/x?h=a%EF%BF%BD");
});

test("safeAddress() returns only addresses whose scheme a browser reads as safe", () => {
  const piece = fc.constantFrom(
    "java",
    "script",
    ":",
    "data",
    "\t",
    "\n",
    " ",
    "\0",
    "http",
    "//",
    "a",
    "\\",
    "%3a",
    "\u001F",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const address = safeAddress(pieces.join(""));
      if (address === undefined) return;
      const followed = URL.parse(address, "https://page.example/d/x");
      // The address is null if browsers cannot parse it and therefore do not follow it.
      if (followed !== null) expect(["http:", "https:", "mailto:", "tel:"]).toContain(followed.protocol);
    }),
  );
});

test("slugs match Grafana's", () => {
  expect(dashboardSlug(" Node Exporter (Full)! ")).toBe("node-exporter-full21");
  expect(dashboardSlug("Kubernetes / API server")).toBe("kubernetes-2f-api-server");
  expect(dashboardSlug("Größe & Ёлка ñ")).toBe("grosse-and-jolka-c3b1");
  expect(dashboardSlug("word ".repeat(20))).toBe("word-word-word-word-word-word-word-word-word-word");
  expect(dashboardSlug("x".repeat(51))).toBe("x".repeat(50));
  expect(dashboardSlug("\uD800".repeat(1e6)).length).toBeLessThanOrEqual(50);
});
