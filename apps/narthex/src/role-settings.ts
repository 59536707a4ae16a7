import table from "./role-settings.json" with { type: "json" };

/** Settings for a server's process that reduce its memory usage. */
export interface RoleSettings {
  /** Flags of V8 that take effect only at the start of a process. */
  readonly v8: readonly string[];
  /** Environment variables for the C library and Node. Variables that are already set take precedence. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns the settings for the process of a server. The table is a JSON file with one server in each line, because
 * shells read it too: with `role-settings.sh`, bin/narthex and the images apply the same settings. Reasons for the
 * values:
 * - `--max-semi-space-size` applies to each thread of the process. It overrides the `maxYoungGenerationSizeMb` of a
 *   worker, even if that is smaller.
 * - `--wasm-wrapper-tiering-budget`: after this number of calls, V8 recompiles the calls from WebAssembly to JavaScript
 *   and frees the old code. A bug of V8 can then end the process with `Check failed: jit_page.has_value()`
 *   (nodejs/node#64500). The HTTP parser of undici makes such calls. With this large budget, V8 never recompiles; the
 *   benchmark `wasm-calls` measures no cost.
 * - The Prometheus server's main thread passes on the results of query threads and scrapes. Few of these objects live
 *   long, so a small space for young objects, with more frequent collections, needs no more CPU time. With 8 MiB the
 *   process takes more memory, and with 2 MiB a query takes more CPU time.
 * - `--min-semi-space-size`: by default the space for young objects begins with 1 MiB and shrinks to it again after each
 *   major collection. One scrape of a role's own metrics needs more than that. With the space at its final size, a
 *   server at rest that scrapes the whole stack takes 28 % less CPU time and 3 MB more memory, and an Alertmanager 20 %.
 * - The process of `up` only waits for the servers; the servers are not started with its flags.
 * - Listings and large posts of the Alertmanager create much garbage. V8 would keep up to three times 64 MiB for young
 *   objects, and glibc would keep large free blocks instead of returning them. More than 4 MiB for young objects saved
 *   no CPU time.
 * - The node exporter runs next to the host's main work, so it gets little room for garbage and returns free memory at
 *   once. V8's compilers allocate their work space in blocks of 8 KiB and more. Among smaller blocks in glibc's heap,
 *   the work space would never be returned. Each mount of an unreachable server blocks one of Node's file threads until
 *   the server is back.
 * - `--no-compact`: eight seconds after a major collection, V8 collects again and moves the remaining objects together. On
 *   a host with thousands of mounts or containers, turns of up to 26 ms of CPU time were measured with the moves. Without
 *   the moves most were at most 13 ms, but turns above 15 ms still occur. The difference in memory is smaller than that
 *   between two runs.
 * - The dashboards need 16 MiB for a moment to check a password, and answers of data sources soon become garbage. The
 *   Pushgateway is small between pushes. These two servers have a single helper thread of V8, because each thread adds
 *   a glibc heap. The compilers' work space and request bodies are allocated for a short time; separate blocks for them
 *   can be returned. `--optimize-for-size` would save 3 MB more and double the time of queries.
 */
export function settingsOf(role: string): RoleSettings {
  const settings = (table as Readonly<Record<string, string>>)[role]?.split(" ") ?? [];
  const isFlag = (setting: string): boolean => setting.startsWith("--");
  return {
    v8: settings.filter(isFlag),
    env: Object.fromEntries(
      settings.filter((setting) => !isFlag(setting)).map((setting) => setting.split("=", 2) as [string, string]),
    ),
  };
}
