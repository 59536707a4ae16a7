import type { RoleArguments } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import type { NewFile } from "../init/new-files.ts";
import type { Note } from "./note.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** What becomes of the data of an original. */
export interface DataPlan {
  readonly path: string;
  readonly text: string;
}

/** How an original's place is taken, and given back. */
export interface Target {
  readonly kind: "service" | "command" | "compose";
  /** Files that are written; paths begin at the plan's folder. */
  readonly files: readonly NewFile[];
  /** Files that are written beside those of the user. */
  readonly beside: readonly NewFile[];
  /** Lines of a shell that switch over. */
  readonly over: readonly string[];
  /** Lines of a shell that go back. */
  readonly back: readonly string[];
  /** Must root run the lines? */
  readonly needsRoot: boolean;
  /** Lines of a shell that end it, before anything is changed, where something is missing. */
  readonly needs?: readonly string[];
}

/** How one role is taken over. */
export interface RolePlan {
  readonly found: FoundOriginal;
  readonly role: ServiceRole;
  readonly args: RoleArguments;
  /** The user that it runs as; "" for the role's own. */
  readonly user: string;
  /** Variables that it is started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly configuration: readonly string[];
  /** What it is provisioned with, below the folder of the plan. */
  readonly files: readonly NewFile[];
  readonly data: readonly DataPlan[];
  readonly notes: readonly Note[];
}

/** What roles are planned for. */
export interface PlanTerms {
  /** Will they be services of systemd? */
  readonly isService: boolean;
  /** The folder of the plan, from the root on. */
  readonly folder: string;
  /** Where Grafana's database is; "" for its own place. */
  readonly grafanaDatabase: string;
}
