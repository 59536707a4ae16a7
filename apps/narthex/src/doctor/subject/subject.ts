import type { ListenAddress } from "@narthex/runtime";

/** An address that a role listens on. */
export interface ListenSubject {
  readonly address: ListenAddress;
  /** The flag that sets the address, with its dashes. */
  readonly flag: string;
}

/** A folder or file in which a role stores data. */
export interface DataPath {
  readonly path: string;
  readonly isFile: boolean;
  readonly flag: string;
}

/** A configuration file, and the features that are enabled for reading it. */
interface ConfigFile {
  readonly file: string;
  readonly features: readonly string[];
  /** Whether the file is a prometheus.yml for agent mode. */
  readonly isAgent?: boolean;
}

/** Retention of a server's samples; 0 means no limit. */
interface Retention {
  readonly timeMs: number;
  readonly bytes: number;
}

/** A role and the settings of its start. */
export interface RoleSubject {
  readonly role: string;
  readonly listens: readonly ListenSubject[];
  readonly data: readonly DataPath[];
  /** Path of the web configuration; empty if the role has no web configuration. */
  readonly webConfig: string;
  readonly prometheus?: ConfigFile;
  readonly alertmanager?: ConfigFile;
  /** Reason why the role would not start with its settings. */
  readonly settingsProblem?: string;
  /** A sentence for each setting of the role that has no effect. */
  readonly settingsWarnings?: readonly string[];
  /** Folder that contains the dashboards' provisioning files. */
  readonly provisioning?: string;
  /** Variables that provisioning files refer to. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly retention?: Retention;
  /** The URL of the role's PostgreSQL database, or a file that contains the URL. */
  readonly store?: { readonly url: string; readonly urlFile: string };
  /** Prefix of all paths of the role's API. */
  readonly pathPrefix: string;
}

/** The stack or the role that `doctor` checks. */
export interface Subject {
  /** Name of the subject in a sentence. */
  readonly title: string;
  /** The --port-offset of `up`; undefined if the subject is not `up`. */
  readonly portOffset: number | undefined;
  readonly roles: readonly RoleSubject[];
}
