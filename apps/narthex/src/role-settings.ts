import table from "./role-settings.json" with { type: "json" };

/** Settings for a server's process that reduce its memory usage. */
export interface RoleSettings {
  /** Flags of V8 that take effect only at the start of a process. */
  readonly v8: readonly string[];
  /** Environment variables for the C library and Node. Variables that are already set take precedence. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns the settings of a role. The table is a separate file because shells read it too, one role in each line:
 * `role-settings.sh`, for bin/narthex and images.
 * - `--max-semi-space-size` applies to each thread of the process. It overrides the `maxYoungGenerationSizeMb` of a
 *   worker, whether that is larger or smaller.
 * - `--wasm-wrapper-tiering-budget`: after some number of calls, V8 compiles the calls from WebAssembly to JavaScript
 *   again. V8 sometimes does not know the code that it frees then, and the process ends with
 *   `Check failed: jit_page.has_value()` (nodejs/node#64500). undici's parser makes such calls. The budget is never used
 *   up; `bench wasm-calls` finds no cost.
 * - The server's main thread passes on the results of query threads and scrapes. Few of these objects live long, so more
 *   and smaller scavenges cost as much. With 8 MiB the process takes more memory, with 2 MiB a query more CPU time.
 * - `up` only waits; the roles are not started with its flags.
 * - Listings and large posts of the Alertmanager create much garbage. V8 would keep up to three times 64 MiB for young
 *   objects, and glibc would keep large free blocks instead of returning them. More than 4 MiB for young objects saved no
 *   CPU time.
 * - The node exporter runs next to the host's main work: it has little room for garbage, and returns free memory at once.
 *   The compilers' work space is allocated in blocks of 8 KiB and more. Among smaller blocks in glibc's heap, it would
 *   never be returned. Each mount of a dead server blocks one of Node's file threads until the server is back.
 * - The dashboards need 16 MiB for a moment to check a password, and answers of data sources become garbage soon. The
 *   Pushgateway is small between pushes. One helper thread has one heap. The compilers' work space and bodies are
 *   allocated for a short time; separate blocks for them can be returned. --optimize-for-size would save 3 MB more and
 *   double the time of queries.
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
