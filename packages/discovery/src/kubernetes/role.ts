import type { ApiResource } from "./api-object.ts";
import type { TargetGroup } from "../target-group.ts";
import type { Joined, JoinedKind } from "./joined.ts";
import type { KubernetesRole } from "./section.ts";

/** How objects of one kind become target groups. */
export interface Role<T> {
  readonly name: KubernetesRole;
  readonly resource: ApiResource<T>;
  /** Begins the groups' sources: `pod` as in `pod/<namespace>/<name>`. */
  readonly source: string;
  /** Kinds its groups always look at, beside those that attach_metadata asks for. */
  readonly joins: readonly JoinedKind[];
  /** Kinds that attach_metadata can add. */
  readonly attachable: readonly JoinedKind[];
  /** The object's targets and labels, or undefined if nothing can be said, which leaves what was said last. */
  group(object: T, joined: Joined): Omit<TargetGroup, "source"> | undefined;
}
