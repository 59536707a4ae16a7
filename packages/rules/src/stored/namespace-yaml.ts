import type { Steps } from "@narthex/runtime";
import { groupListParts, keyText } from "./group-content.ts";
import { EntityTag, type StoredGroup } from "./stored-group.ts";

/** An answer of the rules API, and its entity tag with quotes. */
export interface TaggedYaml {
  readonly bytes: Uint8Array;
  readonly tag: string;
}

interface Namespace {
  readonly name: string;
  readonly groups: ReadonlyMap<string, StoredGroup>;
}

/** Returns the texts of groups, in their order. */
export const textsOf = (groups: ReadonlyMap<string, StoredGroup>): readonly string[] =>
  Array.from(groups.values(), ({ text }) => text);

/** Writes namespaces as the YAML of the rules API: a map with one key for each namespace. An empty one is left out. */
export function* namespacesYaml(namespaces: readonly Namespace[]): Steps<TaggedYaml> {
  const tag = new EntityTag();
  const parts: Buffer[] = [];
  for (const { name, groups } of namespaces) {
    if (groups.size === 0) continue;
    for (const part of groupListParts(keyText(name), textsOf(groups))) {
      const bytes = Buffer.from(part);
      tag.add(bytes);
      parts.push(bytes);
      yield;
    }
  }
  return { bytes: Buffer.concat(parts), tag: tag.finish() };
}
