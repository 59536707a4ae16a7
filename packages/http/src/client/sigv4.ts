import type { SignatureV4 } from "@smithy/signature-v4";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Session token; only temporary keys have one. */
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Function that returns valid AWS credentials. Rejects if it finds none. */
export type CredentialsSource = () => Promise<AwsCredentials>;

/** The parts of a request that are signed. */
interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/** Function that returns the header fields with the signature of a request. */
export type Signer = (request: SignableRequest) => Promise<Record<string, string>>;

export interface SigV4Options {
  readonly region: string | (() => Promise<string>);
  /** Service name in AWS signatures, such as `ec2`, `aps` or `sns`. */
  readonly service: string;
  readonly credentials: CredentialsSource;
  /** Returns the wall clock time, ms since 1970. */
  readonly now: () => number;
}

/**
 * Returns a function that signs requests with AWS' Signature Version 4. AWS' library is loaded with the first request.
 */
export function sigV4Signer({ region, service, credentials, now }: SigV4Options): Signer {
  let loading: Promise<SignatureV4> | undefined;
  const load = async (): Promise<SignatureV4> => {
    const [{ SignatureV4: Signature }, { Sha256 }] = await Promise.all([
      import("@smithy/signature-v4"),
      import("@smithy/core/checksum"),
    ]);
    // Adds no header with a checksum of the body, like Go's signer, because only S3 requires one.
    return new Signature({ region, service, credentials, sha256: Sha256, applyChecksum: false });
  };
  return async ({ method, url, headers, body }) => {
    loading ??= load();
    const { headers: signed } = await (
      await loading
    ).sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: queryOf(url.searchParams),
        headers: { ...headers, host: url.host },
        body: body ?? "",
        ...(url.port === "" ? {} : { port: Number(url.port) }),
      },
      { signingDate: new Date(now()) },
    );
    const { host: _, ...sent } = signed;
    return sent;
  };
}

function queryOf(params: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
