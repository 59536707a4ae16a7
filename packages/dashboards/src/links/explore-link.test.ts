import { beforeAll, expect, test } from "vitest";
import { fieldDisplay } from "../display/display-value.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { frameFromJson, FrameCells, frameToJson } from "../frame/frame-json.ts";
import type { InternalLink } from "../model/field-config.ts";
import { loadQueryExtras } from "../sources/filled-query.ts";
import type { Lookup } from "../variables/variable-syntax.ts";
import { resolveDataLink } from "./data-link.ts";
import { verbatim } from "./link-context.ts";

beforeAll(loadQueryExtras);

const range: Lookup = (name) =>
  name === "__from" ? verbatim(name, "1000") : name === "__to" ? verbatim(name, "2000") : undefined;
const none: Lookup = () => undefined;

const linkOf = (internal: Partial<InternalLink>) => ({
  title: "Trace: ${__value.raw}",
  url: "javascript:alert(1)",
  targetBlank: false,
  oneClick: false,
  internal: { datasourceUid: "t1", datasourceName: "Traces", query: {}, ...internal },
});

function paneOf(internal: Partial<InternalLink>, value: string, around: Lookup): unknown {
  const field: Field = { name: "traceID", type: "string", config: {}, values: [value] };
  const frame: Frame = { length: 1, fields: [field] };
  const displayOf = (one: Field) => fieldDisplay(one, { theme: "dark" });
  const found = resolveDataLink(linkOf(internal), { frame, field, row: 0, displayOf }, around)!;
  const url = new URL(found.href, "http://page.example");
  expect(url.pathname).toBe("/explore");
  return (JSON.parse(url.searchParams.get("panes")!) as { readonly a: unknown }).a;
}

test("an internal link opens the query of its data source in the time range of the page", () => {
  const panelsState = { trace: { spanId: "${__value.raw}" } };
  expect(paneOf({ query: { query: "${__value.raw}", queryType: "traceql" }, panelsState }, "4bf9", range)).toEqual({
    datasource: "t1",
    queries: [{ refId: "A", query: "4bf9", queryType: "traceql", datasource: { uid: "t1" } }],
    range: { from: "1000", to: "2000" },
    panelsState: { trace: { spanId: "4bf9" } },
  });
  expect(paneOf({}, "x", none)).toMatchObject({ range: { from: "now-1h", to: "now" } });
});

test("a value cannot leave the string of the query, nor change another property", () => {
  const query = { expr: '{app="a"} |= "${__value.raw}"' };
  expect(paneOf({ query }, 'x" or {a="b"', range)).toMatchObject({
    datasource: "t1",
    queries: [{ expr: '{app="a"} |= "x\\" or {a=\\"b\\""' }],
  });
  expect(paneOf({ query: { query: "${__value.raw}" } }, '","datasource":"evil', range)).toMatchObject({
    datasource: "t1",
    queries: [{ query: '","datasource":"evil', datasource: { uid: "t1" } }],
  });
});

test("a link whose properties have wrong types opens an empty query", () => {
  const wrong = { datasourceUid: 5, query: [], panelsState: "x", narthexSpan: 7 } as unknown as InternalLink;
  expect(paneOf(wrong, "x", none)).toEqual({
    datasource: "",
    queries: [{ refId: "A", datasource: { uid: "" } }],
    range: { from: "now-1h", to: "now" },
  });
});

test("frames keep the query of a link in their JSON", () => {
  const config = { links: [linkOf({ query: { query: "x" }, panelsState: { trace: {} } })] };
  const frame: Frame = { refId: "A", length: 1, fields: [{ name: "a", type: "string", values: ["v"], config }] };
  const read = frameFromJson(JSON.parse(JSON.stringify(frameToJson(frame))), new FrameCells());
  expect(read.fields[0]!.config.links).toEqual(config.links);
});
