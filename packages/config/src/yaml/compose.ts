import type { ListNode, MapEntry, MapNode, ScalarNode, YamlNode } from "../node.ts";
import type { Position } from "../problem.ts";
import { type ScalarTag, tagOfPlain } from "../scalar.ts";
import type { Mark } from "./cursor.ts";
import { YamlSyntaxError } from "./syntax-error.ts";
import type { Token, TokenKind } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** Aliases may repeat parts of a file, but not blow it up beyond this many nodes. */
const MAX_NODES = 4_000_000;

const YAML_TAGS = "tag:yaml.org,2002:";

/** What stands before a node: where it begins, its tag in full ("" = none), its anchor. */
interface Properties {
  readonly at: Mark;
  readonly given: boolean;
  readonly tag: string;
  readonly anchor: string | undefined;
}

/** A node that an anchor names while it is still being read. */
const UNFINISHED = Symbol("unfinished");

/** Builds the tree of a text's first document; aliases share the nodes of their anchors. Throws YamlSyntaxError. */
export class Composer {
  readonly #tokens: TokenStream;
  readonly #anchors = new Map<string, YamlNode | typeof UNFINISHED>();
  readonly #handles = new Map([
    ["!", "!"],
    ["!!", YAML_TAGS],
  ]);
  readonly #weights = new Map<YamlNode, number>();
  /** Scalars that merge when they are keys. */
  readonly #mergeKeys = new Set<YamlNode>();

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
  }

  /** The first document; undefined where the text holds none. `more` says whether another begins behind it. */
  document(): { readonly root: YamlNode | undefined; readonly more: boolean } {
    if (this.#is("end")) return { root: undefined, more: false };
    const explicit = this.#is("version-directive", "tag-directive", "document-start");
    if (explicit) this.#directives();
    const empty = explicit && this.#is("version-directive", "tag-directive", "document-start", "document-end", "end");
    const root = empty ? this.#emptyScalar(this.#tokens.peek().at) : this.#node(true, false);
    return { root, more: this.#followed() };
  }

  /** Is there more behind the document? Behind `...` nobody has to be able to read it. */
  #followed(): boolean {
    const closed = this.#is("document-end");
    try {
      while (this.#is("document-end")) this.#tokens.take();
      return !this.#is("end");
    } catch (error) {
      if (!closed || !(error instanceof YamlSyntaxError)) throw error;
      return true;
    }
  }

  #is(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.#tokens.peek().kind);
  }

  #directives(): void {
    const given = new Set<string>();
    while (this.#is("version-directive", "tag-directive")) {
      const { kind, text, suffix, at } = this.#tokens.take();
      if (given.has(text)) throw new YamlSyntaxError(at, "found duplicate %TAG directive", "remove one of them");
      given.add(kind === "tag-directive" ? text : "%YAML");
      if (kind === "tag-directive") this.#handles.set(text, suffix);
      else if (text !== "1.1") throw new YamlSyntaxError(at, "found incompatible YAML document", "write %YAML 1.1");
    }
    const { kind, at } = this.#tokens.peek();
    if (kind !== "document-start") {
      throw new YamlSyntaxError(at, "did not find expected <document start>", "write --- behind the directives");
    }
    this.#tokens.take();
  }

  #node(block: boolean, indentless: boolean): YamlNode {
    if (this.#is("alias")) return this.#alias(this.#tokens.take());
    const properties = this.#properties();
    const { anchor } = properties;
    if (anchor !== undefined) this.#anchors.set(anchor, UNFINISHED);
    const node = this.#content(properties, block, indentless);
    if (node === undefined) {
      throw new YamlSyntaxError(
        this.#tokens.peek().at,
        "did not find expected node content",
        "a value is missing here, or quotes around it",
      );
    }
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    this.#weigh(node);
    return node;
  }

  #alias({ text, at }: Token): YamlNode {
    const node = this.#anchors.get(text);
    if (node === undefined) {
      throw new YamlSyntaxError(at, `unknown anchor '${text}' referenced`, `define it before this line: &${text}`);
    }
    if (node !== UNFINISHED) return node;
    throw new YamlSyntaxError(at, `anchor '${text}' value contains itself`, "break the circle of aliases");
  }

  #properties(): Properties {
    const at = this.#tokens.peek().at;
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const token = this.#tokens.peek();
      if (token.kind === "anchor" && anchor === undefined) anchor = token.text;
      else if (token.kind === "tag" && tag === undefined) tag = this.#fullTag(token);
      else return { at, given: anchor !== undefined || tag !== undefined, tag: tag ?? "", anchor };
      this.#tokens.take();
    }
  }

  #fullTag({ text: handle, suffix, at }: Token): string {
    if (handle === "") return suffix;
    const prefix = this.#handles.get(handle);
    if (prefix !== undefined) return prefix + suffix;
    throw new YamlSyntaxError(at, "found undefined tag handle", `declare it: %TAG ${handle} prefix`);
  }

  #content(properties: Properties, block: boolean, indentless: boolean): YamlNode | undefined {
    const { at } = properties;
    const { kind } = this.#tokens.peek();
    if (kind === "-" && indentless) return this.#indentlessList(at);
    if (kind === "scalar") return this.#scalar(this.#tokens.take(), properties);
    if (kind === "[") return this.#flowList(at);
    if (kind === "{") return this.#flowMap(at);
    if (block && kind === "block-list") return this.#blockList(at);
    if (block && kind === "block-map") return this.#blockMap(at);
    return properties.given ? this.#scalar(undefined, properties) : undefined;
  }

  #emptyScalar({ line, column }: Position): YamlNode {
    return { kind: "scalar", tag: "!!null", text: "", line, column };
  }

  #scalar(token: Token | undefined, { tag, at }: Properties): ScalarNode {
    const text = token?.text ?? "";
    const implicit = tag === "!" || (tag === "" && (token?.plain ?? true));
    const resolved = tag === "" ? (implicit ? tagOfPlain(text) : "!!str") : taggedAs(tag, text, at);
    const node: ScalarNode = {
      kind: "scalar",
      tag: resolved,
      text: tag === `${YAML_TAGS}binary` ? binaryText(text, at) : text,
      line: at.line,
      column: at.column,
    };
    if (text === "<<" && (implicit || tag === `${YAML_TAGS}merge`)) this.#mergeKeys.add(node);
    return node;
  }

  #list({ line, column }: Position, items: readonly YamlNode[]): ListNode {
    return { kind: "list", items, line, column };
  }

  #map({ line, column }: Position, entries: readonly MapEntry[]): MapNode {
    return { kind: "map", entries, line, column };
  }

  #indentlessList(at: Mark): YamlNode {
    const items: YamlNode[] = [];
    while (this.#is("-")) {
      const dash = this.#tokens.take();
      const empty = this.#is("-", "key", "value", "block-end");
      items.push(empty ? this.#emptyScalar(dash.end) : this.#node(true, false));
    }
    return this.#list(at, items);
  }

  #blockList(at: Mark): YamlNode {
    const start = this.#tokens.take();
    const items: YamlNode[] = [];
    while (this.#is("-")) {
      const dash = this.#tokens.take();
      items.push(this.#is("-", "block-end") ? this.#emptyScalar(dash.end) : this.#node(true, false));
    }
    this.#endBlock(start.at, "did not find expected '-' indicator", "list", "begin this line with `- ` there");
    return this.#list(at, items);
  }

  #blockMap(at: Mark): YamlNode {
    const start = this.#tokens.take();
    const entries: MapEntry[] = [];
    while (this.#is("key")) {
      const mark = this.#tokens.take().end;
      const key = this.#is("key", "value", "block-end") ? this.#emptyScalar(mark) : this.#node(true, true);
      this.#addEntry(entries, key, this.#blockValue());
    }
    if (this.#is("value")) {
      const { at: colon } = this.#tokens.peek();
      throw new YamlSyntaxError(colon, "did not find expected key", "write a key before the colon");
    }
    this.#endBlock(start.at, "did not find expected key", "mapping", "write its next `key: value` there");
    return this.#map(at, entries);
  }

  #blockValue(): YamlNode {
    if (!this.#is("value")) return this.#emptyScalar(this.#tokens.peek().at);
    const mark = this.#tokens.take().end;
    return this.#is("key", "value", "block-end") ? this.#emptyScalar(mark) : this.#node(true, true);
  }

  #endBlock({ line, column }: Position, message: string, what: string, way: string): void {
    const { kind, at } = this.#tokens.peek();
    if (kind !== "block-end") {
      const mend = this.#tokens.beginsLine
        ? `the ${what} that begins at line ${line} stands at column ${column}: ${way}, or indent this line further`
        : "the value before this place is over: put quotes around all of it, or begin a new line";
      throw new YamlSyntaxError(at, message, mend);
    }
    this.#tokens.take();
  }

  #flowList(at: Mark): YamlNode {
    const start = this.#tokens.take();
    const items: YamlNode[] = [];
    while (!this.#is("]")) {
      if (items.length > 0) this.#comma(start, "]");
      if (this.#is("]")) break;
      items.push(this.#is("key") ? this.#flowPair() : this.#node(false, false));
    }
    this.#tokens.take();
    return this.#list(at, items);
  }

  /** A `key: value` that stands in a list without braces. */
  #flowPair(): YamlNode {
    const { at, end } = this.#tokens.take();
    let key: YamlNode;
    if (this.#is("value", ",", "]")) {
      // Upstream's parser swallows the token behind an empty key.
      this.#tokens.take();
      key = this.#emptyScalar(end);
    } else key = this.#node(false, false);
    const entries: MapEntry[] = [];
    this.#addEntry(entries, key, this.#flowValue("]"));
    const pair = this.#map(at, entries);
    this.#weigh(pair);
    return pair;
  }

  #flowMap(at: Mark): YamlNode {
    const start = this.#tokens.take();
    const entries: MapEntry[] = [];
    let first = true;
    while (!this.#is("}")) {
      if (!first) this.#comma(start, "}");
      first = false;
      if (this.#is("}")) break;
      if (this.#is("key")) {
        const { end } = this.#tokens.take();
        const key = this.#is("value", ",", "}") ? this.#emptyScalar(end) : this.#node(false, false);
        this.#addEntry(entries, key, this.#flowValue("}"));
      } else {
        const key = this.#node(false, false);
        this.#addEntry(entries, key, this.#emptyScalar(this.#tokens.peek().at));
      }
    }
    this.#tokens.take();
    return this.#map(at, entries);
  }

  #flowValue(closing: "]" | "}"): YamlNode {
    if (!this.#is("value")) return this.#emptyScalar(this.#tokens.peek().at);
    const { end } = this.#tokens.take();
    return this.#is(",", closing) ? this.#emptyScalar(end) : this.#node(false, false);
  }

  #comma(open: Token, closing: "]" | "}"): void {
    const { kind, at } = this.#tokens.peek();
    if (kind !== ",") {
      const { line, column } = open.at;
      const mend = `put a comma here, or close the ${open.kind} that opens at line ${line}, column ${column}`;
      throw new YamlSyntaxError(at, `did not find expected ',' or '${closing}'`, mend);
    }
    this.#tokens.take();
  }

  #addEntry(entries: MapEntry[], key: YamlNode, value: YamlNode): void {
    if (this.#mergeKeys.has(key)) entries.push(...this.#merged(value));
    else if (key.kind === "scalar") {
      entries.push({ key: key.tag === "!!null" ? { ...key, text: "" } : key, value, merged: false });
    } else throw new YamlSyntaxError(key, "invalid map key", "use plain text as the key");
  }

  /** The entries of a merge key's value; of several sources the first wins, so it comes last. */
  #merged(value: YamlNode): MapEntry[] {
    const sources = value.kind === "list" ? value.items.toReversed() : [value];
    return sources.flatMap((source) => {
      if (source.kind === "map") return source.entries.map((entry) => ({ ...entry, merged: true }));
      const message = "map merge requires map or sequence of maps as the value";
      throw new YamlSyntaxError(value, message, "merge an anchored mapping: <<: *name");
    });
  }

  #weigh(node: YamlNode): void {
    if (node.kind === "scalar") return;
    const children = node.kind === "list" ? node.items : node.entries.map(({ value }) => value);
    let weight = 1;
    for (const child of children) weight += this.#weights.get(child) ?? 1;
    this.#weights.set(node, weight);
    if (weight > MAX_NODES) {
      throw new YamlSyntaxError(node, "document contains excessive aliasing", "write the repeated parts out");
    }
  }
}

/** What a scalar with a tag of its own is; tags outside YAML's own count as text. */
function taggedAs(tag: string, text: string, at: Position): ScalarTag {
  const short = tag.startsWith(YAML_TAGS) ? `!!${tag.slice(YAML_TAGS.length)}` : tag;
  if (!RESOLVED_TAGS.has(short)) return "!!str";
  const found = tagOfPlain(text);
  if (found === short) return found;
  if (short === "!!float" && found === "!!int") return "!!float";
  throw new YamlSyntaxError(at, `cannot decode ${found} \`${text}\` as a ${short}`, `remove ${short}`);
}

const RESOLVED_TAGS: ReadonlySet<string> = new Set(["!!bool", "!!int", "!!float", "!!null", "!!timestamp"]);

function binaryText(text: string, at: Position): string {
  if (/^[A-Za-z0-9+/\n\r]*={0,2}$/.test(text) && text.replaceAll(/[\n\r]/g, "").length % 4 === 0) {
    return Buffer.from(text, "base64").toString();
  }
  throw new YamlSyntaxError(
    at,
    "!!binary value contains invalid base64 data",
    "encode it as base64, or remove !!binary",
  );
}
