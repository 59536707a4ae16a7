import { isIPv6 } from "node:net";
import type { JobAnswer } from "./answers.ts";

/** Error for an invalid answer. The message contains the reason and the expected format. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

const NAME_LENGTH = 200;
const MAX_PORT = 65_535;

/** Characters that a line of text must not contain: control characters, line separators, halves of surrogate pairs. */
// oxlint-disable-next-line no-control-regex
const NOT_PRINTED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Cs}]/u;

/** Checks that a text is one printable line. Throws AnswerError. */
export function readLine(text: string, what: string): string {
  if (text === "") throw new AnswerError(`${what} is empty; write one`);
  if (text !== text.trim())
    throw new AnswerError(`${what} ${JSON.stringify(text)} has spaces at its ends; leave them out`);
  if (NOT_PRINTED.test(text))
    throw new AnswerError(`${what} ${JSON.stringify(text)} has characters that cannot be printed`);
  return text;
}

export function readAddress(text: string, what: string): string {
  const example = "write host:port, such as db.example.org:9187";
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)$/.exec(text);
  if (parts === null) throw new AnswerError(`${what} ${JSON.stringify(text)} is not an address; ${example}`);
  const [, v6, name] = parts;
  const isHost = v6 === undefined ? /^[A-Za-z\d_](?:[\w.-]*[\w.])?$/.test(name!) : isIPv6(v6);
  if (!isHost) throw new AnswerError(`${what} ${JSON.stringify(text)} has no valid host; ${example}`);
  const port = Number(parts[3]);
  if (port < 1 || port > MAX_PORT) {
    throw new AnswerError(`${what} ${JSON.stringify(text)}: a port is a number from 1 to ${MAX_PORT}`);
  }
  return text;
}

/**
 * Parses `NAME=HOST:PORT[,HOST:PORT...][/path]`, with `https://` before the first host if the targets use TLS. Throws
 * AnswerError.
 */
export function readJob(text: string): JobAnswer {
  const equals = text.indexOf("=");
  if (equals === -1) {
    throw new AnswerError(`job ${JSON.stringify(text)} has no name; write NAME=HOST:PORT, such as shop=localhost:8000`);
  }
  const name = readLine(text.slice(0, equals), "the name of a job");
  if (name.length > NAME_LENGTH) throw new AnswerError(`a job's name may have at most ${NAME_LENGTH} characters`);
  const [, scheme = "http", list, path = "/metrics"] = /^(?:(https?):\/\/)?([^/]*)(\/.*)?$/s.exec(
    text.slice(equals + 1),
  )!;
  const targets = list!
    .split(",")
    .map((target) => readAddress(target.trim(), `the target of job ${JSON.stringify(name)}`));
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined) throw new AnswerError(`job ${JSON.stringify(name)} names ${twice} twice; leave one out`);
  if (!/^[\x21-\x7e]*$/.test(path) || /[?#]/.test(path)) {
    throw new AnswerError(
      `job ${JSON.stringify(name)}: ${JSON.stringify(path)} is not a path; write one such as /metrics, and add a query later as params in the file`,
    );
  }
  return { name, scheme: scheme as JobAnswer["scheme"], targets, path };
}

/** Parses one mail address. Throws AnswerError. */
export function readMailAddress(text: string): string {
  // Braces and commas are not allowed, because Alertmanager would treat braces as a template and commas as a list
  // separator.
  if (/^[A-Za-z\d!#$%&'*+/=?^_`|~.-]+@[A-Za-z\d](?:[A-Za-z\d.-]*[A-Za-z\d])?$/.test(text)) return text;
  throw new AnswerError(`${JSON.stringify(text)} is not a mail address; write one such as team@example.org`);
}

/** Parses mail addresses with commas between them. Throws AnswerError. */
export const readMailAddresses = (text: string): readonly string[] =>
  text.split(",").map((address) => readMailAddress(address.trim()));

export function readChannel(text: string): string {
  if (/^[#@]?[\p{L}\p{N}_.-]+$/u.test(text) && !NOT_PRINTED.test(text)) return text;
  throw new AnswerError(`${JSON.stringify(text)} is not a channel; write its name or ID, such as #alerts`);
}

/**
 * Parses the URL of a Slack webhook. Error messages do not contain the URL, because it is a secret. Throws AnswerError.
 */
export function readWebhook(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (isWeb && /^[\x21-\x7e]+$/.test(text)) return text;
  throw new AnswerError(
    "this is not the URL of a webhook; Slack shows it on the page of the app, under Incoming Webhooks: https://hooks.slack.com/services/...",
  );
}

/** Checks a password. Error messages do not contain the password. Throws AnswerError. */
export function readPassword(text: string): string {
  if (text === "") throw new AnswerError("the password is empty; write one");
  // Passwords with leading or trailing spaces are refused, because Alertmanager trims the text of a secret file.
  if (text !== text.trim() || NOT_PRINTED.test(text)) {
    throw new AnswerError(
      "a password must not have control characters or spaces at its ends, because files of secrets cannot contain them",
    );
  }
  return text;
}
