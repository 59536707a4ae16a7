import { METRIC_KINDS, metricKinds } from "@narthex/collectors";
import { formatGoDuration, parseDuration } from "@narthex/model";
import { type Flag, flagKinds, type FlagTable } from "@narthex/runtime";

const DISABLED = "advtcp,cpu_topology,cpuset,hugetlb,memory_numa,process,referenced_memory,resctrl,sched,tcp,udp".split(
  ",",
);

const AT_SCRAPE = "control groups are read when they are scraped, and at no other time";
const ALONE = "nothing is kept or sent elsewhere: let Prometheus scrape /metrics";
const LOGGING = "there is one log, on standard error, and its level does not change";
const NO_SUCH_SOURCE = "this source is not asked";

/** Makes a flag repeatable. The last value counts, as with Go's flags. */
const last = <T>(flag: Flag<T>): Flag<T> => ({ ...flag, repeatable: true });

const text = (fallback: string, help: string, notBuilt?: string): Flag<string> =>
  last(flagKinds.text(fallback, help, notBuilt === undefined ? {} : { notBuilt }));

const duration = (fallback: string, help: string, notBuilt: string): Flag<number> =>
  last(flagKinds.parsed(parseDuration(fallback), parseDuration, formatGoDuration, help, { notBuilt }));

const count = (fallback: number, help: string, notBuilt?: string): Flag<number> =>
  last(flagKinds.integer(fallback, help, notBuilt === undefined ? {} : { notBuilt }));

const kinds = (fallback: readonly string[], help: string): Flag<readonly string[]> =>
  last(flagKinds.parsed(fallback, metricKinds, (value) => value.join(), help));

const built = {
  port: count(8080, "Port to listen on."),
  listen_ip: text("", "IP to listen on; all of them without it."),
  url_base_prefix: text("", "Prefix of all paths."),
  prometheus_endpoint: text("/metrics", "Path of the metrics."),
  docker: text("unix:///var/run/docker.sock", "Docker's socket."),
  podman: text("unix:///var/run/podman/podman.sock", "Podman's socket."),
  docker_only: flagKinds.flag(false, "Show only containers and the root, and no other control groups."),
  raw_cgroup_prefix_whitelist: text(
    "",
    "Beginnings of the paths of other control groups to show with -docker_only, separated by commas.",
  ),
  disable_root_cgroup_stats: flagKinds.flag(false, "Do not show the root, which is the host."),
  disable_metrics: kinds(DISABLED, `Kinds of metrics not to show, separated by commas: ${METRIC_KINDS.join(", ")}.`),
  enable_metrics: kinds([], "Kinds of metrics to show, separated by commas; takes the place of -disable_metrics."),
  store_container_labels: flagKinds.flag(true, "Show containers' labels as container_label_*."),
  whitelisted_container_labels: text("", "Labels to show, separated by commas, with -store_container_labels=false."),
  env_metadata_whitelist: text(
    "",
    "Beginnings of environment variables to show as container_env_*, separated by commas.",
  ),
  docker_env_metadata_whitelist: text("", "Old name of -env_metadata_whitelist."),
  logtostderr: flagKinds.flag(false, "Accepted for compatibility: the log always goes to standard error."),
  "web.config.file": text("", "Path to configuration file that can enable TLS or authentication. (not cAdvisor's)"),
};

/** cAdvisor's flags that are accepted but have no effect. Each help text contains the reason. */
const unbuilt: FlagTable = {
  housekeeping_interval: duration("1s", "How often control groups are read.", AT_SCRAPE),
  max_housekeeping_interval: duration("1m", "How seldom at most.", AT_SCRAPE),
  global_housekeeping_interval: duration("1m", "How often containers are looked for.", AT_SCRAPE),
  allow_dynamic_housekeeping: flagKinds.flag(true, "Read quiet control groups less often.", { notBuilt: AT_SCRAPE }),
  update_machine_info_interval: duration("5m", "How often the machine is looked at.", AT_SCRAPE),
  storage_duration: duration("2m", "How long values are kept.", ALONE),
  storage_driver: text("", "Where values are sent.", ALONE),
  storage_driver_buffer_duration: duration("1m", "How long values wait to be sent.", ALONE),
  storage_driver_db: text("cadvisor", "Database.", ALONE),
  storage_driver_host: text("localhost:8086", "Its address.", ALONE),
  storage_driver_user: text("root", "Its user.", ALONE),
  storage_driver_password: text("root", "The user's password.", ALONE),
  storage_driver_table: text("stats", "Its table.", ALONE),
  storage_driver_secure: flagKinds.flag(false, "Over TLS?", { notBuilt: ALONE }),
  event_storage_age_limit: text("default=0", "How long events are kept.", ALONE),
  event_storage_event_limit: text("default=0", "How many events are kept.", ALONE),
  application_metrics_count_limit: count(100, "Metrics of an application.", NO_SUCH_SOURCE),
  collector_cert: text("", "Certificate for applications' metrics.", NO_SUCH_SOURCE),
  collector_key: text("", "Its key.", NO_SUCH_SOURCE),
  container_hints: text("/etc/cadvisor/container_hints.json", "Facts about containers.", NO_SUCH_SOURCE),
  containerd: text("/run/containerd/containerd.sock", "containerd's socket.", NO_SUCH_SOURCE),
  "containerd-namespace": text("k8s.io", "containerd's namespace.", NO_SUCH_SOURCE),
  containerd_env_metadata_whitelist: text("", "Environment variables by containerd.", NO_SUCH_SOURCE),
  crio_client_timeout: duration("0s", "Time for CRI-O.", NO_SUCH_SOURCE),
  docker_root: text("/var/lib/docker", "Docker's folder, which Docker tells itself.", NO_SUCH_SOURCE),
  "docker-tls": flagKinds.flag(false, "TLS towards Docker.", { notBuilt: NO_SUCH_SOURCE }),
  "docker-tls-ca": text("ca.pem", "Its CA.", NO_SUCH_SOURCE),
  "docker-tls-cert": text("cert.pem", "Its certificate.", NO_SUCH_SOURCE),
  "docker-tls-key": text("key.pem", "Its key.", NO_SUCH_SOURCE),
  enable_load_reader: flagKinds.flag(false, "Read the load of containers.", { notBuilt: NO_SUCH_SOURCE }),
  perf_events_config: text("", "Perf events.", NO_SUCH_SOURCE),
  referenced_reset_interval: count(0, "Referenced memory.", NO_SUCH_SOURCE),
  resctrl_interval: duration("0s", "Resource control.", NO_SUCH_SOURCE),
  boot_id_file: text("/proc/sys/kernel/random/boot_id", "Files with the boot's id.", NO_SUCH_SOURCE),
  machine_id_file: text("/etc/machine-id,/var/lib/dbus/machine-id", "Files with the host's id.", NO_SUCH_SOURCE),
  max_procs: count(0, "CPUs to use.", "there is no Go runtime to limit"),
  profiling: flagKinds.flag(false, "Profiles of Go.", { notBuilt: "there is no Go runtime to profile" }),
  log_cadvisor_usage: flagKinds.flag(false, "Log cAdvisor's own usage.", { notBuilt: LOGGING }),
  alsologtostderr: flagKinds.flag(false, "Log to standard error as well.", { notBuilt: LOGGING }),
  add_dir_header: flagKinds.flag(false, "Folders in the log.", { notBuilt: LOGGING }),
  log_backtrace_at: text(":0", "Stacks in the log.", LOGGING),
  log_dir: text("", "Folder of log files.", LOGGING),
  log_file: text("", "Log file.", LOGGING),
  log_file_max_size: count(1800, "Its size.", LOGGING),
  one_output: flagKinds.flag(false, "Log each line once.", { notBuilt: LOGGING }),
  skip_headers: flagKinds.flag(false, "No headers in the log.", { notBuilt: LOGGING }),
  skip_log_headers: flagKinds.flag(false, "No headers in log files.", { notBuilt: LOGGING }),
  stderrthreshold: text("2", "What goes to standard error.", LOGGING),
  v: text("0", "Level of the log.", LOGGING),
  vmodule: text("", "Levels by file.", LOGGING),
};

/**
 * cAdvisor's flags for access protection, which are refused: if they were ignored, pages that should be protected would
 * be open.
 */
const guards = {
  http_auth_file: text("", "Users' file of basic auth: not taken, use --web.config.file."),
  http_auth_realm: text("localhost", "Its realm."),
  http_digest_file: text("", "Users' file of digest auth: not taken, use --web.config.file."),
  http_digest_realm: text("localhost", "Its realm."),
};

/** All flags of `narthex cadvisor`: cAdvisor's flags and Narthex' flag for access protection. */
export const cadvisorFlags: FlagTable & typeof built & typeof guards = { ...unbuilt, ...built, ...guards };
