import { createHash } from "node:crypto";
import {
  formatProblem,
  isNull,
  type Loaded,
  parseYamlInSteps,
  type PrintableMap,
  type YamlNode,
} from "@narthex/config";
import type { Steps } from "@narthex/runtime";
import { decodeRuleFile, type RuleFileOptions } from "../rule-file.ts";
import type { GroupSpec } from "../rule-spec.ts";
import { ContentTooLongError, groupContent, groupText, withoutForeignFields } from "./group-content.ts";
import { RuleStoreError } from "./rule-store-error.ts";

/** A rule group that a client has stored. */
export interface StoredGroup {
  readonly name: string;
  readonly spec: GroupSpec;
  readonly content: PrintableMap;
  /** The content as YAML. */
  readonly text: string;
  /** Entity tag of the content, with quotes. */
  readonly tag: string;
  /** Fields of the group that have no effect here. */
  readonly foreign: readonly string[];
}

/** Maximum number of rules in a group. */
const MAX_RULES = 2000;

/** Makes the entity tag of a text, which can come in parts. */
export class EntityTag {
  readonly #hash = createHash("sha256");

  add(part: string | Uint8Array): void {
    this.#hash.update(part);
  }

  /** Returns the tag with its quotes. Call once. */
  finish(): string {
    return `"${this.#hash.digest("base64url").slice(0, 22)}"`;
  }
}

function tagOf(text: string): string {
  const tag = new EntityTag();
  tag.add(text);
  return tag.finish();
}

/** Reads the one group of a request's body. Throws RuleStoreError with the problems, each with its place. */
export function* parseGroup(text: string, options: RuleFileOptions): Steps<StoredGroup> {
  const parsed = yield* parseYamlInSteps(text, "body");
  const fail = (detail: string): never => {
    throw new RuleStoreError("bad", `unable to decoded rule group: ${detail}`);
  };
  if (parsed.problems.length > 0) fail(parsed.problems.map(formatProblem).join(", "));
  const { root } = parsed;
  if (root === undefined || root.kind !== "map") return fail("the body must be one rule group: name, interval, rules");
  if (parsed.documents > 1) fail("the body has several documents; send one rule group");
  if (root.entries.some(({ key }) => key.text === "groups")) {
    fail("the body is a rule file; send its groups one by one, without `groups:`");
  }
  const { ok, groups, problems } = yield* readGroups([root], "body", options);
  if (!ok) throw new RuleStoreError("bad", problems.map(formatProblem).join(", "));
  return groups[0]!;
}

/** Reads a stored rule file. The problems are those of Prometheus' rule files. */
export function* parseStoredFile(
  text: string,
  file: string,
  options: RuleFileOptions,
): Steps<Loaded<readonly StoredGroup[]>> {
  const parsed = yield* parseYamlInSteps(text, file);
  if (parsed.problems.length > 0) return { ok: false, problems: parsed.problems };
  const root = parsed.root?.kind === "map" ? parsed.root : undefined;
  const list = root?.entries.find(({ key }) => key.text === "groups")?.value;
  if (root === undefined || list?.kind !== "list" || root.entries.length !== 1) {
    // Reports what is wrong with the file, or nothing if the file has no groups.
    const decoded = yield* decodeRuleFile(
      parsed.root ?? { kind: "map", entries: [], line: 1, column: 1 },
      file,
      options,
    );
    return decoded.ok ? { ...decoded, value: [] } : decoded;
  }
  const items = list.items.filter((item) => !isNull(item));
  try {
    const { ok, groups, problems } = yield* readGroups(items, file, options);
    return ok ? { ok, value: groups, warnings: [] } : { ok, problems };
  } catch (error) {
    if (!(error instanceof RuleStoreError)) throw error;
    const { line, column } = list;
    return { ok: false, problems: [{ file, line, column, code: "stored-group", message: error.message, hint: "" }] };
  }
}

type Read =
  | { readonly ok: true; readonly groups: readonly StoredGroup[]; readonly problems: readonly [] }
  | { readonly ok: false; readonly groups: readonly []; readonly problems: ReturnType<typeof problemsOf> };

const problemsOf = (decoded: Loaded<unknown>) => (decoded.ok ? [] : decoded.problems);

function* readGroups(nodes: readonly YamlNode[], file: string, options: RuleFileOptions): Steps<Read> {
  const stripped = nodes.map(withoutForeignFields);
  const decoded = yield* decodeRuleFile(fileOf(stripped.map(({ node }) => node)), file, options);
  if (!decoded.ok) return { ok: false, groups: [], problems: problemsOf(decoded) };
  const groups: StoredGroup[] = [];
  for (const [i, spec] of decoded.value.entries()) {
    yield;
    groups.push(storedGroup(spec, nodes[i]!, stripped[i]!.foreign));
  }
  return { ok: true, groups, problems: [] };
}

/** Returns the root node of a rule file with these groups. */
function fileOf(items: readonly YamlNode[]): YamlNode {
  const at = { line: items[0]?.line ?? 1, column: items[0]?.column ?? 1 };
  const key = { kind: "scalar", tag: "!!str", text: "groups", ...at } as const;
  return { kind: "map", entries: [{ key, value: { kind: "list", items, ...at }, merged: false }], ...at };
}

function storedGroup(spec: GroupSpec, node: YamlNode, foreign: readonly string[]): StoredGroup {
  if (spec.rules.length > MAX_RULES) {
    throw new RuleStoreError("limit", `group has ${spec.rules.length} rules, the limit is ${MAX_RULES}; split it`);
  }
  const content = contentOf(node);
  const text = groupText(content);
  if (!text.isWellFormed()) throw new RuleStoreError("bad", "a text of the group has half of a surrogate pair");
  return { name: spec.name, spec, content, text, tag: tagOf(text), foreign };
}

function contentOf(node: YamlNode): PrintableMap {
  try {
    return groupContent(node);
  } catch (error) {
    if (!(error instanceof ContentTooLongError)) throw error;
    throw new RuleStoreError("limit", error.message, { cause: error });
  }
}
