import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

/** One build of the UI for all tests, so that two servers do not build it at the same time. */
export default function setup(): void {
  const app = join(root, "apps/ui");
  if (existsSync(join(app, "dist/index.html"))) return;
  execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--logLevel", "error"], {
    cwd: app,
    stdio: "inherit",
  });
}
