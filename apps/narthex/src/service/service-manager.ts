import type { Launcher } from "./launcher.ts";
import type { RoleArguments } from "./role-arguments.ts";
import type { RoleFolders, ServiceRole } from "./roles.ts";
import type { Step } from "./steps.ts";
import type { System } from "./system.ts";

/** A service to be installed: a role with all its arguments. */
export interface ServiceDefinition {
  readonly role: ServiceRole;
  readonly launcher: Launcher;
  readonly args: RoleArguments;
  readonly environment: Readonly<Record<string, string>>;
  readonly folders: RoleFolders;
  /** Folder that contains the starter configuration. */
  readonly starterFolder: string;
  /** User as which the service runs. */
  readonly user: string;
  /**
   * Arguments of the installed service that the new definition does not have. Empty if no service is installed, or if
   * it keeps its arguments.
   */
  readonly dropped: readonly string[];
}

/** Arguments and user of an installed service. */
export interface InstalledService {
  readonly args: readonly string[];
  /** User as which it runs. Undefined if its file names no user. */
  readonly user: string | undefined;
}

export interface ServiceState {
  /** Name of the service in the init system. */
  readonly name: string;
  /** Arguments of the role. */
  readonly args: readonly string[];
  readonly isInstalled: boolean;
  /** Whether the service starts with the machine. */
  readonly isEnabled: boolean;
  readonly activity: "running" | "starting" | "stopped" | "failed";
  /** Time at which its activity last changed, in the init system's words; empty if unknown. */
  readonly since: string;
  readonly pid: number | undefined;
  /** The newest lines of its log, the oldest first. */
  readonly lines: readonly string[];
}

interface LogOptions {
  readonly follow: boolean;
  readonly lines: number;
}

/** The steps that remove a service, and commands for the user that remove what is left. */
export interface Removal {
  /** Name of the service. */
  readonly name: string;
  readonly steps: readonly Step[];
  readonly remains: readonly string[];
}

/** A right that this process lacks. */
interface MissingRight {
  /** A sentence that describes the right. */
  readonly right: string;
  /** Words that, before a command, run it with this right, such as `sudo`. */
  readonly sudo: readonly string[];
}

/** An init system that runs roles. */
export interface ServiceManager {
  readonly name: string;
  readonly platform: NodeJS.Platform;
  foldersOf(role: ServiceRole): RoleFolders;
  /** Returns the default user of a role. */
  userOf(role: ServiceRole, system: System): string;
  /** Returns the reason why services cannot be inspected on this machine, with what to do. Undefined if they can. */
  absence(system: System): string | undefined;
  /** Resolves with the right to change services that this process lacks. Undefined if it has the right. */
  missingRight(system: System): Promise<MissingRight | undefined>;
  /** Returns the role's installed service. Undefined if `narthex service install` has not installed one. */
  installed(role: ServiceRole, system: System): InstalledService | undefined;
  /**
   * Resolves with the problems that would keep the service from working on this machine: for each, a sentence with a
   * hint.
   */
  problems(definition: ServiceDefinition, system: System): Promise<readonly string[]>;
  /** Returns the steps that install the services. Throws CommandError if a conflict prevents the installation. */
  install(definitions: readonly ServiceDefinition[], system: System): Promise<readonly Step[]>;
  uninstall(role: ServiceRole, system: System): Promise<Removal>;
  state(role: ServiceRole, system: System): Promise<ServiceState>;
  /** Prints the roles' logs. Resolves with the exit status. */
  logs(roles: readonly ServiceRole[], options: LogOptions, system: System): Promise<number>;
}
