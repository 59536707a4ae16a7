import { createHmac } from "node:crypto";
import { SmtpError } from "./smtp-failure.ts";

/** Name and secrets for logging in to a mail server. Secrets are read only when they are needed. */
export interface SmtpCredentials {
  /** Name of the user, or "" for no login. */
  readonly username: string;
  readonly identity: string;
  readonly password: () => Promise<string>;
  /** Returns the shared secret for the login method CRAM-MD5. */
  readonly secret: () => Promise<string>;
  /** Returns an OAuth 2.0 access token for the login method XOAUTH2. Undefined if it is not configured. */
  readonly token: (() => Promise<string>) | undefined;
}

/** A login mechanism. */
export interface Mechanism {
  readonly name: string;
  /** Name of the login method in Alertmanager's errors. */
  readonly type: string;
  /** Initial response of the login method, which is sent together with the AUTH command. */
  readonly initial?: string;
  /** Returns the response to a challenge of the mail server. Throws SmtpError for an unknown challenge. */
  readonly answer: (challenge: string) => string;
}

/** Hosts to which a password may be sent without TLS, because they are this machine. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** Login methods that do not send the password itself. */
const CHALLENGE_ONLY: ReadonlySet<string> = new Set(["CRAM-MD5"]);

/**
 * Returns the first login method of the server's list for which there are credentials; XOAUTH2 is tried first. Returns
 * undefined if no login is needed. Throws SmtpError if no method can be used, or if the secret would be sent to another
 * machine without TLS. Alertmanager refuses to send a secret without TLS only for the method PLAIN.
 * @param offered login methods that the server offers
 */
export async function chooseMechanism(
  offered: string,
  { host, isSecure }: { host: string; isSecure: boolean },
  credentials: SmtpCredentials,
): Promise<Mechanism | undefined> {
  if (credentials.username === "") return undefined;
  const names = offered.trimEnd().split(" ");
  if (credentials.token !== undefined) names.sort((a, b) => rank(a) - rank(b));
  const problems: string[] = [];
  for (const name of names) {
    let mechanism: Mechanism;
    try {
      mechanism = await mechanismOf(name, credentials);
    } catch (error) {
      problems.push((error as Error).message);
      continue;
    }
    if (isSecure || LOCAL.has(host) || CHALLENGE_ONLY.has(name)) return mechanism;
    throw new SmtpError(`${mechanism.type} auth: unencrypted connection`);
  }
  throw new SmtpError(`find auth mechanism: ${problems.join("\n")}`);
}

const rank = (name: string): number => (name === "XOAUTH2" ? 0 : 1);

async function mechanismOf(name: string, credentials: SmtpCredentials): Promise<Mechanism> {
  const { username, identity, password, secret, token } = credentials;
  const need = async (what: string, read: () => Promise<string>): Promise<string> => {
    const text = await read();
    if (text === "") throw new Error(`missing ${what} for ${name} auth mechanism`);
    return text;
  };
  switch (name) {
    case "CRAM-MD5": {
      const key = await need("secret", secret);
      const proof = (challenge: string): string => createHmac("md5", key).update(challenge).digest("hex");
      return { name, type: "*smtp.cramMD5Auth", answer: (challenge) => `${username} ${proof(challenge)}` };
    }
    case "PLAIN": {
      const initial = [identity, username, await need("password", password)].join("\0");
      return { name, type: "*smtp.plainAuth", initial, answer: unexpected };
    }
    case "LOGIN": {
      const word = await need("password", password);
      return { name, type: "*email.loginAuth", answer: loginAnswers(username, word) };
    }
    case "XOAUTH2": {
      if (token === undefined) break;
      const initial = `user=${username}\u0001auth=Bearer ${await need("token", token)}\u0001\u0001`;
      // Sends an empty line if the server rejects the access token with an error challenge. The server then refuses the
      // login.
      return { name, type: "XOAUTH2", initial, answer: () => "" };
    }
  }
  throw new Error(`unknown auth mechanism: ${name}`);
}

function unexpected(): never {
  throw new SmtpError("unexpected server challenge");
}

/**
 * Returns a function that answers the prompts of the method LOGIN, first with the name, then with the password. Ignores
 * the text of the prompts, which varies between servers.
 */
function loginAnswers(username: string, password: string): () => string {
  const answers = [username, password];
  return () => answers.shift() ?? unexpected();
}
