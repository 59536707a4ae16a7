import { SmtpError } from "./smtp-failure.ts";

export interface Reply {
  readonly code: number;
  /** The text of each line, without the status code. */
  readonly lines: readonly string[];
}

/**
 * Parses a reply of a mail server (RFC 5321, 4.2). Throws SmtpError with Go's text if a line has no status code or no
 * text.
 */
export function parseReply(text: string): Reply {
  const lines = text.split("\n").map((line) => {
    const [, code, said] = /^(.{3})[ -](.*)$/s.exec(line) ?? [];
    if (code === undefined) throw new SmtpError(`short response: ${line}`);
    if (!/^[1-9]\d\d$/.test(code)) throw new SmtpError(`invalid response code: ${line}`);
    return { code: Number(code), said: said! };
  });
  return { code: lines.at(-1)!.code, lines: lines.map(({ said }) => said) };
}
