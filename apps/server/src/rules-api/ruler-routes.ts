import { access, bodyOf, plainError, type Access, readHeldBodies } from "@narthex/http";
import { type Author, namespacesYaml, type Precondition, RuleStoreError, type RuleStore } from "@narthex/rules";
import { type Clock, runInTimeSlices } from "@narthex/runtime";
import { goJson } from "@narthex/model";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";

/**
 * Paths of the rules API. Mimir has the first, and mimirtool requests it. Grafana appends the second to the address of
 * the data source. The others are Cortex' paths: cortextool requests the fourth with `--use-legacy-routes`, and the third
 * if its address ends with /prometheus. The path /api/v1/rules alone is Prometheus' own list of rules.
 */
const PREFIXES = ["/prometheus/config/v1/rules", "/config/v1/rules", "/prometheus/api/v1/rules", "/api/prom/rules"];

const KIB = 1024;
const LIMITS = {
  maxBytes: 256 * KIB,
  tooLarge: "the rule group is larger than 256 KiB; split it",
  maxHeldBytes: 16 * KIB * KIB,
  freeBytes: 16 * KIB,
};

/** The answer to an accepted change, with the fields of Mimir's. */
const ACCEPTED = goJson({ status: "success", data: null, errorType: "", error: "" });

interface Names {
  readonly Params: { readonly namespace: string; readonly group: string };
}

/** Serves the rules API of Mimir and Cortex, by which clients list, replace and delete rule groups as YAML. */
export async function rulerRoutes(app: FastifyInstance, store: () => RuleStore, clock: Clock): Promise<void> {
  readHeldBodies(app, LIMITS);
  await app.register(async (routes) => {
    routes.setErrorHandler((error, _request, reply) => {
      if (error instanceof RuleStoreError) return plainError(reply, error.statusCode, error.message);
      throw error;
    });
    groupRoutes(routes, store, clock);
  });
}

function groupRoutes(app: FastifyInstance, store: () => RuleStore, clock: Clock): void {
  for (const prefix of PREFIXES) {
    const namespace = `${prefix}/:namespace`;
    const group = `${namespace}/:group`;
    app.get(prefix, reading, async (_request, reply) => {
      const { bytes, tag } = await runInTimeSlices(clock, namespacesYaml(store().namespaces));
      return sendYaml(reply, bytes, tag);
    });
    app.get<Names>(namespace, reading, async ({ params }, reply) => {
      const found = store().namespace(params.namespace);
      const { bytes, tag } = await runInTimeSlices(clock, namespacesYaml(found === undefined ? [] : [found]));
      return sendYaml(reply, bytes, tag);
    });
    app.get<Names>(group, reading, ({ params }, reply) => {
      const { text, tag } = store().group(params.namespace, params.group);
      return sendYaml(reply, Buffer.from(`${text}\n`), tag);
    });
    app.post<Names>(namespace, writing, async (request, reply) => {
      const { tag } = await store().set(
        request.params.namespace,
        textOf(bodyOf(request)),
        authorOf(request),
        conditionOf(request),
      );
      return accepted(reply.header("etag", tag));
    });
    app.delete<Names>(namespace, writing, async (request, reply) => {
      const { namespace: name } = request.params;
      await store().remove({ namespace: name }, authorOf(request), conditionOf(request));
      return accepted(reply);
    });
    app.delete<Names>(group, writing, async (request, reply) => {
      await store().remove(request.params, authorOf(request), conditionOf(request));
      return accepted(reply);
    });
  }
}

/** Declares a right, for a route whose names may contain every character. */
const named = (declared: { readonly config: { readonly access: Access } }): RouteShorthandOptions => ({
  config: { ...declared.config, hasEscapedNames: true },
});

const reading = named(access("read"));
const writing = named(access("write", { scope: "rules", pages: "own" }));

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw new RuleStoreError("bad", "unable to decoded rule group: the body is not UTF-8", { cause });
  }
}

const authorOf = ({ principal, ip }: FastifyRequest): Author => ({ user: principal.name, address: ip });

function conditionOf({ headers }: FastifyRequest): Precondition {
  const match = headers["if-match"]?.split(",").map((tag) => tag.trim());
  return { match, isNew: headers["if-none-match"] === "*" };
}

/** Sends YAML with its entity tag. An empty map is `{}`, as in Mimir. */
const sendYaml = (reply: FastifyReply, bytes: Uint8Array, tag: string): FastifyReply =>
  reply
    .header("content-type", "application/yaml")
    .header("etag", tag)
    .send(bytes.length === 0 ? "{}\n" : bytes);

const accepted = (reply: FastifyReply): FastifyReply =>
  reply.code(202).header("content-type", "application/json").send(ACCEPTED);
