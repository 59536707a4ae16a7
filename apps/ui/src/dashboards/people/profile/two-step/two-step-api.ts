import { fetchJson } from "../../../../api/request.ts";
import { rootPath } from "../../../../api/root-path.ts";
import { profileKey } from "../profile-api.ts";

/** State of the user's two-step codes: whether they are on, and the number of recovery codes. */
interface TwoStepState {
  readonly enabled: boolean;
  readonly recoveryCodesLeft: number;
}

/** A new secret for an authenticator app. The server uses the secret only after a first code has confirmed it. */
export interface TwoStepSecret {
  /** The secret in base32, which the user can type into an app instead of scanning the QR code. */
  readonly secret: string;
  /** The `otpauth:` address in the QR code. */
  readonly url: string;
}

const TWO_STEP = `${rootPath}/api/user/two-step`;

export const twoStepQuery = {
  queryKey: [...profileKey, "two-step"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<TwoStepState> => fetchJson(TWO_STEP, { signal }),
};

/** @throws {ApiError} if the sign-in is not recent, or the user may have no codes */
export const beginTwoStep = (): Promise<TwoStepSecret> =>
  fetchJson<TwoStepSecret>(TWO_STEP, { method: "POST", json: {} });

/** Turns two-step codes on. Resolves with the recovery codes. */
export const confirmTwoStep = (code: string): Promise<readonly string[]> => newCodes("confirm", code);

/** Replaces the recovery codes. Resolves with the new ones. */
export const renewRecoveryCodes = (code: string): Promise<readonly string[]> => newCodes("recovery-codes", code);

/** @throws {ApiError} if the code is wrong, or the sign-in is not recent */
export const disableTwoStep = (code: string): Promise<unknown> =>
  fetchJson(`${TWO_STEP}/disable`, { method: "POST", json: { code } });

async function newCodes(path: string, code: string): Promise<readonly string[]> {
  const { recoveryCodes } = await fetchJson<{ readonly recoveryCodes: readonly string[] }>(`${TWO_STEP}/${path}`, {
    method: "POST",
    json: { code },
  });
  return recoveryCodes;
}
