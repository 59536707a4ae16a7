/** The tags that Go's servers know a page by. */
const HTML =
  /^[\t\n\f\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]/i;
// eslint-disable-next-line no-control-regex -- what no text has
const BINARY = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;
/** Further bytes do not count. */
const LOOKED_AT = 512;

/** The type of a text that says nothing of its type, as Go's servers tell it. */
export function sniffedType(text: string): string {
  const start = text.slice(0, LOOKED_AT);
  if (HTML.test(start)) return "text/html; charset=utf-8";
  if (/^[\t\n\f\r ]*<\?xml/.test(start)) return "text/xml; charset=utf-8";
  return BINARY.test(start) ? "application/octet-stream" : "text/plain; charset=utf-8";
}
