import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, type TestHost, testHost, whileRunning } from "@narthex/runtime/testing";
import { main } from "../main.ts";

interface ConfigFolder {
  readonly folder: string;
  readonly file: string;
}

/** Writes a configuration file into a new folder. */
export function folderWith(config: string): ConfigFolder {
  const folder = temporaryFolder();
  const file = join(folder, "alertmanager.yml");
  writeFileSync(file, config);
  return { folder, file };
}

/** Returns the host of an Alertmanager with this configuration file. */
export function hostFor(
  { folder, file }: ConfigFolder,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): TestHost {
  return testHost(
    [
      `--config.file=${file}`,
      `--storage.path=${folder}/data`,
      "--web.listen-address=127.0.0.1:0",
      "--cluster.listen-address=",
      ...args,
    ],
    { env: { NARTHEX_UI_DIR: join(folder, "no-ui"), ...env } },
  );
}

/** Runs an Alertmanager, and stops it after `use`, which gets its URL. */
export const withAlertmanager = <T>(host: TestHost, use: (url: string) => Promise<T>): Promise<T> =>
  whileRunning(host, main, use);
