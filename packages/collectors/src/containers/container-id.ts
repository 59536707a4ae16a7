/** Owner of a control group, as its path shows it. */
export interface GroupOwner {
  /** 64 hexadecimal digits, or undefined for a group that is not a container (a slice, a service, a pod). */
  readonly containerId: string | undefined;
  /** UID, with dashes, of the Kubernetes pod that the group is or belongs to. Undefined outside of pods. */
  readonly podUid: string | undefined;
}

/** `docker/<id>`, `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>`, `libpod-<id>.scope` … */
const CONTAINER = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$/;

/** Monitor processes of containers have the container's id in their path, but are not containers. */
const MONITOR = /-conmon-[0-9a-f]{64}/;

/** `/kubepods/burstable/pod<uid>/…`, `kubepods-burstable-pod<uid with underscores>.slice`. */
const POD = /(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:[/:]|$)/;

/** Reads a group's path. */
export function ownerOf(path: string): GroupOwner {
  const containerId = MONITOR.test(path) ? undefined : CONTAINER.exec(path)?.[1];
  const podUid = path.includes("kubepods") ? POD.exec(path)?.[1]?.replaceAll("_", "-") : undefined;
  return { containerId, podUid };
}

/** Returns the container of a process by the path of its group, which may be a group within the container's. */
export function enclosingContainer(path: string): string | undefined {
  for (let rest = path; rest !== ""; rest = rest.slice(0, Math.max(0, rest.lastIndexOf("/")))) {
    const { containerId } = ownerOf(rest);
    if (containerId !== undefined) return containerId;
  }
  return undefined;
}
