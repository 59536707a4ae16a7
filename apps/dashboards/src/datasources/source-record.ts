import { createHash } from "node:crypto";
import { dataSourceKind, type DataSourceSettings } from "@narthex/datasources";
import type { JsonObject } from "@narthex/dashboards";
import type { Permission } from "../access/own-permissions.ts";
import type { SecretBox } from "../secrets/secret-box.ts";

export interface SourceRecord {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly access: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly isDefault: boolean;
  readonly jsonData: JsonObject;
  /** Encrypted secrets by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The permissions that are set on the data source. If absent, the defaults apply. */
  readonly permissions?: readonly Permission[];
  /** Whether users may not change the data source. */
  readonly readOnly: boolean;
  /** Whether the source comes from a provisioning file. */
  readonly isProvisioned: boolean;
  /**
   * Whether a user has changed what a provisioned source reads, until the file is applied again. Such a source may not
   * read files of this machine.
   */
  readonly isEdited?: true;
  readonly version: number;
  /** Time of creation, Unix ms. */
  readonly created: number;
  readonly updated: number;
}

/** The data that a save of a data source contains, with secrets in plain text. */
export type SourceDraft = Omit<
  SourceRecord,
  "id" | "secrets" | "version" | "created" | "updated" | "isProvisioned" | "isEdited" | "readOnly" | "permissions"
> & { readonly secureJsonData: Readonly<Record<string, string>> };

/** Returns the uid of a provisioned source whose file sets no uid, derived from the source's name. */
export const uidOfName = (name: string): string =>
  `P${createHash("sha256").update(name).digest("hex").slice(0, 16).toUpperCase()}`;

/** Encrypts a source's secrets and adds them to the existing ones. An empty secret removes the existing one. */
export function sealSecrets(
  box: SecretBox,
  uid: string,
  given: Readonly<Record<string, string>>,
  kept: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const sealed = new Map(Object.entries(kept));
  for (const [key, secret] of Object.entries(given)) {
    if (secret === "") sealed.delete(key);
    else sealed.set(key, box.seal(secret, `${uid}/${key}`));
  }
  return Object.fromEntries(sealed);
}

/**
 * Returns the settings of a data source with decrypted secrets. Secrets that cannot be decrypted are left out and
 * reported.
 */
export function settingsOf(
  record: SourceRecord,
  box: SecretBox,
  onUnreadable: (key: string) => void,
): DataSourceSettings {
  const { uid, name, type, url, user, database, basicAuth, basicAuthUser, withCredentials, jsonData } = record;
  const isProvisioned = record.isProvisioned && record.isEdited !== true;
  const opened = Object.entries(record.secrets).flatMap(([key, sealed]): [string, string][] => {
    const secret = box.open(sealed, `${uid}/${key}`);
    if (secret === undefined) onUnreadable(key);
    return secret === undefined ? [] : [[key, secret]];
  });
  const secureJsonData = Object.fromEntries(opened);
  const place = { uid, name, type, url, user, database, isProvisioned };
  return { ...place, basicAuth, basicAuthUser, withCredentials, jsonData, secureJsonData };
}

export function sourceListItem(record: SourceRecord): Record<string, unknown> {
  const { id, uid, name, type, access, url, user, database, basicAuth, isDefault, jsonData, readOnly } = record;
  const typeName = dataSourceKind(type)?.name ?? type;
  const shown = { id, uid, orgId: 1, name, type, typeName, typeLogoUrl: "", access, url, user, database };
  return { ...shown, basicAuth, isDefault, jsonData, readOnly };
}

/** Returns a data source in the format of the API. It shows which secrets are set, but not their values. */
export function sourceView(record: SourceRecord): Record<string, unknown> {
  const { typeName: _name, ...item } = sourceListItem(record);
  return {
    ...item,
    basicAuthUser: record.basicAuthUser,
    withCredentials: record.withCredentials,
    secureJsonFields: Object.fromEntries(Object.keys(record.secrets).map((key) => [key, true])),
    version: record.version,
    apiVersion: "",
  };
}
