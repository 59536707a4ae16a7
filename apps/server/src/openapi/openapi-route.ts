import { access, formValues } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { stringify } from "yaml";
import { type DocumentOptions, openApiDocument, type OpenApiVersion } from "./openapi-document.ts";

/** Serves `/openapi.yaml`, the API's description in OpenAPI 3.1, or in 3.2 if requested. */
export function openApiRoute(app: FastifyInstance, options: DocumentOptions): void {
  const written = new Map<OpenApiVersion, string>();
  app.get("/openapi.yaml", access("read", { series: "none" }), async (request, reply) => {
    const requested = formValues(request).get("openapi_version") ?? "";
    const version = requested === "3.2" || requested === "3.2.0" ? "3.2.0" : "3.1.0";
    let text = written.get(version);
    if (text === undefined)
      written.set(version, (text = stringify(openApiDocument(version, options), { aliasDuplicateObjects: false })));
    return reply
      .header("content-type", "application/yaml; charset=utf-8")
      .header("cache-control", "no-cache, no-store, must-revalidate")
      .send(text);
  });
}
