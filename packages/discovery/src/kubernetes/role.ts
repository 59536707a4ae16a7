import type { ApiResource } from "./api-object.ts";
import type { TargetGroup } from "../target-group.ts";
import type { Joined, JoinedKind } from "./joined.ts";
import type { KubernetesRole } from "./section.ts";

/** Converts objects of one kind to target groups. */
export interface Role<T> {
  readonly name: KubernetesRole;
  readonly resource: ApiResource<T>;
  /** Prefix of the groups' sources, such as `pod` in `pod/<namespace>/<name>`. */
  readonly source: string;
  /** Kinds that its groups always use, in addition to those of attach_metadata. */
  readonly joins: readonly JoinedKind[];
  /** Kinds that attach_metadata can add. */
  readonly attachable: readonly JoinedKind[];
  /** Returns the object's targets and labels, or undefined if they are unknown; the last group is then kept. */
  group(object: T, joined: Joined): Omit<TargetGroup, "source"> | undefined;
}
