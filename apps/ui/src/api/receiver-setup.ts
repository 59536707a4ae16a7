import type { TestResult } from "./alertmanager.ts";
import { fetchJson } from "./request.ts";
import { apiPath } from "./root-path.ts";

export type ReceiverKind = "email" | "slack" | "webhook";

/** Settings of a receiver with one integration. Names of texts and flags are keys of alertmanager.yml. */
interface ReceiverForm {
  readonly kind: ReceiverKind;
  readonly texts: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, boolean>>;
}

/** A receiver of the configuration file. */
export interface StoredReceiver {
  readonly name: string;
  /** Whether the root route names it. */
  readonly isDefault: boolean;
  /** Whether a route names it. */
  readonly isUsed: boolean;
  readonly form?: ReceiverForm & { readonly hasSecret: boolean };
  /** Why the form cannot change it. */
  readonly reason?: string;
}

/** The receivers of the file, if pages may change them. */
export interface OpenSetup {
  readonly isOn: true;
  readonly file: string;
  readonly tag: string;
  readonly receivers: readonly StoredReceiver[];
  readonly inherited: Readonly<Record<string, string>>;
}

/** Pages may not change the file. `reason` is missing if a flag forbids it. */
export interface ClosedSetup {
  readonly isOn: false;
  readonly file: string;
  readonly reason?: string;
}

export type ReceiverSetup = OpenSetup | ClosedSetup;

/** A wanted receiver. Without a form, its integrations stay. An empty secret leaves the stored one unchanged. */
export interface ReceiverChange {
  readonly name: string;
  readonly form?: ReceiverForm;
  readonly secret?: string;
  readonly isDefault?: boolean;
}

const url = `${apiPath}/api/v2/narthex/receiver-setup`;
const condition = (tag: string) => ({ "if-match": `"${tag}"` });

/** Functions that change receivers in the configuration file of the Alertmanager. */
export const receiverSetup = {
  get: (signal: AbortSignal) => fetchJson<ReceiverSetup>(url, { signal }),
  /**
   * Fails with status 412 if the file has changed since it had the tag.
   * @param isNew whether to fail with status 409 if a receiver has the name already
   */
  save: (change: ReceiverChange, tag: string, isNew = false) =>
    fetchJson<ReceiverSetup>(url, {
      method: "PUT",
      json: change,
      headers: { ...condition(tag), ...(isNew && { "if-none-match": "*" }) },
    }),
  remove: (name: string, tag: string) =>
    fetchJson<ReceiverSetup>(url, { method: "DELETE", params: { name }, headers: condition(tag) }),
  /** Sends a test with values that are not saved. */
  test: (change: ReceiverChange) =>
    fetchJson<{ readonly results: readonly TestResult[] }>(`${url}/test`, { method: "POST", json: change }),
};
