import { utf8Text } from "@narthex/bytes";
import { StoreError } from "@narthex/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { access, bodyOf, contentTypeOf, goJson, plainError, readHeldBodies, sendJson } from "@narthex/http";
import { parseDuration, quote } from "@narthex/model";
import { type Logger, Mutex } from "@narthex/runtime";
import { groupJson } from "./group-json.ts";
import { type GroupLabels, parseGroupPath } from "../groups/group-key.ts";
import type { Group, PushGroups, PushOutcome } from "../groups/groups.ts";
import type { NameRules } from "../body/name-rules.ts";
import { MAX_BODY_BYTES, packingProblem, readPushBody, tooLarge } from "../body/push-body.ts";

export interface PushRoutesOptions {
  readonly groups: PushGroups;
  readonly names: NameRules;
  /** Prefix of all URL paths: "" or a path without a trailing slash. */
  readonly prefix: string;
  /** Returns the path of a URL after percent-decoding. The bytes may be invalid UTF-8. */
  readonly pathOf: (url: string) => Uint8Array;
  /** Maximum size of a pushed body in bytes; undefined for the default of readPushBody(). */
  readonly maxBodyBytes?: number | undefined;
  /** Maximum number of metrics in a push; undefined for the default of readPushBody(). */
  readonly maxMetrics?: number | undefined;
  /** Default time to live of pushed metrics, for requests without `?ttl=`. If undefined, metrics never expire. */
  readonly ttl?: { readonly defaultMs: number } | undefined;
  /** Reports whether a request with this Authorization header may push or delete metrics of the job. */
  readonly mayChange?: ((job: string, authorization: string | undefined) => Promise<boolean>) | undefined;
  /**
   * Whether pushes are checked before they are acknowledged. If false, every push is answered with status 202
   * immediately, even if its metrics are invalid.
   */
  readonly isChecking: boolean;
  readonly logger: Logger;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Value of the label `handler` in pushgateway_http_requests_total. */
    readonly handlerLabel?: string;
  }
}

const PUSH = access("write", { scope: "push", series: "none" }).config;

const REFUSED = "pushed metrics are invalid or inconsistent with existing metrics";

/** HTTP status for a push that exceeds a limit, by kind of limit. */
const LIMIT_STATUS = { bytes: 413, series: 400, groups: 429 } as const;

/**
 * Memory limits for all bodies that are being received. The first `freeBytes` of each body do not count, so usual
 * pushes, which are ten times smaller, are always accepted.
 */
const HELD = { maxBytes: MAX_BODY_BYTES, maxHeldBytes: 4 * MAX_BODY_BYTES, freeBytes: 256 * 1024 };

/**
 * Registers PUT, POST and DELETE of groups. Bodies are read as bytes for every Content-Type, because curl declares them
 * as HTML forms.
 */
export function pushRoutes(root: FastifyInstance, options: PushRoutesOptions): void {
  root.register(async (outer) => {
    outer.setErrorHandler((error, _request, reply) => {
      if (error instanceof StoreError) return plainError(reply, 500, `push not stored: ${error.message}`);
      throw error;
    });
    outer.register(async (app) => groupRoutes(app, options));
  });
}

function groupRoutes(app: FastifyInstance, options: PushRoutesOptions): void {
  const large = new Mutex();
  // Access is checked before the body is read, so that unauthorized clients use no memory.
  app.addHook("onRequest", async (request, reply) => {
    const path = parseGroupPath(groupPath(request, options), options.names);
    if (!path.ok || (await isAllowed(path.labels, request, options))) return;
    return unauthorized(reply);
  });
  readHeldBodies(app, { ...HELD, tooLarge: tooLarge(options.maxBodyBytes ?? Infinity).message });
  // Checks the gzip header before the handler runs, because the handler counts requests.
  app.addHook("preValidation", async (request, reply) => {
    const problem = packingProblem(bodyOf(request), request.headers["content-encoding"]);
    return problem === undefined ? undefined : plainError(reply, 400, problem);
  });
  for (const job of ["job", "job@base64"]) {
    const url = `${options.prefix}/metrics/${job}/*`;
    app.route({
      method: ["PUT", "POST"],
      url,
      config: { ...PUSH, handlerLabel: "push" },
      handler: (request, reply) => answerPush(request, reply, options, large),
    });
    app.route({
      method: "DELETE",
      url,
      config: { ...PUSH, handlerLabel: "delete" },
      handler: (request, reply) => answerDelete(request, reply, options),
    });
  }
}

/**
 * Returns the URL path after `/metrics/`, which identifies the group of metrics. Bytes that are not UTF-8 become lone
 * surrogates.
 */
const groupPath = ({ originalUrl }: FastifyRequest, { pathOf, prefix }: PushRoutesOptions): string =>
  utf8Text(pathOf(originalUrl)).slice(`${prefix}/metrics/`.length);

async function answerPush(
  request: FastifyRequest,
  reply: FastifyReply,
  options: PushRoutesOptions,
  large: Mutex,
): Promise<FastifyReply> {
  const { groups, names, logger } = options;
  const body = bodyOf(request);
  const contentEncoding = request.headers["content-encoding"];
  const path = parseGroupPath(groupPath(request, options), names);
  if (!path.ok) return plainError(reply, 400, path.message);
  const broken = path.labels.find(([, value]) => !value.isWellFormed());
  if (broken !== undefined) return plainError(reply, 400, `${REFUSED}: ${brokenValue(broken)}`);
  const ttl = lifetime(request, options);
  if (!ttl.ok) return plainError(reply, 400, ttl.message);
  const store = async (): Promise<PushOutcome | Unread> => {
    const headers = { contentType: contentTypeOf(request), contentEncoding };
    const sizes = { maxBytes: options.maxBodyBytes, maxMetrics: options.maxMetrics };
    const read = await readPushBody(body, headers, names, sizes);
    if (!read.ok) return { kind: "unread", ...read };
    const isReplacing = request.method === "PUT";
    return groups.push({ labels: path.labels, families: read.families, isReplacing, ttlMs: ttl.ms });
  };
  // Stores large and compressed bodies one after the other, because the limits for bodies do not include the memory of
  // parsed metrics.
  const isLarge = contentEncoding !== undefined || body.length > HELD.freeBytes;
  const outcome = await (isLarge ? large.runExclusive(store) : store());
  if (outcome.kind === "unread") return plainError(reply, outcome.isTooLarge === true ? 413 : 400, outcome.message);
  if (outcome.kind === "stored") return reply.code(options.isChecking ? 200 : 202).send();
  logger.error(REFUSED, { method: request.method, source: request.ip, err: outcome.reason });
  if (outcome.kind === "limited") return plainError(reply, LIMIT_STATUS[outcome.limit], outcome.reason);
  if (options.isChecking) return plainError(reply, 400, `${REFUSED}: ${outcome.reason}`);
  return reply.code(202).send();
}

/** Reason for which the body of a push could not be read. */
interface Unread {
  readonly kind: "unread";
  readonly message: string;
  readonly isTooLarge?: boolean | undefined;
}

const brokenValue = ([name, value]: GroupLabels[number]): string =>
  `value of label ${quote(name)} is not UTF-8: ${quote(value)}`;

const isAllowed = async (labels: GroupLabels, request: FastifyRequest, { mayChange }: PushRoutesOptions) =>
  mayChange === undefined ||
  (await mayChange(labels.find(([name]) => name === "job")?.[1] ?? "", request.headers.authorization));

const unauthorized = (reply: FastifyReply): FastifyReply =>
  plainError(reply.header("www-authenticate", "Basic"), 401, "Unauthorized");

type Lifetime =
  | { readonly ok: true; readonly ms: number | undefined }
  | { readonly ok: false; readonly message: string };

/** Returns the time for which the metrics of a push are kept, from `?ttl=` or the default. */
function lifetime(request: FastifyRequest, { ttl }: PushRoutesOptions): Lifetime {
  if (ttl === undefined) return { ok: true, ms: undefined };
  const given = new URLSearchParams(request.originalUrl.split("?")[1] ?? "").get("ttl");
  try {
    const ms = given === null ? ttl.defaultMs : parseDuration(given);
    return { ok: true, ms: ms === 0 ? undefined : ms };
  } catch {
    return {
      ok: false,
      message: `bad ttl ${quote(given ?? "")}: give a duration such as 90s, 2h or 1d, or 0s for ever`,
    };
  }
}

async function answerDelete(
  request: FastifyRequest,
  reply: FastifyReply,
  options: PushRoutesOptions,
): Promise<FastifyReply> {
  const { groups, names } = options;
  const path = parseGroupPath(groupPath(request, options), names);
  if (!path.ok) return plainError(reply, 400, path.message);
  await groups.delete(path.labels);
  return reply.code(202).send();
}

/** Data of the gateway that the status API returns. */
export interface GatewayStatus {
  readonly build_information: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
  /** Start time of the process in RFC 3339 with nanoseconds. */
  readonly start_time: string;
  /** Reason why a changed web configuration was not applied; absent if there is no problem. */
  readonly web_config_problem?: string;
}

export interface GroupApiOptions {
  readonly groups: PushGroups;
  readonly prefix: string;
  readonly status: () => GatewayStatus;
  /** True if the request that deletes all pushed metrics is enabled (--web.enable-admin-api). */
  readonly hasAdmin: boolean;
  /** Reports whether a request with this Authorization header may delete all pushed metrics. */
  readonly mayWipe?: ((authorization: string | undefined) => Promise<boolean>) | undefined;
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

/** Number of groups that are encoded as JSON before the task yields to other requests. */
const GROUPS_AT_ONCE = 32;

async function groupTexts(groups: readonly Group[]): Promise<string[]> {
  const texts: string[] = [];
  for (const group of groups) {
    texts.push(groupJson(group));
    if (texts.length % GROUPS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return texts;
}

/**
 * Registers the routes under /api/v1, for the web page and for scripts: pushed groups, status, and the deletion of all
 * groups.
 */
export function groupApi(app: FastifyInstance, { groups, prefix, status, hasAdmin, mayWipe }: GroupApiOptions): void {
  const api = `${prefix}/api/v1`;
  app.get(
    `${api}/status`,
    { config: { ...access("read", { series: "none" }).config, handlerLabel: "api/v1/status" } },
    (_request, reply) => success(reply, goJson(status())),
  );
  app.get(
    `${api}/metrics`,
    { config: { ...access("read").config, handlerLabel: "api/v1/metrics" } },
    async (_request, reply) => {
      const texts = await groupTexts(await groups.snapshot());
      return success(reply, `[${texts.join(",")}]`);
    },
  );
  app.options(
    `${api}/*`,
    { config: { ...access("read", { scope: "open" }).config, handlerLabel: "api/v1/options" } },
    (_request, reply) => reply.headers(CORS).send(),
  );
  if (!hasAdmin) return;
  app.put(
    `${api}/admin/wipe`,
    { config: { ...access("admin").config, handlerLabel: "wipe" } },
    async (request, reply) => {
      if (mayWipe !== undefined && !(await mayWipe(request.headers.authorization))) return unauthorized(reply);
      await groups.wipe();
      return reply.code(202).send();
    },
  );
}
