import type { ListenAddress } from "@narthex/runtime";

/** An address that a role listens on. */
export interface ListenSubject {
  readonly address: ListenAddress;
  /** The flag that sets the address, with its dashes. */
  readonly flag: string;
}

/** A folder or file where a role stores data. */
export interface DataPath {
  readonly path: string;
  readonly isFile: boolean;
  readonly flag: string;
}

/** A configuration file, and the features that are enabled for it. */
interface ConfigFile {
  readonly file: string;
  readonly features: readonly string[];
  /** True for a prometheus.yml of an agent. */
  readonly isAgent?: boolean;
}

/** Retention of a server's samples; 0: no limit. */
interface Retention {
  readonly timeMs: number;
  readonly bytes: number;
}

/** A role and the settings of its start. */
export interface RoleSubject {
  readonly role: string;
  readonly listens: readonly ListenSubject[];
  readonly data: readonly DataPath[];
  /** "" if there is none. */
  readonly webConfig: string;
  readonly prometheus?: ConfigFile;
  readonly alertmanager?: ConfigFile;
  /** Reason why the role would not start with its settings. */
  readonly settingsProblem?: string;
  /** Settings of the role that have no effect, as sentences. */
  readonly settingsWarnings?: readonly string[];
  /** Folder with the dashboards' provisioning. */
  readonly provisioning?: string;
  /** Variables that provisioning files refer to. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly retention?: Retention;
  /** URL of the PostgreSQL database for its state, or a file that contains the URL. */
  readonly store?: { readonly url: string; readonly urlFile: string };
  /** Prefix of the paths of its API. */
  readonly pathPrefix: string;
}

/** The stack or the role that `doctor` checks. */
export interface Subject {
  /** Its name in a sentence. */
  readonly title: string;
  /** The --port-offset of `up`; undefined if the subject is not `up`. */
  readonly portOffset: number | undefined;
  readonly roles: readonly RoleSubject[];
}
