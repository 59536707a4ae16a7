import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { isMissing } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { counter } from "../metric.ts";

/**
 * Exports the number of tasks that the kernel detected as hung, from /proc/sys/kernel/hung_task_detect_count on newer
 * kernels.
 */
export const kernelHung = defineCollector({
  name: "kernel_hung",
  enabled: true,
  metrics: {
    tasks: counter(
      "node_kernel_hung_tasks_total",
      "Total number of tasks that have been detected as hung since the system booted.",
    ),
  },
  collect({ proc }, emit) {
    let count: string;
    try {
      count = proc.read("sys/kernel/hung_task_detect_count");
    } catch (error) {
      if (isMissing(error)) throw new NoDataError("the kernel does not count hung tasks", { cause: error });
      throw error;
    }
    emit.tasks(unsignedOf(count.trim(), "hung_task_detect_count"));
  },
});
