import { readFile } from "node:fs/promises";
import type { GoogleIamConfig } from "@narthex/config";
import { jsonProblem, shortened } from "@narthex/runtime";
import type { AuthClient, ExternalAccountClientOptions, JWT, OAuth2Client } from "google-auth-library";
import { withoutSecrets } from "../client/secrets-in-answers.ts";

export interface GoogleOptions {
  /** Sends the HTTP requests of Google's library. Default: Node's fetch. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** OAuth scope of the tokens. Default: writing metrics to Google Cloud Monitoring. */
  readonly scope?: string;
}

const MONITORING_WRITE = "https://www.googleapis.com/auth/monitoring.write";

/**
 * Returns a function that returns an access token for a `google_iam` section, from a credentials file or from Google's
 * default credentials. The library caches tokens until shortly before they expire. The function rejects if Google
 * issues no token.
 */
export function googleTokens({ credentialsFile }: GoogleIamConfig, options: GoogleOptions = {}): () => Promise<string> {
  let opening: Promise<AuthClient> | undefined;
  return async () => {
    opening ??= open(credentialsFile, options);
    let client: AuthClient | undefined;
    try {
      client = await opening;
      const { token } = await client.getAccessToken();
      if (token === null || token === undefined || token === "") throw new Error("the answer does not contain a token");
      return token;
    } catch (cause) {
      opening = undefined;
      const problem = shortened(withoutSecrets(messageOf(cause), client === undefined ? [] : secretsOfClient(client)));
      throw new Error(`failed to get a token from Google: ${problem}`, { cause });
    }
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Returns the secrets of a client's credentials. The library's errors contain the text of a token server's answer. */
function secretsOfClient(client: AuthClient): readonly string[] {
  const { _clientSecret: clientSecret, key: privateKey } = client as Partial<
    Pick<JWT & OAuth2Client, "_clientSecret" | "key">
  >;
  return [client.credentials.refresh_token, clientSecret, privateKey].filter((secret) => typeof secret === "string");
}

/** Rejects if there are no Google credentials. Requests no token. */
export async function checkGoogleCredentials(
  { credentialsFile }: GoogleIamConfig,
  options: GoogleOptions = {},
): Promise<void> {
  await open(credentialsFile, options);
}

/** Content of a credentials file. */
interface Credentials {
  readonly type?: string;
  readonly client_email?: string;
  readonly private_key?: string;
  readonly private_key_id?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly refresh_token?: string;
}

/** Opens the credentials. The error for a file that is not JSON does not repeat its text, which can be a key. */
async function open(credentialsFile: string, options: GoogleOptions): Promise<AuthClient> {
  try {
    return await openFile(credentialsFile, options);
  } catch (error) {
    const problem = jsonProblem(error);
    throw error instanceof Error && error.message === problem ? error : new Error(problem);
  }
}

async function openFile(
  credentialsFile: string,
  { fetch, scope = MONITORING_WRITE }: GoogleOptions,
): Promise<AuthClient> {
  const google = await import("google-auth-library");
  const scopes = [scope];
  const sending = fetch === undefined ? {} : { transporterOptions: { fetchImplementation: fetch } };
  if (credentialsFile === "") return new google.GoogleAuth({ scopes, clientOptions: sending }).getClient();
  const credentials = JSON.parse(await readFile(credentialsFile, "utf8")) as Credentials;
  const { type = "" } = credentials;
  if (type === "service_account") {
    const { client_email: email = "", private_key: key = "", private_key_id: keyId = "" } = credentials;
    return new google.JWT({ email, key, keyId, scopes, ...sending });
  }
  if (type === "authorized_user") {
    const {
      client_id: clientId = "",
      client_secret: clientSecret = "",
      refresh_token: refreshToken = "",
    } = credentials;
    return new google.UserRefreshClient({ clientId, clientSecret, refreshToken, ...sending });
  }
  const external =
    type === "external_account"
      ? google.ExternalAccountClient.fromJSON({ ...credentials, scopes } as unknown as ExternalAccountClientOptions)
      : null;
  if (external === null)
    throw new Error(`${credentialsFile} has credentials of an unknown type ${JSON.stringify(type)}`);
  return external;
}
