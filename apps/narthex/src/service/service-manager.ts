import type { Launcher } from "./launcher.ts";
import type { RoleArguments } from "./role-arguments.ts";
import type { RoleFolders, ServiceRole } from "./roles.ts";
import type { Step } from "./steps.ts";
import type { System } from "./system.ts";

/** A service to be installed: a Narthex server with all its arguments. */
export interface ServiceDefinition {
  readonly role: ServiceRole;
  readonly launcher: Launcher;
  readonly args: RoleArguments;
  readonly environment: Readonly<Record<string, string>>;
  readonly folders: RoleFolders;
  readonly starterFolder: string;
  readonly user: string;
  /**
   * Arguments of the installed service that the new definition lacks. Empty if no service is installed or no argument
   * is lost.
   */
  readonly dropped: readonly string[];
}

/** Arguments and user of an installed service. */
export interface InstalledService {
  readonly args: readonly string[];
  /** User that runs the service. Undefined if the service file sets no user. */
  readonly user: string | undefined;
}

export interface ServiceState {
  readonly name: string;
  readonly args: readonly string[];
  /** A flags file with more arguments that this user cannot read. */
  readonly unreadable?: string | undefined;
  readonly isInstalled: boolean;
  /** Whether the service starts with the machine. */
  readonly isEnabled: boolean;
  readonly activity: "running" | "starting" | "stopped" | "failed";
  /** Time at which the activity last changed, as text of the init system. Empty if unknown. */
  readonly since: string;
  readonly pid: number | undefined;
  /** The last lines of the service's log, in chronological order. */
  readonly lines: readonly string[];
}

interface LogOptions {
  readonly follow: boolean;
  readonly lines: number;
}

/** The steps that remove a service, and commands for the user that remove what is left. */
export interface Removal {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly remains: readonly string[];
}

interface MissingRight {
  readonly right: string;
  /** Prefix for commands that gives the missing right, such as `sudo`. */
  readonly sudo: readonly string[];
}

/** An init system that runs Narthex servers as services. */
export interface ServiceManager {
  readonly name: string;
  readonly platform: NodeJS.Platform;
  foldersOf(role: ServiceRole): RoleFolders;
  /** Returns the default user that runs a server. */
  userOf(role: ServiceRole, system: System): string;
  /** Returns the reason why services cannot be inspected on this machine, with what to do. Undefined if they can. */
  absence(system: System): string | undefined;
  /** Resolves with the right that this process lacks for changing services, or with undefined if it has all rights. */
  missingRight(system: System): Promise<MissingRight | undefined>;
  /** Returns the service that `narthex service install` has installed for a server, or undefined. */
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
  /** Prints the servers' logs. Resolves with the exit status. */
  logs(roles: readonly ServiceRole[], options: LogOptions, system: System): Promise<number>;
}
