import { everyKind } from "./every-kind.ts";

type Json = unknown;

const HTML =
  '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script><svg onload="globalThis.hacked=1">';
const PATTERNS = ["/(a+)+$/", "/(.*)*x/", "/(?:a|a)*b/", "/[/", "/\\1(/", "/(?=.*){9999}/"];

/**
 * Returns a copy of the JSON value in which `change` has been applied to every string. The object keys stay unchanged.
 */
function withTexts(json: Json, change: (text: string, key: string) => string, key = ""): Json {
  if (typeof json === "string") return change(json, key);
  if (Array.isArray(json)) return json.map((one: Json) => withTexts(one, change, key));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withTexts(value, change, name)]));
}

/**
 * JSON keys whose values determine how the dashboard is read, such as `type`. The attack leaves these values unchanged,
 * so that the rest of the dashboard is drawn.
 */
const STRUCTURE = new Set([
  "type",
  "id",
  "uid",
  "refId",
  "scenarioId",
  "mode",
  "matcher",
  "csvContent",
  "schemaVersion",
]);
const shownTexts = (put: (text: string) => string): Json =>
  withTexts(everyKind, (text, key) => (STRUCTURE.has(key) ? text : put(text)));

const withRange = (from: Json, to: Json): Json => ({ ...everyKind, time: { from, to } });
const small = everyKind.panels.slice(0, 2) as readonly object[];

function nestedRows(depth: number): object {
  let inner: object = small[0]!;
  for (let id = 1000; id < 1000 + depth; id++)
    inner = {
      id,
      type: "row",
      title: `level ${id}`,
      collapsed: id % 2 === 0,
      gridPos: { x: 0, y: 0, w: 24, h: 1 },
      panels: [inner],
    };
  return inner;
}

const crowd = (change: (at: number) => object): Json => ({
  ...everyKind,
  panels: Array.from({ length: 10_000 }, (_, at) => ({ ...small[at % 2], id: at + 1, ...change(at) })),
});

/** Hand-written hostile dashboards, each with the name of its attack. */
export const knownAttacks: readonly (readonly [what: string, json: Json])[] = [
  ["markup in every text", shownTexts(() => HTML)],
  ["markup at the end of every text", shownTexts((text) => `${text}"'>${HTML}`)],
  [
    "addresses that are scripts",
    withTexts(everyKind, (text, key) => (key === "url" ? "javascript:globalThis.hacked=1" : text)),
  ],
  [
    "text panels of HTML",
    withTexts(
      {
        ...everyKind,
        panels: everyKind.panels.map((one) => ({ ...one, type: "text", options: { mode: "html", content: HTML } })),
      },
      (text) => text,
    ),
  ],
  ...PATTERNS.map((pattern): [string, Json] => [
    `the pattern ${pattern}`,
    withTexts(everyKind, (text) => (text.startsWith("/") && text.endsWith("/") ? pattern : text)),
  ]),
  ["10,000 panels on one place", crowd(() => ({}))],
  [
    "10,000 panels below each other",
    crowd((at) => ({ gridPos: { x: (at % 4) * 6, y: Math.floor(at / 4) * 4, w: 6, h: 4 } })),
  ],
  ["10,000 repeated panels", crowd(() => ({ repeat: "name", repeatDirection: "h" }))],
  ["rows within rows", { ...everyKind, panels: [nestedRows(60)] }],
  ["a range without an end", withRange("now-", "now/")],
  ["a range before there was time", withRange("0001-01-01T00:00:00Z", "-1e15")],
  ["a range of numbers", withRange(9e15, -1e308)],
  ["a range that ends before it begins", withRange("now", "now-1y")],
  ["a range of objects", withRange({}, [])],
  ["a range of a million years", withRange("now-1000000y", "now+1000000y")],
  ["huge numbers", withNumbers(everyKind, 1e308)],
  ["numbers that are less than nothing", withNumbers(everyKind, -1e9)],
  ["fractions", withNumbers(everyKind, 0.000_001)],
  [
    "variables named as objects' own",
    withTexts(everyKind, (text) =>
      text.replaceAll("$name", "${__proto__} $constructor [[toString]] ${name:__proto__}"),
    ),
  ],
  [
    "keys that objects inherit",
    JSON.parse(
      JSON.stringify(everyKind).replaceAll('"custom":', '"__proto__":').replaceAll('"options":', '"constructor":'),
    ),
  ],
  ["nothing at all", {}],
  ["a list", []],
  ["null", null],
];

function withNumbers(json: Json, number: number): Json {
  if (typeof json === "number") return number;
  if (Array.isArray(json)) return json.map((one: Json) => withNumbers(one, number));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      key === "schemaVersion" || key === "id" ? value : withNumbers(value, number),
    ]),
  );
}
