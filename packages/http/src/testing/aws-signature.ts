import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The signed parts of a received request. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path of the URL as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface AwsSignature {
  readonly accessKey: string;
  readonly region: string;
  /** Name of the service in the signature, such as `ec2`. */
  readonly service: string;
  /** Reports whether the request was signed with this secret access key. */
  isMadeWith(secret: string): boolean;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/([^/]+)\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Returns the signature of a request, or undefined if the request is not signed. */
export function awsSignatureOf(request: ReceivedRequest): AwsSignature | undefined {
  const signed = AUTHORIZATION.exec(request.headers.authorization ?? "");
  if (signed === null) return undefined;
  const [, accessKey, scope, region, service, names, signature] = signed as unknown as string[];
  return {
    accessKey: accessKey!,
    region: region!,
    service: service!,
    isMadeWith: (secret) => signatureWith(secret, request, scope!, names!.split(";")) === signature,
  };
}

/** Computes a signature as in "Create a signed AWS API request" of the IAM user guide, steps 1 to 4. */
function signatureWith(secret: string, request: ReceivedRequest, scope: string, names: readonly string[]): string {
  const { method, path, query, headers, body } = request;
  const fields = names.map((name) => `${name}:${String(headers[name]).trim()}\n`).join("");
  // All services except S3 encode the parts of the encoded path again.
  const uri = path.split("/").map(escape).join("/");
  const params = [...query].map(([name, value]) => `${escape(name)}=${escape(value)}`).sort();
  const canonical = [method, uri, params.join("&"), fields, names.join(";"), sha256(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", String(headers["x-amz-date"]), scope, sha256(canonical)].join("\n");
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(text).digest("hex");
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const escape = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
