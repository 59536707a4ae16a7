import { type RulePaths, textAt as settingAt } from "@narthex/datasources";
import { bodyOf, contentTypeOf, readRawBodies } from "@narthex/http";
import { type Clock, runInTimeSlices } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { needs, needsSource } from "../auth/rights.ts";
import { refusal } from "../web/refusal.ts";
import { pathParameter, queryOf } from "../web/request-body.ts";
import { type AskedSource, checkYaml, type NamedSource, sendJsonAnswer, sendMessage } from "./asked-source.ts";
import { groupJson, namespacesJson } from "./group-json.ts";
import { postedGroup } from "./posted-group.ts";

/** Maximum size in bytes of the rule groups of a data source. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Maximum size in bytes of a rule group that a client sends. */
const MAX_GROUP_BYTES = 256 * 1024;
/** Maximum size in bytes of the response to a change. */
const MAX_RESULT_BYTES = 1024 * 1024;

const GROUPS = "/api/ruler/:uid/api/v1/rules";

/** Returns the paths of rules at a data source's server. Throws a refusal if its kind has none. */
export function rulePathsOf({ record: { type }, kind }: NamedSource): RulePaths {
  if (kind?.rulePaths !== undefined) return kind.rulePaths;
  const hint = "name a data source that evaluates rules itself";
  throw refusal(400, `unexpected datasource type '${type}', expected loki, prometheus: ${hint}`);
}

/**
 * Adds Grafana's routes for the rule groups of a data source. Requests and responses are JSON. The server's API has YAML,
 * at a path that depends on the `subtype` of the request.
 */
export function groupRoutes(app: FastifyInstance, asked: AskedSource, clock: Clock): void {
  const read = needsSource("view", "alert.rules.external:read");
  const write = needs("editor", "alert.rules.external:write");
  app.get(GROUPS, read, (request, reply) => sendGroups(asked, clock, { request, reply, names: [] }));
  app.get(`${GROUPS}/:namespace`, read, (request, reply) =>
    sendGroups(asked, clock, { request, reply, names: [namespaceOf(request)] }),
  );
  app.get(`${GROUPS}/:namespace/:group`, read, (request, reply) =>
    sendGroups(asked, clock, { request, reply, names: [namespaceOf(request), groupOf(request)] }),
  );
  app.delete(`${GROUPS}/:namespace`, write, (request, reply) =>
    remove(asked, { request, reply, names: [namespaceOf(request)] }),
  );
  app.delete(`${GROUPS}/:namespace/:group`, write, (request, reply) =>
    remove(asked, { request, reply, names: [namespaceOf(request), groupOf(request)] }),
  );
  app.register((scope, _options, done) => {
    readRawBodies(scope);
    scope.post(`${GROUPS}/:namespace`, { ...write, bodyLimit: MAX_GROUP_BYTES }, (request, reply) =>
      store(asked, clock, { request, reply, names: [namespaceOf(request)] }),
    );
    done();
  });
}

/** A request for a namespace or a group. */
interface Asking {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The namespace and the group. Empty for all groups. */
  readonly names: readonly string[];
}

/** Grafana's pages send a name with a slash as a parameter, and this word in its place. */
const IN_PARAMETER = new Map([
  ["namespace", "QUERY_NAMESPACE"],
  ["group", "QUERY_GROUP"],
]);

function nameIn(request: FastifyRequest, part: "namespace" | "group"): string {
  const name = pathParameter(request, part);
  if (name !== IN_PARAMETER.get(part)) return name;
  const given = queryOf(request).get(part) ?? "";
  if (given === "") throw refusal(400, `${part} query parameter is empty`);
  return given;
}

const namespaceOf = (request: FastifyRequest): string => nameIn(request, "namespace");
const groupOf = (request: FastifyRequest): string => nameIn(request, "group");

/**
 * Returns the path of rule groups at the data source's server. The kind of server is the `subtype` of the request, else
 * the one in the data source's settings.
 */
function pathTo(source: NamedSource, { request, names }: Asking): readonly string[] {
  const { groups, defaultGroups } = rulePathsOf(source);
  const inSettings = settingAt(source.record.jsonData, "prometheusType").toLowerCase();
  const subtype = queryOf(request).get("subtype") ?? inSettings;
  return [...(groups.get(subtype) ?? defaultGroups).split("/"), ...names];
}

const NO_RULER =
  "the data source has no API to change rules at this path; for Mimir and Narthex add ?subtype=mimir, or choose Mimir as " +
  "the Prometheus type of the data source; Narthex needs --rules.api.path";

async function sendGroups(asked: AskedSource, clock: Clock, asking: Asking): Promise<FastifyReply> {
  const { request, reply, names } = asking;
  const source = asked.source(request);
  const path = pathTo(source, asking);
  const call = { method: "GET", path, search: "", maxBytes: MAX_ANSWER_BYTES } as const;
  const answer = await asked.ask(request, reply, { record: source.record, call });
  checkYaml(answer, NO_RULER);
  const text = answer.body.toString();
  const json = await runInTimeSlices(clock, names.length === 2 ? groupJson(text) : namespacesJson(text));
  if (!json.ok) throw refusal(502, `The rule groups of the data source cannot be read: ${json.problem}`);
  return reply.code(answer.status).type("application/json").send(json.text);
}

async function store(asked: AskedSource, clock: Clock, asking: Asking): Promise<FastifyReply> {
  const { request, reply, names } = asking;
  const source = asked.source(request);
  const path = pathTo(source, asking);
  const { name, yaml } = await runInTimeSlices(clock, postedGroup(bodyOf(request), contentTypeOf(request) ?? ""));
  const content = { type: "application/yaml", body: yaml };
  const answer = await asked.ask(request, reply, {
    record: source.record,
    call: { method: "POST", path, search: "", content, maxBytes: MAX_RESULT_BYTES },
    change: { kind: "rule-group", name: `${names[0]!}/${name}` },
  });
  return sendJsonAnswer(reply, answer);
}

async function remove(asked: AskedSource, asking: Asking): Promise<FastifyReply> {
  const { request, reply, names } = asking;
  const source = asked.source(request);
  const answer = await asked.ask(request, reply, {
    record: source.record,
    call: { method: "DELETE", path: pathTo(source, asking), search: "", maxBytes: MAX_RESULT_BYTES },
    change: { kind: names.length === 2 ? "rule-group" : "rule-namespace", name: names.join("/") },
  });
  return sendMessage(reply, answer);
}
