import type { ApiResource } from "./api-object.ts";
import type { TargetGroup } from "../../target-group.ts";
import type { Joined, JoinedKind } from "./joined.ts";
import type { KubernetesRole } from "./section.ts";

/** Converts Kubernetes objects of one kind to target groups. */
export interface Role<T> {
  readonly name: KubernetesRole;
  readonly resource: ApiResource<T>;
  /** Prefix of the groups' sources, such as `pod` in `pod/<namespace>/<name>`. */
  readonly source: string;
  /** Kinds of related objects that the groups always need, in addition to the kinds in attach_metadata. */
  readonly joins: readonly JoinedKind[];
  /** Kinds of related objects that attach_metadata can add. */
  readonly attachable: readonly JoinedKind[];
  /**
   * Returns the targets and labels of an object. Returns undefined if they cannot be determined; the last group of the
   * object is then kept.
   */
  group(object: T, joined: Joined): Omit<TargetGroup, "source"> | undefined;
}
