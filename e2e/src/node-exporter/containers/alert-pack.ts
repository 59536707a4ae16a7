/** An alerting rule for containers, split at the comparison operator of its expression. */
export interface PackedRule {
  readonly name: string;
  /** PromQL expression to the left of the comparison. This part has a result on every host with containers. */
  readonly left: string;
  /** PromQL expression of the whole alerting rule. */
  readonly whole: string;
}

const rule = (name: string, left: string, comparison: string): PackedRule => ({
  name,
  left,
  whole: `${left} ${comparison}`,
});

const QUOTA =
  'sum(container_spec_cpu_quota{container!=""}/container_spec_cpu_period{container!=""}) by (pod, container)';
const CPU = `(sum(rate(container_cpu_usage_seconds_total{container!=""}[5m])) by (pod, container) / ${QUOTA} * 100)`;
const PERIODS = "sum(rate(container_cpu_cfs_periods_total[5m])) by (container, pod, namespace)";
const THROTTLED =
  'sum(rate(container_cpu_cfs_throttled_periods_total{container!=""}[5m])) by (container, pod, namespace)';
const RATE = 'sum by (instance, name) (rate(container_cpu_usage_seconds_total{name!=""}[1m]))';
const MEMORY =
  '(sum(container_memory_working_set_bytes{name!=""}) BY (instance, name) / ' +
  "sum(container_spec_memory_limit_bytes > 0) BY (instance, name) * 100)";
const INODES = "sum(container_fs_inodes_total) BY (instance)";

/** Alerting rules for Docker from the widely used collection for cAdvisor. */
export const containerRules: readonly PackedRule[] = [
  rule("ContainerKilled", "time() - container_last_seen", "> 60"),
  rule("ContainerHighCPUUtilization", CPU, `> 80 and ${QUOTA} > 0`),
  rule("ContainerHighThrottleRate", `${THROTTLED} / ${PERIODS}`, `> ( 25 / 100 ) and ${PERIODS} > 0`),
  rule(
    "ContainerHighLowChangeCPUUsage",
    `(abs((${RATE} * 100) - (${RATE.replace("[1m]", "[1m] offset 1m")} * 100)) or ` +
      `abs((${RATE} * 100) - (${RATE.replace("[1m]", "[5m] offset 1m")} * 100)))`,
    "> 25",
  ),
  rule("ContainerLowCPUUtilization", CPU, `< 20 and ${QUOTA} > 0`),
  rule("ContainerHighMemoryUsage", MEMORY, "> 80"),
  rule("ContainerLowMemoryUsage", MEMORY, "< 20"),
  rule(
    "ContainerVolumeUsage",
    `(1 - (sum(container_fs_inodes_free{name!=""}) BY (instance) / ${INODES})) * 100`,
    `> 80 and ${INODES} > 0`,
  ),
  rule("ContainerUnhealthy", "container_health_state", "== 0"),
];
