import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { fieldDisplay } from "../display/display-value.ts";
import { frameFromJson, FrameCells, frameToJson } from "../frame/frame-json.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { DataLink, SpanLinkRule } from "../model/field-config.ts";
import { loadQueryExtras } from "../sources/filled-query.ts";
import { resolveDataLink } from "./data-link.ts";

beforeAll(loadQueryExtras);

type Tags = Readonly<Record<string, unknown>>;
const listed = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));

function spanFrame(tags: Tags, service: Tags = {}, name = "GET /"): Frame {
  const text = (field: string, value: string): Field => ({ name: field, type: "string", values: [value], config: {} });
  const json = (field: string, value: unknown): Field => ({ name: field, type: "json", values: [value], config: {} });
  const number = (field: string, value: number): Field => ({
    name: field,
    type: "number",
    values: Float64Array.of(value),
    config: {},
  });
  return {
    length: 1,
    fields: [
      text("traceID", "4bf9"),
      text("spanID", "00f0"),
      text("operationName", name),
      json("serviceTags", listed(service)),
      json("tags", listed(tags)),
      number("startTime", 10_000.5),
      number("duration", 20.25),
    ],
  };
}

const linkOf = (query: string, rule: Partial<SpanLinkRule> = {}): DataLink => ({
  title: "Logs",
  url: "",
  targetBlank: false,
  oneClick: false,
  internal: {
    datasourceUid: "l1",
    datasourceName: "",
    query: { expr: query },
    narthexSpan: { tags: [], startShiftMs: 0, endShiftMs: 0, ...rule },
  },
});

interface Pane {
  readonly datasource: string;
  readonly queries: readonly { readonly expr: string }[];
  readonly range: unknown;
}

function paneOf(link: DataLink, frame: Frame): Pane | undefined {
  const displayOf = (one: Field) => fieldDisplay(one, { theme: "dark" });
  const place = { frame, field: frame.fields[1]!, row: 0, displayOf };
  const found = resolveDataLink(link, place, () => undefined);
  if (found === undefined) return undefined;
  const panes = new URL(found.href, "http://page.example").searchParams.get("panes")!;
  return (JSON.parse(panes) as { readonly a: Pane }).a;
}

const exprOf = (query: string, frame: Frame, rule: Partial<SpanLinkRule> = {}): string | undefined =>
  paneOf(linkOf(query, rule), frame)?.queries[0]!.expr;

test("the link of a span opens its source in the time of the span, with the shifts of the rule", () => {
  const rule = { startShiftMs: -1000, endShiftMs: 2000 };
  expect(paneOf(linkOf("up", rule), spanFrame({}))).toEqual({
    datasource: "l1",
    queries: [{ refId: "A", expr: "up", datasource: { uid: "l1" } }],
    range: { from: "9000", to: "12021" },
  });
});

test("tags become matchers, those of the span take precedence, and missing ones are left out", () => {
  const tags = [
    { key: "service.name", value: "" },
    { key: "k8s.pod", value: "pod" },
    { key: "none", value: "" },
  ];
  const frame = spanFrame({ "service.name": 'sh"op\\' }, { "service.name": "other", "k8s.pod": 5 });
  expect(exprOf('{$__tags} |= "x"', frame, { tags })).toBe('{service_name="sh\\"op\\\\", pod="5"} |= "x"');
  expect(exprOf("sum(rate(a{x=`y`, ${__tags}}[5m]))", frame, { tags: tags.slice(1, 2) })).toBe(
    'sum(rate(a{x=`y`, pod="5"}[5m]))',
  );
  expect(exprOf("{$__tags}", frame, { tags: tags.slice(2), needsTags: true })).toBeUndefined();
  expect(exprOf("a{$__tags}", frame, { tags: tags.slice(2) })).toBe("a{}");
});

test("variables of the span are replaced, and unknown ones stay", () => {
  const frame = spanFrame({ "http.path": "/a b", plain: true });
  const text =
    '"${__span.traceId} ${__trace.traceId} ${__span.spanId} ${__span.name} ${__span.duration} ${__span.tags.plain} ' +
    '${__span.tags["http.path"]} ${__span.tags[\'http.path\']} ${__span.tags.http.path} [${__span.tags.no}] ${__span.x} ${y}"';
  expect(exprOf(text, frame)).toBe('"4bf9 4bf9 00f0 GET / 20.25 true /a b /a b /a b [] ${__span.x} ${y}"');
});

test("the rule of a link is kept in the JSON of a frame", () => {
  const links = [linkOf("a", { tags: [{ key: "a", value: "b" }], startShiftMs: -1, needsTags: true })];
  const frame: Frame = { length: 1, fields: [{ name: "spanID", type: "string", values: ["s"], config: { links } }] };
  const read = frameFromJson(JSON.parse(JSON.stringify(frameToJson(frame))), new FrameCells());
  expect(read.fields[0]!.config.links).toEqual(links);
});

/** Removes the strings of a query in LogQL or PromQL. */
const withoutStrings = (query: string): string => query.replaceAll(/"(?:\\[^]|[^"\\\n])*"/g, '""');

test("no value of a span leaves its string, for 1,000 random values", () => {
  const character = fc.constantFrom('"', "'", "\\", "\n", "}", "{", "|", "=", ",", "`", "$", " ", "a", "é", "😀");
  const value = fc.array(character, { maxLength: 10 }).map((letters) => letters.join(""));
  const query = '{$__tags, app="${__span.tags.v}"} |= "${__span.name}" |= "x${__span.tags["v"]}"';
  fc.assert(
    fc.property(value, value, (tag, name) => {
      const expr = exprOf(query, spanFrame({ k: `-${tag}`, v: tag }, {}, name), { tags: [{ key: "k", value: "" }] })!;
      expect(withoutStrings(expr)).toBe('{k="", app=""} |= "" |= ""');
    }),
    { numRuns: 1000 },
  );
});
