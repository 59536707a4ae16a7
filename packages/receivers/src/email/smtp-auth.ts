import type { SMTPConnectionAuth, SMTPConnectionCustomAuthHandler } from "nodemailer/lib/smtp-connection";
import XOAuth2 from "nodemailer/lib/xoauth2";
import { SmtpError } from "./smtp-connection.ts";

/** What a login may be proved with; secrets are read only when a mechanism wants them. */
export interface SmtpCredentials {
  /** "" = no login. */
  readonly username: string;
  readonly identity: string;
  readonly password: () => Promise<string>;
  /** Shared secret of CRAM-MD5. */
  readonly secret: () => Promise<string>;
  /** An OAuth 2.0 access token for XOAUTH2; undefined: not set up. */
  readonly token: (() => Promise<string>) | undefined;
}

/** One way to log in. */
export interface Mechanism {
  /** As upstream's errors call it. */
  readonly type: string;
  /** For nodemailer's login. */
  readonly auth: SMTPConnectionAuth;
}

/** Hosts that PLAIN may talk to in the clear. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * The first mechanism of the server's list that there are credentials for; XOAUTH2 goes first where it is set up. undefined:
 * no login. Throws SmtpError.
 *
 * @param greeting the server's answer to EHLO
 */
export async function chooseMechanism(
  greeting: string,
  { host, isSecure }: { host: string; isSecure: boolean },
  credentials: SmtpCredentials,
): Promise<Mechanism | undefined> {
  const offered = /^250[- ]AUTH(?: (.*))?$/im.exec(greeting);
  if (offered === null || credentials.username === "") return undefined;
  const names = (offered[1] ?? "").trimEnd().split(" ");
  if (credentials.token !== undefined) names.sort((a, b) => rank(a) - rank(b));
  const problems: string[] = [];
  for (const name of names) {
    try {
      const mechanism = await mechanismOf(name, credentials);
      if (name !== "PLAIN" || isSecure || LOCAL.has(host)) return mechanism;
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      continue;
    }
    throw new SmtpError("*smtp.plainAuth auth: unencrypted connection");
  }
  throw new SmtpError(`find auth mechanism: ${problems.join("\n")}`);
}

const rank = (name: string): number => (name === "XOAUTH2" ? 0 : 1);

/** Throws when there is nothing to prove it with. */
async function mechanismOf(method: string, credentials: SmtpCredentials): Promise<Mechanism> {
  const { username: user, password, secret, token } = credentials;
  const need = async (what: string, read: () => Promise<string>): Promise<string> => {
    const text = await read();
    if (text === "") throw new Error(`missing ${what} for ${method} auth mechanism`);
    return text;
  };
  switch (method) {
    case "CRAM-MD5":
      return { type: "*smtp.cramMD5Auth", auth: { method, user, pass: await need("secret", secret) } };
    case "PLAIN":
      return { type: "*smtp.plainAuth", auth: { method, user, pass: await need("password", password) } };
    case "LOGIN":
      return { type: "*email.loginAuth", auth: { method, user, pass: await need("password", password) } };
    case "XOAUTH2": {
      if (token === undefined) break;
      const oauth2 = new XOAuth2({ user, accessToken: await need("token", token) });
      return { type: "XOAUTH2", auth: { method, user, oauth2 } };
    }
  }
  throw new Error(`unknown auth mechanism: ${method}`);
}

/** PLAIN on behalf of somebody else: nodemailer's own sends no authorization identity. */
export const plainFor =
  (identity: string): SMTPConnectionCustomAuthHandler =>
  async (exchange) => {
    const { user, pass } = exchange.auth;
    const proof = Buffer.from([identity, user, pass].join("\0")).toString("base64");
    const { status } = await exchange.sendCommand(`AUTH PLAIN ${proof}`);
    // What is thrown gets the server's reply from nodemailer.
    if (status !== 235) throw new Error("Invalid login");
  };
