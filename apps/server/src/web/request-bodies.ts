import { FormFields, wholeBody } from "@narthex/http";
import type { FastifyInstance } from "fastify";

const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/** Limits of a multipart form: the bytes of other forms, and Go's number of parts. */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_PARTS = 1000;

/** Makes routes read bodies as Go does: both kinds of forms; bodies of other types are not read. */
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

/** Reports whether the form has more parts than are read: reading them takes long. The boundary follows each part. */
function hasTooManyParts(body: Buffer, type: string): boolean {
  // Of a boundary with spaces the first word is enough.
  const boundary = `--${/;\s*boundary="?([^\s";]+)/i.exec(type)?.[1] ?? ""}`;
  let boundaries = 0;
  for (let at = -1; (at = body.indexOf(boundary, at + 1)) !== -1;) if (++boundaries > MAX_PARTS + 1) return true;
  return false;
}

/** The fields that are not files. A malformed body has none. */
async function fieldsOf(body: Buffer, type: string): Promise<FormFields> {
  if (hasTooManyParts(body, type)) return new FormFields("", "multipart: message too large");
  const fields = new FormFields("");
  try {
    const form = await new Response(body as Buffer<ArrayBuffer>, { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) if (typeof value === "string") fields.append(name, value);
    return fields;
  } catch {
    return new FormFields("", "malformed multipart form");
  }
}
