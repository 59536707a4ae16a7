import { Labels } from "@narthex/model";
import { decodeYaml, listOf, type StaticConfig, targetGroup } from "@narthex/config";

/**
 * Targets that a discoverer has found together, for example in one file. A later group with the same source replaces
 * the earlier group.
 */
export interface TargetGroup {
  /** Text that identifies the group within its discoverer. */
  readonly source: string;
  /**
   * Labels of each target, including `__address__`. Labels of a target take precedence over labels of the group with
   * the same name.
   */
  readonly targets: readonly Labels[];
  /** Labels that every target of the group has. */
  readonly labels: Labels;
}

export type ListedGroup = Pick<StaticConfig, "targets" | "labels">;

/** Converts a group of a file or an HTTP answer to a target group, and adds the labels of its source. */
export const groupFromStatic = (
  config: ListedGroup,
  source: string,
  more: Readonly<Record<string, string>> = {},
): TargetGroup => ({
  source,
  targets: config.targets.map((address) => Labels.of({ __address__: address })),
  labels: config.labels.with(more),
});

export class GroupsError extends Error {
  override readonly name = "GroupsError";
}

const groupList = listOf(targetGroup, { goType: "[]*targetgroup.Group", nullItem: "nil target group item found" });

/** Reads a list of target groups, YAML or JSON (which is YAML). Throws GroupsError with position and hint. */
export function parseGroups(text: string, name: string): readonly StaticConfig[] {
  if (text.trim() === "" || text.trim() === "null") return [];
  const loaded = decodeYaml(text, name, groupList);
  if (loaded.ok) return loaded.value;
  throw new GroupsError(loaded.problems.map(({ line, message }) => `${name}:${line}: ${message}`).join("; "));
}
