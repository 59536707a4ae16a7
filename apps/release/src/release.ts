import { fileURLToPath } from "node:url";
import { processHost } from "@narthex/runtime";
import { makeRelease } from "./make-release.ts";

process.exitCode = await makeRelease(
  processHost(process.argv.slice(2)),
  fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, ""),
);
