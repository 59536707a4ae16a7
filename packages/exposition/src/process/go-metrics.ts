import { readFileSync } from "node:fs";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { family, type FamilySample, type MetricFamily, sample, summarySamples } from "../family.ts";

/** Maximum number of garbage collection pauses that are kept for quantiles. */
const PAUSES_KEPT = 256;

/**
 * Returns metrics of V8 under the names of the Go runtime's metrics. Dashboards and alerts for Go programs then also
 * work for this process; `goroutines` is the number of handles that keep the event loop alive.
 */
export function goMetrics(): () => readonly MetricFamily[] {
  const pauses = new GarbageCollections();
  return () => [
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
      samples: pauses.samples(),
    },
    gauge(
      "go_memstats_last_gc_time_seconds",
      "Number of seconds since 1970 of last full garbage collection.",
      pauses.lastFullMs / 1000,
    ),
    ...heapFamilies(),
  ];
}

const gauge = (name: string, help: string, value: number): MetricFamily => family("gauge", name, help, value);

class GarbageCollections {
  readonly #latest: number[] = [];
  #count = 0;
  #sum = 0;
  /** End of the last full garbage collection, ms since 1970; 0 if there was none. */
  lastFullMs = 0;

  constructor() {
    const observer = new PerformanceObserver((entries) => {
      for (const entry of entries.getEntries()) this.#add(entry as PerformanceEntry & { detail: { kind: number } });
    });
    observer.observe({ entryTypes: ["gc"] });
  }

  samples(): FamilySample[] {
    const sorted = this.#latest.toSorted((a, b) => a - b);
    const quantiles = [0, 0.25, 0.5, 0.75, 1].map(
      (phi) => [phi, sorted[Math.round(phi * (sorted.length - 1))] ?? 0] as const,
    );
    return summarySamples({ quantiles, count: this.#count, sum: this.#sum });
  }

  #add(entry: PerformanceEntry & { detail: { kind: number } }): void {
    const seconds = entry.duration / 1000;
    this.#count++;
    this.#sum += seconds;
    this.#latest.push(seconds);
    if (this.#latest.length > PAUSES_KEPT) this.#latest.shift();
    if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)
      this.lastFullMs = performance.timeOrigin + entry.startTime;
  }
}

function heapFamilies(): MetricFamily[] {
  const heap = getHeapStatistics();
  const allocated = (heap as { total_allocated_bytes?: number }).total_allocated_bytes ?? heap.used_heap_size;
  return [
    gauge("go_memstats_alloc_bytes", "Number of bytes allocated in heap and currently in use.", heap.used_heap_size),
    family(
      "counter",
      "go_memstats_alloc_bytes_total",
      "Total number of bytes allocated in heap until now, even if released already.",
      allocated,
    ),
    gauge("go_memstats_heap_alloc_bytes", "Number of heap bytes allocated and currently in use.", heap.used_heap_size),
    gauge(
      "go_memstats_heap_idle_bytes",
      "Number of heap bytes waiting to be used.",
      heap.total_heap_size - heap.used_heap_size,
    ),
    gauge("go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use.", heap.used_heap_size),
    gauge("go_memstats_heap_objects", "Number of native contexts of the heap.", heap.number_of_native_contexts),
    gauge(
      "go_memstats_heap_released_bytes",
      "Number of heap bytes released to OS.",
      Math.max(0, heap.total_heap_size - heap.total_physical_size),
    ),
    gauge("go_memstats_heap_sys_bytes", "Number of heap bytes obtained from system.", heap.total_heap_size),
    gauge("go_memstats_other_sys_bytes", "Number of bytes used for other system allocations.", heap.malloced_memory),
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
    gauge("go_sched_gomaxprocs_threads", "Number of threads that run JavaScript of the role at once.", 1),
    gauge("go_gc_gogc_percent", "Heap size target percentage configured by the user.", 75),
    gauge("go_gc_gomemlimit_bytes", "Runtime memory limit.", heap.heap_size_limit),
  ];
}

/** Returns the number of threads of this process from /proc, or 1 if /proc does not exist. */
function threads(): number {
  try {
    return Number(/^Threads:\s*(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 1);
  } catch {
    return 1;
  }
}
