import { QueryFailure } from "../query-failure.ts";

/** Longest message of the server that is passed on. */
const MAX_MESSAGE = 4000;

const CODE = /Code: (\d{1,9})[.,]/;
/** Codes of refused logins. Their messages may contain users and hosts. */
const LOGIN: ReadonlySet<number> = new Set([192, 193, 194, 195, 516]);
const READONLY = 164;
const TIMEOUT = 159;
/** Codes of servers that cannot answer now: too many queries, network, shut down. */
const UNABLE: ReadonlySet<number> = new Set([202, 203, 209, 210, 236, 279, 394]);

/** Reports whether a text is a message of the server. */
export const isServerMessage = (text: string): boolean => CODE.test(text) && text.includes("Exception");

/** Converts a message of the server. Messages about statements are passed on, those about logins are not. */
export function serverFailure(text: string): QueryFailure {
  const code = Number(CODE.exec(text)?.[1] ?? 0);
  if (LOGIN.has(code))
    return new QueryFailure(502, "the data source refuses the connection: the user or the password is wrong");
  const message = messageIn(text);
  const said = `error querying the database: ${code === 0 ? "" : `code: ${code}, message: `}${message}`;
  if (code === READONLY)
    return new QueryFailure(
      400,
      `${said}; queries are read-only: remove SETTINGS, functions that read other servers or files, and changes`,
    );
  return new QueryFailure(code === TIMEOUT ? 504 : UNABLE.has(code) ? 502 : 400, said);
}

/** Returns the sentence of a message, without its code, its stack and the version of the server. */
function messageIn(text: string): string {
  const mark = "DB::Exception: ";
  const from = text.indexOf(mark);
  let message = from < 0 ? text : text.slice(from + mark.length);
  for (const end of [", e.what() =", ", Stack trace", "Stack trace:", " (version "]) {
    const at = message.indexOf(end);
    if (at > 0) message = message.slice(0, at);
  }
  return message.replaceAll(/\s+/g, " ").trim().slice(0, MAX_MESSAGE) || "no message";
}
