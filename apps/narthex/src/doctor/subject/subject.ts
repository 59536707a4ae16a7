import type { ListenAddress } from "@narthex/runtime";

export interface ListenSubject {
  readonly address: ListenAddress;
  /** Name of the flag that sets the address, with its dashes. */
  readonly flag: string;
}

/** A folder or file in which a server stores data. */
export interface DataPath {
  readonly path: string;
  readonly isFile: boolean;
  readonly flag: string;
}

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

export interface RoleSubject {
  readonly role: string;
  readonly listens: readonly ListenSubject[];
  readonly data: readonly DataPath[];
  /** Path of the --web.config.file; empty if the server has none. */
  readonly webConfig: string;
  readonly prometheus?: ConfigFile;
  readonly alertmanager?: ConfigFile;
  /** The reason why the server would not start with its settings. */
  readonly settingsProblem?: string;
  /** A warning for each setting without an effect. */
  readonly settingsWarnings?: readonly string[];
  /** Folder that contains the dashboards' provisioning files. */
  readonly provisioning?: string;
  /** Variables that provisioning files refer to. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly retention?: Retention;
  /** The URL of the server's PostgreSQL database, or a file that contains the URL. */
  readonly store?: { readonly url: string; readonly urlFile: string };
  /** Path prefix of the server's API, such as `/prometheus`. */
  readonly pathPrefix: string;
}

/** The stack or the server that `doctor` checks. */
export interface Subject {
  /** Name of the stack or server in messages. */
  readonly title: string;
  /** Value of `narthex up --port-offset`. Undefined if a single server is checked. */
  readonly portOffset: number | undefined;
  readonly roles: readonly RoleSubject[];
}
