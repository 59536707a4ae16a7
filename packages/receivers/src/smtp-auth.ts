import { createHmac } from "node:crypto";
import { refusal, type SmtpConnection, SmtpError } from "./smtp-connection.ts";

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
interface Mechanism {
  readonly name: string;
  /** As upstream's errors call it. */
  readonly type: string;
  /** Text that goes with AUTH; undefined = none. */
  readonly initial?: string;
  /** Answers a challenge. Throws SmtpError. */
  readonly answer: (challenge: string) => string;
}

const silent = (): never => {
  throw new SmtpError("unexpected server challenge");
};

/** Hosts that PLAIN may talk to in the clear. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Logs in with the first mechanism of the server's list that there are credentials for; XOAUTH2 goes first where it is set
 * up. Throws SmtpError.
 *
 * @param offered what follows AUTH in the server's answer to EHLO
 */
export async function logIn(
  connection: SmtpConnection,
  host: string,
  offered: string,
  credentials: SmtpCredentials,
): Promise<void> {
  if (credentials.username === "") return;
  const mechanism = await choose(offered.split(" "), credentials);
  try {
    if (mechanism.name === "PLAIN" && !connection.isSecure && !LOCAL.has(host)) {
      throw new SmtpError("unencrypted connection");
    }
    await converse(connection, mechanism);
  } catch (error) {
    if (!(error instanceof SmtpError)) throw error;
    throw new SmtpError(`${mechanism.type} auth: ${error.message}`, error.code, { cause: error });
  }
}

async function choose(offered: readonly string[], credentials: SmtpCredentials): Promise<Mechanism> {
  const { token } = credentials;
  const order = token === undefined ? offered : [...offered].sort((a, b) => rank(a) - rank(b));
  const problems: string[] = [];
  for (const name of order) {
    try {
      return await mechanismOf(name, credentials);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new SmtpError(`find auth mechanism: ${problems.join("\n")}`);
}

const rank = (name: string): number => (name === "XOAUTH2" ? 0 : 1);

/** Throws when there is nothing to prove it with. */
async function mechanismOf(name: string, credentials: SmtpCredentials): Promise<Mechanism> {
  const { username, identity } = credentials;
  const need = async (what: string, read: () => Promise<string>): Promise<string> => {
    const text = await read();
    if (text === "") throw new Error(`missing ${what} for ${name} auth mechanism`);
    return text;
  };
  switch (name) {
    case "CRAM-MD5":
      return cramMd5(username, await need("secret", credentials.secret));
    case "PLAIN": {
      const proof = [identity, username, await need("password", credentials.password)].join("\0");
      return { name, type: "*smtp.plainAuth", initial: proof, answer: silent };
    }
    case "LOGIN":
      return login(username, await need("password", credentials.password));
    case "XOAUTH2":
      if (credentials.token === undefined) break;
      return xoauth2(username, await need("token", credentials.token));
  }
  throw new Error(`unknown auth mechanism: ${name}`);
}

const cramMd5 = (username: string, secret: string): Mechanism => ({
  name: "CRAM-MD5",
  type: "*smtp.cramMD5Auth",
  answer: (challenge) => `${username} ${createHmac("md5", secret).update(challenge).digest("hex")}`,
});

const login = (username: string, password: string): Mechanism => ({
  name: "LOGIN",
  type: "*email.loginAuth",
  answer(challenge) {
    const asked = challenge.toLowerCase();
    if (asked === "username:") return username;
    return asked === "password:" ? password : silent();
  },
});

/** Google's and Microsoft's mechanism: a refusal comes as a challenge that wants an empty answer. */
const xoauth2 = (username: string, token: string): Mechanism => ({
  name: "XOAUTH2",
  type: "XOAUTH2",
  initial: `user=${username}\u0001auth=Bearer ${token}\u0001\u0001`,
  answer: () => "",
});

async function converse(connection: SmtpConnection, mechanism: Mechanism): Promise<void> {
  const { name, initial } = mechanism;
  connection.send(`AUTH ${name}${initial === undefined ? "" : ` ${base64(initial)}`}\r\n`);
  for (;;) {
    const reply = await connection.reply();
    if (reply.code === 235) return;
    let problem: SmtpError;
    try {
      if (reply.code !== 334) throw refusal(reply);
      connection.send(`${base64(mechanism.answer(Buffer.from(reply.text, "base64").toString()))}\r\n`);
      continue;
    } catch (error) {
      if (!(error instanceof SmtpError)) throw error;
      problem = error;
    }
    // Called off, as RFC 4954 has it; the answer, 501, adds nothing.
    await connection.command("*", 501).catch(() => undefined);
    throw problem;
  }
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
