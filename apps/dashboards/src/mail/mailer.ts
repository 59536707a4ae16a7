import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { splitHostPort } from "@narthex/model";
import type { Host } from "@narthex/runtime";
import { SettingsError } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";
import { refusal } from "../web/refusal.ts";
import type { Mail } from "./mails.ts";

/**
 * Sends a mail to one or more addresses. Resolves with the addresses that the mail server refused, if it accepted
 * others. Rejects with the error of the mail server, which contains no part of the mail.
 */
export type SendMail = (to: string | readonly string[], mail: Mail) => Promise<readonly string[]>;

/** Time limits in ms: for the connection to the mail server, and for each of its responses. */
const [CONNECT_MS, ANSWER_MS] = [10_000, 30_000];
/** Maximum size of a mail server's response, in bytes. */
const MAX_ANSWER = 64 * 1024;
/** Port on which connections use TLS from the start. */
const TLS_PORT = 465;

/** Returns the refusal of requests that need a mail while mails are disabled, in Grafana's words. */
export const mailDisabled = (): Error =>
  refusal(412, "SMTP not configured, check your grafana.ini config file's [smtp] section");

/**
 * Returns a function that sends mails with the settings of `[smtp]`. Returns undefined if mails are disabled. Throws
 * SettingsError.
 */
export function mailSender(settings: Settings, { cwd }: Pick<Host, "cwd">): SendMail | undefined {
  if (!settings["smtp.enabled"]) return undefined;
  const address = splitHostPort(settings["smtp.host"]);
  const port = "problem" in address ? NaN : Number(address.port);
  if ("problem" in address || !(port > 0 && port < 65_536))
    throw new SettingsError(
      `smtp.host: ${JSON.stringify(settings["smtp.host"])} is not an address of a mail server; write host:port`,
    );
  const from = settings["smtp.from_address"];
  if (!isMailAddress(from)) throw new SettingsError(`smtp.from_address: ${JSON.stringify(from)} is not a mail address`);
  const read = async (file: string) => (file === "" ? undefined : readFile(resolve(cwd, file)));
  return async (to, mail) => {
    const { createTransport } = await import("./mail-library.ts");
    // Read one after the other, so that the error names the first file that is missing.
    const cert = await read(settings["smtp.cert_file"]);
    const key = await read(settings["smtp.key_file"]);
    const user = settings["smtp.user"];
    const identity = settings["smtp.ehlo_identity"];
    const options = {
      host: address.host,
      port,
      secure: port === TLS_PORT,
      requireTLS: settings["smtp.starttls_policy"] === "MandatoryStartTLS",
      ignoreTLS: settings["smtp.starttls_policy"] === "NoStartTLS",
      tls: { rejectUnauthorized: !settings["smtp.skip_verify"], ...(cert && key ? { cert, key } : {}) },
      ...(user === "" ? {} : { auth: { user, pass: settings["smtp.password"] } }),
      ...(identity === "" ? {} : { name: identity }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
      maxResponseSize: MAX_ANSWER,
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    const transport = createTransport(options);
    try {
      const { replyTo, attachments = [], ...texts } = mail;
      // Addresses are passed as objects, because a text could contain several addresses.
      const sent = await transport.sendMail({
        from: { name: settings["smtp.from_name"], address: from },
        to: [to].flat().map((address) => ({ name: "", address })),
        ...(replyTo !== undefined && { replyTo: { name: "", address: replyTo } }),
        ...texts,
        attachments: [...attachments],
      });
      return sent.rejected.map(String);
    } finally {
      transport.close();
    }
  };
}

/** Reports whether a text is one mail address. */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/.test(text);
