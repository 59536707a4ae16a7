import type { Launcher } from "./launcher.ts";
import type { RoleArguments } from "./role-arguments.ts";
import type { RoleFolders, ServiceRole } from "./roles.ts";
import type { Step } from "./steps.ts";
import type { System } from "./system.ts";

/** A service to install: a role with all its arguments. */
export interface ServiceDefinition {
  readonly role: ServiceRole;
  readonly launcher: Launcher;
  readonly args: RoleArguments;
  readonly environment: Readonly<Record<string, string>>;
  readonly folders: RoleFolders;
  /** Folder of the starter configuration. */
  readonly starterFolder: string;
  /** User that it runs as. */
  readonly user: string;
  /**
   * Arguments of the installed service that this one does not have; empty if no service is installed, or if it keeps
   * its arguments.
   */
  readonly dropped: readonly string[];
}

/** Arguments and user of an installed service. */
export interface InstalledService {
  readonly args: readonly string[];
  /** Undefined if its file names none. */
  readonly user: string | undefined;
}

export interface ServiceState {
  /** Name of the service in the init system. */
  readonly name: string;
  /** The role's arguments. */
  readonly args: readonly string[];
  readonly isInstalled: boolean;
  /** Whether it starts with the machine. */
  readonly isEnabled: boolean;
  readonly activity: "running" | "starting" | "stopped" | "failed";
  /** Time of the last change of its activity, in the init system's words; empty if unknown. */
  readonly since: string;
  readonly pid: number | undefined;
  /** The newest lines of its log, in order of time. */
  readonly lines: readonly string[];
}

interface LogOptions {
  readonly follow: boolean;
  readonly lines: number;
}

/** Steps that remove a service, and commands for what remains of it. */
export interface Removal {
  /** Name of the service. */
  readonly name: string;
  readonly steps: readonly Step[];
  readonly remains: readonly string[];
}

/** A right that this process does not have. */
interface MissingRight {
  /** A sentence that names the right. */
  readonly right: string;
  /** Words before a command that give it the right. */
  readonly sudo: readonly string[];
}

/** An init system that runs roles. */
export interface ServiceManager {
  readonly name: string;
  readonly platform: NodeJS.Platform;
  foldersOf(role: ServiceRole): RoleFolders;
  /** The default user of a role. */
  userOf(role: ServiceRole, system: System): string;
  /** Returns why services cannot be inspected on this machine, with what to do; undefined if they can. */
  absence(system: System): string | undefined;
  /** Resolves with the right that this process lacks to change services; undefined if it has the right. */
  missingRight(system: System): Promise<MissingRight | undefined>;
  /** Returns the role's installed service; undefined if we installed none. */
  installed(role: ServiceRole, system: System): InstalledService | undefined;
  /** Resolves with the problems that would stop the service from working here, a sentence with a hint for each. */
  problems(definition: ServiceDefinition, system: System): Promise<readonly string[]>;
  /** Throws CommandError if a conflict prevents the installation. */
  install(definitions: readonly ServiceDefinition[], system: System): Promise<readonly Step[]>;
  uninstall(role: ServiceRole, system: System): Promise<Removal>;
  state(role: ServiceRole, system: System): Promise<ServiceState>;
  /** Shows the roles' logs. Resolves with the exit status. */
  logs(roles: readonly ServiceRole[], options: LogOptions, system: System): Promise<number>;
}
