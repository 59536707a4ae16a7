/** A package of the workspace that is published for other programs. */
export interface Library {
  /** Its name below the scope `@narthex`, and its folder below `packages`. */
  readonly name: string;
  readonly description: string;
  readonly platform: "browser" | "node";
  /** Parts that others import, by subpath: sources below the folder. */
  readonly exports: Readonly<Record<string, string>>;
  /** Programs of threads, by the name of the file that starts them: sources below the folder. */
  readonly threads: Readonly<Record<string, string>>;
  /** Packages that are not in the tarball. The library works without them, with a limit that its README names. */
  readonly optional: readonly string[];
  /** Oldest version of Node. */
  readonly node: number;
}

/**
 * To add a library: (1) a file `library.ts` of the package with few, documented exports; (2) a README whose examples
 * run in libraries.test.ts; (3) a row here; (4) a row of docs/libraries.md.
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
    // Locks the folder against Prometheus.
    optional: ["koffi"],
    node: 24,
  },
];
