import { ApiFault, badBody, required } from "./api-fault.ts";
import { readTime } from "./api-time.ts";
import { type GoPlace, mismatch, readFlag, readItems, readMembers, readText, readTexts, WHOLE } from "./go-decode.ts";
import { JsonError, type JsonNode, parseGoJson } from "./go-json.ts";
import type { MatcherFields } from "../silences/silence.ts";
import type { SilenceRequest } from "../silences/silences.ts";

/** A silence as a client requests it. The matchers' regular expressions are not compiled yet. */
export type PostedSilence = Omit<SilenceRequest, "matchers"> & { readonly matchers: readonly MatcherFields[] };

/** Decodes the body of POST /silences. Throws ApiFault. */
export function decodeSilence(text: string): PostedSilence {
  const draft = readDraft(text);
  const { comment, createdBy, endsAt, matchers, startsAt, id = "", annotations = {} } = draft;
  if (comment === undefined) throw required("comment");
  if (createdBy === undefined) throw required("createdBy");
  if (endsAt === undefined) throw required("endsAt");
  if (matchers === undefined) throw required("matchers");
  if (matchers.length === 0) throw new ApiFault(422, 612, "matchers in body should have at least 1 items");
  const complete = matchers.map(completeMatcher);
  if (startsAt === undefined) throw required("startsAt");
  return { id, comment, createdBy, startsAt, endsAt, annotations, matchers: complete };
}

type Optional<T> = { -readonly [K in keyof T]?: T[K] | undefined };
type MatcherDraft = Optional<MatcherFields>;
type Draft = Optional<Omit<PostedSilence, "matchers">> & {
  matchers?: readonly (MatcherDraft | undefined)[] | undefined;
};

function completeMatcher(draft: MatcherDraft | undefined, i: number): MatcherFields {
  if (draft === undefined) throw required(`matchers.${i}`);
  const { name, value, isRegex, isEqual = true } = draft;
  if (isRegex === undefined) throw required(`matchers.${i}.isRegex`);
  if (name === undefined) throw required(`matchers.${i}.name`);
  if (value === undefined) throw required(`matchers.${i}.value`);
  return { name, value, isRegex, isEqual };
}

function readDraft(text: string): Draft {
  try {
    const body = parseGoJson(text);
    if (body === undefined) throw required("silence");
    const draft: Draft = {};
    readMembers(
      body,
      { place: WHOLE, goType: 'struct { ID string "json:\\"id,omitempty\\"" }', struct: "" },
      { id: (value, place) => (draft.id = readText(value, place) ?? draft.id) },
    );
    readMembers(
      body,
      { place: WHOLE, goType: "models.Silence", struct: "Silence" },
      {
        annotations: (value, place) => (draft.annotations = readTexts(value, place, draft.annotations)),
        comment: (value, place) => (draft.comment = readText(value, place)),
        createdBy: (value, place) => (draft.createdBy = readText(value, place)),
        endsAt: (value) => (draft.endsAt = readTime(value)),
        matchers: (value, place) =>
          (draft.matchers = readItems(value, place, "models.Matchers")?.map(([item, at]) => readMatcher(item, at))),
        startsAt: (value) => (draft.startsAt = readTime(value)),
      },
    );
    return draft;
  } catch (error) {
    if (error instanceof ApiFault || !(error instanceof JsonError)) throw error;
    throw badBody("silence", error.message);
  }
}

function readMatcher(node: JsonNode, place: GoPlace): MatcherDraft | undefined {
  if (node.kind === "null") return undefined;
  if (node.kind !== "object") mismatch(node, place, "models.Matcher");
  const draft: MatcherDraft = {};
  readMembers(
    node,
    { place, goType: "models.Matcher" },
    {
      isEqual: (value, at) => (draft.isEqual = readFlag(value, at)),
      isRegex: (value, at) => (draft.isRegex = readFlag(value, at)),
      name: (value, at) => (draft.name = readText(value, at)),
      value: (value, at) => (draft.value = readText(value, at)),
    },
  );
  return draft;
}
