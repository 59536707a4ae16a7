/** Container and pod that own a control group, derived from the group's path. */
export interface GroupOwner {
  /** 64 hexadecimal digits, or undefined for a control group that is not a container (a slice, a service, a pod). */
  readonly containerId: string | undefined;
  /** UID, with dashes, of the Kubernetes pod that the control group is or belongs to. Undefined outside of pods. */
  readonly podUid: string | undefined;
}

/**
 * Matches container ids in paths such as `docker/<id>`, `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>`
 * and `libpod-<id>.scope`.
 */
const CONTAINER = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$/;

/** Matches monitor processes, whose path contains a container's id although they are not containers. */
const MONITOR = /-conmon-[0-9a-f]{64}/;

/**
 * Matches pod UIDs in paths such as `/kubepods/burstable/pod<uid>/…` and `kubepods-burstable-pod<uid with
 * underscores>.slice`.
 */
const POD = /(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:[/:]|$)/;

/** Returns the container and the pod that own a control group, derived from the path of the group. */
export function ownerOf(path: string): GroupOwner {
  const containerId = MONITOR.test(path) ? undefined : CONTAINER.exec(path)?.[1];
  const podUid = path.includes("kubepods") ? POD.exec(path)?.[1]?.replaceAll("_", "-") : undefined;
  return { containerId, podUid };
}

/**
 * Returns the id of the container to which a control group path belongs. The path may be a group inside the container.
 */
export function enclosingContainer(path: string): string | undefined {
  for (let rest = path; rest !== ""; rest = rest.slice(0, Math.max(0, rest.lastIndexOf("/")))) {
    const { containerId } = ownerOf(rest);
    if (containerId !== undefined) return containerId;
  }
  return undefined;
}
