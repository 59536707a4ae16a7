import type { RoleArguments } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import type { NewFile } from "../init/new-files.ts";
import type { Note } from "./note.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** Plan for a path of an original's data. */
export interface DataPlan {
  readonly path: string;
  readonly text: string;
}

/** How a role replaces its original, and how to go back. */
export interface Target {
  readonly kind: "service" | "command" | "compose";
  /** Files to write; paths are relative to the plan's folder. */
  readonly files: readonly NewFile[];
  /** Files to write next to those of the user. */
  readonly beside: readonly NewFile[];
  /** Shell lines that switch to the role. */
  readonly over: readonly string[];
  /** Shell lines that go back to the original. */
  readonly back: readonly string[];
  /** Whether root must run the lines. */
  readonly needsRoot: boolean;
  /** Shell lines that end the script before any change if something is missing. */
  readonly needs?: readonly string[];
}

/** The plan for one role. */
export interface RolePlan {
  readonly found: FoundOriginal;
  readonly role: ServiceRole;
  readonly args: RoleArguments;
  /** User that it runs as; "" for the role's default. */
  readonly user: string;
  /** Environment variables of the role. */
  readonly env: Readonly<Record<string, string>>;
  readonly configuration: readonly string[];
  /** Provisioning files, below the folder of the plan. */
  readonly files: readonly NewFile[];
  readonly data: readonly DataPlan[];
  readonly notes: readonly Note[];
}

/** Options for planning roles. */
export interface PlanTerms {
  /** Whether the roles become systemd services. */
  readonly isService: boolean;
  /** Absolute path of the plan's folder. */
  readonly folder: string;
  /** Path of Grafana's database; "" for its default. */
  readonly grafanaDatabase: string;
}
