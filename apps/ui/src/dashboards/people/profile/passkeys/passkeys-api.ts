import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";
import { fetchJson } from "../../../../api/request.ts";
import { rootPath } from "../../../../api/root-path.ts";
import { createPasskey } from "../../../sign-in/passkey-dialog.ts";
import { profileKey } from "../profile-api.ts";

/** A passkey of the signed-in user. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  /** Null if the passkey was never used to sign in. */
  readonly lastUsedAt: string | null;
}

const PASSKEYS = `${rootPath}/api/user/passkeys`;

export const passkeysQuery = {
  queryKey: [...profileKey, "passkeys"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<readonly Passkey[]> => fetchJson(PASSKEYS, { signal }),
};

/**
 * Creates a passkey in a dialog of the browser, and registers it.
 * @throws {ApiError} if the sign-in is not recent, or the user has too many passkeys
 * @throws {PasskeyError} if the browser creates no passkey
 */
export async function addPasskey(name: string): Promise<unknown> {
  const options = await fetchJson<PublicKeyCredentialCreationOptionsJSON>(`${PASSKEYS}/options`, {
    method: "POST",
    json: {},
  });
  return fetchJson(PASSKEYS, { method: "POST", json: { name, response: await createPasskey(options) } });
}

/** @throws {ApiError} if the sign-in is not recent */
export const deletePasskey = (id: string): Promise<unknown> =>
  fetchJson(`${PASSKEYS}/${encodeURIComponent(id)}`, { method: "DELETE" });
