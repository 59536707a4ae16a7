import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from "yaml";
import { boolOf, tagOfPlain } from "./scalar.ts";

/** Keys and list indexes that lead to a value of a YAML text. */
export type YamlPath = readonly [string, ...(string | number)[]];

/** Error that a YAML text cannot be edited. */
export class YamlEditError extends Error {
  override readonly name = "YamlEditError";
}

/** Matches texts that YAML reads as texts without quotes, unless they are a number, a bool or null. */
const PLAIN = /^[A-Za-z][\w.@:/-]*$/;

/**
 * Changes values of a YAML text. The rest stays as it is: comments, the order, quotes, anchors and tags. Only
 * indentation and blank lines become uniform.
 *
 * ```ts
 * const edit = new YamlEdit("route: {receiver: a} # the root\n");
 * edit.set(["route", "receiver"], "b");
 * edit.print(); // => "route: {receiver: b} # the root\n"
 * ```
 */
export class YamlEdit {
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  /** Throws YamlEditError if the text is no YAML, has several documents, or is not a mapping. */
  constructor(text: string) {
    this.#text = text.startsWith("\ufeff") ? text.slice(1) : text;
    // The failsafe schema reads all values as texts, so that they are printed as they were written.
    this.#document = parseDocument(this.#text.replaceAll("\r\n", "\n"), {
      schema: "failsafe",
      lineCounter: this.#lines,
      logLevel: "error",
      prettyErrors: false,
    });
    const [error] = this.#document.errors;
    if (error !== undefined) throw new YamlEditError(error.message);
    if (!isMap(this.#document.contents)) throw new YamlEditError("the text is not a mapping");
  }

  has(path: YamlPath): boolean {
    return this.#at(path) !== undefined;
  }

  /** Returns the text of a scalar. Undefined if it is missing, empty, or not a scalar. */
  text(path: YamlPath): string | undefined {
    const node = this.#at(path);
    if (!isScalar(node)) return undefined;
    const text = String(node.value);
    return node.type === Scalar.PLAIN && tagOfPlain(text) === "!!null" ? undefined : text;
  }

  /** Returns the value of a bool. Undefined if it is missing. */
  flag(path: YamlPath): boolean | undefined {
    const text = this.text(path);
    return text === undefined ? undefined : boolOf(text);
  }

  /** Returns the number of items of a list; 0 if there is no list. */
  count(path: YamlPath): number {
    const node = this.#at(path);
    return isSeq(node) ? node.items.length : 0;
  }

  /** Returns whether a value can be changed without a change elsewhere: it has no anchors, aliases, tags and merge keys. */
  isPlain(path: YamlPath): boolean {
    const node = this.#at(path) as Node | undefined;
    let isPlain = node !== undefined;
    visit(node ?? null, {
      Alias: () => void (isPlain = false),
      Value: (_key, { anchor, tag }) => {
        if (anchor !== undefined || tag !== undefined) isPlain = false;
      },
      Pair: (_key, { key }) => {
        if (isScalar(key) && key.value === "<<") isPlain = false;
      },
    });
    return isPlain;
  }

  /** Sets a value. Creates missing mappings and lists on the way to it. Throws YamlEditError if an alias is on the way. */
  set(path: YamlPath, value: string | boolean): void {
    for (let length = 1; length < path.length; length++) {
      const above = path.slice(0, length) as [string];
      const node = this.#at(above);
      if (isAlias(node)) throw new YamlEditError(`${above.join(".")} is an alias`);
      if (!isMap(node) && !isSeq(node))
        this.#put(above, typeof path[length] === "number" ? new YAMLSeq() : new YAMLMap());
    }
    this.#put(path, scalarOf(value));
  }

  /** Removes a value. Comments before the key of a mapping stay. */
  remove(path: YamlPath): void {
    const map = this.#at(path.slice(0, -1) as unknown as YamlPath);
    if (isMap(map)) keepComment(map, String(path.at(-1)));
    this.#document.deleteIn(path);
  }

  /** Returns the changed text. */
  print(): string {
    const text = this.#document.toString({
      lineWidth: 0,
      flowCollectionPadding: /[[{] /.test(this.#text),
      ...this.#indentation(),
    });
    return this.#text.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
  }

  #at(path: YamlPath | readonly []): unknown {
    return path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
  }

  /** Puts a node in the place of another, and keeps the comments of that place. */
  #put(path: YamlPath, node: Scalar | YAMLMap | YAMLSeq): void {
    const before = this.#at(path);
    if (isScalar(before)) {
      node.spaceBefore = before.spaceBefore ?? false;
      if (isScalar(node)) Object.assign(node, { comment: before.comment, commentBefore: before.commentBefore });
      else node.commentBefore = before.commentBefore ?? before.comment ?? null;
    }
    const parent = this.#at(path.slice(0, -1) as unknown as YamlPath);
    const key = path.at(-1)!;
    const pair = isMap(parent) ? pairOf(parent, String(key)) : undefined;
    // The mapping itself would put a text into the old scalar, with its old quotes.
    if (pair !== undefined) pair.value = node;
    else if (isMap(parent) || isSeq(parent)) parent.set(typeof key === "number" ? key : scalarOf(key), node);
  }

  /** Returns the indentation that the text uses. */
  #indentation(): { readonly indent: number; readonly indentSeq: boolean } {
    let [indent, indentSeq] = [2, true];
    const columnOf = (node: unknown): number => this.#lines.linePos((node as Node).range?.[0] ?? 0).col;
    for (const { key, value } of (this.#document.contents as YAMLMap).items) {
      if (isMap(value) && value.flow !== true && value.items[0] !== undefined && columnOf(value.items[0].key) > 1)
        indent = columnOf(value.items[0].key) - columnOf(key);
      if (isSeq(value) && value.flow !== true && value.range != null) indentSeq = columnOf(value) > columnOf(key);
    }
    // The printer cannot combine lists without indentation with another width.
    return { indent: indentSeq ? indent : 2, indentSeq };
  }
}

const pairOf = (map: YAMLMap, name: string): Pair | undefined =>
  map.items.find(({ key }) => isScalar(key) && key.value === name);

/** Moves the comment before a key to the next key, or to the end of the mapping. */
function keepComment(map: YAMLMap, name: string): void {
  const index = map.items.findIndex(({ key }) => isScalar(key) && key.value === name);
  const key = map.items[index]?.key;
  if (!isScalar(key) || key.commentBefore == null) return;
  const next = map.items[index + 1]?.key;
  if (isScalar(next)) next.commentBefore = joined(key.commentBefore, next.commentBefore);
  else map.comment = joined(key.commentBefore, map.comment);
}

const joined = (a: string, b: string | null | undefined): string => (b == null ? a : `${a}\n${b}`);

function scalarOf(value: string | boolean): Scalar {
  const scalar = new Scalar(String(value));
  const isPlain =
    typeof value === "boolean" || (PLAIN.test(value) && !value.endsWith(":") && tagOfPlain(value) === "!!str");
  scalar.type = isPlain ? Scalar.PLAIN : Scalar.QUOTE_DOUBLE;
  return scalar;
}
