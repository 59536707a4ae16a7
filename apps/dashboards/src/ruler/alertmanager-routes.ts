import { textAt as settingAt } from "@narthex/datasources";
import { bodyOf, readRawBodies } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { needs, needsSource } from "../auth/rights.ts";
import { searchOf } from "../datasources/source-proxy.ts";
import { parsedJson, refusal } from "../web/refusal.ts";
import { pathParameter } from "../web/request-body.ts";
import { type AskedSource, sendJsonAnswer, sendMessage } from "./asked-source.ts";

/** Maximum size in bytes of a list of alerts or silences. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** Maximum size in bytes of a silence or of alerts that a client sends. */
const MAX_SENT_BYTES = 1024 * 1024;

const API = "/api/alertmanager/:uid/api/v2";

/** Implementations that have the Alertmanager's API below this path. */
const PREFIXES = new Map([
  ["prometheus", []],
  ["mimir", ["alertmanager"]],
  ["cortex", ["alertmanager"]],
]);

/**
 * Adds Grafana's routes for the alerts, silences and the status of an Alertmanager. The configuration of an Alertmanager
 * contains secrets, so it has no route.
 */
export function alertmanagerRoutes(app: FastifyInstance, asked: AskedSource): void {
  const read = (path: string): void => {
    const right = needsSource("view", "alert.instances.external:read");
    app.get(`${API}/${path}`, right, async (request, reply) => {
      const call = { method: "GET", search: searchOf(request) } as const;
      return sendJsonAnswer(reply, await ask(asked, { request, reply }, call));
    });
  };
  for (const path of ["status", "alerts", "alerts/groups", "silences", "silence/:id"]) read(path);
  const write = needs("editor", "alert.instances.external:write");
  app.delete(`${API}/silence/:id`, write, async (request, reply) => {
    const change = { kind: "silence", name: pathParameter(request, "id") };
    return sendMessage(reply, await ask(asked, { request, reply }, { method: "DELETE", change }));
  });
  app.register((scope, _options, done) => {
    readRawBodies(scope);
    const options = { ...write, bodyLimit: MAX_SENT_BYTES };
    scope.post(`${API}/silences`, options, async (request, reply) =>
      sendJsonAnswer(reply, await ask(asked, { request, reply }, { method: "POST", change: silenceIn(request) })),
    );
    scope.post(`${API}/alerts`, options, async (request, reply) =>
      sendMessage(
        reply,
        await ask(asked, { request, reply }, { method: "POST", change: { kind: "alerts", name: "" } }),
      ),
    );
    done();
  });
}

/** Returns the change that a request with a silence makes: the silence's id, or nothing for a new one. */
function silenceIn(request: FastifyRequest): { readonly kind: string; readonly name: string } {
  const silence = parsedJson(Buffer.from(bodyOf(request)).toString());
  const id = typeof silence === "object" && silence !== null && "id" in silence ? silence.id : "";
  return { kind: "silence", name: typeof id === "string" ? id.slice(0, 100) : "" };
}

interface Asking {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Sends the request to the same path of the Alertmanager. */
async function ask(
  asked: AskedSource,
  { request, reply }: Asking,
  {
    method,
    search = "",
    change,
  }: {
    readonly method: "GET" | "POST" | "DELETE";
    readonly search?: string;
    readonly change?: { readonly kind: string; readonly name: string };
  },
) {
  const { record, kind } = asked.source(request);
  if (kind?.features.includes("alerts") !== true)
    throw refusal(400, `unexpected datasource type '${record.type}', expected alertmanager: name an Alertmanager`);
  const implementation = settingAt(record.jsonData, "implementation") || "prometheus";
  const prefix = PREFIXES.get(implementation);
  if (prefix === undefined)
    throw refusal(
      400,
      `unsupported Alert Manager implementation ${JSON.stringify(implementation)}: choose prometheus, mimir or cortex ` +
        "in the settings of the data source",
    );
  const pattern = (request.routeOptions.url ?? "").slice("/api/alertmanager/:uid/".length).split("/");
  const path = [...prefix, ...pattern.map((part) => (part === ":id" ? pathParameter(request, "id") : part))];
  const body = Buffer.from(bodyOf(request)).toString();
  const content = method === "POST" ? { content: { type: "application/json", body } } : {};
  return asked.ask(request, reply, {
    record,
    call: { method, path, search, ...content, maxBytes: MAX_LIST_BYTES },
    ...(change !== undefined && { change }),
  });
}
