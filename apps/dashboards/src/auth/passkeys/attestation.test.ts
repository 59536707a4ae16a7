import { type CBORType, decodeCBOR, encodeCBOR } from "@levischuck/tiny-cbor";
import { expect, test } from "vitest";
import { SoftwareAuthenticator } from "../../testing/software-authenticator.ts";
import { withoutAttestation } from "./attestation.ts";
import { checkRegistration } from "./webauthn.ts";

const SITE = { rpId: "grafana.example", origin: "https://grafana.example" };
const CHALLENGE = "A".repeat(43);

const decoded = (text: string): unknown => decodeCBOR(new Uint8Array(Buffer.from(text, "base64url")));

/**
 * Returns a device's response whose attestation statement contains certificates, and the data that the device has
 * signed.
 */
function answerWithCertificates() {
  const options = { challenge: CHALLENGE, rp: { id: SITE.rpId }, user: { id: "dmVyYQ" } };
  const answer = new SoftwareAuthenticator(SITE.origin).create(options);
  const response = answer["response"] as Readonly<Record<string, string>>;
  const object = decoded(response["attestationObject"]!) as Map<string, CBORType>;
  const statement = new Map<string, CBORType>([
    ["alg", -7],
    ["sig", new Uint8Array(8)],
    ["x5c", [new Uint8Array(100), new Uint8Array(100)]],
  ]);
  object.set("fmt", "android-key").set("attStmt", statement);
  const attestationObject = Buffer.from(encodeCBOR(object)).toString("base64url");
  return {
    id: answer["id"],
    answer: { ...answer, response: { ...response, attestationObject } },
    authData: object.get("authData"),
  };
}

test("certificates in the answer of a new passkey's device are not read, because reading them sends requests", async () => {
  const { id, answer, authData } = answerWithCertificates();
  const bare = withoutAttestation(answer.response.attestationObject);
  expect(decoded(bare)).toEqual(
    new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]),
  );
  expect(await checkRegistration(SITE, CHALLENGE, answer)).toMatchObject({ credentialId: id });
});

test.each([
  ["a text", Buffer.from("6161", "hex")],
  ["lists in lists", Buffer.alloc(40_000, 0x81)],
  ["a list of 4 billion elements", Buffer.from("9affffffff", "hex")],
  ["an object without data", Buffer.from(encodeCBOR(new Map([["fmt", "none"]])))],
])("a registration with %s instead of an attestation object is refused", async (_title, bytes) => {
  const { answer } = answerWithCertificates();
  const response = { ...answer.response, attestationObject: bytes.toString("base64url") };
  const refused = { name: "PasskeyProblem", message: "the answer is not valid" };
  await expect(checkRegistration(SITE, CHALLENGE, { ...answer, response })).rejects.toMatchObject(refused);
});
