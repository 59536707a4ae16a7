import { type Frame, valueAt } from "../frame/frame.ts";
import type { InternalLink, SpanLinkRule } from "../model/field-config.ts";
import { promqlFormat } from "../variables/promql-format.ts";
import { type BoundVariable, interpolateJson, type Lookup } from "../variables/variable-syntax.ts";
import { explorePageAddress } from "./explore-page.ts";
import { verbatim } from "./link-context.ts";
import type { ValuePlace } from "./value-lookup.ts";

/** Longest value of an attribute that a link contains, in characters. */
const MAX_CHARS = 1000;

/**
 * Returns the address of the Explore page with the log lines or metrics of a span. `${__span.traceId}`, `.spanId`,
 * `.name`, `.duration` and `.tags.X`, `${__trace.traceId}` and `$__tags` are replaced. In a string of the query, a value
 * is escaped, so that it cannot end the string. The range is the time of the span, with the shifts of the rule.
 * @returns undefined for a place without a span, and if the span has no attributes that the rule needs
 */
export function spanAddress(
  internal: Pick<InternalLink, "datasourceUid" | "query">,
  rule: SpanLinkRule,
  place: ValuePlace,
): string | undefined {
  const { frame, row } = place;
  if (row === undefined) return undefined;
  const cell = cellsOf(frame, row);
  const tags = tagsOf([cell("serviceTags"), cell("tags")]);
  const selected = selectorOf(rule, tags);
  if (selected === "" && rule.needsTags === true) return undefined;
  const [start, duration] = [Number(cell("startTime") ?? NaN), Number(cell("duration") ?? NaN)];
  if (!Number.isFinite(start) || !Number.isFinite(duration)) return undefined;
  const from = Math.max(0, Math.floor(start + rule.startShiftMs));
  const to = Math.max(from + 1, Math.ceil(start + duration + rule.endShiftMs));
  const texts: Readonly<Record<string, string>> = {
    traceId: textOf(cell("traceID")),
    spanId: textOf(cell("spanID")),
    name: textOf(cell("operationName")),
    duration: String(duration),
  };
  const lookup: Lookup = (name, part) => {
    if (name === "__tags") return verbatim(name, selected);
    if ((name !== "__span" && name !== "__trace") || part === undefined) return undefined;
    if (Object.hasOwn(texts, part)) return bound(name, part, texts[part]!);
    const key = name === "__span" ? keyOf(part) : undefined;
    return key === undefined ? undefined : bound(name, part, tags.get(key) ?? "");
  };
  const datasource = { uid: internal.datasourceUid };
  return explorePageAddress({
    datasource: internal.datasourceUid,
    queries: [{ refId: "A", ...interpolateJson(internal.query, lookup, promqlFormat), datasource }],
    range: { from: String(from), to: String(to) },
  });
}

/** Returns a function that returns the value of a column in a row. */
const cellsOf =
  (frame: Frame, row: number) =>
  (name: string): unknown => {
    const field = frame.fields.find((one) => one.name === name);
    return field === undefined ? undefined : valueAt(field, row);
  };

/** Returns the attributes of a span and of its service. Those of the span take precedence. */
function tagsOf(lists: readonly unknown[]): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const list of lists)
    for (const tag of Array.isArray(list) ? (list as readonly unknown[]) : []) {
      if (typeof tag !== "object" || tag === null) continue;
      const { key, value } = tag as { readonly key?: unknown; readonly value?: unknown };
      if (typeof key === "string") tags.set(key, textOf(value));
    }
  return tags;
}

/** Returns the label matchers of a rule: `job="shop", pod="p1"`. Attributes that the span lacks are left out. */
const selectorOf = ({ tags: rules }: SpanLinkRule, tags: ReadonlyMap<string, string>): string =>
  rules
    .flatMap(({ key, value }) => {
      const found = tags.get(key);
      const label = (value || key).replaceAll(/\W/g, "_").replace(/^(?=\d)/, "_");
      return found === undefined || found === "" ? [] : [`${label}="${quoted(found)}"`];
    })
    .join(", ");

const quoted = (text: string): string => text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);

/** Returns the name of the attribute in `tags.NAME` or `tags["NAME"]`. */
function keyOf(part: string): string | undefined {
  if (!part.startsWith("tags")) return undefined;
  const rest = part.slice("tags".length);
  if (rest.startsWith(".")) return rest.slice(1);
  const isQuoted = /^\["[^"]*"\]$|^\['[^']*'\]$/.test(rest);
  return isQuoted ? rest.slice(2, -2) : undefined;
}

const bound = (name: string, part: string, text: string): BoundVariable => ({
  name,
  values: [text],
  texts: [text],
  isMulti: false,
  isVerbatim: false,
  parts: { [part]: text },
});

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value).slice(0, MAX_CHARS)
    : "";
