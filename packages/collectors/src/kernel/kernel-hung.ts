import { defineCollector, NoData } from "../collector.ts";
import { numberOf } from "../kernel-text.ts";
import { counter } from "../metric.ts";

/** Tasks that the kernel found hanging: /proc/sys/kernel/hung_task_detect_count, on newer kernels. */
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
    const count = proc.value("sys/kernel/hung_task_detect_count");
    if (count === undefined) throw new NoData("the kernel does not count hung tasks");
    emit.tasks(numberOf(count, "hung_task_detect_count"));
  },
});
