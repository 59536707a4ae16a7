import { FileTimes } from "./file-times.ts";
import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of discovery in files. */
export const fileMetrics = kindMetrics((self) => ({
  readErrors: self.counter("prometheus_sd_file_read_errors_total", "The number of File-SD read errors."),
  watcherErrors: self.counter(
    "prometheus_sd_file_watcher_errors_total",
    "The number of File-SD errors caused by filesystem watch failures.",
  ),
  scanDuration: self.summary(
    "prometheus_sd_file_scan_duration_seconds",
    "The duration of the File-SD scan in seconds.",
    [0.5, 0.9, 0.99],
  ),
  times: new FileTimes(
    self.gauge("prometheus_sd_file_mtime_seconds", "Timestamp (mtime) of files read by FileSD.", ["filename"]),
  ),
}));
