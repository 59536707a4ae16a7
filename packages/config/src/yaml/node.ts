import { runToEnd, type Steps } from "@narthex/runtime";
import {
  type Alias,
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
} from "yaml";
import type { Document, YAMLError, YAMLMap, YAMLSeq } from "yaml";
import { type Indented, indentFlow } from "./flow-indent.ts";
import type { Position, Problem } from "../problem.ts";
import { type ScalarTag, tagOfPlain } from "./scalar.ts";

/** A single value of a YAML text. `text` is the value as written, without quotes. */
export interface ScalarNode extends Position {
  readonly kind: "scalar";
  readonly tag: ScalarTag;
  readonly text: string;
  /** Set for `!env NAME`: `text` is the name of an environment variable. */
  readonly isVariable?: true;
  /** Present if the value is written as `!!binary`, and its bytes are not UTF-8. */
  readonly isNotUtf8?: true;
}

/** One `key: value` of a mapping. `merged` is set if the entry comes from a YAML merge key (`<<`). */
export interface MapEntry {
  readonly key: ScalarNode;
  readonly value: YamlNode;
  readonly merged: boolean;
}

export interface MapNode extends Position {
  readonly kind: "map";
  /** Entries in the order of the file. A later entry replaces an earlier entry with the same key. */
  readonly entries: readonly MapEntry[];
}

interface ListNode extends Position {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
}

/** A YAML tree with positions: aliases resolved, merge keys expanded, scalars typed by YAML 1.1. */
export type YamlNode = ScalarNode | MapNode | ListNode;

/** A parsed YAML file: its first document and its syntax errors. */
export interface ParsedYaml {
  /** The tree of the first document; undefined if the file is empty or has problems. */
  readonly root: YamlNode | undefined;
  readonly problems: readonly Problem[];
  /** Number of documents in the file; only the first is read. */
  readonly documents: number;
}

/** All documents of a YAML file, without empty documents, and its problems. */
export interface ParsedDocuments {
  readonly roots: readonly YamlNode[];
  readonly problems: readonly Problem[];
}

/** Reports whether a node is null, `~` or empty. */
export const isNull = (node: YamlNode): boolean => node.kind === "scalar" && node.tag === "!!null";

/**
 * Maximum number of nodes in a file. Aliases can repeat large parts of a file, which could otherwise exhaust the
 * memory.
 */
const MAX_NODES = 4_000_000;

/**
 * Parses the first document of a YAML text. Never throws. If Go's parser reports the same syntax error, the problem has
 * the message of Go's parser.
 */
export const parseYaml = (text: string, file: string): ParsedYaml => runToEnd(parseYamlInSteps(text, file));

/** Parses as parseYaml() does. A step reads some of the text; the last step makes the tree. */
export function* parseYamlInSteps(text: string, file: string): Steps<ParsedYaml> {
  const { roots, problems, documents } = yield* parseDocumentsOf(text, file, 1);
  return { root: problems.length > 0 ? undefined : roots[0], problems, documents };
}

/**
 * Parses all documents of a YAML text, for files with several objects. Returns the trees of the documents that are not
 * empty, or the problems of the first document with a problem. Never throws.
 */
export function parseYamlDocuments(text: string, file: string): ParsedDocuments {
  return runToEnd(parseDocumentsOf(text, file, Infinity));
}

/** Parses at most `count` documents of a YAML text. */
function* parseDocumentsOf(
  text: string,
  file: string,
  count: number,
): Steps<ParsedDocuments & { readonly documents: number }> {
  const unprintable = NOT_PRINTABLE.exec(text);
  if (unprintable !== null) return { roots: [], problems: [characterProblem(text, unprintable, file)], documents: 1 };
  const { source, documents, lineCounter } = yield* parseLikeGo(text.startsWith("\ufeff") ? text.slice(1) : text);
  if (documents.length === 0) return { roots: [], problems: strayDirective(source.text, file), documents: 0 };
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: Math.max(1, col - (source.added[line - 1] ?? 0)) };
  };
  const roots: YamlNode[] = [];
  for (const document of documents.slice(0, count)) {
    const error = errorOf(document);
    const problems =
      error === undefined
        ? convertInto(roots, document, at, file)
        : source.unclosed !== undefined && documents.length === 1
          ? [unclosedProblem(source.unclosed, file)]
          : [syntaxProblem(error, at(error.pos[0]), text, file)];
    if (problems.length > 0) return { roots: [], problems, documents: documents.length };
  }
  return { roots, problems: [], documents: documents.length };
}

const errorOf = ({ errors, warnings }: Document.Parsed): YAMLError | undefined =>
  errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0] ?? warnings.find(({ code }) => code === "BAD_DIRECTIVE");

/** Converts a document without syntax errors, and adds its tree to the list unless it is empty. Returns the problems. */
function convertInto(
  roots: YamlNode[],
  document: Document.Parsed,
  at: (offset: number) => Position,
  file: string,
): readonly Problem[] {
  const converter = new Converter(at);
  const contents: Node | null = document.contents;
  const root = contents === null ? undefined : converter.convert(contents);
  if (root !== undefined && !isNull(root)) roots.push(root);
  return converter.problems.map((problem) => ({ ...problem, file }));
}

interface Parsed {
  readonly source: Indented;
  readonly documents: readonly Document.Parsed[];
  readonly lineCounter: LineCounter;
}

/**
 * Parses a YAML text unchanged. If it is not strict YAML, parses it again with indented lines within brackets and
 * quotes, because Go's parser accepts such lines without indentation. The text is indented only then, because
 * indentFlow() works line by line and may mistake plain text with a quote for quoted text.
 */
function* parseLikeGo(written: string): Steps<Parsed> {
  const text = written.replaceAll(LONE_RETURN, "\n");
  const strict = yield* parseDocuments({ text, added: [], unclosed: undefined });
  const isSound = strict.documents.every(({ errors, warnings }) => errors.length === 0 && warnings.length === 0);
  return isSound ? strict : yield* parseDocuments(indentFlow(text));
}

/**
 * Matches a carriage return without a newline. In YAML this ends a line, but the parser library does not support it.
 */
const LONE_RETURN = /\r(?!\n)/g;

/** Number of tokens of the text that one step reads. */
const TOKENS_PER_STEP = 500;

/** Does what the library's parseAllDocuments() does, in steps. */
function* parseDocuments(source: Indented): Steps<Parsed> {
  const lineCounter = new LineCounter();
  const parser = new Parser(lineCounter.addNewLine);
  const composer = new Composer({
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    merge: false,
    logLevel: "silent",
  });
  const documents: Document.Parsed[] = [];
  const compose = (tokens: ReturnType<Parser["next"]>): void => {
    for (const token of tokens) for (const document of composer.next(token)) documents.push(document);
  };
  lineCounter.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    compose(parser.next(lexeme));
    if (++count % TOKENS_PER_STEP === 0) yield;
  }
  compose(parser.end());
  for (const document of composer.end()) documents.push(document);
  yield;
  return { source, documents, lineCounter };
}

/** Matches a character that YAML does not allow anywhere in a text, not even in a comment. */
const NOT_PRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function characterProblem(text: string, found: RegExpExecArray, file: string): Problem {
  const before = text.slice(0, found.index).split("\n");
  const number = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return {
    file,
    line: before.length,
    column: before.at(-1)!.length + 1,
    code: "yaml-syntax",
    message: "yaml: control characters are not allowed",
    hint: `remove the character U+${number} here`,
  };
}

/** Reports a directive (a line that begins with %) that is not followed by a document. */
function strayDirective(text: string, file: string): readonly Problem[] {
  const line = text.split("\n").findIndex((one) => one.startsWith("%")) + 1;
  if (line === 0) return [];
  const message = `yaml: line ${line}: did not find expected <document start>`;
  return [{ file, line, column: 1, code: "yaml-syntax", message, hint: "quote the text if it is yours" }];
}

function unclosedProblem({ open, line, column }: NonNullable<Indented["unclosed"]>, file: string): Problem {
  const words =
    open === "[" || open === "{"
      ? `did not find expected ',' or '${open === "[" ? "]" : "}"}'`
      : "found unexpected end of stream";
  const message = `yaml: line ${line}: ${words}`;
  return { file, line, column, code: "yaml-syntax", message, hint: `close the ${open} that opens here` };
}

function syntaxProblem(error: YAMLError, at: Position, text: string, file: string): Problem {
  const lines = text.split("\n");
  const line = lines[at.line - 1] ?? "";
  const tab = /^\s*\t/.test(line);
  const [words, hint] = tab ? tabWords(lines, at.line) : syntaxWords(error);
  const column = tab ? line.indexOf("\t") + 1 : at.column;
  return { file, line: at.line, column, code: "yaml-syntax", message: `yaml: line ${at.line}: ${words}`, hint };
}

function tabWords(lines: readonly string[], line: number): [words: string, hint: string] {
  const before = lines.slice(0, line - 1).findLast((text) => text.trim() !== "") ?? ":";
  const opens = /[:-]\s*$/.test(before);
  const words = opens
    ? "found character that cannot start any token"
    : "found a tab character that violates indentation";
  return [words, "indent with spaces: this line begins with a tab"];
}

function syntaxWords(error: YAMLError): [words: string, hint: string] {
  const detail = error.message.split("\n")[0]!;
  switch (error.code) {
    case "TAB_AS_INDENT":
      return ["found character that cannot start any token", "indent with spaces, not with tabs"];
    case "BAD_SCALAR_START":
      return ["found character that cannot start any token", "quote the value"];
    case "BAD_DQ_ESCAPE":
      return ["found unknown escape character", "write \\\\ for a backslash, or use single quotes"];
    case "BLOCK_AS_IMPLICIT_KEY":
      return ["mapping values are not allowed in this context", "check the indentation, or quote the value"];
    case "MISSING_CHAR":
      if (/quote/.test(detail)) return ["found unexpected end of stream", "close the quotes"];
      return ["could not find expected ':'", "write `key: value`"];
    case "BAD_DIRECTIVE":
      return ["found unknown directive name", "a line of YAML's own begins with %; quote the text if it is yours"];
    case "BAD_ALIAS":
      return [`unknown anchor referenced (${detail})`, "define the anchor before it is used"];
    case "RESOURCE_EXHAUSTION":
      return ["exceeded max depth", "the lists and mappings lie in one another too deeply"];
    default:
      return ["did not find expected key", "check the indentation and the brackets of this line"];
  }
}

/** Converts the parser library's tree to YamlNode. Several aliases of one node refer to the same converted node. */
class Converter {
  readonly problems: Omit<Problem, "file">[] = [];
  readonly #at: (offset: number) => Position;
  readonly #done = new Map<Node, YamlNode>();
  readonly #open = new Set<Node>();
  /** The last node with each anchor so far. The tree is converted in the order of the text. */
  readonly #anchors = new Map<string, Node>();
  readonly #weights = new Map<YamlNode, number>();

  constructor(at: (offset: number) => Position) {
    this.#at = at;
  }

  convert(node: Node): YamlNode {
    const known = this.#done.get(node);
    if (known !== undefined) return known;
    const at = this.#at(node.range?.[0] ?? 0);
    if (this.#open.has(node))
      return this.#refuse(at, "yaml: anchor value contains itself", "break the circle of aliases");
    this.#open.add(node);
    if (!isAlias(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const made = this.#make(node, at);
    this.#open.delete(node);
    this.#done.set(node, made);
    this.#weigh(made);
    return made;
  }

  #make(node: Node, at: Position): YamlNode {
    if (isAlias(node)) return this.#alias(node, at);
    if (isMap(node)) return { kind: "map", entries: this.#entries(node), ...at };
    if (isSeq(node))
      return { kind: "list", items: (node as YAMLSeq<Node>).items.map((item) => this.#child(item, at)), ...at };
    if (isScalar(node)) {
      const written = typeof node.value === "string" ? node.value : "";
      if (node.tag === BINARY) return { kind: "scalar", tag: "!!str", ...textOfBinary(written), ...at };
      if (node.tag === VARIABLE) return { kind: "scalar", tag: "!!str", text: written, isVariable: true, ...at };
      const plain = node.type === "PLAIN" || node.type === undefined;
      return {
        kind: "scalar",
        tag: explicitTag(node.tag) ?? (plain ? tagOfPlain(written) : "!!str"),
        text: written,
        ...at,
      };
    }
    return this.#refuse(at, "yaml: unknown kind of node", "");
  }

  #child(node: Node | null, at: Position): YamlNode {
    const { line, column } = at;
    return node === null ? { kind: "scalar", tag: "!!null", text: "", line, column } : this.convert(node);
  }

  #alias(node: Alias, at: Position): YamlNode {
    // Node.resolve() of the library would visit the whole document for each alias.
    const source = this.#anchors.get(node.source);
    if (source !== undefined) return this.convert(source);
    return this.#refuse(at, `yaml: unknown anchor '${node.source}' referenced`, "define the anchor before it is used");
  }

  #entries(map: YAMLMap): MapEntry[] {
    const entries: MapEntry[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = this.convert(pair.key);
      if (key.kind !== "scalar") {
        this.#refuse(key, "yaml: invalid map key", "use plain text as the key");
        continue;
      }
      const value = this.#child(pair.value, key);
      if (key.text === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN")
        for (const item of this.#merged(value)) entries.push(item);
      else entries.push({ key: isNull(key) ? { ...key, text: "" } : key, value, merged: false });
    }
    return entries;
  }

  #merged(value: YamlNode): MapEntry[] {
    const sources = value.kind === "list" ? [...value.items].reverse() : [value];
    const entries: MapEntry[] = [];
    for (const source of sources) {
      if (source.kind === "map") for (const entry of source.entries) entries.push({ ...entry, merged: true });
      else
        this.#refuse(value, "yaml: map merge requires map or sequence of maps as the value", "merge an anchored map");
    }
    return entries;
  }

  #weigh(node: YamlNode): void {
    let weight = 1;
    if (node.kind === "list") for (const item of node.items) weight += this.#weights.get(item) ?? 1;
    if (node.kind === "map") for (const entry of node.entries) weight += this.#weights.get(entry.value) ?? 1;
    this.#weights.set(node, weight);
    if (weight > MAX_NODES) {
      this.#refuse(node, "yaml: document contains excessive aliasing", "write the repeated parts out");
    }
  }

  #refuse(at: Position, message: string, hint: string): YamlNode {
    const { line, column } = at;
    this.problems.push({ line, column, code: "yaml-structure", message, hint });
    return { kind: "scalar", tag: "!!null", text: "", line, column };
  }
}

const VARIABLE = "!env";
const BINARY = "tag:yaml.org,2002:binary";

/** Decodes a value in base64. */
function textOfBinary(written: string): Pick<ScalarNode, "text" | "isNotUtf8"> {
  const bytes = Buffer.from(written, "base64");
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { text } : { text, isNotUtf8: true };
}

/** Returns the type of a value with an explicit YAML tag. A value with a custom tag is a string. */
function explicitTag(tag: string | undefined): ScalarTag | undefined {
  if (tag?.startsWith("!") === true) return "!!str";
  switch (tag) {
    case "tag:yaml.org,2002:str":
      return "!!str";
    case "tag:yaml.org,2002:int":
      return "!!int";
    case "tag:yaml.org,2002:float":
      return "!!float";
    case "tag:yaml.org,2002:bool":
      return "!!bool";
    case "tag:yaml.org,2002:null":
      return "!!null";
    default:
      return undefined;
  }
}
