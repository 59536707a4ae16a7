import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DataSourceSettings } from "@narthex/datasources";
import type { Host, Logger } from "@narthex/runtime";
import { uidOfName } from "../datasources/source-record.ts";
import { provisioningFiles } from "./provisioning-file.ts";
import { readSourceFiles } from "./source-files.ts";

export interface ProvisionedSource {
  /** File and line that define the data source, in the form `FILE:LINE`. */
  readonly place: string;
  readonly settings: DataSourceSettings;
}

/** Reads the data sources in the files below a provisioning folder. No store is needed. Throws ProvisioningError. */
export function provisionedSources(
  folder: string,
  { cwd, env }: Pick<Host, "cwd" | "env">,
  logger: Logger,
): readonly ProvisionedSource[] {
  const readFile = (path: string): string => readFileSync(resolve(cwd, path), "utf8");
  const files = provisioningFiles(folder, "datasources", { env, readFile });
  return readSourceFiles(files, logger).sources.map(({ place, draft }) => ({
    place,
    settings: { ...draft, uid: draft.uid === "" ? uidOfName(draft.name) : draft.uid },
  }));
}
