/** Matches the start of a text that Go's servers recognise as HTML. */
const HTML =
  /^[\t\n\f\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]/i;
// eslint-disable-next-line no-control-regex -- bytes that are never part of text
const BINARY = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;
/** Number of characters at the start of a page that are examined to find its content type. */
const LOOKED_AT = 512;

export function sniffedType(text: string): string {
  const start = text.slice(0, LOOKED_AT);
  if (HTML.test(start)) return "text/html; charset=utf-8";
  if (/^[\t\n\f\r ]*<\?xml/.test(start)) return "text/xml; charset=utf-8";
  return BINARY.test(start) ? "application/octet-stream" : "text/plain; charset=utf-8";
}
