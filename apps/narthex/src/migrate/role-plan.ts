import type { RoleArguments } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import type { NewFile } from "../init/new-files.ts";
import type { Note } from "./note.ts";
import type { PackageOwner } from "./package-owners.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** The plan for one path of an original's data. */
export interface DataPlan {
  readonly path: string;
  readonly text: string;
}

/** How a role replaces its original, and how the user can go back. */
export interface Target {
  readonly kind: "service" | "command" | "compose";
  /** Files to write; paths are relative to the plan's folder. */
  readonly files: readonly NewFile[];
  /** Files to write next to those of the user, with absolute paths. */
  readonly beside: readonly NewFile[];
  /** Shell lines that switch from the original to the role. */
  readonly over: readonly string[];
  /** Shell lines that switch back to the original. */
  readonly back: readonly string[];
  /** Whether the shell lines must be run by root. */
  readonly needsRoot: boolean;
  /** Shell lines that check requirements. If a requirement is missing, these lines end the script before any change. */
  readonly needs?: readonly string[];
}

/** The plan for one role. */
export interface RolePlan {
  readonly found: FoundOriginal;
  readonly role: ServiceRole;
  readonly args: RoleArguments;
  /** User as which the role runs; empty for the role's default user. */
  readonly user: string;
  /** Environment variables of the role. */
  readonly env: Readonly<Record<string, string>>;
  readonly configuration: readonly string[];
  /** Provisioning files; their paths are relative to the folder of the plan. */
  readonly files: readonly NewFile[];
  readonly data: readonly DataPlan[];
  /** Packages whose removal would delete files of the role. */
  readonly packages?: readonly PackageOwner[];
  readonly notes: readonly Note[];
}

/** Options for planning roles. */
export interface PlanTerms {
  /** Whether the roles become systemd services. */
  readonly isService: boolean;
  /** Absolute path of the plan's folder. */
  readonly folder: string;
  /** Path of Grafana's database; empty for its default path. */
  readonly grafanaDatabase: string;
}
