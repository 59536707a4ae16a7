import { HandlerError, jsonText, sendPlainJson } from "@narthex/alerting";
import { access } from "@narthex/http";
import type { ReceiverConfig } from "@narthex/receivers";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ReceiverTests } from "./receiver-tests.ts";
import { RequestMembers } from "./request-members.ts";
import { receiverNamed, type TrialState } from "./trial-state.ts";

const MEMBERS = ["integration", "index", "labels", "annotations"];

/**
 * Serves `POST /narthex/receivers/{name}/test`, which sends a notification through a configured receiver. The
 * notification is marked as a test.
 */
export const receiverTestRoutes =
  (state: () => TrialState, tests: ReceiverTests): ((app: FastifyInstance) => void) =>
  (app) => {
    app.post<{ Params: { name: string } }>(
      "/narthex/receivers/:name/test",
      access("write", { scope: "admin", pages: "own" }),
      async (request, reply) => {
        const trial = state();
        const receiver = receiverNamed(trial, request.params.name);
        const params = RequestMembers.read(bodyOf(request), MEMBERS);
        const tested = { ...receiver, integrations: chosen(receiver, params) };
        const contents = { labels: params.texts("labels"), annotations: params.texts("annotations") };
        return sendPlainJson(reply, await tests.send(() => ({ receiver: tested, contents, state: trial })));
      },
    );
  };

/** Returns the text of a request's body. A missing body is treated as an empty JSON object. */
const bodyOf = (request: FastifyRequest): string =>
  request.body === undefined || request.body === "" ? "{}" : jsonText(request, "test");

function chosen({ name, integrations }: ReceiverConfig, params: RequestMembers): ReceiverConfig["integrations"] {
  const [kind, index] = [params.text("integration"), params.index("index")];
  const found = integrations.filter(
    (each) => (kind === "" || each.kind.kind === kind) && (index === undefined || each.index === index),
  );
  if (found.length > 0) return found;
  const all = integrations.map((each) => `${each.kind.kind}[${each.index}]`).join(", ");
  throw new HandlerError(
    400,
    `receiver ${JSON.stringify(name)} does not have this integration; it has ${all || "none"}`,
  );
}
