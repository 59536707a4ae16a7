const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A name or value that cannot be sent; the message is Go's. */
export class HeaderError extends Error {
  override readonly name = "HeaderError";
}

/** Fields of a request; several values of one go out one by one. */
export type RequestFields = Readonly<Record<string, string | readonly string[]>>;

/** The lines of a request's head for these fields, each with its CR LF. Throws HeaderError. */
export function fieldLines(fields: RequestFields): string {
  let lines = "";
  for (const [name, value] of Object.entries(fields).flatMap(each)) {
    if (!NAME.test(name)) throw new HeaderError(`net/http: invalid header field name ${JSON.stringify(name)}`);
    if (!isFieldValue(value)) {
      throw new HeaderError(`net/http: invalid header field value for ${JSON.stringify(name)}`);
    }
    lines += `${name}: ${bytesAsLatin1(value)}\r\n`;
  }
  return lines;
}

const each = ([name, value]: [string, string | readonly string[]]): (readonly [string, string])[] =>
  typeof value === "string" ? [[name, value]] : value.map((one) => [name, one] as const);

/** No control characters but tabs. */
function isFieldValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const char = value.charCodeAt(i);
    if ((char < 0x20 && char !== 0x09) || char === 0x7f) return false;
  }
  return true;
}

/** Heads are written as Latin-1; text beyond ASCII goes out as UTF-8. */
const bytesAsLatin1 = (value: string): string =>
  // oxlint-disable-next-line no-control-regex
  /[^\x00-\x7f]/.test(value) ? Buffer.from(value).toString("latin1") : value;
