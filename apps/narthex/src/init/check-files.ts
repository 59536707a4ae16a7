import { join } from "node:path";
import { type ConfigFiles, diskFiles } from "@narthex/config";
import type { Host } from "@narthex/runtime";
import { readAlertmanager } from "../config-check/alertmanager-problems.ts";
import { readPrometheus } from "../config-check/prometheus-problems.ts";
import type { NewFile } from "./new-files.ts";

/** Returns access to the files on disk and to the files that `init` will write, as if these existed already. */
function plannedFiles(folder: string, files: readonly NewFile[]): ConfigFiles {
  const texts = new Map(files.map(({ path, text }) => [join(folder, path), text]));
  return {
    read: async (path) => texts.get(path) ?? (await diskFiles.read(path)),
    list: async (parent) => {
      const own = [...texts.keys()].filter((path) => join(path, "..") === join(parent));
      const names = own.map((path) => path.slice(join(parent).length + 1));
      return [...new Set([...names, ...(await diskFiles.list(parent))])];
    },
    exists: async (path) => texts.has(path) || (await diskFiles.exists(path)),
  };
}

/**
 * Checks files that `init` will write, with the readers of `promtool check config` and `amtool check-config`. Resolves
 * with their problems.
 */
export async function problemsOf(
  folder: string,
  files: readonly NewFile[],
  host: Pick<Host, "env" | "clock">,
): Promise<readonly string[]> {
  const planned = plannedFiles(folder, files);
  const prometheus = await readPrometheus(join(folder, "prometheus.yml"), { host, files: planned });
  const alertmanager = await readAlertmanager(join(folder, "alertmanager.yml"), { host, files: planned });
  return [...prometheus.errors, ...alertmanager.errors];
}
