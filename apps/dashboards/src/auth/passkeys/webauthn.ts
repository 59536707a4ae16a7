import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { type Body, isObject } from "../../web/request-body.ts";
import type { User } from "../users/users.ts";
import { withoutAttestation } from "./attestation.ts";
import { CHALLENGE_LIFETIME_MS } from "./challenges.ts";
import type { PasskeySite } from "./passkey-policy.ts";
import { MAX_CREDENTIAL_ID, type Passkey } from "./passkeys.ts";

/** Thrown if the answer of a device is not accepted. The message contains no part of the answer. */
export class PasskeyProblem extends Error {
  override readonly name = "PasskeyProblem";
}

/** EdDSA, ES256 and RS256. */
const ALGORITHMS = [-8, -7, -257];
/** Names of the ways in which browsers reach a device. */
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

/**
 * Returns the user handle, which devices store with a passkey. The handle is made from the random uid, so that it does
 * not reveal the user.
 */
const handleOf = ({ uid }: Pick<User, "uid">): Uint8Array<ArrayBuffer> => new TextEncoder().encode(uid);

/** Returns the options with which a browser asks the user for any passkey of the site. */
export const signInOptions = (
  { rpId }: PasskeySite,
  challenge: string,
): Promise<PublicKeyCredentialRequestOptionsJSON> =>
  generateAuthenticationOptions({
    rpID: rpId,
    challenge: bytesOf(challenge),
    timeout: CHALLENGE_LIFETIME_MS,
    userVerification: "required",
    allowCredentials: [],
  });

/** Returns the options with which a browser creates a passkey for a user. */
export const registrationOptions = (
  { rpId }: PasskeySite,
  challenge: string,
  user: User,
  known: readonly Passkey[],
): Promise<PublicKeyCredentialCreationOptionsJSON> =>
  generateRegistrationOptions({
    rpName: "Narthex",
    rpID: rpId,
    challenge: bytesOf(challenge),
    timeout: CHALLENGE_LIFETIME_MS,
    userID: handleOf(user),
    userName: user.login,
    userDisplayName: user.name || user.login,
    attestationType: "none",
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
  });

/** Checks the response of a device that has created a passkey. Rejects with PasskeyProblem. */
export async function checkRegistration(
  { rpId, origin }: PasskeySite,
  challenge: string,
  body: Body | undefined,
): Promise<Pick<Passkey, "credentialId" | "publicKey" | "counter" | "transports">> {
  const response = answerIn(body, ["clientDataJSON", "attestationObject"]) as unknown as RegistrationResponseJSON;
  checkClientData(response.response.clientDataJSON, { type: "webauthn.create", challenge, origin });
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: bareAnswer(response),
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(unaccepted);
  if (!verified) throw new PasskeyProblem("the signature is wrong");
  const { id, publicKey, counter } = registrationInfo.credential;
  if (id !== response.id) throw new PasskeyProblem("the answer has two ids");
  const given: unknown = response.response.transports;
  return {
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString("base64url"),
    counter,
    transports: TRANSPORTS.filter((one) => Array.isArray(given) && given.includes(one)),
  };
}

/**
 * Checks the response of a device to a sign-in. Resolves with the device's counter. Rejects with PasskeyProblem.
 * @param user the user to whom the passkey belongs
 */
export async function checkSignIn(
  { rpId, origin }: PasskeySite,
  challenge: string,
  body: Body,
  { passkey, user }: { readonly passkey: Passkey; readonly user: Pick<User, "uid"> },
): Promise<number> {
  const names = ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
  const response = answerIn(body, names) as unknown as AuthenticationResponseJSON;
  checkClientData(response.response.clientDataJSON, { type: "webauthn.get", challenge, origin });
  if (response.response.userHandle !== Buffer.from(handleOf(user)).toString("base64url"))
    throw new PasskeyProblem("the passkey belongs to another user");
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    credential: { id: passkey.credentialId, publicKey: bytesOf(passkey.publicKey), counter: passkey.counter },
  }).catch(unaccepted);
  if (!verified) throw new PasskeyProblem("the signature is wrong");
  return authenticationInfo.newCounter;
}

/** Returns the response of a device that has created a passkey, without the attestation. Throws PasskeyProblem. */
function bareAnswer({ response, ...rest }: RegistrationResponseJSON): RegistrationResponseJSON {
  try {
    return { ...rest, response: { ...response, attestationObject: withoutAttestation(response.attestationObject) } };
  } catch (error) {
    return unaccepted(error);
  }
}

/** Returns the credential id in a device's response; empty if it is invalid. */
export const credentialIdIn = ({ id }: Body): string =>
  typeof id === "string" && id.length <= MAX_CREDENTIAL_ID && /^[\w-]+$/.test(id) ? id : "";

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64url"));

/** Checks the types of the parts of a device's response, and returns the response. Throws PasskeyProblem. */
function answerIn(body: Body | undefined, names: readonly string[]): Body {
  const { response } = body ?? {};
  const isWhole =
    body !== undefined &&
    credentialIdIn(body) !== "" &&
    isObject(response) &&
    names.every((name) => typeof response[name] === "string" && response[name] !== "");
  if (!isWhole) throw new PasskeyProblem("the answer is incomplete");
  return body;
}

/** Checks the data that the browser has passed to the device. Throws PasskeyProblem. */
function checkClientData(
  text: string,
  wanted: { readonly type: string; readonly challenge: string; readonly origin: string },
): void {
  let data: unknown;
  try {
    data = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    data = undefined;
  }
  if (!isObject(data) || data["type"] !== wanted.type) throw new PasskeyProblem("the answer is for another purpose");
  if (data["challenge"] !== wanted.challenge) throw new PasskeyProblem("the challenge is another one");
  if (data["origin"] !== wanted.origin) throw new PasskeyProblem("the page has another address than server.root_url");
  // Refuses a response from this site in a frame within a page of another site.
  if (data["crossOrigin"] === true) throw new PasskeyProblem("the page is in a frame of another site");
}

/**
 * Our own messages, by a part of the library's error message. Library messages are not shown, because they may contain
 * parts of the response.
 */
const REASONS: readonly (readonly [text: string, reason: string])[] = [
  ["RP ID", "the passkey belongs to another site"],
  ["verified", "the device has not verified the user"],
  ["not present", "the user was not present"],
  ["counter", "the counter of the passkey went back: the passkey may have been copied"],
  ["public key alg", "the algorithm of the key is not supported"],
];

function unaccepted(error: unknown): never {
  const message = error instanceof Error ? error.message : "";
  throw new PasskeyProblem(REASONS.find(([text]) => message.includes(text))?.[1] ?? "the answer is not valid");
}
