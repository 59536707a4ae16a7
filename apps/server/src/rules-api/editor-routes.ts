import {
  access,
  ApiError,
  formValues,
  invalidParameter,
  limitParameter,
  sendSuccess,
  sendSuccessInSlices,
} from "@narthex/http";
import { formatProblem } from "@narthex/config";
import { jsonOf, type RuleStore, type StoredNamespace } from "@narthex/rules";
import { type Clock, LazyList } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

const MAX_CHANGES = 100;

/** Serves the stored rules as JSON, and the history of their changes. The UI changes rules by the rules API. */
export function editorRoutes(app: FastifyInstance, store: () => RuleStore, clock: Clock): void {
  app.get("/narthex/stored-rules", access("read"), async (_request, reply) =>
    sendSuccessInSlices(reply, clock, { namespaces: new LazyList(store().namespaces, namespaceJson) }),
  );
  app.get("/narthex/stored-rules/history", access("read"), async (request, reply) => {
    const values = formValues(request);
    const limit = limitParameter(values);
    const query = {
      namespace: values.get("namespace") ?? undefined,
      group: values.get("group") ?? undefined,
      beforeId: idOf(values.get("before")),
      limit: limit === 0 ? MAX_CHANGES : Math.min(limit, MAX_CHANGES),
    };
    const { changes, more } = await store().history.list(query);
    const shown = changes.map(({ at, ...change }) => ({ ...change, time: new Date(at).toISOString() }));
    return sendSuccess(reply, { data: { changes: shown, more } });
  });
}

/** Answers the routes of the editor if the rules API is off. */
export function editorRoutesWhenOff(app: FastifyInstance): void {
  const refuse = async (): Promise<never> => {
    throw new ApiError("unavailable", "the rules API is off, start the server with --rules.api.path");
  };
  app.get("/narthex/stored-rules", access("read"), refuse);
  app.get("/narthex/stored-rules/history", access("read"), refuse);
}

const namespaceJson = ({ name, groups, problems }: StoredNamespace): unknown => ({
  name,
  groups: new LazyList([...groups.values()], ({ content, tag, text }) => ({
    tag,
    content: jsonOf(content),
    yaml: text,
  })),
  problems: problems.map(formatProblem),
});

function idOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalidParameter("before", `cannot parse ${JSON.stringify(text)} to a number`);
  return Number(text);
}
