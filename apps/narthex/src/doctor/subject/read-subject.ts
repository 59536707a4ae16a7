import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { resolve } from "node:path";
import { type ConfigFiles, diskFiles } from "@narthex/config";
import { type FlagTable, type Host, parseFlags } from "@narthex/runtime";
import { CommandError } from "../../command-line/command.ts";
import { listenProblem, offsetProblem } from "../../up/address-problem.ts";
import { loopbackOf } from "../../up/loopback.ts";
import { rolesAt } from "../../up/roles.ts";
import { dashboardsFolder, homeDashboardIn, shiftPorts, starterFolder } from "../../up/starter-config.ts";
import { argumentsOf, ROLE_READERS } from "./role-readers.ts";
import type { RoleSubject, Subject } from "./subject.ts";

/** The stack or server to check, and access to its configuration files. */
export interface SubjectReading {
  readonly subject: Subject;
  readonly files: ConfigFiles;
}

interface UpFlags {
  readonly "config-dir": string;
  readonly "data-dir": string;
  readonly "port-offset": number;
  readonly listen: string;
}

/** Returns the stack that `up` would start with these flags, as the subject of the checks. Throws CommandError. */
export function subjectOfUp(host: Pick<Host, "cwd" | "env">, flags: UpFlags): SubjectReading {
  const dataDir = resolve(host.cwd, flags["data-dir"]);
  const portOffset = flags["port-offset"];
  const problem = offsetProblem(portOffset) ?? listenProblem(flags.listen);
  if (problem !== undefined) throw new CommandError(problem);
  const starter = starterFolder(host.env);
  const configDir = flags["config-dir"] === "" ? starter : resolve(host.cwd, flags["config-dir"]);
  if (!existsSync(configDir)) {
    throw new CommandError(
      `the folder ${configDir} does not exist; name another with --config-dir, or create it: narthex init ${configDir}`,
    );
  }
  const dashboardsDir = dashboardsFolder(host.env);
  const homeDashboard = homeDashboardIn(dashboardsDir, host.env);
  const { listen } = flags;
  const loopback = loopbackOf(networkInterfaces());
  const roles = rolesAt({
    dataDir,
    configDir,
    portOffset,
    listen,
    loopback,
    dashboardsDir,
    homeDashboard,
    loginKey: "",
  });
  const offset = portOffset === 0 ? "" : `, ports moved by ${portOffset}`;
  return {
    subject: {
      title: `the stack of narthex up: configuration in ${configDir}, data in ${dataDir}${offset}`,
      portOffset,
      roles: roles.map(({ name, args, env = {} }) => subjectOfRole(host, name, args, { ...host.env, ...env })),
    },
    // With a port offset, reads the starter configuration with changed ports, because `up` starts a copy in which the
    // ports are changed.
    files: configDir === starter && portOffset !== 0 ? shiftedFiles(portOffset) : diskFiles,
  };
}

const shiftedFiles = (offset: number): ConfigFiles => ({
  ...diskFiles,
  read: async (path) => shiftPorts(await diskFiles.read(path), offset),
});

/** Returns a single server with the settings that its flags give. Throws CommandError. */
export function subjectOfRole(
  host: Pick<Host, "cwd">,
  role: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RoleSubject {
  const { flags, overrides } = argumentsOf(role, args);
  const reader = ROLE_READERS.find((one) => one.role === role)!;
  const outcome = parseFlags(reader.flags, flags);
  if (outcome.kind === "error") throw new CommandError(`${role}: ${outcome.message}`);
  const values = outcome.kind === "parsed" ? outcome.flags.values : defaultsOf(reader.flags);
  return reader.read(values, { host, env, overrides });
}

const defaultsOf = (table: FlagTable): Record<string, unknown> =>
  Object.fromEntries(Object.entries(table).map(([name, flag]) => [name, flag.default]));
