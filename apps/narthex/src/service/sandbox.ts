import type { Setting } from "./unit-file.ts";

/** The part of the machine that a role reads: its own files, the whole host, or the host and its container engines. */
export type View = "own files" | "host" | "containers";

export interface SandboxOptions {
  readonly view: View;
  /** Whether the role reads or writes something in a home folder. */
  readonly usesHomes: boolean;
  /** Whether the role listens on a port below 1024. */
  readonly usesLowPort: boolean;
}

/** Restarts, the time to stop, and the number of open files of every role. */
export const LIFE_CYCLE: readonly Setting[] = [
  ["Restart", "on-failure"],
  ["RestartSec", "5s"],
  ["TimeoutStopSec", "20s"],
  ["LimitNOFILE", "65536"],
];

/**
 * Restrictions for every role. Memory must be writable and executable, because code is compiled at run time. Netlink is
 * needed to read the host's addresses.
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
 * Returns the systemd settings that restrict a role to what it needs. A role that reads the host sees its processes and
 * its home folders, which may be separate file systems. Such a role may read the clock but not set it.
 */
export function sandbox({ view, usesHomes, usesLowPort }: SandboxOptions): readonly Setting[] {
  const capability = usesLowPort ? "CAP_NET_BIND_SERVICE" : "";
  const isShut = view === "own files";
  return [
    ["CapabilityBoundingSet", capability],
    ["AmbientCapabilities", capability],
    ...ALWAYS,
    ["ProtectHome", isShut && !usesHomes ? "true" : "read-only"],
    // The capability for low ports is effective only in the host's own user namespace.
    ["PrivateUsers", isShut && !usesLowPort ? "true" : "false"],
    ["ProtectProc", isShut ? "invisible" : "default"],
    // In a separate UTS namespace, the role would not notice a later change of the host's name.
    ["ProtectHostname", isShut ? "true" : "false"],
    ["ProtectClock", view === "host" ? "false" : "true"],
    ["SystemCallFilter", "@system-service"],
    ["SystemCallFilter", "~@privileged @resources"],
    // This line must follow the line that forbids @privileged, which contains all of @clock. Without a capability,
    // these system calls only read the clock.
    ...(view === "host" ? [["SystemCallFilter", "adjtimex clock_adjtime"] as const] : []),
  ];
}
