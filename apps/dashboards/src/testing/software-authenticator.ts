import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { type CBORType, encodeCBOR } from "@levischuck/tiny-cbor";

/** The deviations of a simulated device or browser from a correct one. */
export interface Deviations {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  readonly isVerified?: boolean;
  readonly userHandle?: string;
  readonly counter?: number;
  readonly clientType?: string;
}

interface Held {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: KeyObject;
  counter: number;
}

/** The parts of the passkey options that a browser passes to a device. */
interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
}

/**
 * A simulated browser at an origin, with a device that stores passkeys: ES256, without attestation, with a sign-in
 * counter.
 */
export class SoftwareAuthenticator {
  readonly #origin: string;
  readonly #held: Held[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Creates a passkey, and returns the browser's response. */
  create({ challenge, rp, user }: CreationOptions, deviations: Deviations = {}): Record<string, unknown> {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const idBytes = randomBytes(32);
    const id = idBytes.toString("base64url");
    const held: Held = { id, rpId: rp.id ?? "", userHandle: user.id, key: privateKey, counter: 0 };
    this.#held.push(held);
    const cose = new Map<string | number, CBORType>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, "base64url"))],
      [-3, new Uint8Array(Buffer.from(y, "base64url"))],
    ]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(idBytes.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, idBytes, encodeCBOR(cose)]);
    const authData = new Uint8Array(Buffer.concat([this.#dataOf(held, deviations, 0x40), attested]));
    const attestation = new Map<string | number, CBORType>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]);
    return {
      id,
      rawId: id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#clientData("webauthn.create", challenge, deviations),
        attestationObject: Buffer.from(encodeCBOR(attestation)).toString("base64url"),
        transports: ["internal", "unknown"],
      },
    };
  }

  /** Signs a challenge with the newest passkey of a site, and returns the browser's response. */
  get({ challenge, rpId }: RequestOptions, deviations: Deviations = {}): Record<string, unknown> {
    const held = this.#held.findLast((one) => one.rpId === rpId);
    if (held === undefined) throw new Error(`the device has no passkey for ${rpId}`);
    held.counter = deviations.counter ?? held.counter + 1;
    const authData = this.#dataOf(held, deviations);
    const clientDataJSON = this.#clientData("webauthn.get", challenge, deviations);
    const hash = createHash("sha256").update(Buffer.from(clientDataJSON, "base64url")).digest();
    return {
      id: held.id,
      rawId: held.id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON,
        authenticatorData: authData.toString("base64url"),
        signature: sign("sha256", Buffer.concat([authData, hash]), held.key).toString("base64url"),
        userHandle: deviations.userHandle ?? held.userHandle,
      },
    };
  }

  /** Returns the authenticator data: site, flags and counter. */
  #dataOf({ rpId, counter }: Held, deviations: Deviations, flags = 0): Buffer {
    const site = createHash("sha256")
      .update(deviations.rpId ?? rpId)
      .digest();
    const rest = Buffer.alloc(5);
    rest.writeUInt8(0x01 | (deviations.isVerified === false ? 0 : 0x04) | flags);
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([site, rest]);
  }

  #clientData(type: string, challenge: string, deviations: Deviations): string {
    const data = {
      type: deviations.clientType ?? type,
      challenge: deviations.challenge ?? challenge,
      origin: deviations.origin ?? this.#origin,
      crossOrigin: deviations.crossOrigin ?? false,
    };
    return Buffer.from(JSON.stringify(data)).toString("base64url");
  }
}
