import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of discovery in ZooKeeper. */
export const zooKeeperMetrics = kindMetrics((self) => ({
  failures: self.counter("prometheus_treecache_zookeeper_failures_total", "The total number of ZooKeeper failures."),
  watched: self.gauge("prometheus_treecache_watcher_goroutines", "The current number of watcher goroutines."),
}));
