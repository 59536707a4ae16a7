import { formatProblem, parseYamlInSteps, type YamlNode } from "@narthex/config";
import { ContentTooLongError, groupContent, jsonOf } from "@narthex/rules";
import type { Steps } from "@narthex/runtime";
import { groupTexts, namespaceTexts } from "./yaml-parts.ts";

/** The JSON of rule groups, or the problem of their YAML. */
export type GroupsJson =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** Name of the YAML in problems. */
const PLACE = "response";

/** Writes a rule group in YAML as JSON. */
export function* groupJson(yaml: string): Steps<GroupsJson> {
  const { root, problems } = yield* parseYamlInSteps(yaml, PLACE);
  if (problems.length > 0) return { ok: false, problem: problems.map(formatProblem).join(", ") };
  if (root?.kind !== "map") return { ok: false, problem: "the response is not a rule group" };
  return caught(() => jsonOfGroup(root));
}

/**
 * Writes rule groups by namespace in YAML as JSON. Long YAML is read group by group, because each parse makes its tree
 * in one step.
 */
export function* namespacesJson(yaml: string): Steps<GroupsJson> {
  const parts: string[] = [];
  for (const text of namespaceTexts(yaml) ?? [yaml]) {
    const part = (yield* namespaceByGroups(text)) ?? (yield* namespaceAtOnce(text));
    if (!part.ok) return yield* namespaceAtOnce(yaml, asObject);
    if (part.text !== "") parts.push(part.text);
  }
  return { ok: true, text: asObject(parts.join()) };
}

const asObject = (entries: string): string => `{${entries}}`;

/** Reads a namespace group by group. Returns undefined if its YAML has an unusual form. */
function* namespaceByGroups(text: string): Steps<GroupsJson | undefined> {
  const split = groupTexts(text);
  if (split === undefined) return undefined;
  const key = (yield* parseYamlInSteps(split.key, PLACE)).root;
  if (key?.kind !== "map" || key.entries.length !== 1) return undefined;
  const groups: string[] = [];
  for (const group of split.groups) {
    const list = (yield* parseYamlInSteps(group, PLACE)).root;
    if (list?.kind !== "list" || list.items.length !== 1) return undefined;
    const json = caught(() => jsonOfGroup(list.items[0]!));
    if (!json.ok) return json;
    groups.push(json.text);
  }
  return { ok: true, text: `${JSON.stringify(key.entries[0]!.key.text)}:[${groups.join()}]` };
}

/** Reads namespaces with one parse. */
function* namespaceAtOnce(text: string, wrap = (entries: string): string => entries): Steps<GroupsJson> {
  const { root, problems } = yield* parseYamlInSteps(text, PLACE);
  if (problems.length > 0) return { ok: false, problem: problems.map(formatProblem).join(", ") };
  if (root === undefined) return { ok: true, text: wrap("") };
  if (root.kind !== "map") return { ok: false, problem: "the response is not a map of namespaces" };
  const entries: string[] = [];
  for (const { key, value } of root.entries) {
    yield;
    const items = value.kind === "list" ? value.items : [];
    const groups = caught(() => items.map(jsonOfGroup).join());
    if (!groups.ok) return groups;
    entries.push(`${JSON.stringify(key.text)}:[${groups.text}]`);
  }
  return { ok: true, text: wrap(entries.join()) };
}

const jsonOfGroup = (node: YamlNode): string => JSON.stringify(jsonOf(groupContent(node)));

/** Runs a conversion. Aliases of YAML could make its result very long, which is a problem of the YAML. */
function caught(convert: () => string): GroupsJson {
  try {
    return { ok: true, text: convert() };
  } catch (error) {
    if (!(error instanceof ContentTooLongError)) throw error;
    return { ok: false, problem: error.message };
  }
}
