import { type ConfigFiles, diskFiles } from "@narthex/config";
import { readAlertmanager } from "../config-check/alertmanager-problems.ts";
import { readPrometheus } from "../config-check/prometheus-problems.ts";
import type { RoleArguments } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import { rooted, type System } from "../service/system.ts";
import { blocks, differs, type Note } from "./note.ts";

interface ConfigurationOutcome {
  /** Names of the configuration files that were read. */
  readonly words: readonly string[];
  readonly notes: readonly Note[];
}

interface Reading {
  readonly files: ConfigFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly system: System;
}

/** Reads the configuration that a new server would use at its start, with the server's own code. */
export async function checkConfiguration(
  role: ServiceRole,
  args: RoleArguments,
  { files, env, system }: Reading,
): Promise<ConfigurationOutcome> {
  const file = args.value("config.file");
  if (file === undefined || role.configuration === undefined) return { words: [], notes: [] };
  const host = { env, clock: system.host.clock };
  const features = args.values("enable-feature").flatMap((names) => names.split(","));
  const agent = args.words.includes("--agent");
  const { errors, warnings } =
    role.configuration === "prometheus"
      ? await readPrometheus(file, { host, files, agent, features })
      : await readAlertmanager(file, { host, files, features: features.join(",") });
  const notes = [...errors.map(noteOf), ...warnings.map((warning) => differs(warning))];
  const isRefused = notes.some(({ level }) => level === "blocks");
  return { words: [`${file}: ${isRefused ? "refused" : "read, with all files that it names"}`], notes };
}

/**
 * Returns the note for an error. A missing rule file does not block the migration, because the server starts without
 * it.
 */
const noteOf = (error: string): Note =>
  error.endsWith("does not point to an existing file") ? differs(error) : blocks(error);

/** Returns access to the files of the machine. */
export const machineFiles = (system: System): ConfigFiles => ({
  read: (path) => diskFiles.read(rooted(system, path)),
  list: (path) => diskFiles.list(rooted(system, path)),
  exists: (path) => diskFiles.exists(rooted(system, path)),
});
