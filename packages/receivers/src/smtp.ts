import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import type { TlsConfig } from "@narthex/config";
import SMTPConnection, { type SMTPConnectionCustomAuthHandler } from "nodemailer/lib/smtp-connection";
import type { Mail } from "./email-message.ts";

/** How to reach the mail server, everything resolved. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly hello: string;
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  readonly tls: TlsConfig;
  readonly username: string;
  readonly password: string;
  /** Shared secret of CRAM-MD5. */
  readonly secret: string;
  readonly identity: string;
}

/** Where a delivery failed; the server may take it later. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
}

/** Sends one mail over a connection of its own. Throws SmtpError. */
export async function sendMail(settings: SmtpSettings, mail: Mail, signal: AbortSignal): Promise<void> {
  const connection = new SMTPConnection({
    host: settings.host,
    port: settings.port,
    name: settings.hello,
    secure: settings.implicitTls,
    requireTLS: settings.requireTls && !settings.implicitTls,
    ignoreTLS: !settings.requireTls,
    tls: await tlsOptions(settings.tls),
    allowInternalNetworkInterfaces: true,
    ...(settings.identity === "" ? {} : { customAuth: { PLAIN: plainWithIdentity(settings) } }),
  });
  const failed = new Promise<never>((_, reject) => {
    connection.on("error", (error: Error) => reject(explain(error, settings)));
    signal.addEventListener("abort", () => reject(new SmtpError("context deadline exceeded")), { once: true });
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([conversation(connection, settings, mail), failed]);
  } finally {
    connection.close();
  }
}

async function conversation(connection: SMTPConnection, settings: SmtpSettings, mail: Mail): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.connect((error?: unknown) => (error instanceof Error ? reject(explain(error, settings)) : resolve()));
  });
  await logIn(connection, settings);
  await new Promise<void>((resolve, reject) => {
    connection.send({ from: mail.from, to: [...mail.to] }, mail.raw, (error: Error | null) =>
      error === null ? resolve() : reject(new SmtpError(error.message)),
    );
  });
  connection.quit();
}

/** Tries what the server offers, in its order; without a user name there is nothing to prove. */
async function logIn(connection: SMTPConnection, settings: SmtpSettings): Promise<void> {
  const greeting = String((connection as unknown as { lastServerResponse: unknown }).lastServerResponse);
  const offered = /^250[- ]AUTH[ =](.*)$/im.exec(greeting)?.[1]?.trim().split(/\s+/) ?? [];
  if (settings.username === "" || offered.length === 0) return;
  const problems: string[] = [];
  for (const mechanism of offered.map((name) => name.toUpperCase())) {
    const problem = unusable(mechanism, connection, settings);
    if (problem === undefined) return authenticate(connection, mechanism, settings);
    problems.push(problem);
  }
  throw new SmtpError(`find auth mechanism: ${problems.join("; ")}`);
}

const LOCAL = new Set(["localhost", "127.0.0.1", "::1"]);

function unusable(mechanism: string, connection: SMTPConnection, settings: SmtpSettings): string | undefined {
  switch (mechanism) {
    case "CRAM-MD5":
      return settings.secret === "" ? "missing secret for CRAM-MD5 auth mechanism" : undefined;
    case "PLAIN":
      if (settings.password === "") return "missing password for PLAIN auth mechanism";
      return connection.secure || LOCAL.has(settings.host) ? undefined : "unencrypted connection";
    case "LOGIN":
      return settings.password === "" ? "missing password for LOGIN auth mechanism" : undefined;
    default:
      return `unknown auth mechanism: ${mechanism}`;
  }
}

function authenticate(connection: SMTPConnection, method: string, settings: SmtpSettings): Promise<void> {
  const pass = method === "CRAM-MD5" ? settings.secret : settings.password;
  return new Promise((resolve, reject) => {
    connection.login({ user: settings.username, pass, method }, (error: Error | null) =>
      error === null ? resolve() : reject(new SmtpError(`${method} auth: ${error.message}`)),
    );
  });
}

/** PLAIN on behalf of somebody else: the library sends no authorization identity of its own. */
function plainWithIdentity({ identity, username, password }: SmtpSettings): SMTPConnectionCustomAuthHandler {
  const proof = Buffer.from([identity, username, password].join("\0")).toString("base64");
  return async (exchange) => {
    const { status, text } = await exchange.sendCommand(`AUTH PLAIN ${proof}`);
    if (status < 200 || status >= 300) throw new Error(`Invalid login: ${status} ${text}`);
  };
}

function explain(error: Error, { host, port }: SmtpSettings): SmtpError {
  if (/STARTTLS/.test(error.message) && /Error upgrading|does not support/.test(error.message)) {
    const place = `${host}:${port}`;
    const text = `'require_tls' is true (default) but ${JSON.stringify(place)} does not advertise the STARTTLS extension`;
    return new SmtpError(text, { cause: error });
  }
  return new SmtpError(`establish connection to server: ${error.message}`, { cause: error });
}

async function tlsOptions(tls: TlsConfig): Promise<ConnectionOptions> {
  const pem = async (inline: string, file: string): Promise<string | undefined> =>
    file === "" ? inline || undefined : readFile(file, "utf8");
  const [ca, cert, key] = [
    await pem(tls.ca, tls.caFile),
    await pem(tls.cert, tls.certFile),
    await pem(tls.key?.reveal() ?? "", tls.keyFile),
  ];
  const version = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;
  return {
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === "" ? {} : { servername: tls.serverName }),
    ...(tls.minVersion === undefined ? {} : { minVersion: version[tls.minVersion] }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: version[tls.maxVersion] }),
  };
}
