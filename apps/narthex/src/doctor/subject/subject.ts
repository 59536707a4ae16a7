import type { ListenAddress } from "@narthex/runtime";

/** An address that a role listens on. */
export interface ListenSubject {
  readonly address: ListenAddress;
  /** The flag that says so, with its dashes. */
  readonly flag: string;
}

/** Where a role stores something. */
export interface DataPath {
  readonly path: string;
  readonly isFile: boolean;
  readonly flag: string;
}

/** A configuration file, and the features that it is read with. */
export interface ConfigFile {
  readonly file: string;
  readonly features: readonly string[];
  /** A prometheus.yml of an agent. */
  readonly isAgent?: boolean;
}

/** How long a server keeps samples; 0: no limit. */
export interface Retention {
  readonly timeMs: number;
  readonly bytes: number;
}

/** A role with what it is started with. */
export interface RoleSubject {
  readonly role: string;
  readonly listens: readonly ListenSubject[];
  readonly data: readonly DataPath[];
  /** "" for none. */
  readonly webConfig: string;
  readonly prometheus?: ConfigFile;
  readonly alertmanager?: ConfigFile;
  /** Why the role would not start with its settings. */
  readonly settingsProblem?: string;
  /** Settings of the role that have no effect, in sentences. */
  readonly settingsWarnings?: readonly string[];
  /** Folder with the dashboards' provisioning. */
  readonly provisioning?: string;
  /** Variables that provisioning files refer to. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly retention?: Retention;
  /** URL of the PostgreSQL database of its state, or the file that holds it. */
  readonly store?: { readonly url: string; readonly urlFile: string };
  /** What is added to the paths of its API. */
  readonly pathPrefix: string;
}

/** What `doctor` looks at. */
export interface Subject {
  /** A sentence that names it. */
  readonly title: string;
  /** How many ports `up` was told to move by, where it is about `up`. */
  readonly portOffset: number | undefined;
  readonly roles: readonly RoleSubject[];
}
