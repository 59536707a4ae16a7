/**
 * cAdvisor's kinds of metrics, each with a pattern of the exported families. A kind without a family is accepted in
 * flags, but has no metrics.
 */
const KINDS: Readonly<Record<string, RegExp | undefined>> = {
  accelerator: undefined,
  advtcp: /^container_network_advance_tcp_/,
  app: undefined,
  cpu: /^container_cpu_(?!load_|schedstat_)/,
  cpuLoad: /^container_(?:cpu_load_|tasks_state$)/,
  cpu_topology: /^machine_(?:cpu_cache|node|thread)_/,
  cpuset: /^container_memory_migrate$/,
  disk: /^container_fs_(?:inodes|limit|usage)_/,
  diskIO: /^container_(?:blkio_|fs_(?!inodes_|limit_|usage_))/,
  hugetlb: /^container_hugetlb_/,
  memory: /^container_memory_(?!migrate$|numa_)/,
  memory_numa: /^container_memory_numa_/,
  network: /^container_network_(?:receive|transmit)_/,
  oom_event: /^container_oom_/,
  percpu: undefined,
  perf_event: undefined,
  pressure: /^container_pressure_/,
  process: /^container_(?:processes|threads|threads_max|file_descriptors|sockets|ulimits_soft)$/,
  referenced_memory: /^container_referenced_bytes$/,
  resctrl: undefined,
  sched: /^container_cpu_schedstat_/,
  tcp: /^container_network_tcp6?_/,
  udp: /^container_network_udp6?_/,
};

/** Kinds of metrics that are exported only on request, as in cAdvisor. */
export const OPTIONAL_KINDS = [
  "advtcp",
  "cpu_topology",
  "cpuset",
  "hugetlb",
  "memory_numa",
  "referenced_memory",
  "sched",
  "tcp",
  "udp",
] as const;
export type OptionalKind = (typeof OPTIONAL_KINDS)[number];

/** Kinds of metrics that are accepted in flags, but that this collector does not have. */
export const KINDS_WITHOUT_METRICS: readonly string[] = Object.keys(KINDS).filter(
  (kind) => KINDS[kind] === undefined && kind !== "percpu",
);

export const METRIC_KINDS: readonly string[] = Object.keys(KINDS);

/** Returns the kinds of a comma-separated list. Throws an Error that names a kind that does not exist. */
export function metricKinds(list: string): readonly string[] {
  const names = list.split(",").filter((name) => name !== "");
  for (const name of names) {
    if (!Object.hasOwn(KINDS, name)) throw new Error(`unsupported metric ${JSON.stringify(name)} specified`);
  }
  return names;
}

/** Returns a function that reports whether the metric family with a given name belongs to none of the given kinds. */
export function excludesKinds(kinds: readonly string[]): (family: string) => boolean {
  const patterns = kinds.flatMap((kind) => KINDS[kind] ?? []);
  return (family) => !patterns.some((pattern) => pattern.test(family));
}
