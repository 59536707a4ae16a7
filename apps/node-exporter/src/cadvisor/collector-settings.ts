import { existsSync } from "node:fs";
import { type HostPaths, METRIC_KINDS } from "@narthex/collectors";
import { literalPattern } from "@narthex/model";
import type { FlagValues } from "@narthex/runtime";
import type { cadvisorFlags } from "./flags.ts";

type CadvisorFlags = FlagValues<typeof cadvisorFlags>;

/** Mount point of the host's root in cAdvisor's documentation. */
const ROOTFS = "/rootfs";

/**
 * Returns the paths of the host's files: below /rootfs if the host is mounted there, as in cAdvisor, otherwise the
 * normal paths.
 */
export function cadvisorPaths(exists: (path: string) => boolean = existsSync): HostPaths {
  const below = exists(`${ROOTFS}/proc/stat`) ? ROOTFS : "";
  return {
    procfs: `${below}/proc`,
    sysfs: exists(`${below}/sys/fs/cgroup`) ? `${below}/sys` : "/sys",
    rootfs: below === "" ? "/" : below,
    udevData: `${below}/run/udev/data`,
  };
}

/**
 * Converts cAdvisor's flags to settings of the containers collector. The keys are names of the collector's flags
 * without the dashes.
 */
export function collectorSettings(flags: CadvisorFlags): Readonly<Record<string, unknown>> {
  const { enable_metrics: enabled, disable_metrics: disabled } = flags;
  const hidden = enabled.length > 0 ? METRIC_KINDS.filter((kind) => !enabled.includes(kind)) : disabled;
  const name = "collector.containers";
  return {
    [`${name}.docker-socket`]: [flags.docker, flags.podman].flatMap((url) => socketOf(url) ?? []),
    [`${name}.docker-only`]: flags.docker_only,
    [`${name}.docker-only.besides`]: flags.raw_cgroup_prefix_whitelist,
    [`${name}.root`]: !flags.disable_root_cgroup_stats,
    [`${name}.disable-metrics`]: hidden,
    [`${name}.more-metrics`]: METRIC_KINDS.filter((kind) => !hidden.includes(kind)),
    [`${name}.timestamps`]: true,
    [`${name}.per-cpu`]: !hidden.includes("percpu"),
    [`${name}.labels`]: flags.store_container_labels ? ".+" : anyOf(flags.whitelisted_container_labels, "$"),
    [`${name}.env`]: anyOf(flags.env_metadata_whitelist || flags.docker_env_metadata_whitelist, ""),
  };
}

/** Returns the path in the URL of a Unix socket, or undefined for a TCP URL. */
export const socketOf = (url: string): string | undefined => /^(?:unix:\/\/)?(\/.*)$/.exec(url)?.[1];

/**
 * Returns a regular expression for names that begin with a word of a comma-separated list, followed by `tail`. Empty
 * for an empty list.
 */
function anyOf(list: string, tail: string): string {
  const words = list.split(",").flatMap((word) => word.trim() || []);
  if (words.length === 0) return "";
  return `^(?:${words.map(literalPattern).join("|")})${tail}`;
}
