import { FormFields, wholeBody } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { MultipartError, readMultipartForm } from "./forms/multipart-form.ts";

const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/** Largest size of a multipart form in bytes, the same as for other forms. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Makes routes parse bodies as Go does: both kinds of forms are parsed, and other bodies are not read. */
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

/** Returns the fields of a form that are not files. Returns no fields for a malformed body. */
function fieldsOf(body: Buffer, type: string): FormFields {
  const fields = new FormFields("");
  try {
    for (const [name, value] of readMultipartForm(body, type)) fields.append(name, value);
    return fields;
  } catch (error) {
    if (error instanceof MultipartError) return new FormFields("", error.message);
    throw error;
  }
}
