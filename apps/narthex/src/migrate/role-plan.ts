import type { RoleArguments } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import type { NewFile } from "../init/new-files.ts";
import type { Note } from "./note.ts";
import type { PackageOwner } from "./package-owners.ts";
import type { FoundOriginal } from "./source/found-original.ts";

export interface DataPlan {
  readonly path: string;
  readonly text: string;
}

/** The steps with which a server replaces the original program, and the steps that undo the replacement. */
export interface Target {
  readonly kind: "service" | "command" | "compose";
  /** Files to write; paths are relative to the plan's folder. */
  readonly files: readonly NewFile[];
  /** Files to write next to the user's files. Paths are absolute. */
  readonly beside: readonly NewFile[];
  /** Shell lines that switch from the original program to the new server. */
  readonly over: readonly string[];
  /** Shell lines that switch back to the original program. */
  readonly back: readonly string[];
  /** Whether the shell lines must be run by root. */
  readonly needsRoot: boolean;
  /** Shell lines that check requirements. They stop the script before any change if a requirement is missing. */
  readonly needs?: readonly string[];
}

export interface RolePlan {
  readonly found: FoundOriginal;
  readonly role: ServiceRole;
  readonly args: RoleArguments;
  /** User that the new server runs as. Empty for the server's default user. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly configuration: readonly string[];
  /** Provisioning files to write. Paths are relative to the migration plan's folder. */
  readonly files: readonly NewFile[];
  readonly data: readonly DataPlan[];
  /** Packages whose removal would delete files that the new server uses. */
  readonly packages?: readonly PackageOwner[];
  readonly notes: readonly Note[];
}

export interface PlanTerms {
  /** Whether the new servers become systemd services. */
  readonly isService: boolean;
  /** Absolute path of the plan's folder. */
  readonly folder: string;
  /** Path of Grafana's database file. Empty means the default path. */
  readonly grafanaDatabase: string;
}
