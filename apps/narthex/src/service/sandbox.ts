import type { Setting } from "./unit-file.ts";

/** What a role looks at: files of its own, the whole host, or the host and the engines of its containers. */
export type View = "own files" | "host" | "containers";

export interface SandboxOptions {
  readonly view: View;
  /** Does it read or write something in a home folder? */
  readonly usesHomes: boolean;
  /** Does it listen on a port below 1024? */
  readonly usesLowPort: boolean;
}

/**
 * What every role is kept from. Code is compiled at run time, so that memory must be writable and executable; netlink is how
 * addresses of the host are asked for.
 */
const ALWAYS: readonly Setting[] = [
  ["NoNewPrivileges", "true"],
  ["ProtectSystem", "strict"],
  ["PrivateTmp", "true"],
  ["PrivateDevices", "true"],
  ["PrivateMounts", "true"],
  ["ProtectKernelTunables", "true"],
  ["ProtectKernelModules", "true"],
  ["ProtectKernelLogs", "true"],
  ["ProtectControlGroups", "true"],
  ["RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX AF_NETLINK"],
  ["RestrictNamespaces", "true"],
  ["RestrictRealtime", "true"],
  ["RestrictSUIDSGID", "true"],
  ["LockPersonality", "true"],
  ["RemoveIPC", "true"],
  ["KeyringMode", "private"],
  ["SystemCallArchitectures", "native"],
  ["SystemCallErrorNumber", "EPERM"],
  ["UMask", "0027"],
];

/**
 * Settings that shut a role off from what it does not need. Who looks at the host sees its processes, and its home folders,
 * which may be file systems of their own; its clock may be asked for, not set.
 */
export function sandbox({ view, usesHomes, usesLowPort }: SandboxOptions): readonly Setting[] {
  const capability = usesLowPort ? "CAP_NET_BIND_SERVICE" : "";
  const isShut = view === "own files";
  return [
    ["CapabilityBoundingSet", capability],
    ["AmbientCapabilities", capability],
    ...ALWAYS,
    ["ProtectHome", isShut && !usesHomes ? "true" : "read-only"],
    // A capability counts in the host's own namespace of users alone.
    ["PrivateUsers", isShut && !usesLowPort ? "true" : "false"],
    ["ProtectProc", isShut ? "invisible" : "default"],
    // The name of a host that is changed later is not seen in a namespace of names.
    ["ProtectHostname", isShut ? "true" : "false"],
    ["ProtectClock", view === "host" ? "false" : "true"],
    ["SystemCallFilter", "@system-service"],
    ["SystemCallFilter", "~@privileged @resources"],
    // Behind the line above, which takes them away: @privileged has all of @clock. Without a capability they only read.
    ...(view === "host" ? [["SystemCallFilter", "adjtimex clock_adjtime"] as const] : []),
  ];
}
