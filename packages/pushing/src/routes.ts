import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { goJson, plainError, sendJson } from "@narthex/http";
import type { Logger } from "@narthex/runtime";
import { groupJson } from "./group-json.ts";
import { parseGroupPath } from "./group-key.ts";
import type { PushGroups, PushOutcome } from "./groups.ts";
import type { NameRules } from "./name-rules.ts";
import { readPushBody } from "./push-body.ts";

/** What the push routes need. */
export interface PushRoutesOptions {
  readonly groups: PushGroups;
  readonly names: NameRules;
  /** "" or a path without trailing slash. */
  readonly prefix: string;
  /** Off answers 202 at once, whatever becomes of the push. */
  readonly isChecking: boolean;
  readonly logger: Logger;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** The `handler` label of pushgateway_http_requests_total. */
    readonly handlerLabel?: string;
  }
}

const REFUSED = "pushed metrics are invalid or inconsistent with existing metrics";

/** PUT, POST and DELETE of groups. Bodies are taken as bytes whatever their Content-Type says: curl's says form. */
export function pushRoutes(root: FastifyInstance, options: PushRoutesOptions): void {
  root.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    for (const job of ["job", "job@base64"]) {
      const url = `${options.prefix}/metrics/${job}/*`;
      app.route({
        method: ["PUT", "POST"],
        url,
        config: { handlerLabel: "push" },
        handler: (request, reply) => answerPush(job, request, reply, options),
      });
      app.route({
        method: "DELETE",
        url,
        config: { handlerLabel: "delete" },
        handler: (request, reply) => answerDelete(job, request, reply, options),
      });
    }
  });
}

const rest = (request: FastifyRequest): string => (request.params as { readonly "*": string })["*"];

/** `/metrics/job/` names no job and no group; upstream's router takes the slash away. */
const withoutJob = (job: string, reply: FastifyReply, prefix: string): FastifyReply =>
  reply.code(307).header("location", `${prefix}/metrics/${job}`).send();

async function answerPush(
  job: string,
  request: FastifyRequest,
  reply: FastifyReply,
  options: PushRoutesOptions,
): Promise<FastifyReply> {
  const { groups, names, logger } = options;
  if (rest(request) === "") return withoutJob(job, reply, options.prefix);
  const path = parseGroupPath(`${job}/${rest(request)}`, names);
  if (!path.ok) return plainError(reply, 400, path.message);
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const { "content-type": contentType, "content-encoding": contentEncoding } = request.headers;
  const read = await readPushBody(body, { contentType, contentEncoding }, names);
  if (!read.ok) return plainError(reply, 400, read.message);
  const isReplacing = request.method === "PUT";
  const outcome: PushOutcome = await groups.push({ labels: path.labels, families: read.families, isReplacing });
  if (outcome.kind === "stored") return reply.code(options.isChecking ? 200 : 202).send();
  logger.error(REFUSED, { method: request.method, source: request.ip, err: outcome.reason });
  if (outcome.kind === "limited") return plainError(reply, outcome.limit === "groups" ? 429 : 400, outcome.reason);
  if (options.isChecking) return plainError(reply, 400, `${REFUSED}: ${outcome.reason}`);
  return reply.code(202).send();
}

async function answerDelete(
  job: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { groups, names, prefix }: PushRoutesOptions,
): Promise<FastifyReply> {
  if (rest(request) === "") return withoutJob(job, reply, prefix);
  const path = parseGroupPath(`${job}/${rest(request)}`, names);
  if (!path.ok) return plainError(reply, 400, path.message);
  await groups.delete(path.labels);
  return reply.code(202).send();
}

/** What the status part of the API shows. */
export interface GatewayStatus {
  readonly build_information: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
  /** RFC 3339 with nanoseconds. */
  readonly start_time: string;
}

export interface GroupApiOptions {
  readonly groups: PushGroups;
  readonly prefix: string;
  readonly status: GatewayStatus;
  /** --web.enable-admin-api: allow deleting everything. */
  readonly hasAdmin: boolean;
}

const CORS = {
  "access-control-allow-headers": "Accept, Authorization, Content-Type, Origin",
  "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "Date",
  "cache-control": "no-cache, no-store, must-revalidate",
};

const success = (reply: FastifyReply, data: string): FastifyReply =>
  sendJson(reply.headers(CORS), `{"status":"success","data":${data}}`);

/** /api/v1: groups and status for the page and for scripts, and the wipe. */
export function groupApi(app: FastifyInstance, { groups, prefix, status, hasAdmin }: GroupApiOptions): void {
  const api = `${prefix}/api/v1`;
  app.get(`${api}/status`, { config: { handlerLabel: "api/v1/status" } }, (_request, reply) =>
    success(reply, goJson(status)),
  );
  app.get(`${api}/metrics`, { config: { handlerLabel: "api/v1/metrics" } }, (_request, reply) =>
    success(reply, `[${[...groups.groups].map(groupJson).join(",")}]`),
  );
  for (const path of hasAdmin ? ["status", "metrics", "admin/wipe"] : ["status", "metrics"]) {
    app.options(`${api}/${path}`, { config: { handlerLabel: "api/v1/options" } }, (_request, reply) =>
      reply.headers(CORS).send(),
    );
  }
  if (!hasAdmin) return;
  app.put(`${api}/admin/wipe`, { config: { handlerLabel: "wipe" } }, async (_request, reply) => {
    await groups.wipe();
    return reply.code(202).send();
  });
}
