import { counter, gauge, type MetricSpec } from "../metric.ts";

const seconds = "Cumulative count of seconds spent";

function count(what: string): string {
  return `Cumulative count of ${what}`;
}

function stalled(what: string): string {
  return `Total time duration no tasks in the container could make progress due to ${what} congestion.`;
}

function waited(what: string): string {
  return `Total time duration tasks in the container have waited due to ${what} congestion.`;
}

/**
 * Families with one series per cgroup, under cAdvisor's names. The key is the name that the readers of cgroup files
 * use.
 */
export const PLAIN_METRICS = {
  lastSeen: gauge("container_last_seen", "Last time a container was seen by the exporter"),
  health: gauge("container_health_state", "The result of the container's health check"),
  created: gauge("container_creation_time_seconds", "Container creation time since unix epoch in seconds."),
  started: gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds."),
  cpuPeriod: gauge("container_spec_cpu_period", "CPU period of the container."),
  cpuQuota: gauge("container_spec_cpu_quota", "CPU quota of the container."),
  cpuShares: gauge("container_spec_cpu_shares", "CPU share of the container."),
  memoryLimit: gauge("container_spec_memory_limit_bytes", "Memory limit for the container."),
  swapLimit: gauge("container_spec_memory_swap_limit_bytes", "Memory swap limit for the container."),
  reservation: gauge("container_spec_memory_reservation_limit_bytes", "Memory reservation limit for the container."),

  user: counter("container_cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds."),
  system: counter("container_cpu_system_seconds_total", "Cumulative system cpu time consumed in seconds."),
  periods: counter("container_cpu_cfs_periods_total", "Number of elapsed enforcement period intervals."),
  throttledPeriods: counter("container_cpu_cfs_throttled_periods_total", "Number of throttled period intervals."),
  throttled: counter(
    "container_cpu_cfs_throttled_seconds_total",
    "Total time duration the container has been throttled.",
  ),
  burstPeriods: counter("container_cpu_cfs_burst_periods_total", "Number of periods when burst occurs."),
  burst: counter("container_cpu_cfs_burst_seconds_total", "Total time duration the container has been bursted."),
  scheduledRun: counter(
    "container_cpu_schedstat_run_seconds_total",
    "Time duration the processes of the container have run on the CPU.",
  ),
  scheduledWait: counter(
    "container_cpu_schedstat_runqueue_seconds_total",
    "Time duration processes of the container have been waiting on a runqueue.",
  ),
  scheduledPeriods: counter(
    "container_cpu_schedstat_run_periods_total",
    "Number of times processes of the cgroup have run on the cpu",
  ),
  load: gauge("container_cpu_load_average_10s", "Value of container cpu load average over the last 10 seconds."),
  loadD: gauge("container_cpu_load_d_average_10s", "Value of container cpu load.d average over the last 10 seconds."),

  cache: gauge("container_memory_cache", "Number of bytes of page cache memory."),
  rss: gauge("container_memory_rss", "Size of RSS in bytes."),
  kernel: gauge("container_memory_kernel_usage", "Size of kernel memory allocated in bytes."),
  mapped: gauge("container_memory_mapped_file", "Size of memory mapped files in bytes."),
  swap: gauge("container_memory_swap", "Container swap usage in bytes."),
  failcnt: counter("container_memory_failcnt", "Number of memory usage hits limits"),
  usage: gauge(
    "container_memory_usage_bytes",
    "Current memory usage in bytes, including all memory regardless of when it was accessed",
  ),
  maxUsage: gauge("container_memory_max_usage_bytes", "Maximum memory usage recorded in bytes"),
  workingSet: gauge("container_memory_working_set_bytes", "Current working set in bytes."),
  activeFile: gauge("container_memory_total_active_file_bytes", "Current total active file in bytes."),
  inactiveFile: gauge("container_memory_total_inactive_file_bytes", "Current total inactive file in bytes."),
  eventsHigh: counter(
    "container_memory_events_high_total",
    "Cumulative count of memory.high throttle events for the container",
  ),
  eventsMax: counter(
    "container_memory_events_max_total",
    "Cumulative count of memory.max limit hit events for the container",
  ),
  dirty: gauge(
    "container_memory_file_dirty_bytes",
    "Number of bytes of file cache that has been modified but not yet written back to disk.",
  ),
  writeback: gauge(
    "container_memory_file_writeback_bytes",
    "Number of bytes of file cache that is currently being written back to disk.",
  ),
  pgscan: counter("container_memory_pgscan_total", "Cumulative number of pages scanned by the page reclaim algorithm."),
  pgsteal: counter(
    "container_memory_pgsteal_total",
    "Cumulative number of pages reclaimed by the page reclaim algorithm.",
  ),
  refaultFile: counter(
    "container_memory_workingset_refault_file_total",
    "Cumulative number of refaults of previously evicted file pages.",
  ),
  refaultAnon: counter(
    "container_memory_workingset_refault_anon_total",
    "Cumulative number of refaults of previously evicted anonymous pages.",
  ),
  memoryMigrate: gauge("container_memory_migrate", "Memory migrate status."),
  oomEvents: counter("container_oom_events_total", "Count of out of memory events observed for the container"),

  processes: gauge("container_processes", "Number of processes running inside the container."),
  threads: gauge("container_threads", "Number of threads running inside the container"),
  threadsMax: gauge(
    "container_threads_max",
    "Maximum number of threads allowed inside the container, infinity if value is zero",
  ),
  descriptors: gauge("container_file_descriptors", "Number of open file descriptors for the container."),
  sockets: gauge("container_sockets", "Number of open sockets for the container."),

  cpuWaiting: counter("container_pressure_cpu_waiting_seconds_total", waited("CPU")),
  cpuStalled: counter("container_pressure_cpu_stalled_seconds_total", stalled("CPU")),
  memoryWaiting: counter("container_pressure_memory_waiting_seconds_total", waited("memory")),
  memoryStalled: counter("container_pressure_memory_stalled_seconds_total", stalled("memory")),
  ioWaiting: counter("container_pressure_io_waiting_seconds_total", waited("IO")),
  ioStalled: counter("container_pressure_io_stalled_seconds_total", stalled("IO")),

  referenced: gauge("container_referenced_bytes", "Container referenced bytes during last measurements cycle"),
} as const satisfies Readonly<Record<string, MetricSpec>>;

const DEVICE = ["device"];
const INTERFACE = ["interface"];
const PAGE_SIZE = ["pagesize"];

/**
 * Families with several series per cgroup. `labels` are the metric's own labels in byte order, without the container's
 * labels.
 */
export const LABELLED_METRICS = {
  cpuUsage: counter("container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.", ["cpu"]),
  failures: counter("container_memory_failures_total", "Cumulative count of memory allocation failures.", [
    "failure_type",
    "scope",
  ]),
  tasks: gauge("container_tasks_state", "Number of tasks in given state", ["state"]),
  ulimit: gauge(
    "container_ulimits_soft",
    "Soft ulimit values for the container root process. Unlimited if -1, except priority and nice",
    ["ulimit"],
  ),

  inodesFree: gauge("container_fs_inodes_free", "Number of available Inodes", DEVICE),
  inodes: gauge("container_fs_inodes_total", "Number of Inodes", DEVICE),
  fsLimit: gauge(
    "container_fs_limit_bytes",
    "Number of bytes that can be consumed by the container on this filesystem.",
    DEVICE,
  ),
  fsUsage: gauge(
    "container_fs_usage_bytes",
    "Number of bytes that are consumed by the container on this filesystem.",
    DEVICE,
  ),
  readBytes: counter("container_fs_reads_bytes_total", count("bytes read"), DEVICE),
  reads: counter("container_fs_reads_total", count("reads completed"), DEVICE),
  sectorReads: counter("container_fs_sector_reads_total", count("sector reads completed"), DEVICE),
  readsMerged: counter("container_fs_reads_merged_total", count("reads merged"), DEVICE),
  readSeconds: counter("container_fs_read_seconds_total", `${seconds} reading`, DEVICE),
  writtenBytes: counter("container_fs_writes_bytes_total", count("bytes written"), DEVICE),
  writes: counter("container_fs_writes_total", count("writes completed"), DEVICE),
  sectorWrites: counter("container_fs_sector_writes_total", count("sector writes completed"), DEVICE),
  writesMerged: counter("container_fs_writes_merged_total", count("writes merged"), DEVICE),
  writeSeconds: counter("container_fs_write_seconds_total", `${seconds} writing`, DEVICE),
  ioCurrent: gauge("container_fs_io_current", "Number of I/Os currently in progress", DEVICE),
  ioSeconds: counter("container_fs_io_time_seconds_total", `${seconds} doing I/Os`, DEVICE),
  ioWeighted: counter("container_fs_io_time_weighted_seconds_total", "Cumulative weighted I/O time in seconds", DEVICE),
  costUsage: counter("container_fs_io_cost_usage_seconds_total", "Cumulative IOCost usage in seconds", DEVICE),
  costWait: counter("container_fs_io_cost_wait_seconds_total", "Cumulative IOCost wait in seconds", DEVICE),
  costDebt: counter("container_fs_io_cost_indebt_seconds_total", "Cumulative IOCost debt in seconds", DEVICE),
  costDelay: counter("container_fs_io_cost_indelay_seconds_total", "Cumulative IOCost delay in seconds", DEVICE),
  deviceUsage: counter("container_blkio_device_usage_total", "Blkio Device bytes usage", [
    "device",
    "major",
    "minor",
    "operation",
  ]),

  pagesFailed: counter("container_hugetlb_failcnt", "Number of hugepage usage hits limits", PAGE_SIZE),
  pagesUsage: gauge("container_hugetlb_usage_bytes", "Current hugepage usage in bytes", PAGE_SIZE),
  pagesMax: gauge("container_hugetlb_max_usage_bytes", "Maximum hugepage usages recorded in bytes", PAGE_SIZE),
  nodePages: gauge("container_memory_numa_pages", "Number of used pages per NUMA node", ["node", "scope", "type"]),
  tcpCounters: gauge("container_network_advance_tcp_stats_total", "advance tcp connections statistic for container", [
    "tcp_state",
  ]),
  tcp: gauge("container_network_tcp_usage_total", "tcp connection usage statistic for container", ["tcp_state"]),
  tcp6: gauge("container_network_tcp6_usage_total", "tcp6 connection usage statistic for container", ["tcp_state"]),
  udp: gauge("container_network_udp_usage_total", "udp connection usage statistic for container", ["udp_state"]),
  udp6: gauge("container_network_udp6_usage_total", "udp6 connection usage statistic for container", ["udp_state"]),

  receivedBytes: counter("container_network_receive_bytes_total", count("bytes received"), INTERFACE),
  receivedPackets: counter("container_network_receive_packets_total", count("packets received"), INTERFACE),
  receiveDrops: counter(
    "container_network_receive_packets_dropped_total",
    count("packets dropped while receiving"),
    INTERFACE,
  ),
  receiveErrors: counter(
    "container_network_receive_errors_total",
    count("errors encountered while receiving"),
    INTERFACE,
  ),
  sentBytes: counter("container_network_transmit_bytes_total", count("bytes transmitted"), INTERFACE),
  sentPackets: counter("container_network_transmit_packets_total", count("packets transmitted"), INTERFACE),
  sendDrops: counter(
    "container_network_transmit_packets_dropped_total",
    count("packets dropped while transmitting"),
    INTERFACE,
  ),
  sendErrors: counter(
    "container_network_transmit_errors_total",
    count("errors encountered while transmitting"),
    INTERFACE,
  ),
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type PlainKey = keyof typeof PLAIN_METRICS;
export type LabelledKey = keyof typeof LABELLED_METRICS;
