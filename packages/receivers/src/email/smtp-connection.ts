import SMTPConnection, { type Options } from "nodemailer/lib/smtp-connection";
import { CertificateError, failureReason } from "@narthex/http";

/** The connection or the conversation failed; the server may take the mail later. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
}

/** What nodemailer knows of a failure. */
export interface MailFailure extends Error {
  readonly code?: string;
  /** The system's or OpenSSL's code where `code` is nodemailer's. */
  readonly originalCode?: string;
  /** The server's whole reply where it refused. */
  readonly response?: string;
}

/** Steps of nodemailer's that its types keep to themselves. */
interface Steps {
  _sendCommand(line: string, logged?: string): void;
  _parseEhloExtensions(reply: string): void;
  _actionRCPT(reply: string, done: (error: Error) => void): void;
  _formatError(message: string, code: string, reply: string, command: string): Error;
}

const Library = SMTPConnection as unknown as new (options: Options) => SMTPConnection & Steps;

/** nodemailer's connection, where a mail goes to all recipients or none. */
export class MailConnection extends Library {
  #verb = "";
  #beganTls = false;
  #offeredTls = false;
  /** The mechanism of the login that is under way, as upstream calls it. */
  authentication: string | undefined;

  /** The server was asked for STARTTLS, which it does not offer. */
  get lacksTls(): boolean {
    return this.#beganTls && !this.#offeredTls && !this.secure;
  }

  /** What failed, in upstream's words. */
  stepOf(failure: MailFailure): string {
    if (this.stage === "init") return "establish TLS connection to server";
    if (this.authentication !== undefined) return `${this.authentication} auth`;
    switch (this.#verb) {
      case "":
        return "create SMTP client";
      case "MAIL":
      case "RCPT":
        return `send ${this.#verb} command`;
      case "DATA": {
        const wasAsked = failure.code === "EMESSAGE" || String(this.lastServerResponse).startsWith("3");
        return wasAsked ? "delivery failure" : "send DATA command";
      }
      default:
        return this.#beganTls ? "send STARTTLS command" : "send EHLO command";
    }
  }

  /** Notes the command: of a line that is cut the library does not say at which step. */
  override _sendCommand(line: string, logged?: string): void {
    this.#verb = /^\w*/.exec(line)![0];
    if (this.#verb === "STARTTLS") {
      this.#beganTls = true;
      this.#offeredTls = /^250[ -]STARTTLS\b/im.test(String(this.lastServerResponse));
    }
    super._sendCommand(line, logged);
  }

  /** Unaware of PIPELINING: DATA would be on its way when the first recipient is refused. */
  override _parseEhloExtensions(reply: string): void {
    super._parseEhloExtensions(reply.replace(/\bPIPELINING\b/gi, "-"));
  }

  /**
   * Ends the mail at the first recipient that is refused. The library goes on with those who were taken, and each further
   * attempt, made for the one who was not, would send them the mail again.
   */
  override _actionRCPT(reply: string, done: (error: Error) => void): void {
    if (reply.startsWith("2")) super._actionRCPT(reply, done);
    else done(this._formatError("Recipient command failed", "EENVELOPE", reply, "RCPT TO"));
  }
}

/** A failure as Go tells it: `550 "no such user"`, `EOF`, `tls: …`. */
export function wordsOf(failure: MailFailure): string {
  const { code, originalCode = code, response, message } = failure;
  if (response !== undefined) return replyWords(response);
  if (/^Connection closed unexpectedly|Client network socket disconnected/.test(message)) return "EOF";
  if (/wrong version number|packet length too long/.test(message)) {
    return "tls: first record does not look like a TLS handshake";
  }
  const distrust = originalCode === undefined ? undefined : distrustOf(originalCode);
  if (distrust !== undefined) return new CertificateError(distrust).message;
  return originalCode === "EPIPE"
    ? "write: broken pipe"
    : failureReason(Object.assign(failure, { code: originalCode }));
}

/** `550-A`, `550 B` is `550 "A\nB"`. */
function replyWords(reply: string): string {
  const texts = reply.split("\n").map((line) => line.replace(/^\d{3}[ -]?/, ""));
  return `${reply.slice(0, 3)} ${JSON.stringify(texts.join("\n"))}`;
}

/** What OpenSSL has against a chain of certificates. */
function distrustOf(code: string): string | undefined {
  if (/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) return "certificate has expired or is not yet valid";
  if (code === "INVALID_PURPOSE") return "certificate specifies an incompatible key usage";
  return /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|PATH_LENGTH_)/.test(code)
    ? "certificate signed by unknown authority"
    : undefined;
}
