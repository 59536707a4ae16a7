import { FormFields, wholeBody } from "@narthex/http";
import type { FastifyInstance } from "fastify";

const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/** Limits of a multipart form: the bytes of other forms, and Go's number of parts. */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_PARTS = 1000;
const MALFORMED = "malformed multipart form";

/** Makes routes parse bodies as Go does: both kinds of forms. Bodies of other types are not read. */
export function readForms(app: FastifyInstance): void {
  app.addHook("onRequest", ({ raw: { headers } }, _reply, done) => {
    if (headers["content-type"] !== undefined && !MEDIA_TYPE.test(headers["content-type"]))
      headers["content-type"] = "application/octet-stream";
    done();
  });
  app.addContentTypeParser(
    "multipart/form-data",
    wholeBody((body, request) => fieldsOf(body, request.headers["content-type"] ?? ""), {
      maxBytes: MAX_BYTES,
      refusal: "multipart: message too large",
    }),
  );
}

/** Control characters except the tab: Go refuses a form with one of them in the header of a part. */
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;

/** Returns why Go does not read the form, if that is visible before it is parsed: parsing many parts takes long. */
function refusalOf(body: Buffer, type: string): string | undefined {
  // For a boundary with spaces, comparing the first word is enough.
  const boundary = `--${/;\s*boundary="?([^\s";]+)/i.exec(type)?.[1] ?? ""}`;
  let boundaries = 0;
  let headerEnd = 0;
  for (let at = -1; (at = body.indexOf(boundary, at + 1)) !== -1;) {
    // The boundary follows each part.
    if (++boundaries > MAX_PARTS + 1) return "multipart: message too large";
    // Each byte is read once, even if a header contains boundaries.
    if (at < headerEnd) continue;
    const end = body.indexOf("\r\n\r\n", at);
    headerEnd = end === -1 ? body.length : end;
    const isLast = body.toString("latin1", at + boundary.length, at + boundary.length + 2) === "--";
    if (isLast) continue;
    const lines = body.toString("latin1", at, headerEnd).split("\r\n");
    if (lines.some((line) => CONTROL.test(line))) return MALFORMED;
  }
  return undefined;
}

/** The fields that are not files. A malformed body has none. */
async function fieldsOf(body: Buffer, type: string): Promise<FormFields> {
  const refusal = refusalOf(body, type);
  if (refusal !== undefined) return new FormFields("", refusal);
  const fields = new FormFields("");
  try {
    const form = await new Response(body as Buffer<ArrayBuffer>, { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) if (typeof value === "string") fields.append(name, value);
    return fields;
  } catch {
    return new FormFields("", MALFORMED);
  }
}
