import type { Launcher } from "./launcher.ts";
import type { RoleArguments } from "./role-arguments.ts";
import type { RoleFolders, ServiceRole } from "./roles.ts";
import type { Step } from "./steps.ts";
import type { System } from "./system.ts";

/** A service that is to be: a role with its arguments, complete. */
export interface ServiceDefinition {
  readonly role: ServiceRole;
  readonly launcher: Launcher;
  readonly args: RoleArguments;
  readonly environment: Readonly<Record<string, string>>;
  readonly folders: RoleFolders;
  /** Where the starter configuration comes from. */
  readonly starterFolder: string;
  /** The user it runs as. */
  readonly user: string;
  /** Arguments of the service that is there which this one does not have: none where there is none, or it keeps its own. */
  readonly dropped: readonly string[];
}

/** What a service that is there was installed with. */
export interface InstalledService {
  readonly args: readonly string[];
  /** Undefined where its file names none. */
  readonly user: string | undefined;
}

export interface ServiceState {
  /** Of the service, as the init system has it. */
  readonly name: string;
  /** The role's arguments. */
  readonly args: readonly string[];
  readonly isInstalled: boolean;
  /** Does it start with the machine? */
  readonly isEnabled: boolean;
  readonly activity: "running" | "starting" | "stopped" | "failed";
  /** When it came to be so, in the init system's words; empty where it does not tell. */
  readonly since: string;
  readonly pid: number | undefined;
  /** The newest lines of its log, the oldest first. */
  readonly lines: readonly string[];
}

export interface LogOptions {
  readonly follow: boolean;
  readonly lines: number;
}

/** What is left of a service that is removed, and how to remove that as well. */
export interface Removal {
  /** Of the service. */
  readonly name: string;
  readonly steps: readonly Step[];
  readonly remains: readonly string[];
}

/** A right that this process does not have. */
export interface MissingRight {
  /** The sentence that says so. */
  readonly right: string;
  /** What a command that has it begins with. */
  readonly sudo: readonly string[];
}

/** An init system that runs roles. */
export interface ServiceManager {
  readonly name: string;
  readonly platform: NodeJS.Platform;
  foldersOf(role: ServiceRole): RoleFolders;
  /** The user that a role runs as where none is named. */
  userOf(role: ServiceRole, system: System): string;
  /** Why services cannot be looked at on this machine, with what to do; undefined where they can. */
  absence(system: System): string | undefined;
  /** What this process lacks to change services; undefined where it may. */
  missingRight(system: System): Promise<MissingRight | undefined>;
  /** The role's service that is installed; undefined where there is none of ours. */
  installed(role: ServiceRole, system: System): InstalledService | undefined;
  /** What would keep the service from working here, a sentence with its hint each. */
  problems(definition: ServiceDefinition, system: System): Promise<readonly string[]>;
  /** Throws CommandError where something stands in the way. */
  install(definitions: readonly ServiceDefinition[], system: System): Promise<readonly Step[]>;
  uninstall(role: ServiceRole, system: System): Promise<Removal>;
  state(role: ServiceRole, system: System): Promise<ServiceState>;
  /** Shows the roles' logs; the exit status. */
  logs(roles: readonly ServiceRole[], options: LogOptions, system: System): Promise<number>;
}
