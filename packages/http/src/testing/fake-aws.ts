import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answer to a simulated AWS action: XML, or an error. */
export type AwsReply = string | { readonly status: number; readonly xml: string };

export interface AwsCall {
  readonly action: string;
  readonly params: URLSearchParams;
  readonly accessKey: string;
  /** Scope of the signature in the form `region/service`. */
  readonly scope: string;
  readonly sessionToken: string;
}

/** Secret access keys by access key. The first pair is from AWS' documentation. */
const KEYS = new Map([
  ["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"],
  ["ASIAROLE", "secret-of-the-role"],
]);

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/([^/]+)\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * A simulated AWS over HTTP: services with the Query protocol, and the instance metadata service (version 2, see
 * "Access instance metadata" in the EC2 user guide). Refuses requests with a wrong signature.
 */
export class FakeAws implements AsyncDisposable {
  readonly calls: AwsCall[] = [];
  /**
   * Functions that answer requests, by the name of the action. The function with the name "" answers requests without a
   * form.
   */
  readonly actions = new Map<string, (call: AwsCall) => AwsReply>();
  /** AWS region in the simulated metadata service, or undefined if the service does not exist. */
  instanceRegion: string | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#onRequest(request, response));
  }

  static async start(port = 0): Promise<FakeAws> {
    const fake = new FakeAws();
    await new Promise<void>((resolve) => fake.#server.listen(port, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const [status, text] = request.url!.startsWith("/latest/") ? this.#metadata(request) : this.#query(request, body);
    response.writeHead(status).end(text);
  }

  #metadata({ method, url, headers }: IncomingMessage): [number, string] {
    if (this.instanceRegion === undefined) return [404, ""];
    if (method === "PUT" && url === "/latest/api/token") return [200, "metadata-token"];
    if (headers["x-aws-ec2-metadata-token"] !== "metadata-token") return [401, ""];
    if (url !== "/latest/dynamic/instance-identity/document") return [404, ""];
    return [200, JSON.stringify({ instanceId: "i-1234567890abcdef0", region: this.instanceRegion })];
  }

  #query(request: IncomingMessage, body: string): [number, string] {
    const signed = AUTHORIZATION.exec(request.headers.authorization ?? "");
    if (signed === null) return [403, errorXml("MissingAuthenticationToken", "Request is missing a signature")];
    const [, accessKey, scope, region, service, names, signature] = signed as unknown as string[];
    const secret = KEYS.get(accessKey!) ?? "";
    if (signatureOf(request, body, { scope: scope!, names: names!.split(";"), secret }) !== signature)
      return [403, errorXml("SignatureDoesNotMatch", "The signature is not the one expected")];
    const params = new URLSearchParams(body);
    const action = params.get("Action") ?? "";
    const sessionToken = String(request.headers["x-amz-security-token"] ?? "");
    const call = { action, params, accessKey: accessKey!, scope: `${region!}/${service!}`, sessionToken };
    this.calls.push(call);
    const reply = this.actions.get(action)?.(call) ?? { status: 400, xml: errorXml("InvalidAction", `No ${action}`) };
    return typeof reply === "string" ? [200, reply] : [reply.status, reply.xml];
  }
}

/** Returns an error in EC2's format: "Error responses" in the EC2 API reference. */
export const errorXml = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error>` +
  `</Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>`;

/** Returns the sample answer of AssumeRole in the STS API reference, with the keys of this simulation. */
export const assumeRoleXml = (expiration: string): string =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>` +
  `<SourceIdentity>Alice</SourceIdentity><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/demo/John</Arn>` +
  `<AssumedRoleId>ARO123EXAMPLE123:John</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>` +
  `<SecretAccessKey>secret-of-the-role</SecretAccessKey><SessionToken>session</SessionToken>` +
  `<Expiration>${expiration}</Expiration></Credentials><PackedPolicySize>8</PackedPolicySize></AssumeRoleResult>` +
  `<ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata></AssumeRoleResponse>`;

interface SignatureInput {
  readonly scope: string;
  readonly names: readonly string[];
  readonly secret: string;
}

/**
 * Computes a signature as in "Create a signed AWS API request" of the IAM user guide, steps 1 to 4. Supports only
 * requests without a query.
 */
function signatureOf(request: IncomingMessage, body: string, { scope, names, secret }: SignatureInput): string {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const headers = names.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join("");
  const canonical = [request.method, request.url, "", headers, names.join(";"), sha256(body)].join("\n");
  const date = String(request.headers["x-amz-date"]);
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(text).digest("hex");
}
