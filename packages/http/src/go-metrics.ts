import { readFileSync } from "node:fs";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { family, type MetricFamily, sample, summarySamples } from "@narthex/exposition";

/** Longest list of pauses kept for the quantiles. */
const PAUSES_KEPT = 256;

/**
 * V8's figures under the Go runtime's names, so that dashboards and alerts made for the Go programs are not empty.
 * `goroutines` counts the handles that keep the event loop alive.
 */
export function goMetrics(): () => readonly MetricFamily[] {
  const pauses: number[] = [];
  let count = 0;
  let sum = 0;
  let lastMajorMs = 0;
  const observer = new PerformanceObserver((entries) => {
    for (const entry of entries.getEntries()) {
      const seconds = entry.duration / 1000;
      count++;
      sum += seconds;
      pauses.push(seconds);
      if (pauses.length > PAUSES_KEPT) pauses.shift();
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) lastMajorMs = performance.timeOrigin + entry.startTime;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => {
    const heap = getHeapStatistics();
    const sorted = [...pauses].sort((a, b) => a - b);
    const quantiles = [0, 0.25, 0.5, 0.75, 1].map(
      (phi) => [phi, sorted.length === 0 ? 0 : sorted[Math.round(phi * (sorted.length - 1))]!] as const,
    );
    const gauge = (name: string, help: string, value: number): MetricFamily => family("gauge", name, help, value);
    return [
      family("gauge", "go_info", "Information about the environment that runs the program.", [
        sample(1, { version: `node${process.version}` }),
      ]),
      gauge(
        "go_goroutines",
        "Number of active resources that keep the event loop alive.",
        process.getActiveResourcesInfo().length,
      ),
      gauge("go_threads", "Number of OS threads created.", threads()),
      {
        name: "go_gc_duration_seconds",
        help: "Pauses of garbage collection.",
        type: "summary",
        samples: summarySamples({ quantiles, count, sum }),
      },
      gauge("go_memstats_alloc_bytes", "Number of bytes allocated in heap and currently in use.", heap.used_heap_size),
      family(
        "counter",
        "go_memstats_alloc_bytes_total",
        "Total number of bytes allocated in heap until now, even if released already.",
        (heap as { total_allocated_bytes?: number }).total_allocated_bytes ?? heap.used_heap_size,
      ),
      gauge(
        "go_memstats_heap_alloc_bytes",
        "Number of heap bytes allocated and currently in use.",
        heap.used_heap_size,
      ),
      gauge("go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use.", heap.used_heap_size),
      gauge("go_memstats_heap_objects", "Number of native contexts of the heap.", heap.number_of_native_contexts),
      gauge(
        "go_memstats_sys_bytes",
        "Number of bytes obtained from system.",
        heap.total_physical_size + heap.external_memory,
      ),
      gauge(
        "go_memstats_next_gc_bytes",
        "Number of heap bytes when next garbage collection will take place.",
        heap.total_heap_size,
      ),
      gauge(
        "go_memstats_last_gc_time_seconds",
        "Number of seconds since 1970 of last full garbage collection.",
        lastMajorMs / 1000,
      ),
      gauge("go_gc_gogc_percent", "Heap size target percentage configured by the user.", 75),
      gauge("go_gc_gomemlimit_bytes", "Runtime memory limit.", heap.heap_size_limit),
    ];
  };
}

/** Threads of this process as the kernel counts them; 1 where there is no /proc. */
function threads(): number {
  try {
    return Number(/^Threads:\s*(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 1);
  } catch {
    return 1;
  }
}
