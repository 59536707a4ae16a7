/** A workspace package that is published as a library on its own. */
export interface Library {
  /** Name of the library without the scope `@narthex`, and of its folder below `packages`. */
  readonly name: string;
  readonly description: string;
  readonly platform: "browser" | "node";
  /** Source files that users can import, by subpath. Sources are relative to the library's folder. */
  readonly exports: Readonly<Record<string, string>>;
  /** Worker thread sources by the name of the output file. Sources are relative to the library's folder. */
  readonly threads: Readonly<Record<string, string>>;
  /**
   * Optional dependencies, which the tarball does not contain. The README describes what does not work without them.
   */
  readonly optional: readonly string[];
  /** Oldest major version of Node with which the library works. */
  readonly node: number;
}

/**
 * All published libraries. To add one, write a `library.ts` with documented exports and a README whose examples run in
 * libraries.test.ts, then add a row here and in docs/libraries.md.
 */
export const libraries: readonly Library[] = [
  {
    name: "promql",
    description: "PromQL for programs: parse, print, plan, and evaluate over series of your own",
    platform: "browser",
    exports: { ".": "src/library.ts" },
    threads: {},
    optional: [],
    node: 22,
  },
  {
    name: "tsdb",
    description: "Time series on disk, in a folder that Prometheus reads",
    platform: "node",
    exports: { ".": "src/library.ts", "./internal": "src/index.ts" },
    threads: {
      "compaction-worker": "src/compact/worker.ts",
      "log-thread": "src/head/replay/log-thread.ts",
      "storage-thread": "src/storage-thread/worker.ts",
    },
    // koffi is optional, because it is needed only to lock the data folder against Prometheus.
    optional: ["koffi"],
    node: 24,
  },
];
