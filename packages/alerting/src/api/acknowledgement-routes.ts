import { access, limitingMatchers } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { matchesAll } from "@narthex/model";
import { type Acknowledgement, NOT_FIRING } from "../acknowledgements/acknowledgement.ts";
import type { AcknowledgementRequest } from "../acknowledgements/acknowledgements.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { queryList, sendGoJson } from "./api-exchange.ts";
import { ApiFault, HandlerError, refusing, required } from "./api-fault.ts";
import { printApiTime } from "./api-time.ts";
import { bodyFields, fieldText, readMatchers } from "./extension-request.ts";

interface ByFingerprint {
  readonly Params: { readonly fingerprint: string };
}

const ONE = "/narthex/alerts/:fingerprint/acknowledgement";

/**
 * Adds the routes that show, create and withdraw acknowledgements of alerts. Alertmanager does not have such routes.
 */
export function acknowledgementRoutes(
  app: FastifyInstance,
  { mode }: ApiContext,
  { acknowledgements, alerts }: ApiFeatures,
): void {
  app.get("/narthex/acknowledgements", access("read", { series: "limited" }), (request, reply) => {
    const matchers = [...readMatchers(queryList(request, "filter"), mode), ...limitingMatchers(request)];
    const shown = acknowledgements.inForce().flatMap((each) => {
      const labels = alerts.get(each.fingerprint)?.labels;
      if (matchers.length > 0 && (labels === undefined || !matchesAll(matchers, labels))) return [];
      const known = labels === undefined ? {} : { labels: labels.toRecord() };
      return [{ fingerprint: each.fingerprint, ...known, ...describeAcknowledgement(each) }];
    });
    return sendGoJson(reply, shown);
  });
  /**
   * Reports whether the sender of a request may read the alert that the path names. Other senders get the same response
   * as for an unknown alert.
   */
  const isReadable = (request: FastifyRequest<ByFingerprint>): boolean => {
    const limits = limitingMatchers(request);
    const labels = alerts.get(request.params.fingerprint)?.labels;
    return limits.length === 0 || (labels !== undefined && matchesAll(limits, labels));
  };
  app.post<ByFingerprint>(
    ONE,
    access("write", { scope: "silence", series: "limited", pages: "any" }),
    async (request, reply) => {
      const { fingerprint } = request.params;
      const wanted = readRequest(request);
      if (!isReadable(request)) throw new HandlerError(404, NOT_FIRING);
      const made = await refusing(() => acknowledgements.acknowledge(fingerprint, wanted));
      return sendGoJson(reply, { fingerprint, ...describeAcknowledgement(made) });
    },
  );
  app.delete<ByFingerprint>(
    ONE,
    access("write", { scope: "silence", series: "limited", pages: "any" }),
    async (request, reply) => {
      if (!isReadable(request)) return reply.code(404).send();
      const isWithdrawn = await refusing(() => acknowledgements.withdraw(request.params.fingerprint));
      return reply.code(isWithdrawn ? 200 : 404).send();
    },
  );
}

/** Returns an acknowledgement as the JSON object that the API sends. */
export const describeAcknowledgement = ({ createdBy, comment, createdAt }: Acknowledgement): object => ({
  createdBy,
  comment,
  createdAt: printApiTime(createdAt),
});

/**
 * Reads the person and the comment of a request that acknowledges an alert. A signed-in sender acknowledges under their
 * own login, even if the body names another person.
 */
function readRequest(request: FastifyRequest): AcknowledgementRequest {
  const { createdBy, comment, replace } = bodyFields(request, "acknowledgement");
  const { name } = request.principal;
  if (name === "" && (createdBy === undefined || createdBy === null)) throw required("createdBy");
  if (replace !== undefined && typeof replace !== "boolean") {
    throw new ApiFault(422, 601, `replace in body must be of type boolean: ${JSON.stringify(replace)}`);
  }
  return {
    createdBy: name === "" ? fieldText(createdBy, "createdBy") : name,
    comment: comment === undefined || comment === null ? "" : fieldText(comment, "comment"),
    replace: replace === true,
  };
}
