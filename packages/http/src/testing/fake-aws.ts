import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { awsSignatureOf } from "./aws-signature.ts";

/** Answer to a simulated AWS action: XML, JSON, or an error in one of them. */
export type AwsReply =
  | string
  | { readonly status: number; readonly xml: string }
  | { readonly status?: number; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> };

export interface AwsCall {
  /** Name of the operation. For the protocol REST JSON, the path of the URL. */
  readonly action: string;
  /** Fields of the form, or of the query. */
  readonly params: URLSearchParams;
  /** Input of an operation in the protocol JSON 1.1. */
  readonly input: unknown;
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

/** Status, body and header fields of an answer. */
type Sent = readonly [status: number, text: string, headers?: Readonly<Record<string, string>> | undefined];

/**
 * A simulated AWS over HTTP: services with the protocols Query, JSON 1.1 and REST JSON, and the instance metadata service (version 2, see
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
    const [status, text, headers = {}] = request.url!.startsWith("/latest/")
      ? this.#metadata(request)
      : this.#call(request, body);
    response.writeHead(status, headers).end(text);
  }

  #metadata({ method, url, headers }: IncomingMessage): Sent {
    if (this.instanceRegion === undefined) return [404, ""];
    if (method === "PUT" && url === "/latest/api/token") return [200, "metadata-token"];
    if (headers["x-aws-ec2-metadata-token"] !== "metadata-token") return [401, ""];
    if (url !== "/latest/dynamic/instance-identity/document") return [404, ""];
    return [200, JSON.stringify({ instanceId: "i-1234567890abcdef0", region: this.instanceRegion })];
  }

  #call({ method = "", url = "", headers }: IncomingMessage, body: string): Sent {
    const { pathname: path, searchParams: query } = new URL(url, this.url);
    const signature = awsSignatureOf({ method, path, query, headers, body });
    if (signature === undefined) return [403, errorXml("MissingAuthenticationToken", "Request is missing a signature")];
    const { accessKey, region, service } = signature;
    if (!signature.isMadeWith(KEYS.get(accessKey) ?? ""))
      return [403, errorXml("SignatureDoesNotMatch", "The signature is not the one expected")];
    const sessionToken = String(headers["x-amz-security-token"] ?? "");
    const call = { ...operationOf(headers, body, path, query), accessKey, scope: `${region}/${service}`, sessionToken };
    this.calls.push(call);
    const reply = this.actions.get(call.action)?.(call);
    if (reply === undefined) return [400, errorXml("InvalidAction", `No ${call.action}`)];
    if (typeof reply === "string") return [200, reply];
    if ("xml" in reply) return [reply.status, reply.xml];
    return [reply.status ?? 200, JSON.stringify(reply.json), reply.headers];
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

/** Returns the operation of a request, with its input. */
function operationOf(
  { "x-amz-target": target }: IncomingMessage["headers"],
  body: string,
  path: string,
  query: URLSearchParams,
): Pick<AwsCall, "action" | "params" | "input"> {
  if (typeof target === "string")
    return { action: target.slice(target.indexOf(".") + 1), params: query, input: JSON.parse(body) };
  if (path !== "/") return { action: path, params: query, input: undefined };
  const params = new URLSearchParams(body);
  return { action: params.get("Action") ?? "", params, input: undefined };
}
