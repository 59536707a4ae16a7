import { type FrameAnswer, PANEL_ANSWERS_MEDIA_TYPE, writePanelAnswer } from "@narthex/dashboards";
import { writeFrames } from "@narthex/dashboards/testing";

/** A query of a panel in the body of a request. */
interface SentQuery {
  readonly refId: string;
  readonly expr: string;
}

/**
 * Returns the response of the server to a request with the queries of panels.
 * @param body body of the request: a line with the time ranges, then a line for each panel
 */
export function answerPanels(body: string, answerOf: (query: SentQuery) => FrameAnswer): Response {
  const [, ...panels] = body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as readonly SentQuery[]);
  const parts = panels.flatMap((queries, at) => {
    const answers = new Map(queries.map((query) => [query.refId, answerOf(query)]));
    return writePanelAnswer({ at, form: "frames", status: 200, tag: "", body: writeFrames(answers) });
  });
  return new Response(new Blob(parts as BlobPart[]), { headers: { "content-type": PANEL_ANSWERS_MEDIA_TYPE } });
}
