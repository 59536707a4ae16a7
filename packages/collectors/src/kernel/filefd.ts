import { defineCollector } from "../collector.ts";
import { floatOf } from "../host-files/kernel-number.ts";
import { gauge } from "../metric.ts";

/**
 * Exports the number of open files on the host from /proc/sys/fs/file-nr. Skips the file's second number, which has
 * been 0 since Linux 2.6.
 */
export const filefd = defineCollector({
  name: "filefd",
  enabled: true,
  metrics: {
    allocated: gauge("node_filefd_allocated", "File descriptor statistics: allocated."),
    maximum: gauge("node_filefd_maximum", "File descriptor statistics: maximum."),
  },
  collect({ proc }, emit) {
    const [allocated, , maximum] = proc.read("sys/fs/file-nr").trim().split("\t");
    emit.allocated(floatOf(allocated, "file-nr"));
    emit.maximum(floatOf(maximum, "file-nr"));
  },
});
