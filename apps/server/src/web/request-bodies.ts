import { FormFields } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";

const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/** Makes routes read bodies as Go does: both kinds of forms; bodies of other types are ignored. */
export function readForms(app: FastifyInstance): void {
  app.removeContentTypeParser("application/json");
  app.addHook("onRequest", ({ raw: { headers } }, _reply, done) => {
    if (headers["content-type"] !== undefined && !MEDIA_TYPE.test(headers["content-type"]))
      headers["content-type"] = "application/octet-stream";
    done();
  });
  const whole = { parseAs: "buffer" } as const;
  app.addContentTypeParser<Buffer<ArrayBuffer>>(
    "multipart/form-data",
    whole,
    async (request: FastifyRequest, body: Buffer<ArrayBuffer>) => fieldsOf(body, request.headers["content-type"] ?? ""),
  );
  app.addContentTypeParser("*", whole, async () => undefined);
}

/** The fields that are not files. A malformed body has none. */
async function fieldsOf(body: Buffer<ArrayBuffer>, type: string): Promise<FormFields> {
  const fields = new FormFields("");
  try {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) if (typeof value === "string") fields.append(name, value);
    return fields;
  } catch {
    return new FormFields("", "malformed multipart form");
  }
}
