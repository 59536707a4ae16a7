import { isObject, valueAt } from "@narthex/dashboards";
import { plainText } from "../values/plain-text.ts";
import type { Trace, TraceSpan } from "./read-trace.ts";

export interface SpanSearch {
  /** Words that the name, the service, the id or the attributes of a span contain. */
  readonly text: string;
  /** Name of a service; empty for all. */
  readonly service: string;
  /** Minimum duration, for example `20ms`; empty for all. */
  readonly minDuration: string;
}

export const noSearch: SpanSearch = { text: "", service: "", minDuration: "" };

/** Reports whether a search has a condition. */
export const isSearching = ({ text, service, minDuration }: SpanSearch): boolean =>
  text.trim() !== "" || service !== "" || durationMs(minDuration) !== undefined;

/** Returns the milliseconds of a duration such as `1.5s`, `20ms` or `300us`; undefined if the text is not one. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,9})?) ?(us|µs|μs|ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * UNITS[(match[2] ?? "ms") as keyof typeof UNITS];
}

const UNITS = { us: 0.001, µs: 0.001, μs: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Returns the positions of the spans that match all conditions of a search. */
export function matchingSpans(trace: Trace, search: SpanSearch): ReadonlySet<number> {
  const words = search.text.toLowerCase().split(/\s+/).filter(Boolean);
  const least = durationMs(search.minDuration) ?? 0;
  const matches = new Set<number>();
  for (const [at, span] of trace.spans.entries()) {
    if (span.duration < least || (search.service !== "" && span.service !== search.service)) continue;
    if (words.length > 0 && !hasWords(trace, span, words)) continue;
    matches.add(at);
  }
  return matches;
}

function hasWords(trace: Trace, span: TraceSpan, words: readonly string[]): boolean {
  const text = `${span.name}\n${span.service}\n${span.id}\n${span.kind}`.toLowerCase();
  const missing = words.filter((word) => !text.includes(word));
  if (missing.length === 0) return true;
  const attributes = attributesText(trace, span);
  return missing.every((word) => attributes.includes(word));
}

const SEARCHED = ["tags", "serviceTags", "statusMessage"];

function attributesText({ frame }: Trace, { row }: TraceSpan): string {
  const texts: string[] = [];
  for (const field of frame.fields) {
    if (!SEARCHED.includes(field.name)) continue;
    const value = valueAt(field, row);
    if (!Array.isArray(value)) texts.push(plainText(value));
    else
      for (const pair of value)
        if (isObject(pair))
          texts.push(`${plainText(pair["key"])}=${plainText(pair["value"])}`, plainText(pair["value"]));
  }
  return texts.join("\n").toLowerCase();
}
