import type { Setting } from "./unit-file.ts";

/** How much of the machine a server reads: its own files, the whole host, or the host and its container engines. */
export type View = "own files" | "host" | "containers";

export interface SandboxOptions {
  readonly view: View;
  /** Whether the server reads or writes something in a home folder. */
  readonly usesHomes: boolean;
  /** Whether the server listens on a port below 1024. */
  readonly usesLowPort: boolean;
}

/** Systemd settings of every server: restarts, stop timeout and limit of open files. */
export const LIFE_CYCLE: readonly Setting[] = [
  ["Restart", "on-failure"],
  ["RestartSec", "5s"],
  ["TimeoutStopSec", "20s"],
  ["LimitNOFILE", "65536"],
];

/**
 * Restrictions for every server. Memory must be writable and executable, because code is compiled at run time. Netlink
 * is needed to read the host's addresses.
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
 * Returns systemd settings that restrict a server to what it needs. A server that reads the host sees the host's
 * processes and home folders, which may be separate file systems. Such a server may read the clock but not set it.
 */
export function sandbox({ view, usesHomes, usesLowPort }: SandboxOptions): readonly Setting[] {
  const capability = usesLowPort ? "CAP_NET_BIND_SERVICE" : "";
  const isShut = view === "own files";
  return [
    ["CapabilityBoundingSet", capability],
    ["AmbientCapabilities", capability],
    ...ALWAYS,
    ["ProtectHome", isShut && !usesHomes ? "true" : "read-only"],
    // Disables PrivateUsers for low ports, because their capability is effective only in the host's own user namespace.
    ["PrivateUsers", isShut && !usesLowPort ? "true" : "false"],
    ["ProtectProc", isShut ? "invisible" : "default"],
    // Disables ProtectHostname for servers that see the host, because they would otherwise not notice a later change of
    // the host name.
    ["ProtectHostname", isShut ? "true" : "false"],
    ["ProtectClock", view === "host" ? "false" : "true"],
    ["SystemCallFilter", "@system-service"],
    ["SystemCallFilter", "~@privileged @resources"],
    // Allows only reading of the clock, because the process lacks the capability to set it. Must follow the line that
    // forbids @privileged, a set of system calls that contains @clock.
    ...(view === "host" ? [["SystemCallFilter", "adjtimex clock_adjtime"] as const] : []),
  ];
}
