import table from "./role-settings.json" with { type: "json" };

/** What a role's process is started with, so that it takes little memory. */
export interface RoleSettings {
  /** Flags of V8, which count from the start of a process only. */
  readonly v8: readonly string[];
  /** Variables of the C library and of Node, where the environment does not say otherwise. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The table is a file for itself because shells read it too, a role a line: `role-settings.sh`, for bin/narthex and images.
 *
 * - `--max-semi-space-size` counts for each thread of the process, and more than the `maxYoungGenerationSizeMb` of a
 *   worker, be that larger or smaller.
 * - `--wasm-wrapper-tiering-budget`: from some number of calls on, V8 compiles the calls from WebAssembly to JavaScript
 *   again. The code that it frees then is sometimes unknown to V8, and the process ends with
 *   `Check failed: jit_page.has_value()` (nodejs/node#64500). undici's parser makes such calls. The budget is never used
 *   up; `bench wasm-calls` finds no cost.
 * - The server's main thread hands on what query threads and scrapes have made: little of it lives on, so that more and
 *   smaller scavenges cost as much. With 8 MiB the process takes more memory, with 2 MiB a query more processor time.
 * - `up` only waits; the roles are not started with its flags.
 * - Listings and large posts of the Alertmanager leave much garbage behind. V8 would keep up to three times 64 MiB for
 *   what is young, and glibc ever larger pieces that are free, instead of handing them back. More than 4 MiB for what is
 *   young saved no processor time.
 * - The node exporter stands beside what a host is there for: little room for garbage, and what is free goes back at
 *   once. The compilers' work space comes in pieces of 8 KiB and more; among smaller ones in glibc's heap it would stay
 *   for ever. Each mount of a dead server holds one of Node's file threads until the server is back.
 * - A check of a password takes the dashboards 16 MiB for a moment, and answers of sources much that is soon garbage; the
 *   Pushgateway is small between pushes. One helper thread has one heap of its own. Compilers' work space and bodies come
 *   and go: in pieces of their own they go back. --optimize-for-size would take 3 MB more off, and twice the time for queries.
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
