import { isNull, type MapNode, parseYaml, type Position, type YamlNode } from "@narthex/config";
import type { GroupSpec, RuleSpec } from "@narthex/rules";
import { positionInScalar, type SourceText } from "./scalar-offset.ts";

/** Positions of a rule and its parts in the text of the file. */
export class RulePlace {
  readonly #source: SourceText;
  readonly #node: MapNode;
  /** First and last line of the rule. The comments directly above the rule belong to it. */
  readonly firstLine: number;
  readonly lastLine: number;

  constructor(source: SourceText, node: MapNode, firstLine: number, lastLine: number) {
    this.#source = source;
    this.#node = node;
    this.firstLine = firstLine;
    this.lastLine = lastLine;
  }

  get rule(): Position {
    return this.#node;
  }

  /** Returns the position of a key of the rule, or of the rule if it does not have the key. */
  key(name: string): Position {
    return entryOf(this.#node, name)?.key ?? this.#node;
  }

  /** Returns the position of a byte of the expression. */
  expression(byteOffset: number): Position {
    const value = entryOf(this.#node, "expr")?.value;
    return value?.kind === "scalar" ? this.#within(value, indexOfByte(value.text, byteOffset)) : this.#node;
  }

  /** Returns the position of a character of a label or an annotation. */
  text(part: "labels" | "annotations", name: string, offset: number): Position {
    const map = entryOf(this.#node, part)?.value;
    const value = map?.kind === "map" ? entryOf(map, name)?.value : undefined;
    return value?.kind === "scalar" ? this.#within(value, offset) : this.key(part);
  }

  #within(value: YamlNode & { readonly kind: "scalar" }, index: number): Position {
    return positionInScalar(this.#source, value, value.text, index);
  }
}

/** Returns the index in UTF-16 units of a byte of the text's UTF-8 form. */
function indexOfByte(text: string, byteOffset: number): number {
  let bytes = 0;
  let index = 0;
  while (index < text.length && bytes < byteOffset) {
    const code = text.codePointAt(index)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
    index += code < 0x1_0000 ? 1 : 2;
  }
  return index;
}

const entryOf = (map: MapNode, name: string): MapNode["entries"][number] | undefined =>
  map.entries.findLast(({ key }) => key.text === name);

const listOf = (node: YamlNode | undefined, name: string): readonly YamlNode[] => {
  const value = node?.kind === "map" ? entryOf(node, name)?.value : undefined;
  return value?.kind === "list" ? value.items.filter((item) => !isNull(item)) : [];
};

/**
 * Finds the rules of a rule file in its text. Returns no place for a rule whose text differs, for example because the
 * file has changed since it was loaded.
 */
export function rulePlaces(
  source: SourceText,
  file: string,
  groups: readonly GroupSpec[],
): ReadonlyMap<RuleSpec, RulePlace> {
  const places = new Map<RuleSpec, RulePlace>();
  const nodes = listOf(parseYaml(source.text, file).root, "groups");
  const found: { readonly spec: RuleSpec | undefined; readonly node: YamlNode }[] = [];
  for (const [index, node] of nodes.entries()) {
    found.push({ spec: undefined, node });
    const rules = listOf(node, "rules");
    for (const [position, rule] of rules.entries()) found.push({ spec: groups[index]?.rules[position], node: rule });
  }
  for (const [index, { spec, node }] of found.entries()) {
    if (spec === undefined || node.kind !== "map" || !isRule(node, spec)) continue;
    const next = found[index + 1]?.node.line;
    const lastLine = next === undefined ? source.lineCount : aboveComments(source, next) - 1;
    places.set(spec, new RulePlace(source, node, aboveComments(source, node.line), lastLine));
  }
  return places;
}

function isRule(node: MapNode, spec: RuleSpec): boolean {
  const name = entryOf(node, spec.kind === "alerting" ? "alert" : "record")?.value;
  const expr = entryOf(node, "expr")?.value;
  return name?.kind === "scalar" && name.text === spec.name && expr?.kind === "scalar" && expr.text === spec.query;
}

/** Returns the first line of the comments that end directly above a line. */
function aboveComments(source: SourceText, line: number): number {
  let first = line;
  while (
    first > 1 &&
    source
      .line(first - 1)
      .trimStart()
      .startsWith("#")
  )
    first--;
  return first;
}
