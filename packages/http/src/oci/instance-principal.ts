import { createPrivateKey, generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import type { CloudTransport } from "../client/cloud-transport.ts";
import { type Renewal, RenewedValue } from "../client/renewed-value.ts";
import { ociHost } from "./oci-host.ts";
import { type OciKey, ociSigner } from "./oci-signature.ts";

export interface InstancePrincipalOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly send: CloudTransport;
  /** Returns the wall clock time, ms since 1970. */
  readonly now: () => number;
}

const METADATA_URL = "http://169.254.169.254/opc/v2";
/** Time in ms before its expiry at which a token is renewed. */
const EARLY_MS = 300_000;
const TIMEOUT_MS = 30_000;
/** Prefix of the part of a certificate's subject that names the tenancy. */
const TENANT = "opc-tenant:";

/** Certificate of a machine, which Oracle Cloud renews several times a day. */
interface MachineIdentity {
  readonly certificate: X509Certificate;
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
  readonly intermediatePem: string;
}

/**
 * The identity of a machine in Oracle Cloud. The machine's certificate is exchanged for tokens, each for a new key with
 * which requests are signed; https://docs.oracle.com/en-us/iaas/Content/Identity/Tasks/callingservicesfrominstances.htm.
 */
export class InstancePrincipal {
  readonly region: string;
  /** ID of the tenancy that owns the machine. */
  readonly tenancy: string;
  readonly #options: InstancePrincipalOptions;
  readonly #key: RenewedValue<OciKey>;

  private constructor(options: InstancePrincipalOptions, region: string, tenancy: string) {
    this.#options = options;
    this.region = region;
    this.tenancy = tenancy;
    this.#key = new RenewedValue(() => this.#newKey(), options.now);
  }

  /** Reads the region and the tenancy of the machine. Rejects outside of Oracle Cloud. */
  static async open(options: InstancePrincipalOptions): Promise<InstancePrincipal> {
    const region = (await metadata(options, "/instance/region")).trim();
    const { certificate } = await readIdentity(options);
    return new InstancePrincipal(options, region, tenancyOf(certificate));
  }

  /** Returns the key for requests. Rejects if the machine has no valid certificate, or Oracle issues no token. */
  key(): Promise<OciKey> {
    return this.#key.get();
  }

  async #newKey(): Promise<Renewal<OciKey>> {
    const { now } = this.#options;
    const identity = await readIdentity(this.#options);
    const tenancy = tenancyOf(identity.certificate);
    if (tenancy !== this.tenancy) throw new Error(`the machine now belongs to the tenancy ${tenancy}: reload`);
    const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const token = await this.#exchange(identity, publicKey);
    const validUntil = Math.max(expiryOf(token) - EARLY_MS, now() + 1000);
    return { value: { keyId: `ST$${token}`, privateKey }, validUntil };
  }

  /** Exchanges the certificate for a token that is valid for a public key. */
  async #exchange(identity: MachineIdentity, publicKey: KeyObject): Promise<string> {
    const { env, send, now } = this.#options;
    const host = env["OCI_SDK_AUTH_CLIENT_REGION_URL"] ?? ociHost("auth", this.region, env);
    const url = new URL(`${host.includes("://") ? "" : "https://"}${host}/v1/x509`);
    const body = JSON.stringify({
      certificate: pemBody(identity.certificatePem),
      publicKey: pemBody(publicKey.export({ type: "spki", format: "pem" }) as string),
      intermediateCertificates: [pemBody(identity.intermediatePem)],
      fingerprintAlgorithm: "SHA256",
    });
    const fingerprint = identity.certificate.fingerprint256.toLowerCase();
    const key = { keyId: `${this.tenancy}/fed-x509-sha256/${fingerprint}`, privateKey: identity.privateKey };
    const sign = ociSigner(() => Promise.resolve(key), now, ["date", "(request-target)"]);
    const headers = await sign({ method: "POST", url, headers: { accept: "application/json" }, body });
    const { status, text } = await send(url.href, { method: "POST", headers, body, timeoutMs: TIMEOUT_MS });
    if (status !== 200) throw new Error(`${url.host} issues no token: HTTP status ${status}: ${text.slice(0, 200)}`);
    return tokenIn(text);
  }
}

async function readIdentity(options: InstancePrincipalOptions): Promise<MachineIdentity> {
  const read = (name: string): Promise<string> => metadata(options, `/identity/${name}.pem`);
  const [certificatePem, key, intermediatePem] = await Promise.all([read("cert"), read("key"), read("intermediate")]);
  return {
    certificatePem,
    certificate: new X509Certificate(certificatePem),
    privateKey: createPrivateKey(key),
    intermediatePem,
  };
}

/** Reads a value from the metadata server of the machine. */
async function metadata({ env, send }: InstancePrincipalOptions, path: string): Promise<string> {
  const url = `${env["OCI_METADATA_BASE_URL"] || METADATA_URL}${path}`;
  const { status, text } = await send(url, {
    method: "GET",
    headers: { authorization: "Bearer Oracle" },
    timeoutMs: TIMEOUT_MS,
  });
  if (status === 200) return text;
  throw new Error(
    `${url} answered with HTTP status ${status}: instance principals exist only on machines of Oracle Cloud`,
  );
}

function tenancyOf({ subject }: X509Certificate): string {
  const values = subject.split("\n").map((line) => line.slice(line.indexOf("=") + 1));
  const tenant = values.find((value) => value.startsWith(TENANT));
  if (tenant === undefined) throw new Error("the certificate of the machine names no tenancy");
  return tenant.slice(TENANT.length);
}

/** Returns the content of a PEM text without its first and last line. */
const pemBody = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, "");

function tokenIn(text: string): string {
  const token = jsonOf(text)?.["token"];
  if (typeof token !== "string" || token === "") throw new Error("the answer does not contain a token");
  return token;
}

/** Returns the time, ms since 1970, until which a token (a JWT) is valid. 0 if the token does not contain it. */
function expiryOf(token: string): number {
  const exp = jsonOf(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())?.["exp"];
  return typeof exp === "number" ? exp * 1000 : 0;
}

/** Parses a JSON object. Returns undefined for other texts, because the parser's errors would contain the token. */
function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
