import type { DataLink, JsonObject, Labels, StringField } from "@narthex/dashboards";
import { compileCapturing, PatternError } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import { asObject, listAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { LokiLine } from "./stream-reader.ts";

/** Largest number of derived fields of a source. */
const MAX_FIELDS = 20;
/** Maximum number of characters of a line, and of its label names, that are searched. */
const SEARCHED_CHARS = 64 * 1024;

/** A field whose values are extracted from lines or their labels, and which may link to another page. */
export interface DerivedField {
  readonly name: string;
  /** Returns the value of a line, or null. */
  readonly valueOf: (line: LokiLine) => string | null;
  readonly url: string;
  /** Uid of the data source whose query `url` is. Empty if `url` is an address. */
  readonly datasourceUid: string;
  readonly title: string;
}

/**
 * Reads the derived fields in the settings of a source. Fields without a name or pattern are left out. If a field leads
 * to another data source, its address is a query of that source. Throws QueryFailure for an invalid pattern.
 */
export function derivedFieldsOf(jsonData: JsonObject): readonly DerivedField[] {
  return listAt(jsonData, "derivedFields")
    .slice(0, MAX_FIELDS)
    .flatMap((one): DerivedField[] => {
      const field = asObject(one) ?? {};
      const [name, pattern] = [textAt(field, "name"), textAt(field, "matcherRegex")];
      if (name === "" || pattern === "") return [];
      const [url, datasourceUid] = [textAt(field, "url"), textAt(field, "datasourceUid")];
      const valueOf = textAt(field, "matcherType") === "label" ? labelSearch(name, pattern) : lineSearch(name, pattern);
      const title = textAt(field, "urlDisplayLabel") || name;
      return [{ name, valueOf, url: datasourceUid !== "" || isLink(url) ? url : "", datasourceUid, title }];
    });
}

/** Reports whether an address is an absolute web URL. Other addresses are refused before variables are replaced. */
const isLink = (url: string): boolean => /^https?:\/\//i.test(url);

function lineSearch(name: string, pattern: string): DerivedField["valueOf"] {
  const compiled = compiledPattern(name, pattern);
  return ({ text }) => compiled.exec(text.slice(0, SEARCHED_CHARS))?.[1] ?? null;
}

function labelSearch(name: string, pattern: string): DerivedField["valueOf"] {
  const compiled = compiledPattern(name, pattern);
  const found = new WeakMap<Labels, string | null>();
  return ({ labels }) => {
    let value = found.get(labels);
    if (value === undefined) found.set(labels, (value = labelValue(labels, compiled)));
    return value;
  };
}

/** Returns the value of the first label whose name matches, or null. */
function labelValue(labels: Labels, compiled: ReturnType<typeof compileCapturing>): string | null {
  let left = SEARCHED_CHARS;
  for (const name of Object.keys(labels)) {
    if ((left -= name.length) < 0) return null;
    if (compiled.test(name)) return labels[name]!;
  }
  return null;
}

function compiledPattern(name: string, pattern: string): ReturnType<typeof compileCapturing> {
  try {
    return compileCapturing(pattern, false);
  } catch (error) {
    if (error instanceof PatternError) throw new QueryFailure(400, `derived field "${name}": ${error.message}`);
    throw error;
  }
}

/** Returns a column for each derived field that has a value in some line. */
export function* derivedColumns(fields: readonly DerivedField[], lines: readonly LokiLine[]): Steps<StringField[]> {
  const columns: StringField[] = [];
  for (const field of fields) {
    const { name, valueOf } = field;
    const values: (string | null)[] = [];
    for (const line of lines) {
      values.push(valueOf(line));
      yield;
    }
    if (values.every((value) => value === null)) continue;
    const link = linkOf(field);
    columns.push({ name, type: "string", values, config: link === undefined ? {} : { links: [link] } });
  }
  return columns;
}

/** Returns the link of a field: an address, or a query of another data source. */
function linkOf({ title, url, datasourceUid }: DerivedField): DataLink | undefined {
  if (datasourceUid === "") return url === "" ? undefined : { title, url, targetBlank: true, oneClick: false };
  const query = { query: url === "" ? "${__value.raw}" : url };
  const internal = { datasourceUid, datasourceName: "", query };
  return { title, url: "", targetBlank: false, oneClick: false, internal };
}
