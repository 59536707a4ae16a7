/** What the path of a control group tells about who made it. */
export interface GroupOwner {
  /** 64 hexadecimal digits; undefined for a group that is no container (a slice, a service, a pod). */
  readonly containerId: string | undefined;
  /** Of the Kubernetes pod the group is or belongs to, with dashes; undefined outside of pods. */
  readonly podUid: string | undefined;
}

/** `docker/<id>`, `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>`, `libpod-<id>.scope` … */
const CONTAINER = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$/;

/** Monitors of containers carry their ids too, and are none. */
const MONITOR = /-conmon-[0-9a-f]{64}/;

/** `/kubepods/burstable/pod<uid>/…`, `kubepods-burstable-pod<uid with underscores>.slice`. */
const POD = /(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:[/:]|$)/;

/** Reads a group's path. */
export function ownerOf(path: string): GroupOwner {
  const containerId = MONITOR.test(path) ? undefined : CONTAINER.exec(path)?.[1];
  const podUid = path.includes("kubepods") ? POD.exec(path)?.[1]?.replaceAll("_", "-") : undefined;
  return { containerId, podUid };
}
