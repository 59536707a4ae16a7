import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/browser";

/** Loads the WebAuthn library on demand, because few visits use passkeys. */
const loadLibrary = () => import("@simplewebauthn/browser");

/** Error of a browser dialog that ended without a passkey. The message is a sentence for the user. */
export class PasskeyError extends Error {
  override readonly name = "PasskeyError";
  /** Whether the user closed the dialog or did not answer. Browsers report the same if no passkey was found. */
  readonly isCancelled: boolean;

  constructor(message: string, cause: unknown, isCancelled = false) {
    super(message, { cause });
    this.isCancelled = isCancelled;
  }
}

/**
 * Lets the user choose a passkey in a dialog of the browser.
 * @throws {PasskeyError}
 */
export async function choosePasskey(
  optionsJSON: PublicKeyCredentialRequestOptionsJSON,
): Promise<AuthenticationResponseJSON> {
  const { startAuthentication } = await loadLibrary();
  return startAuthentication({ optionsJSON }).catch((error: unknown) => {
    throw passkeyError(error, "No passkey was used. Try again, or sign in in another way.");
  });
}

/**
 * Lets the user create a passkey in a dialog of the browser.
 * @throws {PasskeyError}
 */
export async function createPasskey(
  optionsJSON: PublicKeyCredentialCreationOptionsJSON,
): Promise<RegistrationResponseJSON> {
  const { startRegistration } = await loadLibrary();
  return startRegistration({ optionsJSON }).catch((error: unknown) => {
    throw passkeyError(error, "No passkey was created. Try again.");
  });
}

/** Messages for the user, by the error codes of the WebAuthn library. */
const SENTENCES: Readonly<Record<string, string>> = {
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: "This device already has a passkey of your account.",
  ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT: "This device cannot store passkeys. Use another device.",
  ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT:
    "This device cannot check that you use it. Set a PIN or a fingerprint on the device, or use another device.",
};

function passkeyError(error: unknown, cancelled: string): PasskeyError {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === "NotAllowedError" || name === "AbortError") return new PasskeyError(cancelled, error, true);
  const sentence = code !== undefined && Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
  return new PasskeyError(sentence ?? `The browser could not use a passkey: ${message ?? String(error)}`, error);
}
