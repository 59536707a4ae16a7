import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/**
 * Bundles the CLI with all its roles, and each worker beside it, into one folder that needs no node_modules.
 * koffi brings a native library and stays outside: the image copies it.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
const out = resolve(process.argv[2] ?? "dist");

const input = {
  main: `${root}/apps/narthex/src/main.ts`,
  "bcrypt-worker": `${root}/packages/http/src/web-config/bcrypt-worker.ts`,
  "log-thread": `${root}/packages/tsdb/src/head/replay/log-thread.ts`,
  "compaction-worker": `${root}/packages/tsdb/src/compact/worker.ts`,
  "storage-thread": `${root}/packages/tsdb/src/storage-thread/worker.ts`,
  "remote-write-worker": `${root}/packages/remote/src/sender/thread/worker.ts`,
  "query-worker": `${root}/packages/querying/src/worker/worker.ts`,
};

rmSync(out, { recursive: true, force: true });
const build = await rolldown({
  input,
  cwd: root,
  platform: "node",
  external: ["koffi"],
  onLog: (level, log, handle) =>
    log.code === "EVAL" || log.code === "CIRCULAR_DEPENDENCY" ? undefined : handle(level, log),
});
await build.write({
  dir: out,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
});
await build.close();
