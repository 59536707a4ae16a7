import { isNull, type Printable, type PrintableMap, printYaml, type YamlNode } from "@narthex/config";

/**
 * Fields of a group that Mimir and Cortex know, and Prometheus does not. The fields are stored, so that a client reads
 * what it wrote, but have no effect.
 */
const FOREIGN_FIELDS: ReadonlySet<string> = new Set([
  "source_tenants",
  "align_evaluation_time_on_interval",
  "evaluation_delay",
  "remote_write",
]);

const GROUP_FIELDS = ["name", "interval", "query_offset", "limit", "labels", "rules", ...FOREIGN_FIELDS];
const RULE_FIELDS = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

/** Maximum number of characters of a group's texts. Aliases of YAML could make a short body very long. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** Maximum number of levels of a foreign field. */
const MAX_DEPTH = 8;

export class ContentTooLongError extends Error {
  override readonly name = "ContentTooLongError";
}

type MapNode = Extract<YamlNode, { kind: "map" }>;

/** Returns the entries of a map by key. A later entry replaces an earlier one; own entries replace merged ones. */
function fieldsOf(node: MapNode): Map<string, YamlNode> {
  const fields = new Map<string, YamlNode>();
  for (const { key, value } of node.entries.filter(({ merged }) => merged)) fields.set(key.text, value);
  for (const { key, value } of node.entries.filter(({ merged }) => !merged)) fields.set(key.text, value);
  return fields;
}

/** Returns a group without the fields of Mimir and Cortex, as Prometheus reads it, and the names of these fields. */
export function withoutForeignFields(node: YamlNode): { readonly node: YamlNode; readonly foreign: readonly string[] } {
  if (node.kind !== "map") return { node, foreign: [] };
  const entries = node.entries.filter(({ key }) => !FOREIGN_FIELDS.has(key.text));
  const foreign = node.entries.filter(({ key }) => FOREIGN_FIELDS.has(key.text)).map(({ key }) => key.text);
  return { node: { ...node, entries }, foreign: [...new Set(foreign)] };
}

/**
 * Returns the content of a group whose node was decoded without a problem: its fields in a fixed order, without null
 * values and comments. Throws ContentTooLongError.
 */
export function groupContent(node: YamlNode): PrintableMap {
  return new ContentReader().group(node);
}

class ContentReader {
  #characters = 0;

  group(node: YamlNode): PrintableMap {
    return this.#ordered(node, GROUP_FIELDS, (name, value) => {
      if (name === "rules") return this.#rules(value);
      if (name === "labels") return this.#texts(value);
      if (FOREIGN_FIELDS.has(name)) return this.#any(value);
      return name === "limit" ? Number(this.#text(value)) : this.#text(value);
    });
  }

  #rules(node: YamlNode): Printable {
    const items = node.kind === "list" ? node.items.filter((item) => !isNull(item)) : [];
    return {
      items: items.map((item) =>
        this.#ordered(item, RULE_FIELDS, (name, value) =>
          name === "labels" || name === "annotations" ? this.#texts(value) : this.#text(value),
        ),
      ),
    };
  }

  #ordered(node: YamlNode, order: readonly string[], read: (name: string, value: YamlNode) => Printable): PrintableMap {
    const fields = node.kind === "map" ? fieldsOf(node) : new Map<string, YamlNode>();
    const present = order.flatMap((name) => {
      const value = fields.get(name);
      return value === undefined || isNull(value) ? [] : [[name, read(name, value)] as const];
    });
    return { entries: present };
  }

  /** Returns a map of names to texts, such as labels. Numbers stay texts. */
  #texts(node: YamlNode): PrintableMap {
    const fields = node.kind === "map" ? [...fieldsOf(node)] : [];
    return { entries: fields.map(([name, value]) => [this.#count(name), isNull(value) ? "" : this.#text(value)]) };
  }

  #any(node: YamlNode, depth = 0): Printable {
    if (depth > MAX_DEPTH) throw new ContentTooLongError(`a field of the group has more than ${MAX_DEPTH} levels`);
    if (node.kind === "list") return { items: node.items.map((item) => this.#any(item, depth + 1)) };
    if (node.kind === "map") {
      const fields = [...fieldsOf(node)];
      return { entries: fields.map(([name, value]) => [this.#count(name), this.#any(value, depth + 1)]) };
    }
    if (node.tag === "!!null") return null;
    if (node.tag === "!!bool") return /^(?:true|yes|on|y)$/i.test(node.text);
    return node.tag !== "!!str" && String(Number(node.text)) === node.text ? Number(node.text) : this.#text(node);
  }

  #text(node: YamlNode): string {
    return this.#count(node.kind === "scalar" ? node.text : "");
  }

  #count(text: string): string {
    this.#characters += text.length + 1;
    if (this.#characters > MAX_CHARACTERS) {
      throw new ContentTooLongError(`the texts of the group have more than ${MAX_CHARACTERS} characters; split it`);
    }
    return text;
  }
}

/** Returns the content as a value for JSON. */
export function jsonOf(value: Printable): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? Number(value) : value;
  if ("items" in value) return value.items.map(jsonOf);
  return Object.fromEntries(value.entries.map(([name, one]) => [name, jsonOf(one)]));
}

/** Matches characters that do not survive in every style of a YAML text. */
const DELICATE = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Matches white space that a text of several lines could lose: at its begin, at the end of a line, and at its end. */
const DELICATE_LINES = /^\s|[ \t]\n|[ \t]$|\n\n$/;

/** Returns whether a text of the content needs the escapes of JSON. */
function isDelicate(value: Printable): boolean {
  if (typeof value === "string") return DELICATE.test(value) || (value.includes("\n") && DELICATE_LINES.test(value));
  if (typeof value !== "object" || value === null) return false;
  if ("items" in value) return value.items.some(isDelicate);
  return value.entries.some(([name, one]) => isDelicateName(name) || isDelicate(one));
}

const isDelicateName = (name: string): boolean => DELICATE.test(name) || name.includes("\n") || name.length > 200;

/**
 * Returns the content of a group as YAML without a final line break. Content with control characters, and long lines
 * with unusual white space, is printed as JSON, which is YAML too.
 */
export const groupText = (content: PrintableMap): string =>
  isDelicate(content) ? jsonText(jsonOf(content)) : printYaml(content).trimEnd();

/** Returns the parts of a list of groups as YAML, below a key. Each level is indented by two spaces. */
export function* groupListParts(key: string, groups: readonly string[]): Generator<string> {
  yield `${key}:${groups.length === 0 ? " []" : ""}\n`;
  for (const text of groups) yield `- ${text.replaceAll(/\n(?!\n)/g, "\n  ")}\n`;
}

/** Returns a name as a key of a YAML map. */
export const keyText = (name: string): string =>
  /^[A-Za-z][\w.-]*$/.test(name) ? printYaml(name).trimEnd() : jsonText(name);

/** Returns JSON that is also YAML: with escapes for characters that YAML does not allow, or reads as line breaks. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
