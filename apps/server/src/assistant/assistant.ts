import { access, bodyOf, contentTypeOf, limitingMatchers, readHeldBodies } from "@narthex/http";
import type { Notifier } from "@narthex/rules";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { clientGone } from "../querying/answer-streams.ts";
import type { ServerFeature } from "../server-feature.ts";
import { DashboardsClient } from "./dashboards-client.ts";
import { isDeeperThan } from "./json-depth.ts";
import { readOwnRoute } from "./own-route.ts";
import { type ToolContext, ToolError } from "./tools/tool.ts";

/** Limits of a message: its length, the memory of all messages in progress, and the nesting of its JSON. */
const LIMITS = { maxBytes: 256 * 1024, maxHeldBytes: 8 * 1024 * 1024, freeBytes: 16 * 1024 };
const MAX_DEPTH = 20;
/** Time limit of a call, ms. */
const CALL_MS = 30_000;
/** Largest answer of an Alertmanager, bytes. */
const MAX_ALERTMANAGER_BYTES = 4 * 1024 * 1024;
/** Number of calls that run at the same time. Further calls are refused. */
const MAX_CALLS = 8;

/** Header fields of a message that identify its sender, and that its calls of the API have too. */
const IDENTITY_FIELDS = ["authorization", "cookie", "host", "x-forwarded-for"] as const;

/**
 * Adds the read-only endpoint `/mcp` of the Model Context Protocol (`--web.enable-mcp`). A tool is a request to a route
 * of this server that only reads, with the credentials of the sender. So each tool has the rights and limits of its
 * route.
 */
export function openAssistant(context: Context, notifier: Pick<Notifier, "read">): ServerFeature {
  const { flags } = context;
  const logger = context.logger.child({ component: "assistant" });
  let running = 0;
  if (!flags["web.enable-mcp"]) return { name: "assistant", stop: () => undefined };
  const dashboards = new DashboardsClient(flags["web.sign-in-url"], { clock: context.clock, logger });
  return {
    name: "assistant",
    stop: () => dashboards.close(),
    routes: {
      rootWhenReady(app) {
        readHeldBodies(app, LIMITS);
        app.post("/mcp", access("read", { scope: "query", series: "limited" }), async (request, reply) => {
          const problem = refusalOf(request);
          if (problem !== undefined) return reply.code(problem.status).send({ error: problem.text });
          if (running >= MAX_CALLS) return reply.code(503).send({ error: "too many calls at once; try again later" });
          running++;
          try {
            return await answer(request, reply, { app, context, notifier, dashboards, logger });
          } finally {
            running--;
          }
        });
      },
    },
  };
}

/** Refuses requests of web pages, and bodies of other types than JSON. */
function refusalOf(request: FastifyRequest): { readonly status: number; readonly text: string } | undefined {
  if (request.headers.origin !== undefined)
    return { status: 403, text: "requests of web pages are refused (header Origin)" };
  if (contentTypeOf(request)?.startsWith("application/json") !== true)
    return { status: 415, text: "the body must be application/json" };
  return undefined;
}

interface Parts {
  readonly app: FastifyInstance;
  readonly context: Context;
  readonly notifier: Pick<Notifier, "read">;
  readonly dashboards: DashboardsClient;
  readonly logger: Context["logger"];
}

async function answer(request: FastifyRequest, reply: FastifyReply, parts: Parts): Promise<FastifyReply> {
  const text = Buffer.from(bodyOf(request)).toString("utf8");
  const message = isDeeperThan(text, MAX_DEPTH) ? undefined : parsed(text);
  if (message === undefined) return refuse(reply, -32_700, `the body is not JSON with at most ${MAX_DEPTH} levels`);
  // Each call counts for the limit of running calls. The protocol has no lists of messages since its version 2025-06-18.
  if (Array.isArray(message)) return refuse(reply, -32_600, "the body is a list of messages; send them one by one");
  // Loads the protocol only when it is used, because a server without assistants needs no memory for it.
  const { answerMessage } = await import("./mcp-endpoint.ts");
  const { context, logger } = parts;
  const { clock } = context;
  const late = new AbortController();
  const cancel = clock.after(CALL_MS, () =>
    late.abort(new ToolError(`the call took longer than ${CALL_MS / 1000} seconds`)),
  );
  const signal = AbortSignal.any([clientGone(reply), late.signal]);
  const { principal, ip } = request;
  const user = principal.kind === "anonymous" ? undefined : principal.name;
  try {
    const response = await answerMessage(
      message,
      { "content-type": "application/json", accept: "application/json, text/event-stream" },
      toolContext(request, signal, parts),
      (call) => logger.info("Call of an assistant", { ...call, user, ip }),
      context.build.narthex,
    );
    const type = response.headers.get("content-type");
    if (type !== null) reply.header("content-type", type);
    return await reply.code(response.status).send(await response.text());
  } finally {
    cancel();
  }
}

const refuse = (reply: FastifyReply, code: number, message: string): FastifyReply =>
  reply.code(400).send({ jsonrpc: "2.0", id: null, error: { code, message } });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the fields that identify the sender to the dashboards role. */
function credentialsOf({ authorization, cookie }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...(authorization !== undefined && { authorization }), ...(cookie !== undefined && { cookie }) };
}

function toolContext(
  request: FastifyRequest,
  signal: AbortSignal,
  { app, context, notifier, dashboards }: Parts,
): ToolContext {
  const fields: Record<string, string> = {};
  for (const name of IDENTITY_FIELDS) {
    const value = request.headers[name];
    if (typeof value === "string") fields[name] = value;
  }
  const base = `${context.web.routePrefix}/api/v1`;
  const sender = { headers: fields, remoteAddress: request.ip, signal };
  return {
    now: () => context.clock.now(),
    dashboards: (path) => dashboards.read(path, credentialsOf(fields), signal),
    api: (path, parameters) => readOwnRoute(app, { url: `${base}${path}?${parameters.toString()}`, ...sender }),
    backtest: (form) => readOwnRoute(app, { url: `${base}/narthex/backtest`, form, ...sender }),
    async alertmanager(path, parameters) {
      if (limitingMatchers(request).length > 0)
        throw new ToolError("this account may read only some series, so it cannot read the Alertmanager");
      try {
        return JSON.parse(await notifier.read(`${path}?${parameters.toString()}`, signal, MAX_ALERTMANAGER_BYTES));
      } catch (error) {
        throw new ToolError(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
  };
}
