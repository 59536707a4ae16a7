import type { JsonObject } from "../model/field-config.ts";
import type { QueryLanguage } from "./source-kind.ts";

/** Largest number of references that are replaced in a query, and its largest length in characters afterwards. */
const MAX_REFERENCES = 1000;
const MAX_CHARS = 100_000;
const REFERENCE = /#([A-Z])(?!\w)/;

/** A text whose references are replaced, or the reference that cannot be replaced. */
export type ReferencedText =
  | { readonly text: string }
  | {
      readonly reference: string;
      readonly problem: "there is no such query" | "the references form a circle, or are too many";
    };

/**
 * Replaces references to other queries, such as `#A`, by the texts of these queries. The texts may contain references,
 * too.
 * @param refId the query's own name
 * @param texts the texts of queries by their refId
 */
export function withReferences(given: string, refId: string, texts: ReadonlyMap<string, string>): ReferencedText {
  let text = given;
  for (let count = 0; ; count++) {
    const found = REFERENCE.exec(text);
    if (found === null) return { text };
    const reference = found[1]!;
    const other = texts.get(reference) ?? "";
    if (other === "") return { reference, problem: "there is no such query" };
    // A text that refers to itself grows without an end.
    if (reference === refId || count >= MAX_REFERENCES || text.length + other.length > MAX_CHARS)
      return { reference, problem: "the references form a circle, or are too many" };
    text = text.slice(0, found.index) + other + text.slice(found.index + found[0].length);
  }
}

/**
 * Returns a query with its text stored a second time, without references. A stored text without references may be out of
 * date, so the function removes it if it cannot be computed.
 */
export function withFullText(
  query: JsonObject,
  refId: string,
  { field, fullField }: NonNullable<QueryLanguage["references"]>,
  texts: ReadonlyMap<string, string>,
): JsonObject {
  const { [fullField]: _, ...others } = query;
  const text = query[field];
  if (typeof text !== "string" || !text.includes("#")) return others;
  const full = withReferences(text, refId, texts);
  return "text" in full ? { ...others, [fullField]: full.text } : others;
}
