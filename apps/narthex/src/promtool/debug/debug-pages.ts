/** A page of a Prometheus server that `promtool debug` collects. */
export interface DebugPage {
  readonly path: string;
  /** Name of the file in the archive. */
  readonly file: string;
}

const PROFILES: readonly DebugPage[] = [
  { path: "/debug/pprof/profile?seconds=30", file: "cpu.pb" },
  { path: "/debug/pprof/block", file: "block.pb" },
  { path: "/debug/pprof/goroutine", file: "goroutine.pb" },
  { path: "/debug/pprof/heap", file: "heap.pb" },
  { path: "/debug/pprof/mutex", file: "mutex.pb" },
  { path: "/debug/pprof/threadcreate", file: "threadcreate.pb" },
  { path: "/debug/pprof/trace?seconds=30", file: "trace.pb" },
];
const METRICS: readonly DebugPage[] = [{ path: "/metrics", file: "metrics.txt" }];

/** The pages of each command of `promtool debug`. */
export const DEBUG_PAGES = { pprof: PROFILES, metrics: METRICS, all: [...PROFILES, ...METRICS] };
