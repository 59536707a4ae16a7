import { decodeAttestationObject, isoCBOR } from "@simplewebauthn/server/helpers";

/**
 * Removes the attestation statement (about the maker of the device) from an attestation object, as browsers do if a
 * site wants none. Otherwise the WebAuthn library would download revocation lists from addresses in the statement's
 * certificates, so each user could send requests from this server to any address. Throws an error if the object cannot
 * be read.
 * @param text the object in base64url
 */
export function withoutAttestation(text: string): string {
  const authData = decodeAttestationObject(new Uint8Array(Buffer.from(text, "base64url"))).get("authData");
  const bare = new Map<string, string | Map<never, never> | typeof authData>([
    ["fmt", "none"],
    ["attStmt", new Map<never, never>()],
    ["authData", authData],
  ]);
  return Buffer.from(isoCBOR.encode(bare)).toString("base64url");
}
