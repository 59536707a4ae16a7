import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Makes the bundle of this checkout after an installation. The launcher makes it later if Node is too old here. */
const programs = ["bundle.ts", "fill-code-caches.ts"].map((name) => join(import.meta.dirname, "../apps/narthex", name));
const isAble = Number.parseInt(process.versions.node, 10) >= 24 && process.platform !== "win32";
if (isAble && programs.every((program) => existsSync(program)))
  programs.every((program) => spawnSync(process.execPath, [program], { stdio: "inherit" }).status === 0);
